"""Cash: the law's cap on one debt refuses, the place's own ceiling warns."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.models import Payment
from maillage.management.billing.rules.cash import beyond, cap_of
from maillage.management.billing.rules.drafts import DraftLine
from maillage.management.billing.rules.payments import Part
from tests.management.billing.till import Till

CAPPED = (
    "La loi n’admet pas plus de 1\u202f000,00\u202f€ en espèces pour une même dette\u202f: "
    "prenez le reste par virement, par chèque ou par carte."
)
DESK = DraftLine("Bureau fermé, au trimestre", 1000, "each", 150_000)


def capped(till: Till, customer: int, cents: int, **more: Any) -> None:
    before = Payment.objects.count()
    with pytest.raises(BillingRefused) as told:
        till.paid(customer, cents, "cash", **more)
    assert str(told.value) == CAPPED and Payment.objects.count() == before


def test_a_debt_takes_no_more_cash_than_the_law_lets_however_it_is_cut(open_till: Till) -> None:
    customer = open_till.customer()
    open_till.issued(DESK, customer=customer)
    capped(open_till, customer, 100_001)
    open_till.paid(customer, 60_000, "cash")
    capped(open_till, customer, 40_001)
    open_till.paid(customer, 40_000, "cash")
    capped(open_till, customer, 1)
    open_till.paid(customer, 50_000, "transfer")


def test_two_debts_are_two_and_an_advance_is_one(open_till: Till) -> None:
    customer = open_till.customer()
    for _ in range(2):
        open_till.issued(DraftLine("Salle", 1000, "each", 80_000), customer=customer)
    open_till.paid(customer, 160_000, "cash")
    capped(open_till, customer, 100_001)


def test_a_private_person_from_abroad_has_the_cap_of_abroad_and_a_firm_has_not(open_till: Till) -> None:
    someone = open_till.customer("Jan", country="BE")
    open_till.issued(DESK, customer=someone)
    open_till.paid(someone, 150_000, "cash")
    firm = open_till.customer("Atelier", siret="55208131766522")
    open_till.issued(DESK, customer=firm)
    capped(open_till, firm, 150_000)


def test_an_unknown_cap_refuses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "legal.toml"
    file.write_text(
        '[[parameter]]\nname = "cash_cap_cents"\nsince = 2020-01-01\nvalue = "unknown"\nkind = "source"\nsource = "x"\n'
    )
    assert cap_of("FR", is_business=True, on=date(2026, 1, 1), path=file) is None
    assert [cap_of("FR", is_business=False, on=date(year, 8, 31)) for year in (2010, 2015, 2016)] == [
        300_000,
        300_000,
        100_000,
    ]


@given(st.integers(1, 10**7), st.integers(1, 10**7), st.integers(0, 10**7))
def test_beyond_is_per_debt(cap: int, cents: int, taken: int) -> None:
    assert beyond(cap, cents=cents, parts=[Part(1, cents)], taken={1: taken}) == (cents + taken > cap)
    assert beyond(cap, cents=cents, parts=[], taken={}) == (cents > cap)


def test_the_place_s_own_ceiling_warns_and_lets(open_till: Till, nadine: Client) -> None:
    open_till.opens(cash_ceiling="20")
    customer = open_till.customer()
    address = reverse("manage_payments", args=[open_till.place.slug])
    sent = {"customer": str(customer), "method": "cash", "received_on": open_till.now.date().isoformat()}
    sent |= {"reference": ""}
    warning = "C’est plus que le plafond d’espèces du lieu, 20,00\u202f€\u202f: noté quand même."
    for number, (amount, method) in enumerate((("20", "cash"), ("20,01", "cash"), ("500", "transfer"))):
        told = {**sent, "amount": amount, "method": method, "jeton": f"{number:064x}"}
        said = nadine.post(address, told, follow=True).content.decode()
        assert (warning in said) == (amount == "20,01"), amount
    assert Payment.objects.count() == 3


@pytest.mark.parametrize("typed", ["-5", "12,345", "x", "9" * 60])
def test_a_ceiling_that_is_no_amount_is_refused(open_till: Till, typed: str) -> None:
    with pytest.raises(BillingRefused) as told:
        open_till.opens(cash_ceiling=typed)
    assert list(told.value.wrongs) == ["cash_ceiling"]


def test_the_page_of_who_invoices_keeps_it(open_till: Till, nadine: Client) -> None:
    open_till.opens(cash_ceiling="20")
    page = nadine.get(reverse("manage_seller", args=[open_till.place.slug])).content.decode()
    assert 'value="20,00"' in page and "Plafond d’espèces du lieu" in page
