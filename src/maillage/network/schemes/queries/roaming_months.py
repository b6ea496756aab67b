"""The months of an agreement: what was used, what was signed, and where each place stands."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from maillage.network.schemes.models import Roaming, RoamingBill, RoamingVisit
from maillage.network.schemes.queries.roaming import standing_visits
from maillage.network.schemes.rules.roaming_months import Debt
from maillage.network.schemes.rules.statements import bounds
from maillage.places.models import Place


@dataclass(frozen=True, slots=True)
class Side:
    """What one home owes one host for a month: signed, or as it stands."""

    host: Place
    home: Place
    halves: int
    cents: int
    bill: RoamingBill | None = None

    @property
    def debt(self) -> Debt[UUID]:
        return Debt(self.host.pk, self.home.pk, self.cents)


def sides_of(agreement: Roaming, month: str) -> list[Side]:
    """Every debt of a month: what is signed, and beside it what waits for a signature."""
    bills = RoamingBill.objects.filter(agreement=agreement, month=month).select_related("host", "home", "invoice")
    signed = list(bills.order_by("host__sort_name", "home__sort_name", "pk"))
    waiting = unsigned(agreement, month).values("host", "home").annotate(n=Count("pk"), cents=Sum("price_cents"))
    rows = list(waiting.order_by("host", "home"))
    places = Place.objects.in_bulk({pk for row in rows for pk in (row["host"], row["home"])})
    told = [Side(one.host, one.home, one.halves, one.total_cents, one) for one in signed]
    return told + [Side(places[row["host"]], places[row["home"]], row["n"], row["cents"]) for row in rows]


def unsigned(agreement: Roaming, month: str, **asked: object) -> Any:
    """The half-days of a month that stand on no bill."""
    within = bounds(month)
    assert within is not None
    return standing_visits(agreement=agreement, day__range=within, line__isnull=True, **asked)


def bill_at(place: Place, agreement: Roaming, month: str, pk: int) -> RoamingBill | None:
    """A bill that this place owes, of this month; any other does not exist for it."""
    rows = RoamingBill.objects.select_related("host", "home", "invoice", "agreement")
    return rows.filter(pk=pk, home=place, agreement=agreement, month=month).first() if pk < 2**63 else None


@dataclass(frozen=True, slots=True)
class Month:
    """A month of an agreement at a place: half-days here, half-days elsewhere, and what waits for somebody."""

    month: str
    here: int
    elsewhere: int
    to_sign: int
    to_accept: int


def months_of(agreement: Roaming, place: Place) -> list[Month]:
    """The months in which a place took or sent somebody, the latest first."""
    here = _by_month(standing_visits(agreement=agreement, host=place))
    elsewhere = _by_month(standing_visits(agreement=agreement, home=place))
    to_sign = _by_month(standing_visits(agreement=agreement, host=place, line__isnull=True))
    waiting = RoamingBill.objects.filter(agreement=agreement, home=place, accepted_at__isnull=True)
    to_accept = dict(waiting.values_list("month").annotate(n=Count("pk")).order_by())
    return [
        Month(month, here.get(month, 0), elsewhere.get(month, 0), to_sign.get(month, 0), to_accept.get(month, 0))
        for month in sorted(set(here) | set(elsewhere), reverse=True)
    ]


def _by_month(rows: Any) -> dict[str, int]:
    counted = rows.annotate(first=TruncMonth("day")).values_list("first").annotate(n=Count("pk")).order_by()
    return {f"{first:%Y-%m}": n for first, n in counted}


def lines_of(agreement: Roaming, place: Place, month: str, *, is_host: bool) -> list[RoamingVisit]:
    """The half-days of a month at a host, or those of a home elsewhere: days and codes, and no name."""
    within = bounds(month)
    assert within is not None
    rows = standing_visits(agreement=agreement, day__range=within, **{"host" if is_host else "home": place})
    return list(
        rows.select_related("movement__of", "movement__undone_by", "host", "home", "line").order_by("day", "half", "pk")
    )


def is_over(month: str, today: date) -> bool:
    """Whether a month is over on a day."""
    within = bounds(month)
    return within is not None and today > within[1]
