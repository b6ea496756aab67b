"""The pages of the books: what came in, closing, verifying, taking away; and the receipts for gifts."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from maillage.journal import guards
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.models import Closing, Customer, Entry, Payment, Receipt
from maillage.management.billing.rules.fec import problems
from tests.management.billing.till import HALF_DAY, LIABLE, Till
from tests.people import People, signed_in

pytestmark = pytest.mark.django_db
LIVES = {"street": "1 rue Haute", "postal_code": "39600", "city": "Arbois"}


@pytest.fixture
def at_desk(nadine: Client, open_till: Till):
    """Nadine at her desk, at the time of the till."""
    with time_machine.travel(open_till.now, tick=False):
        yield nadine


def there(name: str, till: Till, **more: int) -> str:
    return reverse(name, kwargs={"slug": till.place.slug, **more})


def gift(till: Till, name: str = "Inès Bonnet", **raw: str) -> Payment:
    customer = till.customer(name, **{**LIVES, **raw})
    paid = {"method": "cheque", "amount_cents": 123_450, "received_on": till.now.date()}
    return record_payment(**till.acts, customer_id=customer, key=f"don {name}", **paid)


def test_the_page_tells_what_came_in_by_nature(at_desk: Client, open_till: Till) -> None:
    open_till.issued(HALF_DAY)
    page = at_desk.get(there("manage_books", open_till)).content.decode()
    assert "Locations de bureaux et de salles" in page
    assert "9,00\u202f€" in page
    assert "caisse certifiée" not in page


def test_a_place_that_collects_vat_is_told_that_maillage_is_no_certified_till(nadine: Client, till: Till) -> None:
    till.opens(**LIABLE)
    with time_machine.travel(till.now, tick=False):
        page = nadine.get(there("manage_books", till)).content.decode()
    assert "Maillage n’est pas une caisse certifiée" in page


def test_a_month_is_closed_from_the_page_and_only_once(at_desk: Client, open_till: Till, people: People) -> None:
    issued = open_till.issued(HALF_DAY)
    told = {"period": "month", "on": issued.issued_on.isoformat()}
    early = at_desk.post(there("manage_books_close", open_till), told)
    assert early.status_code == 422
    assert "cette période n’est pas finie" in early.content.decode()
    with time_machine.travel(open_till.now + timedelta(days=30), tick=False):
        later = signed_in(people.nadine)
        assert "attend depuis plus d’un mois" not in later.get(there("manage_books", open_till)).content.decode()
        assert later.post(there("manage_books_close", open_till), told)["Location"].endswith("/argent/comptes/")
        again = later.post(there("manage_books_close", open_till), told)
    assert again.status_code == 422
    assert "déjà close" in again.content.decode()
    assert Closing.objects.count() == 1


def test_a_place_that_forgets_to_close_is_told(open_till: Till, people: People) -> None:
    open_till.issued(HALF_DAY)
    with time_machine.travel(open_till.now + timedelta(days=80), tick=False):
        page = signed_in(people.nadine).get(there("manage_books", open_till)).content.decode()
    assert "attend depuis plus d’un mois" in page


@pytest.mark.parametrize("on", ["", "hier", "2026-02-30", "\x00", "²026-01-01", "9" * 10_000])
def test_an_unreadable_day_is_answered_with_a_sentence(at_desk: Client, open_till: Till, on: str) -> None:
    answer = at_desk.post(there("manage_books_close", open_till), {"period": "month", "on": on})
    assert answer.status_code == 422
    assert "ce jour est illisible" in answer.content.decode()


def test_an_unknown_period_is_answered_with_a_sentence(at_desk: Client, open_till: Till) -> None:
    answer = at_desk.post(there("manage_books_close", open_till), {"period": "siècle", "on": "2026-01-01"})
    assert answer.status_code == 422
    assert "on clôture un jour, un mois ou une année" in answer.content.decode()


def test_the_button_says_that_the_books_are_whole_or_what_was_touched(at_desk: Client, open_till: Till) -> None:
    open_till.issued(HALF_DAY)
    whole = at_desk.post(there("manage_books_verify", open_till)).content.decode()
    assert "Les comptes sont entiers" in whole
    with guards.lifted():
        Entry.objects.filter(position=1).update(debit_cents=901)
    touched = at_desk.post(there("manage_books_verify", open_till)).content.decode()
    assert "Les comptes ont été touchés" in touched
    assert "Ligne 1 du journal\u202f: «\u202fdébit\u202f» a changé, c’était 900." in touched


def test_the_file_for_the_tax_office_passes_its_rules(at_desk: Client, open_till: Till) -> None:
    open_till.issued(HALF_DAY)
    gift(open_till, "=cmd|' /C calc'!A0\t\"Inès\"")
    answer = at_desk.get(there("manage_books_fec", open_till), {"annee": open_till.now.year})
    name = answer["Content-Disposition"].partition('"')[2].rstrip('"')
    assert name == f"732829320FEC{open_till.now.year}1231.txt"
    assert problems(answer.content.decode("iso8859-15"), name) == []


def test_no_cell_of_the_csv_runs_as_a_formula(at_desk: Client, open_till: Till) -> None:
    gift(open_till, "=cmd|' /C calc'!A0")
    told = at_desk.get(there("manage_books_csv", open_till)).content.decode("utf-8-sig")
    rows = [line.split(";") for line in told.splitlines()]
    assert rows[1][0] == "411"
    assert rows[1][5] == "'=cmd|' /C calc'!A0"
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_the_lines_of_a_year_are_shown_in_their_order(at_desk: Client, open_till: Till) -> None:
    open_till.issued(HALF_DAY)
    page = at_desk.get(there("manage_books_lines", open_till), {"annee": "x", "page": "²"}).content.decode()
    assert page.index("Clients et adhérents") < page.index("Locations de bureaux")


class TestReceipts:
    raw = {"purpose": "Un lieu pour tous", "signatory": "Nadine Roux, présidente"}

    def test_a_gift_gets_its_receipt_once_as_a_paper(self, at_desk: Client, till: Till) -> None:
        till.opens(is_general_interest="1", since="2026-01-02")
        paid = gift(till)
        page = at_desk.get(there("manage_receipts", till)).content.decode()
        assert "Inès Bonnet, 1\u202f234,50\u202f€" in page
        for _time in range(2):
            answer = at_desk.post(there("manage_receipt_give", till, gift=paid.pk), self.raw)
            assert answer.status_code == 302
        receipt = Receipt.objects.get()
        assert str(receipt) == f"RD{till.now.year}-00001"
        paper = at_desk.get(there("manage_receipt_pdf", till, receipt=receipt.pk))
        assert paper.content.startswith(b"%PDF-")
        page = at_desk.get(there("manage_receipts", till)).content.decode()
        assert "1 reçu</dt><dd>1\u202f234,50\u202f€" in page
        form = at_desk.get(there("manage_receipt_give", till, gift=gift(till, "Paul Roux").pk)).content.decode()
        assert 'value="Un lieu pour tous"' in form

    def test_what_paid_an_invoice_gets_none(self, at_desk: Client, till: Till) -> None:
        till.opens(is_general_interest="1", since="2026-01-02")
        customer = Customer.objects.get(pk=till.customer("Inès Bonnet", **LIVES))
        till.issued(HALF_DAY, customer=customer.pk)
        paid = {"method": "cheque", "amount_cents": 900, "received_on": till.now.date()}
        payment = record_payment(**till.acts, customer_id=customer.pk, key="p", **paid)
        answer = at_desk.post(there("manage_receipt_give", till, gift=payment.pk), self.raw)
        assert answer.status_code == 422
        assert "il a une contrepartie, ce n’est pas un don" in answer.content.decode()
        assert not Receipt.objects.exists()

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("purpose", "", "il manque un texte"),
            ("signatory", "x" * 10_000, "dépasse 120 caractères"),
            ("purpose", "Un\u202elieu", "des signes invisibles"),
        ],
    )
    def test_bad_words_are_answered_with_a_sentence(
        self, at_desk: Client, till: Till, name: str, value: str, said: str
    ) -> None:
        till.opens(is_general_interest="1", since="2026-01-02")
        answer = at_desk.post(there("manage_receipt_give", till, gift=gift(till).pk), {**self.raw, name: value})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not Receipt.objects.exists()
