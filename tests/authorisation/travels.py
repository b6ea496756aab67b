"""An agreement of roaming with another place: a carnet of theirs that served here, a month that they signed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from maillage.management.passes.actions import ledger
from maillage.network.schemes.actions.roaming_door import count
from maillage.network.schemes.actions.roaming_months import sign
from maillage.places.models import Place
from tests.network.schemes.jura import SIRETS, agreed, formula_at, sells, third_place


@dataclass
class Travels:
    """An agreement, a half-day that was counted here, and what is owed for another elsewhere, by their numbers."""

    agreement: int
    counted: int
    bill: int


def travels_of(place: Place, canary: str, now: datetime) -> Travels:
    """Give a place an agreement under a name that only its members know."""
    acts: dict[str, Any] = {"by": "essai", "now": now}
    partner = third_place(now, f"Le Relais, près de {place.name}")
    sells(partner, SIRETS[2], now)
    made = agreed([place, partner], now, name=f"Bureaux {canary}")
    dates = {"starts_on": date(2026, 9, 1), "ends_on": date(2027, 8, 31)}
    codes = []
    for home in (partner, place):
        given = {"kind": "carnet", "units": 10, "place": home, "formula": formula_at(home, now), "key": f"t{home.pk}"}
        codes.append(ledger.issue(**given, **dates, **acts).code)
    here = count(place=place, text=codes[0], nonce="ici", **acts)
    count(place=partner, text=codes[1], nonce="là", **acts)
    later = now + timedelta(days=20)
    (bill,) = sign(place=partner, agreement_id=made.pk, month=f"{now:%Y-%m}", by="essai", now=later)
    return Travels(made.pk, here.pk, bill.pk)
