"""Drafts: begun, written on line by line, thrown away. What was issued is no draft, and changes no more."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from maillage.management.billing.actions.door import (
    BillingRefused,
    customer_here,
    draft_here,
    enter,
    invoice_here,
    note,
    once,
    refuse,
)
from maillage.management.billing.models import Draft, Invoice
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.invoices import credits_of, deducted, document_of, of_draft
from maillage.management.billing.queries.sellers import seller_on, terms_of
from maillage.management.billing.rules.credits import credited, left_of
from maillage.management.billing.rules.documents import CREDIT, DEPOSIT, INVOICE
from maillage.management.billing.rules.drafts import (
    LONGEST_NOTE,
    BadDraft,
    DraftLine,
    as_json,
    checked,
    priced,
    read_lines,
)
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line


def frozen() -> BillingRefused:
    """What is answered to whoever would change what was issued."""
    return refuse(
        "invoice", _("cette facture est émise et ne change plus"), _("faites un avoir\u202f: c’est lui qui la corrige")
    )


@transaction.atomic
def begin_draft(
    *,
    place: Place,
    customer_id: int,
    by: str,
    now: datetime,
    kind: str = INVOICE,
    lines: Sequence[DraftLine] = (),
    idempotency_key: str = "",
) -> int:
    """Begin an invoice or a deposit for an account; its number. A form sent twice begins one."""
    here = enter(place, by)
    customer = customer_here(here, customer_id)
    if kind not in (INVOICE, DEPOSIT):
        raise refuse("kind", _("un avoir part de la facture qu’il corrige"), _("ouvrez cette facture"))
    written = _checked(lines)

    def begin() -> int:
        made = Draft.objects.create(
            place=here, customer=customer, kind=kind, lines=as_json(written), created_at=now, created_by=by
        )
        note("billing.draft_begun", made, place=here, by=by, now=now, kind=kind)
        return int(made.pk)

    told = {"customer": customer_id, "kind": kind, "lines": as_json(written)}
    return once(idempotency_key, begin, place=here, by=by, now=now, told=told)


@transaction.atomic
def add_line(*, place: Place, draft_id: int, line: DraftLine, by: str, now: datetime, idempotency_key: str = "") -> int:
    """Add a line to a draft; how many it has. Its VAT must exist today, under the regime of the place."""
    here = enter(place, by)
    draft = _writable(here, draft_id)
    if draft.kind == CREDIT:
        raise refuse("lines", _("un avoir ne reprend que des lignes de la facture"), _("choisissez-les sur sa page"))
    _vat_holds(here, line, now)

    def add() -> int:
        lines = _checked([*read_lines(draft.lines), line])
        _keep(draft, lines, by=by, now=now)
        return len(lines)

    told = {"draft": draft_id, "line": as_json([line])}
    return once(idempotency_key, add, place=here, by=by, now=now, told=told)


@transaction.atomic
def remove_line(*, place: Place, draft_id: int, number: int, seen: int, by: str, now: datetime) -> None:
    """Take a line out of a draft; `seen` is how many lines the page showed: another count means that it has changed."""
    here = enter(place, by)
    draft = _writable(here, draft_id)
    lines = list(read_lines(draft.lines))
    if len(lines) != seen or not 1 <= number <= len(lines):
        raise refuse("lines", _("ce brouillon a changé entre-temps"), _("relisez-le, puis recommencez"))
    del lines[number - 1]
    _keep(draft, lines, by=by, now=now)


@transaction.atomic
def say_about(
    *,
    place: Place,
    draft_id: int,
    by: str,
    now: datetime,
    words: str = "",
    delivered_from: date | None = None,
    delivered_to: date | None = None,
    engagement: str = "",
    service_code: str = "",
) -> None:
    """Say what a draft says beside its lines: a word, the days of the service, the numbers of a public buyer."""
    here = enter(place, by)
    draft = _writable(here, draft_id)
    if delivered_from and delivered_to and delivered_to < delivered_from:
        raise refuse("delivered_to", _("ce jour est avant le premier"), _("écrivez un jour qui vient après"))
    if len(one_line(words)) > LONGEST_NOTE:
        raise refuse("note", _("dépasse %(n)d caractères", n=LONGEST_NOTE), _("raccourcissez"))
    values = {
        "note": one_line(words),
        "delivered_from": delivered_from,
        "delivered_to": delivered_to,
        "engagement": one_line(engagement)[:50],
        "service_code": one_line(service_code)[:100],
    }
    changed = [name for name, value in values.items() if getattr(draft, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(draft, name, values[name])
    draft.save(update_fields=changed)
    note("billing.draft_changed", draft, place=here, by=by, now=now, fields=changed)


@transaction.atomic
def deduct_deposit(*, place: Place, draft_id: int, deposit_id: int, by: str, now: datetime) -> None:
    """Add to an invoice the lines that take off a deposit of its customer, one per rate, once."""
    here = enter(place, by)
    draft = _writable(here, draft_id)
    deposit = invoice_here(here, deposit_id)
    lines = list(read_lines(draft.lines))
    subject = f"deposit:{deposit.pk}"
    if draft.kind != INVOICE or deposit.kind != DEPOSIT or deposit.customer_id != draft.customer_id:
        raise refuse("deposit", _("cet acompte n’est pas de ce client"), _("choisissez-en un de la liste"))
    if deducted(deposit) or any(line.subject == subject for line in lines):
        raise refuse("deposit", _("cet acompte est déjà déduit"), _("choisissez-en un autre"))
    lines += deductions(deposit)
    _keep(draft, _checked(lines), by=by, now=now)


def refuse_deducted(invoice: Invoice) -> None:
    """A deposit that an invoice deducts is given back by that invoice's credit note: else it would be twice."""
    if invoice.kind == DEPOSIT and deducted(invoice):
        raise refuse("credit", _("cet acompte est déduit d’une facture"), _("faites d’abord l’avoir de cette facture"))


