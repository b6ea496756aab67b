"""What a draft would be if it were issued now: the same rules as issuing, and nothing written."""

from dataclasses import dataclass
from datetime import datetime

from maillage.management.billing.models import Customer, Draft
from maillage.management.billing.queries.customers import party_of
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.invoices import credits_of, document_of
from maillage.management.billing.queries.sellers import seller_on, terms_of
from maillage.management.billing.rules.credits import credited
from maillage.management.billing.rules.documents import Document
from maillage.management.billing.rules.drafts import About, BadDraft, draw_credit, draw_up, read_lines


@dataclass(frozen=True, slots=True)
class Preview:
    """The document, or why there is none yet; `has_seller`: whether the place has said who sells."""

    document: Document | None = None
    problem: str = ""
    mend: str = ""
    has_seller: bool = True


def about_of(draft: Draft, customer: Customer) -> About:
    """What an invoice says beside its lines: what the draft says, else what the account does."""
    return About(
        delivered_from=draft.delivered_from,
        delivered_to=draft.delivered_to,
        is_public=customer.is_public,
        engagement=draft.engagement or customer.engagement,
        service_code=draft.service_code or customer.service_code,
        note=draft.note,
    )


def preview(draft: Draft, now: datetime) -> Preview:
    """What a draft would be, on the day it is at its place."""
    on = today_at(draft.place, now)
    seller = seller_on(draft.place, on)
    if seller is None:
        return Preview(has_seller=False)
    terms = terms_of(seller, draft.place)
    try:
        lines = read_lines(draft.lines)
        if draft.corrects is None:
            about, buyer = about_of(draft, draft.customer), party_of(draft.customer)
            return Preview(draw_up(lines, terms=terms, buyer=buyer, on=on, about=about, kind=draft.kind))
        corrected = document_of(draft.corrects)
        own, groups = credited(lines, corrected, [document_of(one) for one in credits_of(draft.corrects)])
        return Preview(draw_credit(own, groups, corrected=corrected, terms=terms, on=on, note=draft.note))
    except BadDraft as bad:
        return Preview(problem=bad.problem, mend=bad.mend)
