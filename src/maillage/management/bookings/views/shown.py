"""What is free, in words: the spaces of a day, the days of a week, the month of a place."""

from calendar import Calendar
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.management.bookings.queries.free import Offer, Offered
from maillage.management.bookings.rules import availability
from maillage.management.bookings.rules.choices import is_free_for, within
from maillage.management.bookings.rules.clock import day_said, day_span
from maillage.management.bookings.rules.spans import Span
from maillage.management.bookings.sentences import hour
from maillage.management.bookings.views.state import State
from maillage.places.labels import say
from maillage.places.views.wording import day_in_words

WEEK = 7
MOST_STRETCHES = 12


def spaces(offer: Offer, day: date, state: State) -> list[dict[str, Any]]:
    """Each space on a day: when it is free, how many at a time, and the way to choose it."""
    return [_space(one, offer, day, state) for one in offer.spaces]


def _space(one: Offered, offer: Offer, day: date, state: State) -> dict[str, Any]:
    window = day_span(day, offer.zone)
    opened = within(one.bookable, window.start, window.end)
    left = {unit: within(spans, window.start, window.end) for unit, spans in one.free.items()}
    stretches = [(span, n) for span, n in availability.counts(opened, left) if n]
    many = len(one.free) > 1
    return {
        "name": one.space.name,
        "what": one.space.description,
        "seats": one.space.seats,
        "authorisation": one.space.authorisation,
        "open": bool(opened),
        "why": _why(one, window),
        "free": [
            {
                "hours": hours(span, offer),
                "count": ngettext("%(n)d libre", "%(n)d libres", n) % {"n": n} if many else "",
            }
            for span, n in stretches[:MOST_STRETCHES]
        ],
        "url": state.query(space=one.space.slug, day=day, month=None, start=None, end=None),
    }


def _why(one: Offered, window: Span) -> str:
    """The reasons of what closes a space within a window, each once."""
    shut = [each for each in one.closures if each.reason and each.start < window.end and each.end > window.start]
    return ", ".join(dict.fromkeys(each.reason for each in shut))


def hours(span: Span, offer: Offer) -> str:
    """« 8 h – 12 h »."""
    return f"{hour(span.start, offer.zone)} – {hour(span.end, offer.zone)}"


def free_on(offer: Offer, spaces: Iterable[Offered], day: date) -> int:
    """How many of these spaces have room, on a day, for their shortest booking."""
    window = day_span(day, offer.zone)
    return sum(is_free_for(one.free, one.limits.shortest_minutes, window) for one in spaces)


def is_open_on(offer: Offer, spaces: Iterable[Offered], day: date) -> bool:
    """Whether any of these spaces may be booked on a day, free or not."""
    window = day_span(day, offer.zone)
    return any(within(one.bookable, window.start, window.end) for one in spaces)


def chosen(offer: Offer, state: State) -> list[Offered]:
    """The space chosen, else all of them."""
    one = offer.of(state.space)
    return [one] if one else list(offer.spaces)


def week(offer: Offer, first: date, day: date, today: date, state: State) -> list[dict[str, Any]]:
    """Seven days, each with the way to it and whether anything is free."""
    days = [first + timedelta(days=n) for n in range(WEEK)]
    return [
        {
            "url": state.query(day=one, month=None, start=None, end=None),
            "short": date_format(one, "D"),
            "number": one.day,
            "said": say(day_said(one)),
            "current": one == day,
            "today": one == today,
            **_state_of(offer, chosen(offer, state), one),
        }
        for one in days
    ]


def month(offer: Offer, first: date, today: date, state: State) -> list[list[dict[str, Any] | None]]:
    """The weeks of a month, from Monday; None outside the month."""
    spaces = chosen(offer, state)
    return [
        [
            {
                "number": one.day,
                "said": say(day_said(one)),
                "today": one == today,
                "url": state.query(day=one, month=None, start=None, end=None),
                **_state_of(offer, spaces, one),
            }
            if one.month == first.month
            else None
            for one in days
        ]
        for days in Calendar().monthdatescalendar(first.year, first.month)
    ]


def _state_of(offer: Offer, spaces: list[Offered], day: date) -> dict[str, Any]:
    n = free_on(offer, spaces, day)
    if n:
        says = _("libre") if len(spaces) == 1 else ngettext("%(n)d espace", "%(n)d espaces", n) % {"n": n}
        return {"state": "free", "says": says}
    return {"state": "full", "says": _("complet")} if is_open_on(offer, spaces, day) else {"state": "shut", "says": "–"}


def last_day(first: date) -> date:
    """The last day of a month."""
    return next_month(first) - timedelta(days=1)


def next_month(first: date) -> date:
    """The first day of the next month."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def named_month(first: date) -> str:
    """« novembre 2026 »."""
    return str(date_format(first, "F Y"))


def short_day(day: date) -> str:
    """« 24 novembre »."""
    return day_in_words(day, "j F")
