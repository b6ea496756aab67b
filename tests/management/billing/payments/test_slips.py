"""A slip that the bank has credited writes its lines once; a cheque that comes back then leaves the bank."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from maillage.journal import guards
from maillage.management.billing.actions.closing import close
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.paying import refund, undo_payment
from maillage.management.billing.actions.slips import bank_slip, make_slip
from maillage.management.billing.models import Entry, Slip
from maillage.management.billing.queries.books import balances, money_in
from maillage.management.billing.queries.verify import verify
from maillage.management.billing.rules.faults import Fault
from tests.management.billing.till import Till


@pytest.fixture
def brought(open_till: Till) -> tuple[Till, int, list[Any]]:
    """Two cheques on a slip, and the till of two days later."""
    customer = open_till.customer()
    cheques = [open_till.paid(customer, cents, "cheque") for cents in (900, 700)]
    slip = make_slip(**open_till.acts, cheques=[one.pk for one in cheques], key="remise")
    return Till(open_till.place, open_till.by, open_till.now + timedelta(days=2)), slip, cheques


def held(till: Till) -> dict[str, int]:
    return {one.number: one.net_cents for one in balances(till.place, 2026)}


def refused(act: Any, **given: Any) -> str:
    before = Entry.objects.count()
    with pytest.raises(BillingRefused) as told:
        act(**given)
    assert Entry.objects.count() == before and Slip.objects.get().banked_on is None
    return str(told.value)


def test_the_bank_has_it_once_and_the_books_say_so(brought: Any) -> None:
    till, slip, _cheques = brought
    day = till.now.date()
    assert (held(till)["5112"], held(till).get("512")) == (1_600, None)
    assert [bank_slip(**till.acts, slip_id=slip, on=day) for _ in range(3)] == [1_600, 0, 0]
    assert (held(till)["5112"], held(till)["512"], money_in(till.place, 2026)) == (0, 1_600, 1_600)
    told = list(Entry.objects.filter(piece="REM1").values_list("journal", "account", "debit_cents", "credit_cents"))
    assert told == [("BQ", "512", 1_600, 0), ("BQ", "5112", 0, 1_600)]
    assert verify(till.place).is_whole


def test_a_cheque_undone_before_is_not_counted_and_after_it_leaves_the_bank(brought: Any) -> None:
    till, slip, (first, second) = brought
    undo_payment(**till.acts, payment_id=first.pk)
    assert bank_slip(**till.acts, slip_id=slip, on=till.now.date()) == 700
    assert (held(till)["5112"], held(till)["512"]) == (0, 700)
    undo_payment(**till.acts, payment_id=second.pk)
    assert (held(till)["5112"], held(till)["512"]) == (0, 0) and verify(till.place).is_whole


def test_a_cheque_that_the_place_writes_leaves_the_bank(open_till: Till) -> None:
    customer = open_till.customer()
    open_till.paid(customer, 900)
    refund(
        **open_till.acts, customer_id=customer, method="cheque", amount_cents=400, on=open_till.now.date(), key="rendu"
    )
    assert held(open_till) == {"411": -500, "512": 500}


def test_what_cannot_be_is_refused_and_writes_nothing(brought: Any) -> None:
    till, slip, cheques = brought
    made = Slip.objects.get().made_on
    assert refused(bank_slip, **till.acts, slip_id=slip, on=None) == (
        "Ce jour est illisible\u202f: écrivez-le comme 2026-09-01."
    )
    assert refused(bank_slip, **till.acts, slip_id=slip, on=till.now.date() + timedelta(days=1)) == (
        "Ce jour n’est pas encore venu\u202f: écrivez celui où l’argent est arrivé."
    )
    assert refused(bank_slip, **till.acts, slip_id=slip, on=made - timedelta(days=1)) == (
        "Ce jour est d’avant le bordereau\u202f: écrivez celui du relevé de la banque."
    )
    for one in cheques:
        undo_payment(**till.acts, payment_id=one.pk)
    assert refused(bank_slip, **till.acts, slip_id=slip, on=till.now.date()) == (
        "Tous les chèques de ce bordereau sont annulés\u202f: il n’y a rien à créditer."
    )


def test_a_slip_of_another_place_is_not_there(brought: Any, people: Any) -> None:
    till, slip, _cheques = brought
    with pytest.raises(Slip.DoesNotExist):
        bank_slip(place=people.other, slip_id=slip, on=till.now.date(), by="commande:essai", now=till.now)


def test_one_credited_on_a_closed_day_is_written_today(brought: Any) -> None:
    till, slip, _cheques = brought
    later = Till(till.place, till.by, till.now + timedelta(days=30))
    close(**later.acts, period="month", on=till.now.date())
    bank_slip(**later.acts, slip_id=slip, on=till.now.date())
    entry = Entry.objects.filter(piece="REM1").first()
    assert entry is not None and (entry.on, entry.piece_on) == (later.now.date(), till.now.date())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"banked_on": date(2026, 12, 1)}, Fault("slip", "1", "banked_on", "2026-11-24")),
        ({"banked_by": "autre"}, Fault("slip", "1", "banked_by")),
        ({"banked_on": None, "banked_at": None}, Fault("slip", "1", "cheques")),
    ],
)
def test_a_slip_that_was_touched_is_named(brought: Any, change: dict[str, Any], fault: Fault) -> None:
    till, slip, _cheques = brought
    bank_slip(**till.acts, slip_id=slip, on=till.now.date())
    with guards.lifted():
        Slip.objects.filter(pk=slip).update(**change)
    found = verify(till.place).faults
    assert [(one.table, one.name, one.column) for one in found] == [(fault.table, fault.name, fault.column)]


def test_a_slip_without_its_lines_is_named(brought: Any) -> None:
    till, slip, _cheques = brought
    Slip.objects.filter(pk=slip).update(banked_on=till.now.date(), banked_at=till.now, banked_by="autre")
    assert verify(till.place).faults == [Fault("slip", "1", "lacks_entry")]


def test_the_page_of_a_slip_says_it(brought: Any, nadine: Client) -> None:
    till, slip, _cheques = brought
    address = reverse("manage_slip", args=[till.place.slug, slip])
    assert "La banque l’a crédité" in nadine.get(address).content.decode()
    for bad in ("", "x", "\x00", "9" * 900, "2999-01-01"):
        assert nadine.post(address, {"banked_on": bad}).status_code == 422
    day = Slip.objects.get().made_on.isoformat()
    said = nadine.post(address, {"banked_on": day}, follow=True).content.decode()
    assert "sont à la banque" in said and "Crédité par la banque le" in said
    assert "déjà crédité" in nadine.post(address, {"banked_on": day}, follow=True).content.decode()
