"""What books begin with: balanced, once, never in a closed period, first in the file of the tax office."""

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.billing.actions.closing import close
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.opening import carry_over, open_balances
from maillage.management.billing.formats.fec import as_fec
from maillage.management.billing.models import Entry
from maillage.management.billing.queries.books import balances, fec_lines, money_in, opened_with, to_carry
from maillage.management.billing.queries.verify import verify
from maillage.management.billing.rules.accounts import CARRIED, brought
from maillage.management.billing.rules.fec import file_name, problems
from tests.management.billing.till import HALF_DAY, MONTH, Till

NAME = file_name("732829320", date(2027, 12, 31))
keys = st.tuples(st.sampled_from(["411", "512", "531", "4191", "44571"]), st.sampled_from(["", "C000001"]))


def refused(act: Any, **given: Any) -> str:
    before = Entry.objects.count()
    with pytest.raises(BillingRefused) as told:
        act(**given)
    assert Entry.objects.count() == before
    return str(told.value)


@pytest.fixture
def past(open_till: Till) -> Till:
    """A year with three sales, two paid, all of it closed; the till of the next March."""
    thomas, lila = open_till.customer(), open_till.customer("Lila Marchal")
    open_till.issued(HALF_DAY, customer=thomas)
    open_till.issued(MONTH, customer=lila)
    open_till.paid(thomas, 900, "cash")
    open_till.paid(lila, 5_000)
    later = Till(open_till.place, open_till.by, datetime(2027, 3, 2, 9, tzinfo=open_till.now.tzinfo))
    close(**later.acts, period="year", on=date(2026, 6, 1))
    return later


@given(st.dictionaries(keys, st.integers(-(10**9), 10**9)), st.dictionaries(keys, st.integers(-(10**9), 10**9)))
def test_what_is_brought_is_balanced_and_brings_there(asked: Any, held: Any) -> None:
    held = {**held, (CARRIED, ""): -sum(held.values())}
    gaps = brought(asked, held)
    assert sum(gaps.values()) == 0
    after = {key: held.get(key, 0) + gaps.get(key, 0) for key in {*held, *gaps}}
    assert {key: cents for key, cents in after.items() if cents and key[0] != CARRIED} == {
        key: cents for key, cents in asked.items() if cents
    }
    assert brought(asked, after) == {}


def test_a_year_begins_with_what_the_closed_one_left(past: Till) -> None:
    assert to_carry(past.place, date(2027, 3, 2)) == 2027
    assert carry_over(**past.acts, year=2027) > 0
    told = opened_with(past.place, "AN2027")
    lila = Entry.objects.get(piece="AN2027", account="411")
    assert (lila.auxiliary_label, lila.debit_cents, lila.journal, lila.on) == (
        "Lila Marchal",
        6_000,
        "AN",
        date(2027, 1, 1),
    )
    assert {key[0]: cents for key, cents in told.items()} == {"411": 6_000, "512": 5_000, "531": 900, "110": -11_900}
    assert [carry_over(**past.acts, year=2027), to_carry(past.place, date(2027, 3, 2))] == [0, None]
    assert {one.number: one.net_cents for one in balances(past.place, 2027)}["110"] == 11_900
    assert money_in(past.place, 2027) == 0
    checked = verify(past.place)
    assert checked.is_whole and checked.closings == 1


def test_the_file_of_the_tax_office_begins_with_it(past: Till) -> None:
    past.issued(HALF_DAY, customer=past.customer("Inès"))
    carry_over(**past.acts, year=2027)
    lines = list(fec_lines(past.place, 2027))
    assert [line.journal for line in lines] == ["AN"] * 4 + ["VE"] * 2
    text = "".join(as_fec(iter(lines)))
    assert problems(text, NAME) == [] and "À nouveaux" in text


