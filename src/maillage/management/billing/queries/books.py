"""The books of a place as they are read: what came in and went out, by nature, by account, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, IntegerField, Max, Min, QuerySet, Sum, When
from django.db.models.functions import ExtractYear

from maillage.management.billing.models import Closing, Entry
from maillage.management.billing.queries.sellers import seller_on, zone_of
from maillage.management.billing.rules import accounts, chain, closings
from maillage.management.billing.rules.closings import Period
from maillage.management.billing.rules.fec import FecLine
from maillage.places.models import Place

LIABLE = "liable"
AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Balance:
    """An account over a year: its debits and credits."""

    number: str
    label: str
    part: str
    debit_cents: int
    credit_cents: int

    @property
    def net_cents(self) -> int:
        """What it comes to: above zero on the side that is usual for what it tells."""
        gap = self.debit_cents - self.credit_cents
        return gap if self.part in (accounts.HELD, accounts.OUT) or self.number in _OWED_TO_US else -gap


_OWED_TO_US = (accounts.CUSTOMERS, accounts.VOLUNTEERS)


def periods(place: Place) -> list[Period]:
    """What is closed, in the order in which it was."""
    rows = Closing.objects.filter(place=place).order_by("pk").values_list("period", "starts_on", "ends_on")
    return [Period(*row) for row in rows]


def closings_of(place: Place) -> list[Closing]:
    """The closings of a place, the last one first."""
    return list(Closing.objects.filter(place=place).order_by("-pk"))


def closed_until(place: Place) -> date | None:
    """The last day that is closed, None while none is."""
    ends: date | None = Closing.objects.filter(place=place).aggregate(until=Max("ends_on"))["until"]
    return ends


def first_open_day(place: Place) -> date | None:
    """The first day with a line that nothing has closed."""
    rows = Entry.objects.filter(place=place)
    closed = closed_until(place)
    first: date | None = (rows.filter(on__gt=closed) if closed else rows).aggregate(first=Min("on"))["first"]
    return first


def waiting(place: Place, today: date) -> Period | None:
    """The next period to close, None when nothing waits."""
    return closings.due(first_open_day(place), periods(place), today)


def years(place: Place) -> list[int]:
    """The years with a line, the last one first."""
    told = Entry.objects.filter(place=place).annotate(year=ExtractYear("on")).values_list("year", flat=True).distinct()
    return sorted(set(told), reverse=True)


def lines(place: Place, year: int) -> QuerySet[Entry]:
    """The lines of a year, in the order of the chain."""
    return Entry.objects.filter(place=place, on__range=(date(year, 1, 1), date(year, 12, 31))).order_by("position")


def fec_lines(place: Place, year: int) -> Iterator[FecLine]:
    """The lines of a year for the tax office; writings are numbered from 1, the opening ones first."""
    number, writing, zone = 0, 0, zone_of(place)
    first = Case(When(journal=chain.OPENING, then=0), default=1, output_field=IntegerField())
    for entry in lines(place, year).order_by(first, "position").iterator(chunk_size=AT_ONCE):
        if entry.writing != writing:
            number, writing = number + 1, entry.writing
        yield FecLine(
            journal=entry.journal,
            number=number,
            on=entry.on,
            account=entry.account,
            account_label=entry.account_label,
            auxiliary=entry.auxiliary,
            auxiliary_label=entry.auxiliary_label,
            piece=entry.piece,
            piece_on=entry.piece_on,
            label=entry.label,
            debit_cents=entry.debit_cents,
            credit_cents=entry.credit_cents,
            valid_on=entry.written_at.astimezone(zone).date(),
        )


def lines_by_account(place: Place, year: int) -> QuerySet[Entry]:
    """The lines of a year, account by account."""
    return lines(place, year).order_by("account", "on", "position")


def balances(place: Place, year: int) -> list[Balance]:
    """What each account comes to over a year, in the order of the chart."""
    rows = lines(place, year).order_by("account").values("account")
    told = []
    for row in rows.annotate(debit=Sum("debit_cents"), credit=Sum("credit_cents"), label=Max("account_label")):
        known = accounts.chart().accounts.get(row["account"])
        part = known.part if known else accounts.IN
        told.append(Balance(row["account"], row["label"], part, row["debit"], row["credit"]))
    return told


def money_in(place: Place, year: int) -> int:
    """What was paid over a year, less what was given back, in cents."""
    sums = lines(place, year).filter(account__in=landing()).exclude(journal__in=(chain.OTHER, chain.OPENING))
    told = sums.aggregate(debit=Sum("debit_cents"), credit=Sum("credit_cents"))
    return (told["debit"] or 0) - (told["credit"] or 0)


def landing() -> set[str]:
    """The accounts where money lands."""
    return set(accounts.chart().methods.values())


def needs_a_till(place: Place, day: date) -> bool:
    """Whether a place that collects VAT would need a certified till for its cash sales: Maillage is none."""
    seller = seller_on(place, day)
    return seller is not None and seller.regime == LIABLE


def piece_of(year: int) -> str:
    """The piece under which a year begins with what the year before left."""
    return f"AN{year}"


def to_carry(place: Place, today: date) -> int | None:
    """The year that may begin with what the last closed year left, and does not yet."""
    closed = Closing.objects.filter(place=place, period=closings.YEAR).aggregate(last=Max("ends_on"))["last"]
    year = closed.year + 1 if closed else today.year + 1
    if year > today.year or Entry.objects.filter(place=place, piece=piece_of(year)).exists():
        return None
    return year


def standing(place: Place, year: int) -> dict[tuple[str, str], tuple[int, str]]:
    """What each account, and each customer within it, stands at when a year ends, with the customer's name."""
    rows = lines(place, year).order_by("account", "auxiliary").values("account", "auxiliary")
    told = rows.annotate(debit=Sum("debit_cents"), credit=Sum("credit_cents"), name=Max("auxiliary_label"))
    return {
        (row["account"], row["auxiliary"]): (row["debit"] - row["credit"], row["name"])
        for row in told
        if row["account"][:1] in accounts.KEPT_CLASSES
    }


def opened_with(place: Place, piece: str) -> dict[tuple[str, str], int]:
    """What an opening has already written, account by account."""
    rows = Entry.objects.filter(place=place, piece=piece).order_by("account", "auxiliary")
    told = rows.values("account", "auxiliary").annotate(debit=Sum("debit_cents"), credit=Sum("credit_cents"))
    return {(row["account"], row["auxiliary"]): row["debit"] - row["credit"] for row in told}
