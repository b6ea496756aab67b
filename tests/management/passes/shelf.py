"""A place that sells carnets: the rule of ten tickets valid six months, and the grid of a village association."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from maillage.accounts.rules import signature
from maillage.management.billing.actions.pricing import add_list, add_price
from maillage.management.bookings.models import Space
from maillage.management.passes.actions import ledger
from maillage.management.passes.actions.formulas import add_formula
from maillage.management.passes.models import Formula, Pass
from maillage.management.people.models import Membership, Organisation, Person
from maillage.places.models import Place
from tests.management.billing.till import Till
from tests.people import People

TODAY = date(2026, 11, 22)
GRID = (
    ("Poste, demi-journée", "", "half_day", "9"),
    ("Poste, demi-journée", "reduced", "half_day", "6"),
)
"""Gorges/Clisson: 6 to 9 € the half-day by status, 110 € a month for members."""


@dataclass(frozen=True)
class Shelf:
    place: Place
    by: str
    now: datetime
    desk: Space
    office: Space
    room: Space
    tariff: int
    carnet: Formula
    month: Formula
    thomas: Person
    body: Organisation

    @property
    def acts(self) -> dict[str, Any]:
        return {"by": self.by, "now": self.now}

    @property
    def team(self) -> dict[str, Any]:
        return {"place": self.place, **self.acts}

    def carnet_of(self, units: int = 10, key: str = "carnet", **more: Any) -> Pass:
        dates = {"starts_on": date(2026, 9, 1), "ends_on": date(2027, 2, 28)}
        return ledger.issue(kind="carnet", units=units, place=self.place, key=key, **{**dates, **more}, **self.acts)


def furnished(people: People, now: datetime) -> Shelf:
    place, by = people.place, signature(people.nadine.user.pk, "facilitator")
    team = {"place": place, "by": by, "now": now}
    Till(place, by, now).opens()
    desk, office, room = (
        Space.objects.create(place=place, slug=slug, name=name, kind=kind)
        for slug, name, kind in (
            ("poste", "Bureau partagé", "desk"),
            ("bureau", "Bureau fermé", "room"),
            ("salle", "Salle de réunion", "room"),
        )
    )
    rates = {
        f"units-space:{desk.pk}": "1",
        f"unit-space:{desk.pk}": "half_day",
        f"units-space:{office.pk}": "2",
        f"unit-space:{office.pk}": "half_day",
        f"units-space:{room.pk}": "1",
        f"unit-space:{room.pk}": "hour",
    }
    ten = {"name": "Carnet de 10", "kind": "carnet", "units": "10", "months": "6"}
    carnet = Formula.objects.get(pk=add_formula(**team, raw={**ten, **rates}))
    plan = {"name": "Au mois", "kind": "subscription", "units": "30", "months": "1", "overage": "5"}
    month = Formula.objects.get(pk=add_formula(**team, raw={**plan, **rates}))
    tariff = add_list(**team, raw={"title": "Tarifs 2026", "since": "2026-01-01"}, copies=None)
    lines = [
        *((label, f"space:{desk.pk}", fee, unit, price) for label, fee, unit, price in GRID),
        ("Salle, heure", f"space:{room.pk}", "", "hour", "12"),
        ("Carnet de 10", f"formula:{carnet.pk}", "", "each", "70"),
        ("Carnet de 10", f"formula:{carnet.pk}", "reduced", "each", "50"),
        ("Au mois", f"formula:{month.pk}", "", "month", "110"),
    ]
    for label, subject, fee, unit, price in lines:
        raw = {"label": label, "subject": subject, "fee_class": fee, "unit": unit, "price": price}
        add_price(**team, list_id=tariff, raw=raw)
    thomas = Person.objects.create(place=place, name="Thomas Petit", folded="thomas petit", created_at=now)
    Membership.objects.create(person=thomas, kind="user", fee_class="reduced", starts_on=date(2026, 9, 1))
    body = Organisation.objects.create(place=place, name="Foyer rural", folded="foyer rural", created_at=now)
    return Shelf(place, by, now, desk, office, room, tariff, carnet, month, thomas, body)
