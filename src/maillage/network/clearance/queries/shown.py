"""The figures that a place may show: counts by month, its books, its members; nobody is named, few are not counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Min, Q

from maillage.management.billing.queries import books
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.rules import accounts
from maillage.management.bookings.models import CONFIRMED, Booking, Visit
from maillage.management.events.models import Headcount, Registration, Session
from maillage.management.people.models import Membership
from maillage.network.clearance.rules.helping import months_before
from maillage.network.schemes.rules.reports import LEAST_PLACES, LEAST_SHOWN, Cell, suppressed
from maillage.places.models import Place
from maillage.territory.rules.zones import zone_of

MONTHS = 12
LEAST_ACTS = LEAST_PLACES
PARTS = (accounts.IN, accounts.HELD, accounts.OWED)


@dataclass(frozen=True, slots=True)
class Count:
    """A count: unknown where nothing was kept then, `below` a bound where it is small enough to point at somebody."""

    value: int | None
    below: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """What a place served in a month; `hours` goes with the bookings."""

    first: date
    bookings: Count
    hours: Count
    visits: Count

    @property
    def is_unknown(self) -> bool:
        return self.bookings == self.visits == Count(None)


@dataclass(frozen=True, slots=True)
class Programme:
    """The sessions of a month, and how many came."""

    first: date
    sessions: Count
    came: Count

    @property
    def is_unknown(self) -> bool:
        return self.sessions == Count(None)


@dataclass(frozen=True, slots=True)
class Year:
    """The books of a year: sums in cents, accounts by part; `is_empty` where not a line was written."""

    year: int
    came_in_cents: int
    paid_cents: int
    parts: dict[str, list[books.Balance]]
    is_empty: bool
    closed_until: date | None


def shown(count: int, *, least: int = LEAST_ACTS) -> Count:
    """A count, unless it is small: of acts under three, of persons under eleven, as where passes are counted."""
    return Count(None, least) if 0 < count < least else Count(count)


def usage(place: Place, *, now: datetime) -> list[Month]:
    """What was booked and who came, over the last twelve whole months and this one, by the clocks of the place."""
    zone, months = _clock(place), _months(place, now)
    start = datetime(months[0].year, months[0].month, 1, tzinfo=zone)
    booked = Booking.objects.filter(place=place, part_of__isnull=True, status=CONFIRMED)
    seen = Visit.objects.filter(place=place)
    times = list(booked.filter(start__gte=start, start__lte=now).values_list("start", "end"))
    bookings = _by_month((first for first, _end in times), zone)
    minutes: Counter[date] = Counter()
    for first, end in times:
        minutes[_month(first, zone)] += round((end - first).total_seconds() / 60)
    visits = _by_month(seen.filter(at__gte=start, at__lte=now).values_list("at", flat=True), zone)
    since_booked = _since(booked.aggregate(first=Min("start"))["first"], zone)
    since_seen = _since(seen.aggregate(first=Min("at"))["first"], zone)
    told = []
    for month in months:
        count = _known(bookings[month], month, since_booked)
        hours = Count(round(minutes[month] / 60)) if count.value is not None else count
        told.append(Month(month, count, hours, _known(visits[month], month, since_seen)))
    return told


def programme(place: Place, *, now: datetime) -> list[Programme]:
    """What took place and how many came, over the last twelve whole months and this one."""
    zone, months = _clock(place), _months(place, now)
    start = datetime(months[0].year, months[0].month, 1, tzinfo=zone)
    held = Session.objects.filter(event__place=place, event__published_at__isnull=False, cancelled_at__isnull=True)
    since = _since(held.aggregate(first=Min("start"))["first"], zone)
    within = held.filter(start__gte=start, start__lte=now)
    sessions = _by_month(within.values_list("start", flat=True), zone)
    came: Counter[date] = Counter()
    arrived = Registration.objects.filter(session__in=within.values("pk"), arrived_at__isnull=False)
    for moment in arrived.values_list("session__start", flat=True):
        came[_month(moment, zone)] += 1
    counted = Headcount.objects.filter(session__in=within.values("pk")).values_list("session__start", "count")
    heads: Counter[date] = Counter()
    for moment, count in counted:
        heads[_month(moment, zone)] += count
    told = []
    for month in months:
        sat = Count(None) if since is None or month < since else Count(sessions[month])
        attended = max(came[month], heads[month])
        noted = shown(attended, least=LEAST_SHOWN) if attended or not sessions[month] else Count(None)
        told.append(Programme(month, sat, noted if sat.value is not None else Count(None)))
    return told


def ledger(place: Place, *, now: datetime) -> list[Year]:
    """The books of this year and of the last one; the customers are one account, nobody is named."""
    this = today_at(place, now).year
    told = []
    for year in (this, this - 1):
        rows = books.balances(place, year)
        came_in = sum(one.net_cents for one in rows if one.part == accounts.IN)
        parts = {part: [one for one in rows if one.part == part] for part in PARTS}
        paid = books.money_in(place, year)
        told.append(Year(year, came_in, paid, parts, not rows, books.closed_until(place)))
    return told


def members(place: Place, *, now: datetime) -> list[Cell]:
    """How many persons have each link with a place today; one hidden alone hides the next."""
    today = today_at(place, now)
    rows = Membership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        person__place=place,
        person__merged_into__isnull=True,
        person__erased_at__isnull=True,
        starts_on__lte=today,
    )
    pairs = set(rows.values_list("kind", "person"))
    return suppressed(Counter(kind for kind, _person in pairs))


def _months(place: Place, now: datetime) -> list[date]:
    today = today_at(place, now)
    return [*months_before(today, MONTHS), today.replace(day=1)]


def _clock(place: Place) -> ZoneInfo:
    return ZoneInfo(zone_of(place.commune.departement_id if place.commune else None))


def _month(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date().replace(day=1)


def _by_month(moments: Iterable[datetime], zone: ZoneInfo) -> Counter[date]:
    return Counter(_month(moment, zone) for moment in moments)


def _since(first: datetime | None, zone: ZoneInfo) -> date | None:
    return _month(first, zone) if first else None


def _known(count: int, month: date, since: date | None) -> Count:
    return Count(None) if since is None or month < since else shown(count)
