"""Three places of the Jura that honour one another's carnets at 8,50 € the half-day: Nadine's, Lila's, a third one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from maillage.management.billing.actions.sellers import set_seller
from maillage.management.passes.actions import ledger
from maillage.management.passes.models import Formula, Pass
from maillage.management.people.models import Organisation, Person
from maillage.network.schemes.actions import roaming, roaming_door, roaming_months
from maillage.network.schemes.models import Roaming, RoamingBill, RoamingVisit
from maillage.places.actions import record_many
from maillage.places.models import Place
from maillage.places.rules.drafts import Draft
from tests.people import People
from tests.web import cast

BY = "commande:essai"
TERMS = {"name": "Bureaux du Jura", "price": "8,50", "notice": "30", "starts_on": "2026-11-22"}
THIRD = {
    "name": "La Fruitière",
    "commune": "39370",
    "city": "Mouchard",
    "lat": 46.9762,
    "lon": 5.7993,
    "precision": "address",
    "status": "open",
    "activities": ["coworking"],
}
SIRETS = ("73282932000074", "55208131766522", "35600000000048")


def third_place(now: datetime, name: str = "") -> Place:
    """A place without a team of the cast."""
    values = {**THIRD, "name": name or THIRD["name"]}
    draft = Draft(source="recensement", ref=values["name"], values=values, raw={}, licence=cast.CENSUS.licence)
    record_many(drafts=[draft], sources={cast.CENSUS.slug: cast.CENSUS}, by="essai", now=now)
    return Place.objects.select_related("commune__departement").get(name=values["name"])


def sells(place: Place, siret: str, now: datetime, regime: str = "outside") -> None:
    """Say who invoices at a place."""
    vat = {"vat_number": "FR44732829320"} if regime == "liable" else {}
    raw = {
        "regime": regime,
        "legal_name": f"Association {place.name}",
        "street": "1 rue de la Gare",
        "postal_code": "39380",
        "city": "Chamblay",
        "siret": siret,
        "since": "2026-01-01",
        **vat,
    }
    set_seller(place=place, raw=raw, by=BY, now=now)


def formula_at(place: Place, now: datetime, *, roams: bool = True, unit: str = "half_day", units: int = 1) -> Formula:
    """A carnet of ten that a place sells."""
    rates = {"space:1": {"unit": unit, "units": units}, "space:2": {"unit": unit, "units": units + 1}}
    given = {"place": place, "kind": "carnet", "units": 10, "rates": rates, "is_roaming": roams}
    name = f"Carnet {Formula.objects.count() + 1}"
    return Formula.objects.create(**given, name=name, created_at=now, created_by=BY)


@dataclass
class Jura:
    """The agreement with its places; and short ways to do what people do."""

    agreement: Roaming
    places: tuple[Place, ...]
    now: datetime
    sold: int = 0

    def carnet(self, home: int = 0, units: int = 10, **more: Any) -> Pass:
        """A carnet that a place of the agreement sold to somebody."""
        self.sold += 1
        place = self.places[home]
        whose = more.pop("whose", None) or {"person": self.person(home)}
        given = {"kind": "carnet", "place": place, "key": f"carnet-{place.pk}-{self.sold}", **whose}
        given |= {"formula": more.pop("formula", None) or formula_at(place, self.now)}
        dates = {"starts_on": date(2026, 9, 1), "ends_on": date(2027, 8, 31)}
        return ledger.issue(units=units, by=BY, now=self.now, **{**given, **dates, **more})

    def person(self, home: int = 0) -> Person:
        name = f"Thomas {self.sold}"
        return Person.objects.create(place=self.places[home], name=name, folded=name.lower(), created_at=self.now)

    def body(self, home: int = 0) -> Organisation:
        return Organisation.objects.create(place=self.places[home], name="Foyer rural", created_at=self.now)

    def count(self, carnet: Pass, host: int, at: datetime, nonce: str = "") -> RoamingVisit:
        told = nonce or f"{carnet.pk}-{host}-{at:%Y%m%d%H%M}"
        return roaming_door.count(place=self.places[host], text=carnet.code, nonce=told, by=BY, now=at)

    def sign(self, host: int, month: str, at: datetime) -> list[RoamingBill]:
        act = {"agreement_id": self.agreement.pk, "month": month, "by": BY, "now": at}
        return roaming_months.sign(place=self.places[host], **act)


def agreed(places: list[Place], now: datetime, **terms: str) -> Roaming:
    """An agreement that the first place proposed and all the others joined."""
    raw = {**TERMS, **terms, "places": "\n".join(one.slug for one in places[1:])}
    made = roaming.propose(place=places[0], raw=raw, by=BY, now=now)
    for one in places[1:]:
        roaming.join(place=one, agreement_id=made.pk, by=BY, now=now)
    return made


def jura(people: People, now: datetime, **terms: str) -> Jura:
    """The three places in agreement, each of which can invoice."""
    places = [people.place, people.other, third_place(now)]
    for place, siret in zip(places, SIRETS, strict=True):
        sells(place, siret, now)
    return Jura(agreed(places, now, **terms), tuple(places), now)


def morning(day: int, month: int = 11, year: int = 2026) -> datetime:
    """Ten in the morning in Paris, in winter."""
    return datetime(year, month, day, 9, tzinfo=UTC)


def afternoon(day: int, month: int = 11) -> datetime:
    """Three in the afternoon in Paris, in winter."""
    return datetime(2026, month, day, 14, tzinfo=UTC)
