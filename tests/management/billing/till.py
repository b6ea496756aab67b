"""A place that sells: who it is, whom it sells to, what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from maillage.management.billing.actions.customers import add_customer
from maillage.management.billing.actions.drafting import add_line, begin_draft
from maillage.management.billing.actions.issuing import issue, issue_at_once
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.actions.sellers import set_seller
from maillage.management.billing.models import Invoice, Payment
from maillage.management.billing.rules.drafts import DraftLine
from maillage.places.models import Place

SIRET, TOWN_SIRET = "73282932000074", "21390093900017"
IBAN = "FR7630006000011234567890189"
SELLER = {
    "regime": "franchise",
    "legal_name": "Association La Maille",
    "legal_form": "association loi 1901",
    "siret": SIRET,
    "street": "2 place de la Mairie",
    "postal_code": "39380",
    "city": "Chamblay",
    "email": "bonjour@example.org",
    "iban": IBAN,
    "bic": "AGRIFRPP",
}
LIABLE = {**SELLER, "regime": "liable", "vat_number": "FR44732829320"}
HALF_DAY = DraftLine("Bureau partagé, demi-journée", 1000, "half_day", 900, subject="space:1")
MONTH = DraftLine("Bureau partagé, au mois", 1000, "month", 11_000)


@dataclass
class Till:
    """What acts on money at a place take, and what they make."""

    place: Place
    by: str
    now: datetime

    @property
    def acts(self) -> dict[str, Any]:
        return {"place": self.place, "by": self.by, "now": self.now}

    def opens(self, **raw: str) -> "Till":
        set_seller(**self.acts, raw={**SELLER, "since": "2026-01-01", **raw})
        return self

    def customer(self, name: str = "Thomas Petit", **raw: str) -> int:
        return add_customer(**self.acts, raw={"name": name, **raw})

    def town(self, **raw: str) -> int:
        return self.customer("Commune de Chamblay", siret=TOWN_SIRET, is_public="1", **raw)

    def draft(self, *lines: DraftLine, customer: int | None = None, kind: str = "invoice") -> int:
        made = begin_draft(**self.acts, customer_id=customer or self.customer(), kind=kind)
        for line in lines:
            add_line(**self.acts, draft_id=made, line=line)
        return made

    def issued(self, *lines: DraftLine, customer: int | None = None, kind: str = "invoice") -> Invoice:
        return issue(**self.acts, draft_id=self.draft(*(lines or (HALF_DAY,)), customer=customer, kind=kind))

    def paid(self, customer: int, cents: int, method: str = "transfer", **facts: Any) -> Payment:
        told = {"customer_id": customer, "method": method, "amount_cents": cents, "received_on": self.now.date()}
        given = {"key": f"till:{customer}:{Payment.objects.count()}", **told, **facts}
        return record_payment(**self.acts, **given)

    def at_once(self, key: str, *lines: DraftLine, customer: int | None = None) -> Invoice:
        own = customer or self.customer()
        return issue_at_once(**self.acts, customer_id=own, lines=list(lines or (HALF_DAY,)), key=key)
