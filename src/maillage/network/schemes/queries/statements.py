"""What a month owes a place, as it stands, and what was signed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from maillage.network.schemes.models import Accreditation, Redemption, Scheme, Statement, StatementLine
from maillage.network.schemes.queries.schemes import standing_redemptions
from maillage.network.schemes.rules import statements as rules
from maillage.places.models import Place


def due_at(scheme: Scheme, place: Place, month: str) -> rules.Due:
    """What a scheme owes a place at the end of a month, beyond what was signed before."""
    rows = standing_redemptions(scheme=scheme, place=place)
    spent = [rules.Spent(*one) for one in rows.values_list("pk", "day", "price_cents")]
    stated = StatementLine.objects.filter(redemption__scheme=scheme, redemption__place=place)
    return rules.due(
        spent,
        stated.values_list("redemption_id", flat=True),
        month=month,
        rent_cents=rent_of(scheme, place, month),
    )


def rent_of(scheme: Scheme, place: Place, month: str) -> int:
    """The rent of a month, paid whether what is rented was used or not.

    What was agreed stays due while a place asks again, or was refused since.
    """
    found = Accreditation.objects.filter(scheme=scheme, place=place).first()
    return _rent(found, month)


def _rent(found: Accreditation | None, month: str) -> int:
    if found is None:
        return 0
    return rules.rent(month, cents=found.rent_cents, starts=found.rent_from, ends=found.rent_to)


def statement_of(scheme: Scheme, place: Place, month: str) -> Statement | None:
    rows = Statement.objects.select_related("invoice", "scheme")
    return rows.filter(scheme=scheme, place=place, month=month).first()


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a scheme at a place: signed, or what it comes to so far."""

    scheme: Scheme
    month: str
    statement: Statement | None
    halves: int
    total_cents: int
    is_over: bool


def months_at(scheme: Scheme, place: Place, *, today: date) -> list[Month]:
    """The months of a scheme at a place that hold something, the latest first; as many queries for one as for ten."""
    rows = Statement.objects.filter(scheme=scheme, place=place).select_related("invoice").annotate(n=Count("lines"))
    signed = {one.month: one for one in rows}
    free = standing_redemptions(scheme=scheme, place=place, line__isnull=True)
    spent = [rules.Spent(*one) for one in free.values_list("pk", "day", "price_cents")]
    lease = Accreditation.objects.filter(scheme=scheme, place=place).first()
    first = min([scheme.starts_on, *(one.day for one in spent), *_firsts(signed)])
    told = []
    for month in rules.months(first, max(min(today, scheme.ends_on), scheme.starts_on)):
        within = rules.bounds(month)
        if within is None:
            continue
        kept = signed.get(month)
        if kept is not None:
            told.append(Month(scheme, month, kept, int(kept.n), kept.total_cents, True))
            continue
        owed = rules.due(spent, (), month=month, rent_cents=_rent(lease, month))
        if owed.lines or owed.rent_cents:
            told.append(Month(scheme, month, None, len(owed.lines), owed.total_cents, within[1] < today))
    return told


def _firsts(months: Iterable[str]) -> list[date]:
    """The first days of months."""
    found = [rules.bounds(month) for month in months]
    return [one[0] for one in found if one]


def annex(scheme: Scheme, place: Place, month: str) -> list[Redemption]:
    """The half-days of a month's statement, signed or not: days and codes, and no name."""
    kept = statement_of(scheme, place, month)
    rows = Redemption.objects.select_related("issue__of")
    if kept is not None:
        return list(rows.filter(line__statement=kept).order_by("day", "half", "pk"))
    owed = due_at(scheme, place, month)
    return list(rows.filter(pk__in=[one.pk for one in owed.lines]).order_by("day", "half", "pk"))