def deductions(deposit: Invoice) -> list[DraftLine]:
    """The lines that take a deposit off, less what its credit notes gave back."""
    document = document_of(deposit)
    back = [document_of(one) for one in credits_of(deposit)]
    sums: dict[str, int] = {}
    for one in left_of(document, back):
        sums[one.line.vat] = sums.get(one.line.vat, 0) + one.net_cents
    label = str(_("Acompte %(number)s du %(day)s", number=document.number, day=f"{document.issued_on:%d/%m/%Y}"))
    subject = f"deposit:{deposit.pk}"
    return [DraftLine(label, -1000, "each", cents, vat, subject) for vat, cents in sums.items() if cents > 0]


@transaction.atomic
def begin_credit(
    *,
    place: Place,
    invoice_id: int,
    by: str,
    now: datetime,
    quantities: dict[int, int] | None = None,
    words: str = "",
    idempotency_key: str = "",
) -> int:
    """Begin a credit note: of all that remains, or of some lines by their rank (from 1) and thousandths."""
    here = enter(place, by)
    invoice = invoice_here(here, invoice_id)
    if invoice.kind == CREDIT:
        raise refuse("credit", _("un avoir ne se corrige pas par un avoir"), _("faites une nouvelle facture"))
    refuse_deducted(invoice)
    document, earlier = document_of(invoice), [document_of(one) for one in credits_of(invoice)]
    left = left_of(document, earlier)
    ranks = dict.fromkeys(range(1, len(left) + 1)) if quantities is None else quantities
    try:
        lines = [left[rank - 1].as_draft(ranks[rank]) for rank in sorted(ranks) if left[rank - 1].quantity_milli]
        credited(lines, document, earlier)
    except IndexError as lost:
        raise refuse("credit", _("cette ligne n’est pas dans la facture"), _("relisez-la")) from lost
    except BadDraft as bad:
        raise refuse("credit", bad.problem, bad.mend) from bad

    def begin() -> int:
        made = Draft.objects.create(
            place=here,
            customer=invoice.customer,
            kind=CREDIT,
            corrects=invoice,
            lines=as_json(lines),
            note=one_line(words)[:LONGEST_NOTE],
            created_at=now,
            created_by=by,
        )
        note("billing.draft_begun", made, place=here, by=by, now=now, kind=CREDIT)
        return int(made.pk)

    told = {"invoice": invoice_id, "lines": as_json(lines), "note": words}
    return once(idempotency_key, begin, place=here, by=by, now=now, told=told)


@transaction.atomic
def throw_away(*, place: Place, draft_id: int, by: str, now: datetime) -> None:
    """Throw a draft away: it never had a number, and leaves no gap."""
    here = enter(place, by)
    draft = _writable(here, draft_id)
    note("billing.draft_thrown", draft, place=here, by=by, now=now, kind=draft.kind)
    draft.delete()


def _writable(place: Place, draft_id: int) -> Draft:
    """A draft to write on; what it became once issued is refused with what corrects it."""
    if of_draft(place, draft_id) is not None:
        raise frozen()
    return draft_here(place, draft_id)


def _checked(lines: Sequence[DraftLine]) -> tuple[DraftLine, ...]:
    try:
        return checked(lines)
    except BadDraft as bad:
        raise refuse("lines", bad.problem, bad.mend) from bad


def _vat_holds(place: Place, line: DraftLine, now: datetime) -> None:
    today = today_at(place, now)
    seller = seller_on(place, today)
    if seller is None:
        return
    try:
        priced([replace(line, label=line.label or "?")], terms_of(seller, place), today)
    except BadDraft as bad:
        raise refuse("vat", bad.problem, bad.mend) from bad


def _keep(draft: Draft, lines: Sequence[DraftLine], *, by: str, now: datetime) -> None:
    draft.lines = as_json(lines)
    draft.save(update_fields=["lines"])
    note("billing.draft_changed", draft, place=draft.place, by=by, now=now, fields=["lines"])
