"""The bank's lines and what they may be; the statement of an account; who is due one, or a kind word."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from maillage.journal.models import AuditEvent
from maillage.management.billing.models import BankLine, Customer, Debit, DebitRun, Invoice, Mandate, Payment, Slip
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.payments import Account, account, all_open, asked, left_of
from maillage.management.billing.queries.sellers import seller_on
from maillage.management.billing.rules.bank import Known, Open, Proposal, propose
from maillage.places.models import Place

LAST_INVOICES = 3
STATEMENT_EVERY_DAYS = 61
SILENT_AFTER_DAYS = 183
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Statement:
    """The last three invoices of an account and what is left of each, what came in since the last one, the sum."""

    account: Account
    invoices: tuple[Invoice, ...]
    payments: tuple[Payment, ...]
    older_cents: int
    on: date
    iban: str
    bic: str
    seller: str

    @property
    def balance_cents(self) -> int:
        return self.account.balance_cents


def statement_of(place: Place, customer_id: int, *, now: datetime) -> Statement | None:
    """The statement of an account today: its last three invoices, the payments of the last two months."""
    customer = Customer.objects.filter(place=place, pk=customer_id).first()
    if customer is None:
        return None
    today = today_at(place, now)
    rows = asked(Invoice.objects.filter(customer=customer)).order_by("-issued_on", "-pk")
    last = tuple(rows[:LAST_INVOICES])
    of_account = account(customer)
    since = today - timedelta(days=STATEMENT_EVERY_DAYS)
    paid = Payment.objects.filter(
        customer=customer, received_on__gte=since, undone_by__isnull=True, undoes__isnull=True
    ).order_by("-received_on", "-pk")
    seller = seller_on(place, today)
    return Statement(
        account=of_account,
        invoices=last,
        payments=tuple(paid[:20]),
        older_cents=of_account.owed_cents - sum(left_of(one) for one in last),
        on=today,
        iban=seller.iban if seller else "",
        bic=seller.bic if seller else "",
        seller=seller.legal_name if seller else place.name,
    )


def last_told(action: str, customers: Iterable[int]) -> dict[int, datetime]:
    """When each account was last written to, by its number."""
    subjects = {f"customer:{number}": number for number in customers}
    rows = AuditEvent.objects.filter(action=action, subject__in=subjects).order_by("at", "pk")
    return {subjects[row.subject]: row.at for row in rows}


def due_statements(place: Place, *, now: datetime) -> list[Customer]:
    """The accounts that had an invoice in the last six months, or owe, and no statement for two months."""
    today = today_at(place, now)
    recent = set(
        Invoice.objects.filter(place=place, issued_on__gte=today - timedelta(days=SILENT_AFTER_DAYS)).values_list(
            "customer", flat=True
        )
    )
    owing = {invoice.customer_id for invoice in all_open(place)}
    told = last_told("billing.statement_sent", recent | owing)
    due = [
        number
        for number in recent | owing
        if number not in told or told[number] <= now - timedelta(STATEMENT_EVERY_DAYS)
    ]
    rows = Customer.objects.filter(pk__in=due).select_related("person", "organisation")
    return list(rows.order_by("name", "pk"))


def lines_of(place: Place) -> list[BankLine]:
    """The lines that wait for somebody to say what they are, the oldest first."""
    rows = BankLine.objects.filter(place=place, payment__isnull=True, is_aside=False)
    return list(rows.order_by("booked_on", "pk")[:MOST_LINES])


def line_of(place: Place, line_id: int) -> BankLine | None:
    """A line of this place."""
    return BankLine.objects.filter(place=place, pk=line_id).select_related("payment__customer").first()


def settled_lines(place: Place, most: int = 20) -> list[BankLine]:
    """The last lines that were matched or set aside."""
    rows = BankLine.objects.filter(place=place).exclude(payment__isnull=True, is_aside=False)
    return list(rows.select_related("payment__customer").order_by("-booked_on", "-pk")[:most])


def recorded_apart(place: Place) -> "QuerySet[Payment]":
    """Payments that came by the bank and are on no line of it yet."""
    return Payment.objects.filter(
        place=place,
        method__in=("transfer", "card", "helloasso", "debit", "other"),
        amount_cents__gt=0,
        bank_line__isnull=True,
        undone_by__isnull=True,
        undoes__isnull=True,
    )


def proposals_of(place: Place, lines: Sequence[BankLine]) -> dict[int, list[Proposal]]:
    """What each line may be, the surest first."""
    opens = [Open(one.pk, str(one), one.customer_id, left_of(one)) for one in all_open(place)]
    known = [
        Known(one.pk, one.customer_id, one.amount_cents, one.received_on)
        for one in recorded_apart(place).only("customer", "amount_cents", "received_on")
    ]
    asked_for = {one.customer for one in opens} | {one.customer for one in known}
    names = dict(Customer.objects.filter(pk__in=asked_for).values_list("pk", "name"))
    return {
        line.pk: propose(line.label, line.amount_cents, line.booked_on, opens=opens, known=known, names=names)
        for line in lines
    }


def slips_of(place: Place) -> list[Slip]:
    """The slips of a place, the newest first, each with its cheques."""
    return list(Slip.objects.filter(place=place).prefetch_related("cheques__payment").order_by("-number")[:50])


def slip_of(place: Place, slip_id: int) -> Slip | None:
    """A slip of this place, with its cheques."""
    return Slip.objects.filter(place=place, pk=slip_id).prefetch_related("cheques__payment__customer").first()


def mandates_of(place: Place) -> list[Mandate]:
    """The mandates that hold, by name."""
    rows = Mandate.objects.filter(customer__place=place, ended_on__isnull=True)
    return list(rows.select_related("customer").order_by("customer__name", "pk"))


def to_debit(place: Place) -> list[tuple[Invoice, Mandate]]:
    """The open invoices of accounts with a mandate, those in a file that waits left out."""
    mandates = {one.customer_id: one for one in mandates_of(place)}
    waiting = set(Debit.objects.filter(run__place=place, run__ended_at__isnull=True).values_list("invoice", flat=True))
    return [
        (one, mandates[one.customer_id])
        for one in all_open(place)
        if one.customer_id in mandates and one.pk not in waiting
    ]


def runs_of(place: Place) -> list[DebitRun]:
    """The files of debits of a place, the newest first."""
    rows = DebitRun.objects.filter(place=place).prefetch_related("debits__invoice__customer", "debits__payment")
    return list(rows.order_by("-number")[:30])


def run_of(place: Place, run_id: int) -> DebitRun | None:
    """A file of debits of this place."""
    return DebitRun.objects.filter(place=place, pk=run_id).prefetch_related("debits__invoice__customer").first()
