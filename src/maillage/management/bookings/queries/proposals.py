"""What a booking, or each of a series, would meet: its problems, and what is free instead. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from maillage.management.bookings.models import Booking, Space, Unit
from maillage.management.bookings.queries.asking import limits_of, standing
from maillage.management.bookings.queries.calendar import Calendar
from maillage.management.bookings.queries.day import settings_here
from maillage.management.bookings.queries.spaces import Layout, layout
from maillage.management.bookings.queries.taken import taken
from maillage.management.bookings.rules.availability import DAYS_AROUND, Offer, counts, free, free_units, suggest
from maillage.management.bookings.rules.clock import local_day
from maillage.management.bookings.rules.requests import Problem, problems
from maillage.management.bookings.rules.series import MOST_YEARS
from maillage.management.bookings.rules.spans import Span, Spans, among, covers, union
from maillage.management.people.models import Person
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

MOST_OFFERS = 4
FARTHEST = timedelta(days=366 * MOST_YEARS)
ANY = 0
"""Stands for « whichever units are free » where a unit is named by a number."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One time asked for: what forbids it, whether it lies outside the hours, and what may be had instead."""

    span: Span
    problems: tuple[Problem, ...]
    outside: bool
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked at each time: a space, some of its units, or one by name."""

    space: Space
    unit: Unit | None = None
    units: int = 1


def proposals(
    place: Place, wish: Wish, spans: Sequence[Span], *, person: Person | None, now: datetime
) -> tuple[Proposal, ...]:
    """What each time meets, in the order given; as many queries for four hundred as for one."""
    settings, found = settings_here(place), layout(place)
    zone = ZoneInfo(settings.zone)
    around = timedelta(days=DAYS_AROUND + 1)
    first = local_day(min(span.start for span in spans), zone) - around
    last = min(local_day(max(span.end for span in spans), zone) + around, first + FARTHEST + 3 * around)
    calendar = Calendar(settings, found, first, last)
    ground = _Ground(found, wish, calendar.open_spans(wish.space), zone)
    whole = Span(min(span.start for span in spans) - around, max(span.end for span in spans) + around)
    busy = {unit: union(rows) for unit, rows in taken(ground.unit_ids, whole.start, whole.end, now=now).items()}
    left = free(ground.open_spans, busy)
    known = _authorised(person, wish.space)
    limits = limits_of(wish.space, settings)
    answers = []
    for span in spans:
        wrong = [*problems(span.start, span.end, now, limits, ground.open_spans, zone, desk=True)]
        if wish.space.authorisation and not any(since <= span.start.date() <= until for since, until in known):
            wrong.append(_unauthorised(wish.space))
        is_taken = not ground.has_room(busy, span)
        if is_taken:
            wrong.append(_is_taken(wish.space))
        offers = ground.offers(left, span, step_minutes=limits.step_minutes, earliest=now) if is_taken else ()
        answers.append(Proposal(span, tuple(wrong), not covers(ground.open_spans, span), offers))
    return tuple(answers)


def elsewhere(booking: Booking, span: Span, *, now: datetime) -> Proposal:
    """What a booking that cannot move to a taken time may have instead: other times at which all its units are free."""
    settings, found = settings_here(booking.place), layout(booking.place)
    zone, around = ZoneInfo(settings.zone), timedelta(days=DAYS_AROUND + 1)
    calendar = Calendar(settings, found, local_day(span.start, zone) - around, local_day(span.end, zone) + around)
    open_spans = calendar.open_spans(found.by_id[booking.space_id]) if booking.space_id in found.by_id else ()
    units = [booking.unit_id, *Booking.objects.filter(part_of=booking).values_list("unit", flat=True)]
    own = Span(booking.start, booking.end)
    rows = taken(units, span.start - around, span.end + around, now=now)
    left = free(open_spans, {unit: union(one for one in spans if one != own) for unit, spans in rows.items()})
    enough = {ANY: union(step for step, number in counts(open_spans, left) if number >= len(units))}
    step = limits_of(booking.space, settings).step_minutes
    offers = suggest(span, ANY, enough, zone, step_minutes=step, earliest=now, most=MOST_OFFERS + 1)
    offers = tuple(offer for offer in offers if offer.span not in (own, span))[:MOST_OFFERS]
    return Proposal(span, (_cannot_move(booking.space, bool(offers)),), not covers(open_spans, span), offers)


@dataclass(frozen=True, slots=True)
class _Ground:
    layout: Layout
    wish: Wish
    open_spans: Spans
    zone: ZoneInfo

    @property
    def unit_ids(self) -> list[int]:
        units = sorted(self.layout.units_of(self.wish.space), key=lambda unit: (unit.order, unit.pk))
        return [unit.pk for unit in units]

    @property
    def need(self) -> int:
        if self.wish.unit is not None:
            return 1
        return len(self.unit_ids) if self.layout.takes_all(self.wish.space) else self.wish.units

    def has_room(self, busy: dict[int, Spans], span: Span) -> bool:
        """Whether what is asked can be had, open or not: the team books at any hour."""
        idle = [unit for unit, rows in busy.items() if not among(rows, span)]
        if self.wish.unit is not None:
            return self.wish.unit.pk in idle
        return 0 < self.need <= len(idle)

    def offers(self, left: dict[int, Spans], span: Span, *, step_minutes: int, earliest: datetime) -> tuple[Offer, ...]:
        """What is free instead; of several units, only other times at which all of them are."""
        if not left or not self.need:
            return ()
        if self.need == 1:
            unit = self.wish.unit.pk if self.wish.unit else next(iter(left))
            return suggest(span, unit, left, self.zone, step_minutes=step_minutes, earliest=earliest, most=MOST_OFFERS)
        steps = counts(self.open_spans, left)
        enough = {ANY: union(step for step, number in steps if number >= self.need)}
        found = suggest(span, ANY, enough, self.zone, step_minutes=step_minutes, earliest=earliest, most=MOST_OFFERS)
        return tuple(offer for offer in found if len(free_units(left, offer.span)) >= self.need)


def _authorised(person: Person | None, space: Space) -> list[tuple[date, date]]:
    if person is None or not space.authorisation:
        return []
    rows = standing(person, space.authorisation)
    return [(since, until or date.max) for since, until in rows.values_list("given_on", "expires_on")]


def _unauthorised(space: Space) -> Problem:
    return Problem(
        "authorisation",
        _("Il faut l’habilitation «\u202f%(name)s\u202f», valable ce jour-là.", name=space.authorisation),
        _("elle s’obtient à une formation, et peut prendre fin"),
        _("Demandez à l’équipe la date de la prochaine formation."),
    )


def _is_taken(space: Space) -> Problem:
    return Problem(
        "taken",
        _("«\u202f%(name)s\u202f» n’est plus libre.", name=space.name),
        _("quelqu’un l’a réservé à cette heure"),
        _("Choisissez une autre heure, ou laissez ce jour."),
    )


def _cannot_move(space: Space, has_offers: bool) -> Problem:
    return Problem(
        "taken",
        _("«\u202f%(name)s\u202f» n’est plus libre.", name=space.name),
        _("quelqu’un l’a réservé à cette heure"),
        _("Choisissez une des heures libres, plus bas, ou une autre.")
        if has_offers
        else _("Rien d’autre n’est libre autour\u202f: choisissez un jour plus loin."),
    )
