"""The last step, sent: one booking or one place on the waiting list, or what to mend."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from maillage.accounts.rules import signature
from maillage.journal.actions import KeyReused, TooMany
from maillage.journal.queries import is_used_up
from maillage.management.bookings.actions import visiting
from maillage.management.bookings.actions.reserving import Asked, Refused
from maillage.management.bookings.queries.links import token_of
from maillage.management.bookings.sentences import problems_said
from maillage.management.bookings.views.bounds import MOST, MOST_TOGETHER, uses
from maillage.management.people.actions.door import PeopleRefused
from maillage.management.people.queries.persons import of_account

FIELDS = ("name", "email", "phone")
LONGEST_KEY = 60
MOST_UNITS = 8
"""What one visitor may take of a space at once; a larger group asks the team."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to mend before it is sent again."""

    problems: list[dict[str, str]] = field(default_factory=list)
    wrongs: dict[str, tuple[str, str]] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    status: int = 200


def visitor(request: HttpRequest) -> visiting.Visitor:
    """Who sends a form, as they say."""
    user: Any = request.user if request.user.is_authenticated else None
    return visiting.Visitor(
        raw={name: request.POST.get(name, "")[:1000] for name in FIELDS},
        account=user,
        by=signed(request),
        language=(get_language() or "fr")[:2],
    )


def signed(request: HttpRequest) -> str:
    """How what a visitor writes is signed."""
    return signature(request.user.pk, "self") if request.user.is_authenticated else visiting.VISITOR


def known(request: HttpRequest) -> dict[str, str]:
    """What the form may say at first of who is signed in."""
    user: Any = request.user
    return {"name": user.name, "email": user.email} if user.is_authenticated else {}


def is_somebody(request: HttpRequest, place: Any) -> bool:
    """Whether the place knows this account: it books as that person, whatever a form would say."""
    return request.user.is_authenticated and of_account(place, request.user.pk) is not None


def post(
    request: HttpRequest, space: Any, start: datetime, end: datetime, *, now: datetime
) -> Answer | HttpResponseBase:
    """Book, or wait; where it went through, the way to the page that says so."""
    who = visitor(request)
    raw = dict(who.raw)
    units = read_units(request.POST.get("nombre", "1"))
    if units is None:
        return Answer(wrongs={"nombre": _wrong_number()}, raw=raw, status=422)
    who = replace(who, uses=uses(request, who.account.email if who.account else raw["email"]))
    if is_used_up(who.uses, now=now):
        return Answer([_too_many()], raw=raw, status=429)
    asked = Asked(space=space, start=start, end=end, units=units)
    try:
        if "attente" in request.POST:
            done = visiting.queue(asked=asked, visitor=who, now=now)
            way = ("waiting", token_of(done.made))
        else:
            key = request.POST.get("cle", "").replace("\x00", "")[:LONGEST_KEY]
            done = visiting.book(asked=asked, visitor=who, now=now, idempotency_key=key)
            way = ("reservation", token_of(done.made))
    except TooMany:
        return Answer([_too_many()], raw=raw, status=429)
    except Refused as refused:
        return Answer(problems_said(refused.problems), raw=raw, status=409)
    except PeopleRefused as refused:
        return Answer(wrongs=refused.wrongs, raw=raw, status=422)
    except KeyReused:
        return Answer([_sent_already()], raw=raw, status=422)
    return redirect(*way)


def read_units(text: str) -> int | None:
    """How many units a form asks for; None for what is no number from one to eight.

    >>> [read_units(text) for text in ("1", "8", "9", "0", "-1", "²", "")]
    [1, 8, None, None, None, None, None]
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 and 1 <= int(text) <= MOST_UNITS else None


def _wrong_number() -> tuple[str, str]:
    said = _("ce nombre de places ne va pas")
    return said, _("choisissez de 1 à %(n)d ; pour plus, appelez le lieu") % {"n": MOST_UNITS}


def _too_many() -> dict[str, str]:
    return {
        "says": _("%(n)d demandes en un jour pour une adresse, %(most)d pour un réseau\u202f: c’est le plus.")
        % {"n": MOST, "most": MOST_TOGETHER},
        "why": _("Cela évite qu’une seule personne prenne toute la place."),
        "mend": _("Revenez demain, ou appelez le lieu\u202f: l’équipe réserve pour vous."),
    }


def _sent_already() -> dict[str, str]:
    return {
        "says": _("Ce formulaire a déjà servi, pour une autre demande."),
        "why": _("Un formulaire fait une seule réservation, même envoyé deux fois."),
        "mend": _("Si vous en voulez une autre, envoyez-le de nouveau\u202f: il est prêt."),
    }
