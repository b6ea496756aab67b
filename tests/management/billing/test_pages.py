"""The pages of money as Nadine uses them: without JavaScript, in both languages, and what they refuse."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from maillage.management.billing.actions.drafting import begin_credit
from maillage.management.billing.actions.issuing import issue
from maillage.management.billing.models import Customer, Draft, Invoice, Price, PriceList, Seller
from maillage.management.billing.rules.drafts import DraftLine
from maillage.management.people.actions.bodies import add_organisation
from maillage.management.people.actions.persons import add_person
from tests.management.billing.till import HALF_DAY, LIABLE, MONTH, SELLER, SIRET, TOWN_SIRET, Till
from tests.people import People, signed_in
from tests.web.page import Page

HOSTILE = '<img src=x onerror=alert(1)>\u202e\x07 O’Neil & "Cie" {{ seat }}'
PAGES = ("manage_money", "manage_seller", "manage_customers", "manage_customer_add", "manage_invoices")
PAGES += ("manage_invoice_new",)
NUMBERS = ("", "abc", "-5", "12,345", "1e3", "²", "1\x00", "9" * 10_000, "١٢", "0x1", "nan", "\u202e12")


def url(till: Till, name: str, *args: int, english: bool = False) -> str:
    with override("en" if english else "fr"):
        return reverse(name, args=[till.place.slug, *args])


def read(client: Client, address: str, status: int = 200) -> Page:
    answer = client.get(address)
    assert answer.status_code == status
    return shown(answer)


def shown(answer: Any) -> Page:
    page = Page(answer.content.decode())
    assert page.problems == []
    assert len(page.attributes.get("h1", [])) == 1
    return page


class TestDesk:
    def test_who_runs_the_place_is_led_there_and_nobody_else(self, till: Till, people: People) -> None:
        address = url(till, "manage_money")
        for person, leads in ((people.nadine, True), (people.karim, False), (people.ines, False)):
            client = signed_in(person)
            page = Page(client.get(reverse("manage", args=[till.place.slug])).content.decode())
            assert (address in page.links) == leads, person.key
            assert client.get(address).status_code == (200 if leads else 403)

    def test_every_page_is_whole_in_both_languages_and_empty(self, till: Till, nadine: Client) -> None:
        for name in PAGES:
            read(nadine, url(till, name))
            read(nadine, url(till, name, english=True))
        assert "Dites d’abord qui facture" in read(nadine, url(till, "manage_money")).text

    def test_what_is_owed_is_on_the_first_page(self, open_till: Till, nadine: Client) -> None:
        invoice = open_till.issued(MONTH)
        open_till.draft(HALF_DAY, customer=open_till.customer("Inès"))
        page = read(nadine, url(open_till, "manage_money"))
        assert "110,00\u202f€" in page.text and "Inès" in page.text
        assert url(open_till, "manage_invoice", invoice.pk) in page.links

    def test_a_list_asks_the_database_as_often_for_ten_as_for_one(self, open_till: Till, nadine: Client) -> None:
        read(nadine, url(open_till, "manage_money"))
        counts = []
        for more in (1, 9):
            for _ in range(more):
                open_till.issued()
                open_till.draft(HALF_DAY)
            told = []
            for name in ("manage_money", "manage_invoices", "manage_customers"):
                with CaptureQueriesContext(
                    connection,
                ) as asked:
                    read(nadine, url(open_till, name))
                told.append(len(asked))
            counts.append(told)
        assert counts[0] == counts[1]


class TestSeller:
    def test_it_is_said_once_and_again_from_another_day(self, till: Till, nadine: Client) -> None:
        address = url(till, "manage_seller")
        assert nadine.post(address, {**SELLER, "since": "2026-01-01"}).status_code == 302
        assert nadine.post(address, {**LIABLE, "since": "2027-01-01"}).status_code == 302
        assert nadine.post(address, {**LIABLE, "since": "2027-01-01", "bic": ""}).status_code == 302
        assert list(Seller.objects.order_by("since").values_list("regime", flat=True)) == ["franchise", "liable"]
        page = read(nadine, address)
        assert "depuis le 1er janvier 2027" in page.text
        assert page.head("input", name="siret")[0]["value"] == SIRET

    @pytest.mark.parametrize(
        ("name", "value", "told"),
        [
            ("siret", "73282932000075", "La clé du Siret est fausse\u202f: vérifiez les 14 chiffres du Siret."),
            ("siret", "7328293200007²", "Un Siret compte 14 chiffres\u202f: vérifiez les 14 chiffres du Siret."),
            ("iban", "FR7630006000011234567890188", "La clé de cet IBAN est fausse"),
            ("bic", "ZZ", "Ce BIC est illisible"),
            ("creditor", "FR73ZZZ123456", "La clé de cet identifiant est fausse"),
            ("vat_number", "FR00732829320", "Ce numéro de TVA est faux"),
            ("regime", "autre", "Il manque ce qui est fait de la TVA"),
            ("postal_code", "3938", "Ce code postal est illisible"),
            ("payment_days", "61", "Ce délai n’est pas possible"),
            ("payment_days", "²", "Ce délai n’est pas possible"),
            ("since", "2026-02-30", "Ce jour est illisible"),
            ("legal_name", "x" * 10_000, "Dépasse 200 caractères"),
            ("legal_name", "\x00\u202e", "Il manque le nom légal"),
            ("rna", "W12", "Ce numéro RNA est illisible"),
        ],
    )
    def test_what_is_false_is_told_beside_it(
        self, till: Till, nadine: Client, name: str, value: str, told: str
    ) -> None:
        answer = nadine.post(url(till, "manage_seller"), {**SELLER, name: value})
        assert answer.status_code == 422 and not Seller.objects.exists()
        page = shown(answer)
        assert told in page.text
        assert page.ids[f"id-{name}"] == 1

    def test_who_is_liable_has_a_number(self, till: Till, nadine: Client) -> None:
        page = shown(nadine.post(url(till, "manage_seller"), {**SELLER, "regime": "liable"}))
        assert "Il manque le numéro de TVA" in page.text


class TestCustomers:
    def test_an_account_is_opened_for_somebody_known_once(self, till: Till, nadine: Client) -> None:
        acts = {"place": till.place, "by": "essai", "now": till.now}
        thomas = add_person(**acts, raw={"name": "Thomas Petit", "email": "thomas@example.org"})
        body = add_organisation(**acts, raw={"name": "Foyer rural", "siret": SIRET, "address": "1 rue Haute"})
        address = url(till, "manage_customer_add")
        found = read(nadine, f"{address}?q=petit")
        assert f"{address}?personne={thomas}" in found.links
        page = read(nadine, f"{address}?personne={thomas}")
        (key,) = page.head("input", name="jeton")
        given = {"name": "Thomas Petit", "personne": thomas, "jeton": key["value"]}
        first, again = (nadine.post(address, given) for _ in range(2))
        customer = Customer.objects.get()
        assert first.url == again.url == url(till, "manage_customer", customer.pk) and customer.person_id == thomas
        assert nadine.post(address, {**given, "name": "Autre"}).status_code == 422
        page = read(nadine, f"{address}?organisation={body}")
        assert page.head("input", name="siret")[0]["value"] == SIRET
        for stranger in ("personne=987654", "organisation=987654"):
            read(nadine, f"{address}?{stranger}", 404)
        for nothing in ("personne=²", "personne=x", "organisation=" + "9" * 50):
            read(nadine, f"{address}?{nothing}")

    def test_a_public_buyer_without_siret_and_a_false_one_are_refused(self, till: Till, nadine: Client) -> None:
        address = url(till, "manage_customer_add")
        page = shown(nadine.post(address, {"name": "Commune", "is_public": "1"}))
        assert "Un acheteur public a un Siret\u202f: écrivez ses 14 chiffres." in page.text
        page = shown(nadine.post(address, {"name": "Commune", "is_public": "1", "siret": TOWN_SIRET[:-1] + "1"}))
        assert "La clé du Siret est fausse" in page.text and not Customer.objects.exists()

    def test_it_is_changed_and_found(self, open_till: Till, nadine: Client) -> None:
        customer = open_till.customer()
        address = url(open_till, "manage_customer", customer)
        assert nadine.post(address, {"name": "Thomas Grand", "siret": SIRET}).url == address
        open_till.issued(customer=customer)
        assert "Doit 9,00\u202f€." in read(nadine, address).text
        for text in ("grand", "THOMAS gr", SIRET[:9]):
            assert "Thomas Grand" in read(nadine, f"{url(open_till, 'manage_customers')}?q={text}").text
        assert "Aucun compte à ce nom." in read(nadine, f"{url(open_till, 'manage_customers')}?q=%25").text
        assert shown(nadine.post(address, {"name": ""})).text.lower().count("il manque un nom") == 2


class TestDraft:
    def test_from_nothing_to_an_invoice_by_forms_alone(self, open_till: Till, nadine: Client) -> None:
        customer = open_till.customer()
        begin = url(open_till, "manage_invoice_new")
        page = read(nadine, f"{begin}?client={customer}")
        given = {"customer": customer, "kind": "invoice", "jeton": page.head("input", name="jeton")[0]["value"]}
        first, again = (nadine.post(begin, given) for _ in range(2))
        draft = Draft.objects.get()
        address = url(open_till, "manage_draft", draft.pk)
        assert first.url == again.url == address
        (key,) = {one["value"] for one in read(nadine, address).head("input", name="jeton")}
        line = {"faire": "ligne", "label": "Bureau", "quantity": "2,5", "unit": "half_day", "price": "9", "jeton": key}
        assert [nadine.post(address, line).status_code for _ in range(2)] == [302, 302]
        page = read(nadine, address)
        assert "2,5 × 9,00\u202f€ · demi-journée" in page.text and "22,50\u202f€" in page.text
        nadine.post(address, {**line, "label": "Café", "unit": "each", "price": "1,50", "jeton": "autre"})
        assert nadine.post(address, {"faire": "oter", "ligne": "2", "vu": "1"}).status_code == 422
        assert nadine.post(address, {"faire": "oter", "ligne": "2", "vu": "2"}).status_code == 302
        about = {"faire": "dire", "note": "Merci\u202f!", "delivered_from": "2026-11-01", "delivered_to": "2026-11-30"}
        assert nadine.post(address, about).status_code == 302
        done = [nadine.post(url(open_till, "manage_draft_issue", draft.pk)) for _ in range(2)]
        invoice = Invoice.objects.get()
        assert {one.url for one in done} == {url(open_till, "manage_invoice", invoice.pk)}
        page = read(nadine, done[0].url)
        assert "F2026-00001 est émise." in page.text and "du 1er novembre 2026 au 30 novembre 2026" in page.text
        assert "TVA non applicable, article 293 B du CGI" in page.text and invoice.digest in page.text
        answer = nadine.post(address, {**line, "jeton": "tard"})
        assert answer.url == done[0].url
        assert "Cette facture est émise et ne change plus" in read(nadine, answer.url).text
        read(nadine, "/en" + done[0].url)

    @pytest.mark.parametrize("number", NUMBERS)
    @pytest.mark.parametrize("name", ["quantity", "price"])
    def test_a_number_that_is_none_is_refused_in_words(
        self, open_till: Till, nadine: Client, name: str, number: str
    ) -> None:
        draft = open_till.draft(HALF_DAY)
        line = {"faire": "ligne", "label": "Bureau", "quantity": "1", "unit": "each", "price": "9", name: number}
        answer = nadine.post(url(open_till, "manage_draft", draft), line)
        if (name == "quantity" and number in ("-5", "12,345")) or number in ("1\x00", "\u202e12"):
            assert answer.status_code == 302
            return
        assert answer.status_code == 422 and len(Draft.objects.get().lines) == 1
        page = shown(answer)
        assert page.head("input", name=name)[0]["aria-invalid"] == "true"
        assert page.head("input", name="label")[0]["value"] == "Bureau"

    def test_bad_words_are_refused_or_made_plain(self, open_till: Till, nadine: Client) -> None:
        draft = open_till.draft()
        address = url(open_till, "manage_draft", draft)
        line = {"faire": "ligne", "label": "Bureau", "quantity": "1", "unit": "each", "price": "9"}
        for wrong in (
            {"label": ""},
            {"label": "\x00"},
            {"label": "x" * 10_000},
            {"detail": "x" * 10_000},
            {"unit": "siècle"},
            {"tariff": "987654"},
            {"vat": "19,6"},
            {"faire": "dire", "delivered_from": "demain"},
            {"faire": "dire", "delivered_from": "2026-11-02", "delivered_to": "2026-11-01"},
            {"faire": "dire", "note": "x" * 10_000},
            {"faire": "oter", "ligne": "²", "vu": "0"},
            {"faire": "acompte", "deposit": "x"},
        ):
            answer = nadine.post(address, {**line, **wrong})
            assert answer.status_code in (404, 422), wrong
        assert Draft.objects.get().lines == []
        assert nadine.post(address, {**line, "label": HOSTILE, "detail": HOSTILE}).status_code == 302
        page = read(nadine, address)
        assert not [one for one in page.attributes.get("img", []) if "onerror" in one]
        assert nadine.post(address, {"faire": "rien"}).status_code == 200

    def test_a_price_of_the_place_fills_the_line_and_a_scale_is_kept_to(self, open_till: Till, nadine: Client) -> None:
        tariffs = PriceList.objects.create(
            place=open_till.place, title="2026", since="2026-01-01", created_at=open_till.now, created_by="essai"
        )
        price = Price.objects.create(
            price_list=tariffs,
            subject="space:1",
            label="Bureau",
            unit="half_day",
            kind="scale",
            price_cents=750,
            low_cents=600,
            high_cents=900,
        )
        draft = open_till.draft()
        address = url(open_till, "manage_draft", draft)
        assert "Bureau · 6,00\u202f€ à 9,00\u202f€ · demi-journée" in read(nadine, address).text
        line = {"faire": "ligne", "tariff": price.pk, "quantity": "2"}
        assert shown(nadine.post(address, {**line, "price": "5,99"})).text.count("Ce prix sort de la fourchette") == 1
        for chosen in ("6", ""):
            nadine.post(address, {**line, "price": chosen, "jeton": f"x{chosen}"})
        Price.objects.update(price_cents=900)
        lines = Draft.objects.get().lines
        assert [(one["unit_price_cents"], one["subject"], one["unit"]) for one in lines] == [
            (600, "space:1", "half_day"),
            (750, "space:1", "half_day"),
        ]

    def test_what_cannot_be_issued_stays_a_draft_and_says_why(self, till: Till, nadine: Client) -> None:
        draft = till.draft()
        answer = nadine.post(url(till, "manage_draft_issue", draft))
        assert answer.status_code == 422 and "Ce lieu n’a pas encore dit qui facture" in shown(answer).text
        till.opens()
        assert "cette facture est vide" in shown(nadine.post(url(till, "manage_draft_issue", draft))).text
        assert not Invoice.objects.exists()

    def test_it_is_thrown_away_once_asked(self, open_till: Till, nadine: Client) -> None:
        draft = open_till.draft(HALF_DAY)
        address = url(open_till, "manage_draft_drop", draft)
        assert "Jeter ce brouillon" in read(nadine, address).text
        assert nadine.post(address).url == url(open_till, "manage_money")
        assert not Draft.objects.exists()
        assert nadine.post(address).status_code == 404

    def test_vat_is_asked_where_it_is_due_and_shown_by_rate(self, till: Till, nadine: Client) -> None:
        till.opens(**LIABLE)
        draft = till.draft()
        address = url(till, "manage_draft", draft)
        page = read(nadine, address)
        assert "Taux normal, 20\u202f%" in page.text and "Taux réduit, 5,5\u202f%" in page.text
        line = {"faire": "ligne", "label": "Repas", "quantity": "3", "unit": "each", "price": "10"}
        nadine.post(address, {**line, "vat": "intermediate", "jeton": "a"})
        nadine.post(address, {**line, "vat": "standard", "label": "Vin", "jeton": "b"})
        page = read(nadine, address)
        assert "TVA 10\u202f% sur 30,00\u202f€" in page.text and "69,00\u202f€" in page.text
        told = shown(nadine.post(address, {**line, "vat": "19,6", "jeton": "c"})).text
        assert "19,6\u202f% n’est pas un taux de TVA ce jour-là" in told

    def test_a_deposit_is_taken_off_by_a_button(self, open_till: Till, nadine: Client) -> None:
        customer = open_till.customer()
        deposit = open_till.issued(DraftLine("Acompte", 1000, "each", 500), customer=customer, kind="deposit")
        draft = open_till.draft(HALF_DAY, customer=customer)
        address = url(open_till, "manage_draft", draft)
        assert "Acomptes à déduire" in read(nadine, address).text
        assert nadine.post(address, {"faire": "acompte", "deposit": deposit.pk}).status_code == 302
        assert "4,00\u202f€" in read(nadine, address).text


class TestInvoices:
    def test_it_is_frozen_and_says_what_corrects_it(self, open_till: Till, nadine: Client) -> None:
        invoice = open_till.issued()
        answer = nadine.post(url(open_till, "manage_invoice", invoice.pk), {"total": "0"})
        told = "Cette facture est émise et ne change plus\u202f: faites un avoir\u202f: c’est lui qui la corrige."
        assert answer.status_code == 422 and told in shown(answer).text

    def test_a_credit_note_is_chosen_line_by_line(self, open_till: Till, nadine: Client) -> None:
        invoice = open_till.issued(MONTH, DraftLine("Café", 4000, "each", 150))
        address = url(open_till, "manage_invoice_credit", invoice.pk)
        assert address in read(nadine, url(open_till, "manage_invoice", invoice.pk)).links
        page = read(nadine, address)
        assert page.head("input", name="quantity-2")[0]["value"] == "4"
        for wrong in ("5", "-1", "abc", "1,2345", "²"):
            answer = nadine.post(address, {"quantity-1": "0", "quantity-2": wrong})
            assert answer.status_code == 422, wrong
            shown(answer)
        assert shown(nadine.post(address, {"quantity-1": "0", "quantity-2": ""})).text.count("cet avoir est vide") == 1
        assert not Draft.objects.exists()
        made = nadine.post(address, {"quantity-1": "0", "quantity-2": "3", "note": "Café froid"})
        page = read(nadine, made.url)
        assert "4,50\u202f€" in page.text and "Café froid" in page.text and "Ajouter une ligne" not in page.text
        done = nadine.post(url(open_till, "manage_draft_issue", Draft.objects.get().pk))
        assert "A2026-00001 est émise." in read(nadine, done.url).text
        page = read(nadine, url(open_till, "manage_invoice", invoice.pk))
        assert "Reste 111,50\u202f€" in page.text and "Avoir A2026-00001" in page.text
        issue(**open_till.acts, draft_id=begin_credit(**open_till.acts, invoice_id=invoice.pk))
        assert "Il ne reste rien à corriger sur cette facture." in read(nadine, address).text

    def test_the_list_is_sifted_and_paged(self, open_till: Till, nadine: Client) -> None:
        thomas, ines = open_till.customer(), open_till.customer("Inès")
        paid = open_till.issued(customer=thomas)
        issue(**open_till.acts, draft_id=begin_credit(**open_till.acts, invoice_id=paid.pk))
        open_till.issued(customer=ines)
        address = url(open_till, "manage_invoices")
        for query, numbers in (
            ("", {"F2026-00001", "F2026-00002", "A2026-00001"}),
            ("?etat=a-payer", {"F2026-00002"}),
            (f"?client={thomas}", {"F2026-00001", "A2026-00001"}),
            ("?mois=2026-10", set()),
            ("?mois=2026-11&etat=a-payer", {"F2026-00002"}),
            ("?mois=2026-13", {"F2026-00001", "F2026-00002", "A2026-00001"}),
            ("?mois=²&page=x&client=²&etat=tout", {"F2026-00001", "F2026-00002", "A2026-00001"}),
            ("?page=99", {"F2026-00001", "F2026-00002", "A2026-00001"}),
        ):
            text = read(nadine, address + query).text
            assert {one for one in ("F2026-00001", "F2026-00002", "A2026-00001") if one in text} == numbers, query

    def test_the_file_holds_no_formula(self, open_till: Till, nadine: Client) -> None:
        open_till.issued(customer=open_till.customer("=cmd|' /C calc'!A0"))
        open_till.issued(customer=open_till.customer("@SUM(A1)"))
        answer = nadine.get(url(open_till, "manage_invoices_csv"))
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        assert rows[1][0] == "F2026-00001" and rows[1][8:10] == ["9,00", "9,00"]
        assert [row[4] for row in rows[1:]] == ["'=cmd|' /C calc'!A0", "'@SUM(A1)"]
        assert not [one for row in rows for one in row if one.startswith(("=", "+", "-", "@", "\t"))]

    def test_another_place_sees_nothing_of_it(self, open_till: Till, people: People, nadine: Client) -> None:
        invoice, draft = open_till.issued(), open_till.draft(HALF_DAY)
        lila = signed_in(people.lila)
        for name, pk in (
            ("manage_invoice", invoice.pk),
            ("manage_invoice_credit", invoice.pk),
            ("manage_draft", draft),
            ("manage_draft_issue", draft),
            ("manage_draft_drop", draft),
            ("manage_customer", invoice.customer_id),
        ):
            address = reverse(name, args=[people.other.slug, pk])
            assert lila.get(address).status_code == lila.post(address).status_code == 404, name
            assert lila.get(url(open_till, name, pk)).status_code == 403
