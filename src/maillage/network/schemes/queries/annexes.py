"""The attendance that goes with an invoice of a month: what was signed, line by line, as the invoice was frozen."""

from dataclasses import dataclass
from datetime import date

from maillage.management.billing.queries.invoices import document_of
from maillage.management.billing.rules.documents import Document
from maillage.network.schemes.models import Scheme, Statement, StatementLine
from maillage.places.models import Place


@dataclass(frozen=True, slots=True)
class Attended:
    """A half-day of an annex: its pass by its code, and no name."""

    day: date
    half: str
    code: str
    cents: int


@dataclass(frozen=True, slots=True)
class Annex:
    """A signed month with its half-days; they and the rent are the total of its invoice."""

    scheme: Scheme
    statement: Statement
    document: Document
    attended: tuple[Attended, ...]


def annex_of(scheme: Scheme, place: Place, month: str) -> Annex | None:
    """The annex of a month, once the place has signed it."""
    rows = Statement.objects.filter(scheme=scheme, place=place, month=month)
    found = rows.select_related("place__commune", "invoice").first()
    if found is None:
        return None
    lines = StatementLine.objects.filter(statement=found).order_by("redemption__day", "redemption__half", "pk")
    told = lines.values_list("redemption__day", "redemption__half", "redemption__issue__of__code", "cents")
    return Annex(scheme, found, document_of(found.invoice), tuple(Attended(*line) for line in told))
