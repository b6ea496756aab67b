"""Registering without an account: one short form, one registration or one turn on the waiting list."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.journal.actions import KeyReused, TooMany
from maillage.journal.queries import is_used_up
from maillage.management.bookings.actions.reserving import Refused
from maillage.management.bookings.sentences import problems_said
from maillage.management.bookings.views.asking import LONGEST_KEY, known, signed
from maillage.management.bookings.views.bounds import MOST, uses
from maillage.management.events.actions import registering
from maillage.management.events.actions.door import EventsRefused
from maillage.management.events.labels import price_said
from maillage.management.events.queries import public
from maillage.management.events.queries.links import token_of
from maillage.management.events.rules.entries import PARTY_MOST
from maillage.management.events.views import words
from maillage.management.events.views.event import elsewhere_too
from maillage.management.people.actions.door import PeopleRefused
from maillage.places.queries.sheet import sheet_by_slug
from maillage.places.views.sheet import contact

FIELDS = ("name", "email")


@dataclass(frozen=True, slots=True)
class Answer:
    """What to mend before it is sent again."""

    problems: list[dict[str, str]] = field(default_factory=list)
    wrongs: dict[str, tuple[str, str]] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    status: int = 200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, slug: str, event: str, session: int) -> HttpResponseBase:
    """Ask who comes, and how many; a full session takes them on its waiting list."""
    found, sheet = sheet_by_slug(slug)
    if sheet is None:
        return elsewhere_too(request, found, "event_register", event, session)
    one = public.event_at(sheet.place, event)
    shown = public.session_at(one, session) if one and session < 2**63 else None
    if one is None or shown is None:
        raise Http404
    now, answer = timezone.now(), Answer()
    if request.method == "POST" and shown.free is not None:
        asked = _post(request, session)
        if isinstance(asked, HttpResponseBase):
            return asked
        answer = asked
        shown = public.session_at(one, session) or shown
    raw = answer.raw or known(request)
    context = {
        "place": sheet.place,
        "event": one,
        "one": words.row(shown, now=now),
        "price": price_said(one.price, one.price_cents),
        "is_open": words.can_register(shown, now),
        "is_full": shown.free == 0,
        "is_past": shown.session.start <= now,
        "free": shown.free,
        "problems": answer.problems,
        "wrongs": answer.wrongs,
        "raw": raw,
        "parties": [{"n": n, "on": str(n) == raw.get("party", "1")} for n in range(1, PARTY_MOST + 1)],
        "key": secrets.token_urlsafe(24),
        "contact": contact(sheet),
    }
    return render(request, "events/register.html", context, status=answer.status)


def _post(request: HttpRequest, session: int) -> Answer | HttpResponseBase:
    """Register; where it went through, the way to the page that says so."""
    user: Any = request.user if request.user.is_authenticated else None
    said = {name: request.POST.get(name, "")[:1000] for name in FIELDS}
    raw = {**said, "party": request.POST.get("party", "1")[:10]}
    now, counted = timezone.now(), uses(request, user.email if user else said["email"])
    if is_used_up(counted, now=now):
        return Answer([_too_many()], raw=raw, status=429)
    language = (get_language() or "fr")[:2]
    visitor = registering.Visitor(raw=said, account=user, by=signed(request), language=language, uses=counted)
    try:
        party = _party(raw["party"])
        done = registering.register(
            session_id=session,
            visitor=visitor,
            party=party,
            now=now,
            idempotency_key=request.POST.get("cle", "").replace("\x00", "")[:LONGEST_KEY],
        )
    except TooMany:
        return Answer([_too_many()], raw=raw, status=429)
    except Refused as refused:
        return Answer(problems_said(refused.problems), raw=raw, status=409)
    except (EventsRefused, PeopleRefused) as refused:
        return _refused(refused.wrongs, raw)
    except KeyReused:
        return Answer([_sent_already()], raw=raw, status=422)
    return redirect("registration", token_of(done.made))


def _party(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _refused(wrongs: dict[str, tuple[str, str]], raw: dict[str, str]) -> Answer:
    """What is wrong with a field stands beside it; the rest is said above the form."""
    beside = {name: wrong for name, wrong in wrongs.items() if name in (*FIELDS, "party")}
    above = [
        {"says": f"{say[:1].upper()}{say[1:]}.", "why": "", "mend": f"{mend[:1].upper()}{mend[1:]}."}
        for name, (say, mend) in wrongs.items()
        if name not in beside
    ]
    return Answer(above, beside, raw, 422 if beside else 409)


def _too_many() -> dict[str, str]:
    return {
        "says": _("%(n)d demandes en un jour\u202f: c’est le plus.") % {"n": MOST},
        "why": _("Cela évite qu’une seule personne prenne toute la place."),
        "mend": _("Revenez demain, ou appelez le lieu\u202f: l’équipe vous inscrit."),
    }


def _sent_already() -> dict[str, str]:
    return {
        "says": _("Ce formulaire a déjà servi, pour une autre demande."),
        "why": _("Un formulaire fait une seule inscription, même envoyé deux fois."),
        "mend": _("Si vous en voulez une autre, envoyez-le de nouveau\u202f: il est prêt."),
    }
