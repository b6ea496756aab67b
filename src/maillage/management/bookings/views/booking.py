"""What a visitor sees of what is free, and the three steps of a booking: a space, a time, who they are."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.management.bookings.queries import free
from maillage.management.bookings.queries.free import Offer, Offered
from maillage.management.bookings.rules import availability, choices
from maillage.management.bookings.rules.clock import day_said, local_day
from maillage.management.bookings.rules.requests import LONGEST
from maillage.management.bookings.rules.spans import Span
from maillage.management.bookings.sentences import hour, problems_said, when
from maillage.management.bookings.views import asking, shown
from maillage.management.bookings.views.state import FARTHEST, State, moment, read
from maillage.places.labels import say
from maillage.places.queries.sheet import Sheet, sheet_by_slug
from maillage.places.views.detail import elsewhere
from maillage.places.views.sheet import contact

AROUND = timedelta(days=availability.DAYS_AROUND)
MOST_OFFERS = 4


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def booking(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Show what is free and take a booking; a place that takes none says how to reach it."""
    found, sheet = sheet_by_slug(slug)
    if sheet is None:
        return elsewhere(request, found, "booking")
    now = timezone.now()
    settings = free.settings_here(sheet.place)
    if not free.is_online(sheet.place, settings):
        return _none(request, sheet)
    today = local_day(now, free.zone_named(settings.zone))
    state, notices = read(request.GET, today=today)
    page = Page(request, sheet, settings, state, notices, now=now, today=today)
    if state.month and not state.start:
        return page.month()
    if not state.space or (state.end and not state.start):
        return page.day()
    return page.form() if state.start and state.end else page.time()


