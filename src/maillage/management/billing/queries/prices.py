"""The price lists of a place, and the price of something for somebody on a day."""

from dataclasses import dataclass
from datetime import date

from maillage.management.billing.models import Price, PriceList, Seller
from maillage.management.billing.rules import prices as rules
from maillage.places.models import Place


@dataclass(frozen=True, slots=True)
class Listed:
    """A list with its lines, and whether it holds, is to come, or is over."""

    list: PriceList
    prices: tuple[Price, ...]
    state: str


def lists(place: Place, *, on: date) -> list[Listed]:
    """Every list of a place, the latest first."""
    rows = list(PriceList.objects.filter(place=place).order_by("-since").prefetch_related("prices"))
    now = rules.in_force(rows, on)
    return [_told(row, now, on) for row in rows]


def current(place: Place, *, on: date) -> Listed | None:
    """The list of a day with its lines; None where a place has no price yet."""
    found = PriceList.objects.filter(place=place, since__lte=on).order_by("-since").first()
    return _told(found, found, on) if found else None


def one_list(place: Place, list_id: int, *, on: date) -> Listed | None:
    """A list of this place, or None."""
    return next((one for one in lists(place, on=on) if one.list.pk == list_id), None)


def price_for(place: Place, *, subject: str, fee_class: str, unit: str, on: date) -> Price | None:
    """What something costs to somebody of a fee class on a day; None where no list says so."""
    found = current(place, on=on)
    return rules.best(found.prices, subject=subject, fee_class=fee_class, unit=unit) if found else None


def has_prices(place: Place) -> bool:
    """Whether a place has said any price, of today or to come."""
    return Price.objects.filter(price_list__place=place).exists()


def is_taxed(place: Place, *, on: date) -> bool:
    """Whether VAT is added to the prices of a place on a day."""
    seller = Seller.objects.filter(place=place, since__lte=on).order_by("-since").first()
    return seller is not None and seller.regime == "liable"


def price_of(place: Place, price_id: int) -> Price | None:
    """A line of a list of this place, or None."""
    return Price.objects.select_related("price_list").filter(pk=price_id, price_list__place=place).first()


def _told(row: PriceList, now: PriceList | None, on: date) -> Listed:
    state = "now" if now is not None and row.pk == now.pk else "coming" if row.since > on else "over"
    return Listed(row, tuple(sorted(row.prices.all(), key=lambda one: (one.position, one.pk))), state)
