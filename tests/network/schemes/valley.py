"""M. Perrin's scheme: 2,160 €, 60 passes of 4 half-days at 9 €, for newcomers of three communes, at Nadine's."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from maillage.management.billing.actions.sellers import set_seller
from maillage.network.schemes.actions import accrediting, issuing, redeeming, schemes, stating
from maillage.network.schemes.models import Accreditation, Issue, Redemption, Referrer, Scheme
from maillage.places.models import Place

SCOPE = "epci:243900420"
RAW = {
    "name": "Pass découverte du Val d’Amour",
    "funder": "CC du Val d’Amour",
    "siret": "24390042000015",
    "street": "1 place de la Mairie",
    "postal_code": "39380",
    "city": "Mont-sous-Vaudrey",
    "service_code": "ECO",
    "engagement": "2026-117",
    "budget": "2 160,00 €",
    "price": "9",
    "halves": "4",
    "most_passes": "60",
    "starts_on": "2026-09-01",
    "ends_on": "2027-02-28",
    "communes": "Chamblay\nMouchard\nVaudrey",
    "is_first_time": "1",
}
NEWCOMER = {"commune": "39093", "is_first_time": "1"}
BY = "commande:essai"
SELLER = {
    "regime": "outside",
    "legal_name": "Association La Boutique",
    "legal_form": "Association loi 1901",
    "street": "1 rue de la Gare",
    "postal_code": "39380",
    "city": "Chamblay",
    "siret": "73282932000074",
}


@dataclass
class Valley:
    """The scheme, the place that is in it, a referrer; and short ways to do what people do."""

    scheme: Scheme
    place: Place
    referrer: Referrer
    secret: str
    now: datetime
    acts: dict[str, Any] = field(default_factory=dict)
    handed: int = 0

    def hand(self, **more: Any) -> Issue:
        self.handed += 1
        given = {"raw": {**NEWCOMER, **more.pop("raw", {})}, "key": f"k{self.handed}", "now": self.now, **more}
        if "by" not in given:
            given.setdefault("referrer", self.referrer)
        return issuing.hand_out(scheme_id=self.scheme.pk, **given)

    def spend(self, issue: Issue, at: datetime, *, nonce: str = "", place: Place | None = None) -> Redemption:
        text = issue.of.code
        told = nonce or f"{issue.pk}-{at:%Y%m%d%H%M}"
        return redeeming.redeem(place=place or self.place, text=text, nonce=told, by=BY, now=at)

    def sign(self, month: str, at: datetime) -> Any:
        return stating.sign(place=self.place, scheme_id=self.scheme.pk, month=month, by=BY, now=at)


def join(scheme: Scheme, place: Place, now: datetime, **rent: str) -> Accreditation:
    """Bring a place into a scheme, with what is rented there."""
    asked = accrediting.ask(place=place, scheme_id=scheme.pk, by=BY, now=now)
    given = {"accreditation_id": asked.pk, "state": "accepted", "raw": rent}
    accrediting.answer(scheme_id=scheme.pk, **given, by=BY, now=now)
    return Accreditation.objects.get(pk=asked.pk)


def valley(place: Place, now: datetime, **more: str) -> Valley:
    """The scheme as M. Perrin opened it, with Nadine's place in it, which can invoice."""
    scheme = schemes.add_scheme(scope=SCOPE, raw={**RAW, **more}, by=BY, now=now)
    join(scheme, place, now)
    set_seller(place=place, raw={**SELLER, "since": "2026-01-01"}, by=BY, now=now)
    linked = accrediting.add_referrer(scheme_id=scheme.pk, raw={"name": "Mairie de Chamblay"}, by=BY, now=now)
    return Valley(scheme, place, linked.referrer, linked.secret, now)


def morning(day: int, month: int = 11) -> datetime:
    """Nine in the morning at Chamblay."""
    return datetime(2026, month, day, 8, tzinfo=UTC)


def afternoon(day: int, month: int = 11) -> datetime:
    """Three in the afternoon at Chamblay."""
    return datetime(2026, month, day, 14, tzinfo=UTC)