def _none(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    context = {"place": sheet.place, "contact": contact(sheet)}
    return render(request, "bookings/none.html", context, status=409 if request.method == "POST" else 200)


class Page:
    """One page of the three steps; what it needs to know is read in a fixed number of questions."""

    def __init__(
        self,
        request: HttpRequest,
        sheet: Sheet,
        settings: Any,
        state: State,
        notices: list[str],
        *,
        now: datetime,
        today: date,
    ) -> None:
        self.request, self.sheet, self.settings, self.state = request, sheet, settings, state
        self.notices, self.now, self.today = notices, now, today

    def _offer(self, first: date, last: date, only: str = "") -> Offer:
        return free.offer(self.sheet.place, self.settings, first, last, now=self.now, only=only)

    def _show(self, name: str, offer: Offer, status: int = 200, **context: Any) -> HttpResponse:
        told = {
            "place": self.sheet.place,
            "contact": contact(self.sheet),
            "notices": self.notices,
            "zone": self.settings.zone if self.settings.zone != "Europe/Paris" else "",
            "has_spaces": bool(offer.spaces),
            **context,
        }
        return render(self.request, f"bookings/{name}.html", told, status=status)

    def day(self) -> HttpResponse:
        """The first step: what is free on a day, space by space; with no day asked, the next that has something."""
        first = self.state.day or self.today
        offer = self._offer(first, first + timedelta(days=shown.WEEK - 1))
        day = self.state.day or next(
            (one for one in _days(first) if shown.free_on(offer, offer.spaces, one)), self.today
        )
        state = State(day=day)
        return self._show(
            "day",
            offer,
            400 if self.request.method == "POST" else 200,
            said=say(day_said(day)),
            spaces=shown.spaces(offer, day, state),
            **self._strip(offer, first, day, state),
        )

    def _strip(self, offer: Offer, first: date, day: date, state: State) -> dict[str, Any]:
        before, after = first - timedelta(days=shown.WEEK), first + timedelta(days=shown.WEEK)
        state = State(day=state.day, space=state.space)
        return {
            "week": shown.week(offer, first, day, self.today, state),
            "before": state.query(day=max(before, self.today)) if first > self.today else "",
            "after": state.query(day=after) if after <= self.today + FARTHEST else "",
            "month": State(space=state.space, month=day.replace(day=1)).query(),
        }

    def month(self) -> HttpResponse:
        """A month, day by day: of one space, or of all."""
        first = self.state.month or self.today.replace(day=1)
        offer = self._offer(first, shown.last_day(first))
        state = State(space=self.state.space if offer.of(self.state.space) else "")
        one = offer.of(state.space)
        after, before = shown.next_month(first), (first - timedelta(days=1)).replace(day=1)
        return self._show(
            "month",
            offer,
            space=one.space if one else None,
            said=shown.named_month(first),
            weeks=shown.month(offer, first, self.today, state),
            days=[shown.date_format(date(2024, 1, 1) + timedelta(days=n), "D") for n in range(shown.WEEK)],
            before=state.query(month=before) if before >= self.today.replace(day=1) else "",
            after=state.query(month=after) if after <= self.today + FARTHEST else "",
            back=state.query(day=max(first, self.today)),
        )

    def _asked_day(self) -> date | None:
        """The day asked for, by itself or by the time chosen; None for one that is not booked from here."""
        if self.state.day or not self.state.start:
            return self.state.day
        day = local_day(self.state.start, free.zone_named(self.settings.zone))
        return day if self.today <= day <= self.today + FARTHEST else None

    def time(self, problems: Sequence[dict[str, str]] = ()) -> HttpResponse:
        """The second step: a day and a time for one space; a beginning already chosen stays so."""
        asked = self._asked_day()
        first = asked or self.today
        offer = self._offer(first, first + timedelta(days=shown.WEEK), self.state.space)
        one = offer.of(self.state.space)
        if one is None:
            return self.day()
        days = _days(first)
        day = asked or next((d for d in days if shown.free_on(offer, [one], d)), self.today)
        state = State(day=day, space=one.space.slug)
        found = choices.moments(one.opened, one.limits, offer.zone, day)
        starts = choices.starts(found, one.bookable, one.limits, offer.zone, day)
        chosen = self.state.start if self.state.start in starts else None
        ends = choices.ends(found, one.bookable, one.limits, (chosen,) if chosen else starts)
        return self._show(
            "time",
            offer,
            space=one.space,
            said=say(day_said(day)),
            shown=shown.spaces(Offer(offer.place, offer.settings, offer.zone, (one,)), day, state)[0],
            halves=list(self._halves(offer, one, day, state)),
            starts=[_choice(moment_, offer, day, one) for moment_ in starts],
            ends=[_choice(moment_, offer, day) for moment_ in ends],
            chosen=moment(chosen) if chosen else "",
            problems=problems,
            back=State(day=day).query(),
            **self._strip(offer, first, day, state),
        )

    def _halves(self, offer: Offer, one: Offered, day: date, state: State) -> Any:
        for half in availability.half_days(day, offer.zone, one.bookable, self.settings.half_day_minute, one.free):
            span = half.span
            if half.units and not free.wrongs(one, self.settings, span.start, span.end, now=self.now):
                yield {
                    "part": half.part,
                    "hours": shown.hours(span, offer),
                    "url": state.query(start=span.start, end=span.end),
                }

    def form(self) -> HttpResponseBase:
        """The third step: who it is for; or, where the time is taken, the waiting list and what else is free."""
        start, end = self.state.start, self.state.end
        assert start is not None
        assert end is not None
        answer = asking.Answer()
        if self.request.method == "POST" and (space := free.online_space_named(self.sheet.place, self.state.space)):
            asked = asking.post(self.request, space, start, end, now=self.now)
            if isinstance(asked, HttpResponseBase):
                return asked
            answer = asked
        day = min(max(local_day(start, free.zone_named(self.settings.zone)), self.today), self.today + FARTHEST)
        offer = self._offer(max(day - AROUND, self.today), day + AROUND, self.state.space)
        one = offer.of(self.state.space)
        if one is None:
            return self.day()
        found = free.wrongs(one, self.settings, start, end, now=self.now)
        is_free = not found and one.has(Span(start, end))
        problems = answer.problems or problems_said(found)
        if end <= start and self.request.method != "POST":
            return self.time(problems)
        return self._show(
            "form",
            offer,
            answer.status,
            space=one.space,
            when=when(start, end, offer.zone) if end > start else "",
            problems=problems,
            wrongs=answer.wrongs,
            raw=asking.known(self.request) | answer.raw,
            key=secrets.token_urlsafe(24),
            is_free=is_free,
            numbers=range(1, 1 + most) if (most := self._most(one, start, end)) > 1 else (),
            number=asking.read_units(self.request.POST.get("nombre", "1")) or 1,
            may_wait=not found and not is_free,
            others=self._others(offer, one, start, end) if not is_free else [],
            back=(State(space=one.space.slug, start=start) if found else State(day=day, space=one.space.slug)).query(),
            here=self.state.query(),
            is_somebody=asking.is_somebody(self.request, self.sheet.place),
        )

    def _most(self, one: Offered, start: datetime, end: datetime) -> int:
        """How many units may be taken together at that time."""
        return min(len(availability.free_units(one.free, Span(start, end))), asking.MOST_UNITS) if start < end else 0

    def _others(self, offer: Offer, one: Offered, start: datetime, end: datetime) -> list[dict[str, str]]:
        """The nearest times that can be had instead."""
        if not timedelta(0) < end - start <= LONGEST:
            return []
        unit = next(iter(one.free), choices.WHOLE)
        step = one.limits.step_minutes
        found = availability.suggest(
            Span(start, end), unit, one.free, offer.zone, step_minutes=step, earliest=self.now, most=4 * MOST_OFFERS
        )
        spans = [
            other.span
            for other in found
            if not free.wrongs(one, self.settings, other.span.start, other.span.end, now=self.now)
        ]
        return [
            {
                "url": State(space=one.space.slug, start=span.start, end=span.end).query(),
                "when": when(span.start, span.end, offer.zone),
            }
            for span in spans[:MOST_OFFERS]
        ]


def _days(first: date) -> list[date]:
    return [first + timedelta(days=n) for n in range(shown.WEEK)]


def _choice(at: datetime, offer: Offer, day: date, one: Offered | None = None) -> dict[str, Any]:
    """A time in a list; one at which nothing is free any more can still be waited for."""
    least = timedelta(minutes=one.limits.shortest_minutes) if one else timedelta(0)
    return {
        "value": moment(at),
        "said": hour(at, offer.zone),
        "again": bool(at.astimezone(offer.zone).fold),
        "next_day": local_day(at, offer.zone) > day,
        "taken": one is not None and not one.has(Span(at, at + least)),
    }
