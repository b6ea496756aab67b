"""How the pages of the team say an event, its sessions and its seats, and what is wrong with a form."""

from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.management.bookings.labels import FIELDS as BOOKED
from maillage.management.bookings.views.manage import wording
from maillage.management.bookings.views.manage.wording import Wrongs, day_hours, posted
from maillage.management.events.labels import FIELDS as LABELS
from maillage.management.events.labels import price_said
from maillage.management.events.queries.programme import Row, Seated
from maillage.management.events.rules.prices import FIXED

FIELDS: dict[str, Promise] = {**BOOKED, **LABELS}
NOT_ASKED = ("session", "event")
"""What a refusal may name although no form asks for it."""
LONGEST_TEXT = 20_000


def control(name: str, value: Any, wrongs: Wrongs, **more: Any) -> dict[str, Any]:
    """One control of a form, under the name that events give it."""
    return wording.control(name, value, wrongs, label=more.pop("label", None) or FIELDS[name], **more)


def mistakes(wrongs: Wrongs) -> list[dict[str, Any]]:
    """What stands in the way, for the summary above a form."""
    asked = FIELDS.keys() - {*NOT_ASKED}
    return [
        {
            "control": name if name in asked else "",
            "label": FIELDS.get(name, ""),
            "problem": problem,
            "mend": mend,
        }
        for name, (problem, mend) in wrongs.items()
    ]


def key_of(request: HttpRequest) -> str:
    """The key under which a form is written once, however often it is sent."""
    return posted(request, ("jeton",))["jeton"][:100] or str(uuid4())


def sent_already() -> dict[str, tuple[str, str]]:
    """A form that came twice with other words in it."""
    return {"": (_("ce formulaire a déjà servi, avec d’autres réponses"), _("relisez-le et envoyez-le de nouveau"))}


def typed(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    """The values of a form, bounded; the description keeps its length for the action to judge."""
    return {**posted(request, names), "description": (request.POST.get("description") or "")[:LONGEST_TEXT]}


def owed(event: Any, heads: int) -> str:
    """What a party is asked for at a fixed price; empty where it is free, or where each decides."""
    return price_said(FIXED, (event.price_cents or 0) * heads) if event.price == FIXED else ""


def name_of(row: Row) -> str:
    """Who leads a party; a person who was erased has no name any more."""
    return row.person.name if row.person and row.person.name else _("personne effacée")


def seats_said(one: Seated) -> str:
    """« 7 inscrits sur 12, 2 en attente »."""
    if one.capacity is None:
        return _("sans inscription")
    said = ngettext("%(n)d inscrit sur %(most)d", "%(n)d inscrits sur %(most)d", one.confirmed)
    told = said % {"n": one.confirmed, "most": one.capacity}
    waiting = _("%(n)d en attente") % {"n": one.waiting}
    return f"{told}, {waiting}" if one.waiting else told


def room_of(one: Seated) -> str:
    """The room a session takes; empty where it takes none, or has lost it."""
    booking = one.session.booking
    return str(booking.space.name) if booking is not None and one.has_room else ""


def session_told(one: Seated, zone: ZoneInfo) -> dict[str, Any]:
    """A session as lists show it."""
    return {
        "pk": one.session.pk,
        "title": one.session.event.title,
        "when": day_hours(one.session.start, one.session.end, zone),
        "seats": seats_said(one),
        "came": one.came,
        "is_cancelled": one.session.cancelled_at is not None,
        "is_hidden": one.session.event.published_at is None,
        "room": room_of(one),
        "is_roomless": one.has_lost_its_room,
    }