def test_a_year_is_carried_only_from_a_closed_one_and_into_an_open_one(open_till: Till) -> None:
    open_till.issued()
    later = Till(open_till.place, open_till.by, datetime(2027, 3, 2, 9, tzinfo=open_till.now.tzinfo))
    assert refused(carry_over, **later.acts, year=2027) == "L’année 2026 n’est pas close\u202f: clôturez-la d’abord."
    assert (
        refused(carry_over, **later.acts, year=2028) == "Cette année n’a pas commencé\u202f: attendez le 1er janvier."
    )
    assert refused(carry_over, **later.acts, year=0) == "Cette année n’a pas commencé\u202f: attendez le 1er janvier."
    close(**later.acts, period="year", on=date(2026, 6, 1))
    close(**later.acts, period="month", on=date(2027, 1, 5))
    assert refused(carry_over, **later.acts, year=2027) == (
        "Les comptes sont déjà clos jusqu’au 31/01/2027\u202f: donnez ces soldes à qui tient les comptes\u202f: "
        "ils ne s’écrivent plus au 1er janvier."
    )


def test_a_place_that_was_there_before_opens_its_books_and_mends_them(open_till: Till) -> None:
    day = date(2026, 11, 1)
    assert open_balances(**open_till.acts, on=day, cents={"512": 90_000, "531": -500}) > 0
    assert opened_with(open_till.place, "OUV") == {("110", ""): -89_500, ("512", ""): 90_000, ("531", ""): -500}
    assert open_balances(**open_till.acts, on=day, cents={"512": 90_000, "531": -500}) == 0
    assert open_balances(**open_till.acts, on=day, cents={"512": 91_000, "531": 0}) > 0
    assert {key: cents for key, cents in opened_with(open_till.place, "OUV").items() if cents} == {
        ("110", ""): -91_000,
        ("512", ""): 91_000,
    }
    assert money_in(open_till.place, 2026) == 0 and verify(open_till.place).is_whole


def test_what_is_impossible_writes_nothing(open_till: Till) -> None:
    acts, day = open_till.acts, date(2026, 11, 1)
    assert refused(open_balances, **acts, on=None, cents={}) == (
        "Ce jour est illisible\u202f: écrivez-le comme 2026-09-01."
    )
    wrong = "Ce compte ne s’ouvre pas ainsi\u202f: choisissez-en un de la liste."
    assert refused(open_balances, **acts, on=day, cents={"706": 5}) == wrong
    assert refused(open_balances, **acts, on=day, cents={"512": 10**12}) == wrong
    open_till.issued()
    later = Till(open_till.place, open_till.by, datetime(2026, 12, 9, 9, tzinfo=open_till.now.tzinfo))
    close(**later.acts, period="month", on=day)
    assert refused(open_balances, **later.acts, on=day, cents={"512": 5}) == (
        "Les comptes sont clos jusqu’au 30/11/2026, et cette pièce est du 01/11/2026\u202f: "
        "datez-la d’un jour qui n’est pas clos."
    )


def test_the_page_writes_both(open_till: Till, nadine: Client) -> None:
    address = reverse("manage_books_open", args=[open_till.place.slug])
    sent = {"512": "1 234,50", "531": "-5", "5112": "", "5115": "", "5116": "", "on": "2026-11-02"}
    assert nadine.post(address, sent).url == reverse("manage_books", args=[open_till.place.slug])
    assert opened_with(open_till.place, "OUV")["512", ""] == 123_450
    page = nadine.get(address).content.decode()
    assert 'value="1234,50"' in page and 'value="-5,00"' in page
    assert (
        "Ce que le lieu avait avant"
        in nadine.get(reverse("manage_books", args=[open_till.place.slug])).content.decode()
    )
    for bad in ({"512": "\x00"}, {"512": "12,345"}, {"on": "x"}, {"annee": "2026"}, {"annee": "x" * 500}):
        before = Entry.objects.count()
        assert nadine.post(address, {**sent, **bad}).status_code == 422 and Entry.objects.count() == before
