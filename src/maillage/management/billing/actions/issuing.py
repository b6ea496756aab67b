"""Issuing: the number, the frozen text, the books and the end of the draft are one transaction, or nothing is.

The row of the series is locked last and until the commit: a rollback gives its number back, so that none is missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from maillage.journal import actions as journal
from maillage.management.billing.actions.books import write_sale
from maillage.management.billing.actions.door import customer_here, draft_here, enter, invoice_here, note, refuse
from maillage.management.billing.actions.drafting import deductions, refuse_deducted
from maillage.management.billing.models import Allocation, Customer, Draft, Invoice, Series
from maillage.management.billing.queries.customers import party_of
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.invoices import (
    credits_of,
    deducted,
    document_of,
    draft_key,
    due_of,
    issued_under,
    of_draft,
)
from maillage.management.billing.queries.previews import about_of
from maillage.management.billing.queries.sellers import seller_on, terms_of
from maillage.management.billing.rules.credits import credited
from maillage.management.billing.rules.documents import CREDIT, INVOICE, Document, canonical, digest_of
from maillage.management.billing.rules.drafts import (
    About,
    BadDraft,
    DraftLine,
    Terms,
    checked,
    draw_credit,
    draw_up,
    read_lines,
)
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

Drawn = Callable[[Terms, date, str], Document]


@dataclass(frozen=True, slots=True)
class Paper:
    """What is about to be issued: for whom, of which kind, under which key, and how it is drawn."""

    customer: Customer
    kind: str
    key: str
    drawn: Drawn
    corrects: Invoice | None = None


@transaction.atomic
def issue(*, place: Place, draft_id: int, by: str, now: datetime) -> Invoice:
    """Make a draft an invoice, for good; asked twice, it is issued once. Raises `BillingRefused`."""
    here = enter(place, by)
    known = of_draft(here, draft_id)
    if known is not None:
        return known
    draft = draft_here(here, draft_id)
    issued = _issue(here, _credit(draft) if draft.kind == CREDIT else _invoice(draft), by=by, now=now)
    draft.delete()
    return issued


@transaction.atomic
def issue_at_once(
    *,
    place: Place,
    customer_id: int,
    lines: Sequence[DraftLine],
    key: str,
    by: str,
    now: datetime,
    delivered_from: date | None = None,
    delivered_to: date | None = None,
    engagement: str = "",
    service_code: str = "",
) -> Invoice:
    """Issue an invoice without a draft, once under its key; for rooms that let in who signs themselves.

    The same key for another customer or other lines is refused.
    """
    journal.lock_order()
    if not key:
        raise refuse("invoice", _("il manque la clé de cette facture"), _("donnez-en une, qui soit à elle seule"))
    customer = customer_here(place, customer_id)
    try:
        written = checked(lines)
    except BadDraft as bad:
        raise refuse("lines", bad.problem, bad.mend) from bad
    known = issued_under(place, key)
    if known is not None:
        _same(known, customer, written)
        return known
    about = About(
        delivered_from=delivered_from,
        delivered_to=delivered_to,
        is_public=customer.is_public,
        engagement=engagement or customer.engagement,
        service_code=service_code or customer.service_code,
    )
    buyer = party_of(customer)

    def drawn(terms: Terms, on: date, number: str) -> Document:
        return draw_up(written, terms=terms, buyer=buyer, on=on, about=about, number=number)

    return _issue(place, Paper(customer, INVOICE, key, drawn), by=by, now=now)


def _same(known: Invoice, customer: Customer, lines: Sequence[DraftLine]) -> None:
    kept = [
        DraftLine(one.label, one.quantity_milli, one.unit, one.unit_price_cents, one.vat, one.subject, one.detail)
        for one in document_of(known).lines
    ]
    if known.customer_id != customer.pk or kept != list(lines):
        raise refuse("invoice", _("cette clé a déjà servi à une autre facture"), _("donnez-en une nouvelle"))


def _invoice(draft: Draft) -> Paper:
    customer = customer_here(draft.place, draft.customer_id)
    lines = _lines(draft)
    for subject in {line.subject for line in lines if line.subject.startswith("deposit:")}:
        _once_deducted(draft, subject.partition(":")[2], [line for line in lines if line.subject == subject])
    about = about_of(draft, customer)
    buyer, kind = party_of(customer), draft.kind

    def drawn(terms: Terms, on: date, number: str) -> Document:
        return draw_up(lines, terms=terms, buyer=buyer, on=on, about=about, kind=kind, number=number)

    return Paper(customer, kind, draft_key(draft.pk), drawn)


def _once_deducted(draft: Draft, deposit_id: str, lines: Sequence[DraftLine]) -> None:
    deposit = invoice_here(draft.place, int(deposit_id)) if deposit_id.isdecimal() else None
    if deposit is None or deposit.customer_id != draft.customer_id or deducted(deposit):
        raise refuse("deposit", _("cet acompte est déjà déduit"), _("retirez sa ligne"))
    left = deductions(deposit)
    if any(line not in left for line in lines):
        raise refuse(
            "deposit",
            _("cet acompte a été rendu, en tout ou en partie"),
            _("retirez sa ligne, et déduisez ce qu’il en reste"),
        )


def _credit(draft: Draft) -> Paper:
    corrects = invoice_here(draft.place, draft.corrects_id or 0)
    refuse_deducted(corrects)
    lines, words = _lines(draft), draft.note
    document, earlier = document_of(corrects), [document_of(one) for one in credits_of(corrects)]

    def drawn(terms: Terms, on: date, number: str) -> Document:
        own, groups = credited(lines, document, earlier)
        return draw_credit(own, groups, corrected=document, terms=terms, on=on, number=number, note=words)

    return Paper(corrects.customer, CREDIT, draft_key(draft.pk), drawn, corrects)


def _lines(draft: Draft) -> tuple[DraftLine, ...]:
    try:
        return read_lines(draft.lines)
    except BadDraft as bad:
        raise refuse("lines", bad.problem, bad.mend) from bad


def _issue(place: Place, paper: Paper, *, by: str, now: datetime) -> Invoice:
    today = today_at(place, now)
    seller = seller_on(place, today)
    if seller is None:
        raise refuse(
            "seller", _("ce lieu n’a pas encore dit qui facture"), _("remplissez d’abord «\u202fQui facture\u202f»")
        )
    if paper.customer.is_public and not paper.customer.siret:
        raise refuse("siret", _("un acheteur public a un Siret"), _("écrivez-le dans son compte"))
    terms = terms_of(seller, place)
    _drawn(paper, terms, today, "")
    series = _series(place, f"{'A' if paper.kind == CREDIT else 'F'}{today.year}")
    on = max(today, series.last_on or today)
    series.last_number += 1
    series.last_on = on
    series.save(update_fields=["last_number", "last_on"])
    document = _drawn(paper, terms, on, f"{series.name}-{series.last_number:05}")
    issued = _freeze(place, paper, document, series, by=by, now=now)
    write_sale(invoice=issued, by=by, now=now)
    if paper.corrects is not None:
        _settle(paper.corrects, issued, by=by, now=now)
    note("billing.issued", issued, place=place, by=by, now=now, number=document.number, kind=paper.kind)
    return issued


def _drawn(paper: Paper, terms: Terms, on: date, number: str) -> Document:
    try:
        return paper.drawn(terms, on, number)
    except BadDraft as bad:
        raise refuse("lines", bad.problem, bad.mend) from bad


def _series(place: Place, name: str) -> Series:
    Series.objects.get_or_create(place=place, name=name)
    return Series.objects.select_for_update(of=("self",)).get(place=place, name=name)


def _freeze(place: Place, paper: Paper, document: Document, series: Series, *, by: str, now: datetime) -> Invoice:
    text = canonical(document)
    return Invoice.objects.create(
        place=place,
        customer=paper.customer,
        kind=paper.kind,
        series=series.name,
        number=series.last_number,
        issued_on=document.issued_on,
        due_on=document.due_on,
        corrects=paper.corrects,
        net_cents=document.net_cents,
        vat_cents=document.vat_cents,
        total_cents=document.total_cents,
        canonical=text,
        digest=digest_of(text),
        key=paper.key,
        issued_at=now,
        issued_by=by,
    )


def _settle(invoice: Invoice, credit: Invoice, *, by: str, now: datetime) -> None:
    """A credit note first settles what its invoice still owes; what remains of it is owed to the customer."""
    settled = min(due_of(invoice.pk), credit.total_cents)
    if settled > 0:
        Allocation.objects.create(invoice=invoice, credit=credit, amount_cents=settled, at=now, by=by)
