"""Who owes whom for what was used elsewhere: balances that sum to zero, and what is left to pay between two places."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from maillage.management.billing.rules.drafts import DraftLine
from maillage.network.schemes.rules.taxes import net_of_total

P = TypeVar("P", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Debt(Generic[P]):
    """What a home owes a host."""

    host: P
    home: P
    cents: int


@dataclass(frozen=True, slots=True)
class Transfer(Generic[P]):
    """What is left to pay between two places once what each owes the other is set off."""

    payer: P
    payee: P
    owed_cents: int
    set_off_cents: int

    @property
    def cents(self) -> int:
        return self.owed_cents - self.set_off_cents


def nets(debts: Iterable[Debt[P]]) -> dict[P, int]:
    """What each place is owed, less what it owes; the sum of all is zero, to the cent.

    >>> nets([Debt("Escale", "Boutique", 2700), Debt("Boutique", "Escale", 1800)])
    {'Escale': 900, 'Boutique': -900}
    """
    told: dict[P, int] = {}
    for one in debts:
        told[one.host] = told.get(one.host, 0) + one.cents
        told[one.home] = told.get(one.home, 0) - one.cents
    return told


def set_off(debts: Iterable[Debt[P]]) -> list[Transfer[P]]:
    """One payment at most between any two places: the difference of what each owes the other.

    Never through a third: two who owe one another may set off by law, three need a contract.

    >>> set_off([Debt("Escale", "Boutique", 2700), Debt("Boutique", "Escale", 1800)])
    [Transfer(payer='Boutique', payee='Escale', owed_cents=2700, set_off_cents=1800)]
    """
    owed: dict[tuple[P, P], int] = {}
    for one in debts:
        owed[one.home, one.host] = owed.get((one.home, one.host), 0) + one.cents
    told = []
    for (payer, payee), cents in owed.items():
        back = owed.get((payee, payer), 0)
        if cents > back:
            told.append(Transfer(payer, payee, cents, back))
    return told


def written(label: str, halves: int, cents: int, rate: int, subject: str) -> DraftLine:
    """The line of an invoice for half-days at a price with everything in it, at a VAT rate in 1/10 000.

    By the half-day where that makes the total to the cent, as a whole where it does not. Where no amount without VAT
    makes that total, as 23,31 € at 20 %, the one that makes a cent less: who pays is never asked more.

    >>> written("Itinérance", 3, 900, 0, "roaming:1").unit_price_cents, written("Itinérance", 3, 850, 2000, "").unit
    (900, 'each')
    >>> written("Itinérance", 3, 777, 2000, "").unit_price_cents
    1942
    """
    total = halves * cents
    unit, whole = net_of_total(cents, rate), net_of_total(total, rate)
    if unit is not None and whole == unit * halves:
        return DraftLine(label, halves * 1000, "half_day", unit, subject=subject)
    below = net_of_total(total - 1, rate) if whole is None else whole
    return DraftLine(label, 1000, "each", total if below is None else below, subject=subject)
