"""How pages say requests for help, waits, accesses and what is wrong with a form."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.accounts.permissions import scope_name
from maillage.accounts.queries import names
from maillage.network.clearance.labels import FIELDS, SHARES, SHORT, SHOWS, STATES
from maillage.network.clearance.rules.helping import LONGEST_WORDS, MOST_DAYS, USUAL_DAYS, Median
from maillage.places.views.wording import day_in_words, moment_in_words

REFUSED = 422
DAYS = (7, USUAL_DAYS, 90, MOST_DAYS)
Wrongs = Mapping[str, tuple[str, str]]


def typed(request: HttpRequest, fields: Iterable[str]) -> dict[str, str]:
    """The values of a form; a message is longer than a line, and still bounded."""
    return {name: (request.POST.get(name) or "")[: LONGEST_WORDS + 1] for name in fields}


def ticked(request: HttpRequest, name: str) -> list[str]:
    """What is ticked in a list."""
    return [one[:80] for one in request.POST.getlist(name)[:20]]


def mistakes(wrongs: Wrongs) -> dict[str, Any]:
    """What stands in the way, for the summary above a form, and beside each control."""
    told = [
        {"control": name if name in FIELDS else "", "label": FIELDS.get(name, ""), "problem": problem, "mend": mend}
        for name, (problem, mend) in wrongs.items()
    ]
    beside = {name: {"problem": problem, "mend": mend} for name, (problem, mend) in wrongs.items()}
    return {"wrong": bool(wrongs), "mistakes": told, "beside": beside}


def lasting(wait: timedelta) -> str:
    """« 3 jours », « 5 heures », « moins d’une heure »."""
    hours = int(wait.total_seconds() // 3600)
    if hours < 1:
        return _("moins d’une heure")
    if hours < 48:
        return ngettext("%(n)d heure", "%(n)d heures", hours) % {"n": hours}
    return ngettext("%(n)d jour", "%(n)d jours", wait.days) % {"n": wait.days}


def median(found: Median) -> dict[str, Any]:
    """The middle wait in words, or that too few have asked."""
    said = _("trop peu de demandes") if found.lasted is None else lasting(found.lasted)
    if found.is_more:
        said = _("plus de %(wait)s") % {"wait": said}
    return {"says": said, "count": found.count, "is_told": found.lasted is not None}


def to_whom(one: Any) -> str:
    """The network, the territory observed or the person of a reader or of a grant."""
    if one.network is not None:
        return str(one.network.name)
    if getattr(one, "reader", None) is not None:
        return _unaddressed(str(one.reader)) or _("une personne sans nom affiché")
    return _("qui observe\u202f: %(where)s") % {"where": scope_name(one.scope) or one.scope}


def asked(one: Any, *, now: datetime) -> dict[str, Any]:
    """A request in a list."""
    first = one.answered_at or one.closed_at
    return {
        "one": one,
        "place": one.place,
        "theme": SHORT[one.theme],
        "state": one.state,
        "word": STATES[one.state],
        "day": day_in_words(timezone.localtime(one.asked_at), "j F Y"),
        "wait": lasting((first or now) - one.asked_at),
        "is_over": one.closed_at is not None,
        "readers": [to_whom(reader) for reader in one.readers.all()],
    }


def exchange(one: Any) -> list[dict[str, Any]]:
    """What was said, from the first word; people by name where they have one."""
    messages = sorted(one.messages.all(), key=lambda each: (each.said_at, each.pk))
    known = names([one.asked_by, *(each.said_by for each in messages)])
    where = one.place.commune.departement_id if one.place.commune else None
    first = _word(one.place.name, known.get(one.asked_by, ""), one.says, one.asked_at, where, is_help=False)
    return [first] + [
        _word(
            (each.network.name if each.network else _("qui observe")) if each.is_help else one.place.name,
            known.get(each.said_by, ""),
            each.says,
            each.said_at,
            where,
            is_help=each.is_help,
        )
        for each in messages
    ]


def _word(side: str, who: str, says: str, at: datetime, where: str | None, *, is_help: bool) -> dict[str, Any]:
    when = moment_in_words(at, where)
    return {"side": side, "who": _unaddressed(who), "says": says, "when": when, "at": at, "is_help": is_help}


def _unaddressed(name: str) -> str:
    """A name, unless an address stands for it."""
    return "" if "@" in name else name


def granted(one: Any) -> dict[str, Any]:
    """An access in a list: to whom, what, until when."""
    where = one.place.commune.departement_id if one.place.commune else None
    return {
        "one": one,
        "whom": to_whom(one),
        "shares": listed(one.shares),
        "since": day_in_words(timezone.localtime(one.given_at), "j F Y"),
        "until": moment_in_words(one.expires_at, where),
        "ended": moment_in_words(one.ended_at, where) if one.ended_at else "",
    }


def listed(shares: Iterable[str]) -> str:
    """« la fréquentation, les comptes »."""
    told = [str(SHARES[share]) for share in shares]
    return ", ".join(one[:1].lower() + one[1:] for one in told)


def readings(found: Iterable[Any]) -> list[dict[str, Any]]:
    """Who read, when, what."""
    rows = list(found)
    known = names(one.read_by for one in rows)
    return [
        {
            "at": one.read_at,
            "when": moment_in_words(one.read_at, None),
            "who": _unaddressed(known.get(one.read_by, "")) or _("une personne sans nom affiché"),
            "whom": to_whom(one.grant),
            "shares": listed(share for share in one.shares.split() if share in SHARES),
        }
        for one in rows
    ]


def choices_of_shares(on: Iterable[str]) -> list[dict[str, Any]]:
    chosen = set(on)
    return [{"code": code, "label": SHARES[code], "says": SHOWS[code], "on": code in chosen} for code in SHARES]


def choices_of_days(given: str) -> list[dict[str, Any]]:
    """The usual lengths; what was typed stays chosen."""
    told = [{"code": str(days), "label": ngettext("%(n)d jour", "%(n)d jours", days) % {"n": days}} for days in DAYS]
    return [{**one, "on": one["code"] == (given or str(USUAL_DAYS))} for one in told]
