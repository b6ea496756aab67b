"""The pages of money that comes in: each opens, does its one thing, and answers what is wrong with a sentence."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from maillage.journal.models import Mail
from maillage.management.billing.actions.debits import make_run, sign_mandate
from maillage.management.billing.actions.paying import record_payment
from maillage.management.billing.models import BankLine, DebitRun, Mandate, Payment, Slip
from maillage.management.billing.queries.invoices import due_of
from maillage.management.billing.queries.payments import kept_of
from tests.conftest import NOW
from tests.management.billing.till import HALF_DAY, IBAN, LIABLE, Till

DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def at(till: Till, path: str) -> str:
    return f"/gerer/{till.place.slug}/argent/{path}"


def text(answer: Any) -> str:
    return answer.content.decode().replace("\u202f", " ").replace("\xa0", " ")


def paid(till: Till, customer: int, cents: int, key: str, method: str = "cash") -> Payment:
    facts = {"customer_id": customer, "method": method, "amount_cents": cents, "received_on": DAY}
    return record_payment(**till.acts, **facts, key=key)


def test_cash_is_written_down_by_one_form_from_the_list_of_those_who_owe(open_till: Till, nadine: Client):
    thomas = open_till.customer()
    invoice = open_till.issued(HALF_DAY, customer=thomas)
    shown = text(nadine.get(at(open_till, f"encaissements/?client={thomas}")))
    assert 'value="9,00"' in shown
    assert f"{invoice} · 9,00 €" in shown
    form = {"customer": thomas, "amount": "9,00", "method": "cash", "received_on": "2026-11-22", "jeton": "a"}
    for _ in range(3):
        answer = nadine.post(at(open_till, "encaissements/"), form, follow=True)
        assert "Thomas Petit : 9,00 € reçus, c’est noté. Merci." in text(answer)
    assert (Payment.objects.count(), due_of(invoice.pk)) == (1, 0)
    other = nadine.post(at(open_till, "encaissements/"), form | {"amount": "8"})
    assert other.status_code == 422
    assert "Cet envoi a déjà servi" in text(other) or "cet envoi a déjà servi" in text(other)
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    "amount", ["-5", "12,345", "²", "", "1\x002", "9" * 10_000, "1\u202e2", "=cmd|'/c calc'!A1"], ids=repr
)
def test_a_bad_amount_is_answered_and_writes_nothing(open_till: Till, nadine: Client, amount: str):
    form = {"customer": open_till.customer(), "amount": amount[:11_000], "method": "cash", "received_on": "2026-11-22"}
    answer = nadine.post(at(open_till, "encaissements/"), form)
    assert answer.status_code == 422
    assert 'href="#id-amount"' in text(answer)
    assert not Payment.objects.exists()


@pytest.mark.parametrize("customer", ["", "x", "²", "9" * 30, "999999999"])
def test_an_account_that_is_not_there_is_answered(open_till: Till, nadine: Client, customer: str):
    form = {"customer": customer, "amount": "9", "method": "cash", "received_on": "2026-11-22"}
    assert nadine.post(at(open_till, "encaissements/"), form).status_code in (404, 422)


def test_a_place_that_is_liable_for_vat_reads_that_this_is_no_till(till: Till, nadine: Client):
    assert "caisse certifiée" not in text(nadine.get(at(till, "encaissements/")))
    till.opens(**{name: value for name, value in LIABLE.items() if name != "legal_form"})
    assert "Maillage n’est pas une caisse certifiée." in text(nadine.get(at(till, "encaissements/")))


def test_a_payment_is_undone_on_its_page_and_what_is_in_advance_given_back(open_till: Till, nadine: Client):
    thomas = open_till.customer()
    payment = paid(open_till, thomas, 1000, "a")
    page = at(open_till, f"remboursements/{thomas}/")
    assert "Ce compte a 10,00 € d’avance." in text(nadine.get(page))
    form = {"amount": "10,01", "method": "cash", "received_on": "2026-11-22", "jeton": "r"}
    assert nadine.post(page, form).status_code == 422
    assert nadine.post(page, form | {"amount": "4"}).status_code == 302
    assert nadine.post(page, form | {"amount": "4"}).status_code == 302
    assert kept_of(thomas) == 600
    own = at(open_till, f"encaissements/{payment.pk}/")
    assert nadine.post(own).status_code == 422
    other = paid(open_till, thomas, 500, "b")
    assert nadine.post(at(open_till, f"encaissements/{other.pk}/")).status_code == 302
    assert "Cet encaissement est annulé." in text(nadine.get(at(open_till, f"encaissements/{other.pk}/")))


def test_each_cheque_goes_on_one_slip(open_till: Till, nadine: Client):
    thomas = open_till.customer()
    cheques = [paid(open_till, thomas, cents, f"c{cents}", "cheque") for cents in (900, 1100)]
    page = at(open_till, "remises/")
    assert "9,00 € · Thomas Petit" in text(nadine.get(page))
    assert nadine.post(page, {"jeton": "x"}).status_code == 422
    form = {"cheque": [one.pk for one in cheques], "jeton": "s"}
    made = nadine.post(page, form)
    assert nadine.post(page, form)["Location"] == made["Location"]
    assert Slip.objects.get().cheques.count() == 2
    slip = text(nadine.get(made["Location"]))
    assert "20,00 €" in slip
    assert "2 chèques" in slip
    again = nadine.post(page, {"cheque": cheques[0].pk, "jeton": "t"})
    assert again.status_code == 422
    assert "un de ces chèques est déjà remis ou annulé" in text(again).lower()
    undone = paid(open_till, thomas, 700, "c700", "cheque")
    nadine.post(at(open_till, f"encaissements/{undone.pk}/"))
    assert nadine.post(page, {"cheque": undone.pk, "jeton": "u"}).status_code == 422


def csv(*rows: str) -> SimpleUploadedFile:
    raw = "\r\n".join(("Compte;12345", "", "Date;Libellé;Débit;Crédit", *rows)).encode("cp1252")
    return SimpleUploadedFile("releve.csv", raw)


def test_a_long_statement_asks_no_more_of_the_database_than_a_short_one(
    open_till: Till, nadine: Client, django_assert_max_num_queries: Any
):
    for number in range(12):
        open_till.issued(HALF_DAY, customer=open_till.customer(f"Client {number}"))
    rows = "\n".join(f"{day:02}/11/2026;VIR CLIENT;9,00" for day in range(1, 13))
    file = SimpleUploadedFile("releve.csv", f"Date;Libelle;Montant\n{rows}\n".encode())
    nadine.post(at(open_till, "banque/"), {"file": file})
    with django_assert_max_num_queries(25):
        assert text(nadine.get(at(open_till, "releves/"))).count("Client ") >= 12
    with django_assert_max_num_queries(25):
        shown = text(nadine.get(at(open_till, "banque/")))
    assert BankLine.objects.count() == 12 and "Client 3" in shown


def test_the_file_of_the_bank_is_read_matched_and_read_again_for_nothing(open_till: Till, nadine: Client):
    thomas = open_till.customer()
    invoice = open_till.issued(HALF_DAY, customer=thomas)
    rows = (
        f"20/11/2026;VIR {invoice} T PETIT;;9,00",
        "20/11/2026;EDF;-42,10;",
        "hier;VIR X;;5,00",
        "21/11/2026;VIR;;x",
    )
    page = at(open_till, "banque/")
    shown = text(nadine.post(page, {"file": csv(*rows)}))
    assert "1 ligne nouvelle." in shown
    assert "1 dépense est laissée de côté." in shown
    assert "2 lignes n’ont pas pu être lues" in shown
    assert "Ligne 6, « Date »" in shown
    assert "sûr : le numéro de la facture est dans le libellé, le montant est exact" in shown
    line = BankLine.objects.get()
    for _ in range(2):
        nadine.post(at(open_till, "banque/sures/"), {"ligne": line.pk})
    assert due_of(invoice.pk) == 0
    assert (Payment.objects.get().method, Payment.objects.get().received_on) == ("transfer", DAY)
    assert "1 était déjà lue." in text(nadine.post(page, {"file": csv(*rows)}))
    assert "C’est un encaissement : Thomas Petit." in text(nadine.get(at(open_till, f"banque/{line.pk}/")))


def test_a_line_is_put_aside_taken_up_and_given_to_an_account(open_till: Till, nadine: Client):
    thomas = open_till.customer()
    nadine.post(at(open_till, "banque/"), {"file": csv("20/11/2026;VIR MYSTERE;;55,00")})
    page = at(open_till, f"banque/{BankLine.objects.get().pk}/")
    nadine.post(page, {"est": "cote"})
    assert BankLine.objects.get().is_aside
    nadine.post(page, {"est": "reprise"})
    assert nadine.post(page, {"est": "zzz"}).status_code == 200
    assert nadine.post(page, {"customer": "999999"}).status_code == 404
    assert nadine.post(page, {"customer": thomas}).status_code == 302
    assert kept_of(thomas) == 5500
    assert nadine.post(page, {"customer": open_till.customer("Inès")}).status_code == 200
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 100,
        b"PK\x03\x04",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a>",
        b"<a/>",
        b"a;b\n1;2",
    ],
    ids=["empty", "zeros", "zip", "entities", "cut", "not camt", "no table"],
)
def test_a_file_that_is_no_statement_is_refused(open_till: Till, nadine: Client, raw: bytes):
    answer = nadine.post(at(open_till, "banque/"), {"file": SimpleUploadedFile("x.csv", raw)})
    assert answer.status_code == 422
    assert not BankLine.objects.exists()
    assert nadine.post(at(open_till, "banque/")).status_code == 422


def test_a_statement_and_a_kind_word_leave_when_somebody_sends_them(open_till: Till, nadine: Client):
    thomas = open_till.customer(email="thomas@example.org")
    invoice = open_till.issued(HALF_DAY, customer=thomas)
    assert "Thomas Petit" in text(nadine.get(at(open_till, "releves/")))
    assert f"– {invoice} du 22/11/2026 : 9,00 € à régler" in text(nadine.get(at(open_till, f"releves/{thomas}/")))
    nadine.post(at(open_till, "releves/"), {"compte": thomas})
    nadine.post(at(open_till, "releves/"), {"compte": thomas})
    nadine.post(at(open_till, f"releves/{thomas}/"))
    assert list(Mail.objects.values_list("to", flat=True)) == ["thomas@example.org"]
    assert "Aucun relevé n’est à envoyer" in text(nadine.get(at(open_till, "releves/")))
    word = at(open_till, f"relances/{thomas}/")
    assert "Sauf erreur de notre part, il reste 9,00 €" in text(nadine.get(word))
    assert nadine.post(word, {"subject": "Un mot", "text": ""}).status_code == 422
    assert nadine.post(word, {"subject": "x" * 200, "text": "a"}).status_code == 422
    assert nadine.post(word, {"subject": "Un mot", "text": "a\u202eb"}).status_code == 422
    assert Mail.objects.count() == 1
    assert nadine.post(word, {"subject": "Un mot", "text": "Bonjour Thomas"}).status_code == 302
    soon = nadine.post(word, {"subject": "Un mot", "text": "Bonjour encore"})
    assert soon.status_code == 422
    assert "attendez le 13/12/2026, ou téléphonez" in text(soon)
    assert Mail.objects.count() == 2
    assert "dû depuis" in text(nadine.get(at(open_till, "relances/"))) or "pas encore dû" in text(
        nadine.get(at(open_till, "relances/"))
    )


MANDATE = {"holder": "Thomas Petit", "iban": IBAN, "bic": "AGRIFRPP", "signed_on": "2026-11-01"}


def test_debits_go_from_the_mandate_to_the_payment(till: Till, nadine: Client):
    till.opens(creditor="FR72ZZZ123456")
    thomas = till.customer()
    invoice = till.issued(HALF_DAY, customer=thomas)
    page = at(till, f"prelevements/mandats/{thomas}/")
    bad = nadine.post(page, MANDATE | {"iban": IBAN[:-1] + "8", "bic": "x", "signed_on": "2027-01-01", "holder": ""})
    assert bad.status_code == 422
    assert "La clé de cet IBAN est fausse" in text(bad) or "la clé de cet IBAN est fausse" in text(bad)
    assert not Mandate.objects.exists()
    assert nadine.post(page, MANDATE).status_code == 302
    form = {"facture": invoice.pk, "collect_on": "2026-11-22", "jeton": "d"}
    assert "la banque demande deux jours" in text(nadine.post(at(till, "prelevements/"), form)).lower()
    form["collect_on"] = "2026-11-30"
    made = nadine.post(at(till, "prelevements/"), form)
    assert nadine.post(at(till, "prelevements/"), form)["Location"] == made["Location"]
    assert nadine.post(at(till, "prelevements/"), form | {"jeton": "e"}).status_code == 422
    run = DebitRun.objects.get()
    xml = nadine.get(f"{made['Location']}prelevements.xml")
    assert xml["Content-Disposition"] == 'attachment; filename="prelevements-1.xml"'
    assert b'<InstdAmt Ccy="EUR">9.00</InstdAmt>' in xml.content
    early = nadine.post(made["Location"], {"acte": "paye"})
    assert early.status_code == 422
    with time_machine.travel("2026-12-01T09:00:00Z", tick=False):
        client = nadine
        assert client.post(made["Location"], {"acte": "paye"}).status_code == 302
        assert client.post(made["Location"], {"acte": "paye"}).status_code == 302
    assert due_of(invoice.pk) == 0
    assert (Payment.objects.get().method, run.debits.get().payment_id) == ("debit", Payment.objects.get().pk)


def test_what_the_bank_refused_stays_due_and_may_be_drawn_again(till: Till, nadine: Client):
    till.opens(creditor="FR72ZZZ123456")
    thomas = till.customer()
    sign_mandate(**till.acts, customer_id=thomas, raw=MANDATE)
    invoice = till.issued(HALF_DAY, customer=thomas)
    run = make_run(**till.acts, invoices=[invoice.pk], collect_on="2026-11-30", key="d")
    with time_machine.travel("2026-12-01T09:00:00Z", tick=False):
        nadine.post(at(till, f"prelevements/{run.pk}/"), {"acte": "paye", "refuse": run.debits.get().pk})
        assert due_of(invoice.pk) == 900
        assert str(invoice) in text(nadine.get(at(till, "prelevements/")))
    assert not Payment.objects.exists()
