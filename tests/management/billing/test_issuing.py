"""What is issued: its number, its frozen text, its credit notes and deposits, and what is refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import DatabaseError, connection, transaction

from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent
from maillage.management.billing.actions import issuing
from maillage.management.billing.actions.customers import change_customer
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.drafting import (
    add_line,
    begin_credit,
    begin_draft,
    deduct_deposit,
    remove_line,
    say_about,
    throw_away,
)
from maillage.management.billing.actions.issuing import issue, issue_at_once
from maillage.management.billing.models import Allocation, Customer, Draft, Entry, Invoice, Series
from maillage.management.billing.queries.invoices import document_of, dues_by_invoice
from maillage.management.billing.rules.documents import digest_of
from maillage.management.billing.rules.drafts import DraftLine
from tests.management.billing.till import HALF_DAY, LIABLE, MONTH, Till
from tests.people import People

FROZEN = "Cette facture est émise et ne change plus\u202f: faites un avoir\u202f: c’est lui qui la corrige."


def refused(act: Any, **given: Any) -> str:
    with pytest.raises(BillingRefused) as told:
        act(**given)
    return str(told.value)


class TestIssuing:
    def test_the_first_invoice_holds_all_it_says(self, open_till: Till) -> None:
        customer = open_till.customer(street="3 rue du Four", postal_code="39380", city="Chamblay")
        draft = open_till.draft(HALF_DAY, DraftLine("Café", 2000, "each", 150), customer=customer)
        invoice = issue(**open_till.acts, draft_id=draft)
        document = document_of(invoice)
        assert str(invoice) == document.number == "F2026-00001"
        assert (invoice.net_cents, invoice.vat_cents, invoice.total_cents) == (1200, 0, 1200)
        assert (invoice.issued_on, invoice.due_on) == (date(2026, 11, 22), date(2026, 12, 22))
        assert document.mentions == ("TVA non applicable, article 293 B du CGI",)
        assert (document.seller.name, document.buyer.street) == ("Association La Maille", "3 rue du Four")
        assert document.lines[0].subject == "space:1"
        assert invoice.digest == digest_of(invoice.canonical)
        assert not Draft.objects.exists()
        event = AuditEvent.objects.get(action="billing.issued")
        assert event.detail == {"place": str(open_till.place.pk), "number": "F2026-00001", "kind": "invoice"}
        assert (event.subject, event.is_public) == (f"invoice:{invoice.pk}", False)
        assert Entry.objects.filter(place=open_till.place, piece="F2026-00001").exists()

    def test_a_draft_is_issued_once_however_often_it_is_asked(self, open_till: Till) -> None:
        draft = open_till.draft(HALF_DAY)
        first, again = (issue(**open_till.acts, draft_id=draft) for _ in range(2))
        assert first == again and Invoice.objects.count() == 1

    def test_numbers_follow_each_other_by_year_and_credit_notes_have_their_own(self, open_till: Till) -> None:
        numbers = [str(open_till.issued()) for _ in range(3)]
        credit = issue(**open_till.acts, draft_id=begin_credit(**open_till.acts, invoice_id=Invoice.objects.first().pk))
        open_till.now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
        numbers.append(str(open_till.issued()))
        assert numbers == ["F2026-00001", "F2026-00002", "F2026-00003", "F2027-00001"]
        assert str(credit) == "A2026-00001"

    def test_the_date_never_goes_back_within_a_series(self, open_till: Till) -> None:
        open_till.issued()
        open_till.now -= timedelta(days=3)
        assert open_till.issued().issued_on == date(2026, 11, 22)

    def test_what_fails_after_the_number_was_taken_gives_it_back(
        self, open_till: Till, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        draft = open_till.draft(HALF_DAY)

        def burnt(**_: Any) -> None:
            raise RuntimeError("the books burn")

        with monkeypatch.context() as patch:
            patch.setattr(issuing, "write_sale", burnt)
            with pytest.raises(RuntimeError):
                issue(**open_till.acts, draft_id=draft)
        assert not Invoice.objects.exists() and not Series.objects.filter(last_number__gt=0).exists()
        assert str(issue(**open_till.acts, draft_id=draft)) == "F2026-00001"

    def test_only_who_runs_the_place_issues(self, open_till: Till, people: People) -> None:
        draft = open_till.draft(HALF_DAY)
        for person in (people.karim, people.ines, people.lila):
            with pytest.raises(PermissionDenied):
                issue(**{**open_till.acts, "by": signature(person.user.pk, "colleague")}, draft_id=draft)
        with pytest.raises(ObjectDoesNotExist):
            issue(**{**open_till.acts, "place": people.other, "by": "commande:essai"}, draft_id=draft)

    def test_what_cannot_be_issued_says_why(self, till: Till) -> None:
        customer = till.customer()
        empty = begin_draft(**till.acts, customer_id=customer)
        told = refused(issue, **till.acts, draft_id=empty)
        assert told == "Ce lieu n’a pas encore dit qui facture\u202f: remplissez d’abord «\u202fQui facture\u202f»."
        till.opens()
        assert refused(issue, **till.acts, draft_id=empty) == "Cette facture est vide\u202f: ajoutez d’abord une ligne."
        below = till.draft(HALF_DAY, DraftLine("Remise", -1000, "each", 901), customer=customer)
        told = "Une remise dépasse ce qu’elle réduit\u202f: baissez-la\u202f: pour rendre de l’argent, faites un avoir."
        assert refused(issue, **till.acts, draft_id=below) == told
        assert not Invoice.objects.exists() and not Series.objects.exists()

    def test_a_public_buyer_has_a_siret_and_its_numbers_stand_on_the_invoice(self, open_till: Till) -> None:
        town = open_till.town(service_code="SVC", engagement="E1")
        draft = open_till.draft(HALF_DAY, customer=town)
        say_about(**open_till.acts, draft_id=draft, engagement="E2", delivered_from=date(2026, 11, 1))
        document = document_of(issue(**open_till.acts, draft_id=draft))
        assert (document.is_public, document.service_code, document.engagement) == (True, "SVC", "E2")
        assert document.delivered_from == date(2026, 11, 1)
        told = refused(open_till.customer, name="Commune", is_public="1")
        assert told == "Un acheteur public a un Siret\u202f: écrivez ses 14 chiffres."

    def test_a_business_is_told_what_a_late_payment_costs_and_nobody_else(self, open_till: Till) -> None:
        business = open_till.customer("SARL Petit", siret="73282932000074")
        assert "40 €" in " ".join(document_of(open_till.issued(customer=business)).mentions)
        for other in (open_till.town(), open_till.customer()):
            assert "40 €" not in " ".join(document_of(open_till.issued(customer=other)).mentions)

    def test_the_seller_is_the_one_of_the_day(self, open_till: Till) -> None:
        open_till.opens(**LIABLE, since="2027-01-01")
        before = document_of(open_till.issued())
        open_till.now = datetime(2027, 1, 4, 9, tzinfo=UTC)
        after = document_of(open_till.issued())
        assert (before.regime, before.vat_cents, after.regime, after.vat_cents) == ("franchise", 0, "liable", 180)
        assert after.seller.vat_number == "FR44732829320"


class TestAtOnce:
    def test_a_key_issues_once_and_another_body_is_refused(self, open_till: Till) -> None:
        customer = open_till.customer()
        first, again = (open_till.at_once("pass:1", MONTH, customer=customer) for _ in range(2))
        assert first == again and Invoice.objects.count() == 1 and first.key == "pass:1"
        told = "Cette clé a déjà servi à une autre facture\u202f: donnez-en une nouvelle."
        assert refused(open_till.at_once, key="pass:1", customer=customer) == told
        other = open_till.customer("Inès")
        given = {"customer_id": other, "lines": [MONTH], "key": "pass:1"}
        assert refused(issue_at_once, **open_till.acts, **given) == told
        assert refused(issue_at_once, **open_till.acts, **{**given, "key": ""}).startswith("Il manque la clé")

    def test_a_host_may_sell_what_a_room_above_lets_sell(self, open_till: Till, people: People) -> None:
        customer = open_till.customer()
        open_till.by = signature(people.karim.user.pk, "colleague")
        assert open_till.at_once("pass:2", customer=customer).issued_by == open_till.by


class TestFrozen:
    def test_an_issued_invoice_never_changes_and_a_credit_note_corrects_it(self, open_till: Till) -> None:
        draft = open_till.draft(HALF_DAY)
        invoice = issue(**open_till.acts, draft_id=draft)
        for act in (
            lambda: add_line(**open_till.acts, draft_id=draft, line=HALF_DAY),
            lambda: remove_line(**open_till.acts, draft_id=draft, number=1, seen=1),
            lambda: say_about(**open_till.acts, draft_id=draft, words="trop tard"),
            lambda: throw_away(**open_till.acts, draft_id=draft),
        ):
            assert refused(act) == FROZEN
        assert Invoice.objects.get() == invoice

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE billing_invoice SET total_cents = total_cents, canonical = ''",
            "UPDATE billing_invoice SET number = 7",
            "DELETE FROM billing_invoice",
            "UPDATE billing_allocation SET amount_cents = 1",
            "DELETE FROM billing_allocation",
        ],
    )
    def test_the_database_refuses_plain_sql(self, open_till: Till, sql: str) -> None:
        invoice = open_till.issued()
        issue(**open_till.acts, draft_id=begin_credit(**open_till.acts, invoice_id=invoice.pk))
        with pytest.raises(DatabaseError, match="_stays_"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
        assert Invoice.objects.get(pk=invoice.pk).canonical == invoice.canonical

    def test_the_database_refuses_the_orm(self, open_till: Till) -> None:
        invoice = open_till.issued()
        for act in (
            lambda: Invoice.objects.filter(pk=invoice.pk).update(total_cents=0, net_cents=0),
            lambda: Invoice.objects.filter(pk=invoice.pk).delete(),
            lambda: invoice.save(),
            lambda: Invoice.objects.bulk_update([invoice], ["canonical"]),
        ):
            with pytest.raises(DatabaseError, match="billing_invoice_stays_"), transaction.atomic():
                act()

    def test_a_changed_account_changes_no_invoice(self, open_till: Till) -> None:
        customer = open_till.customer()
        invoice = open_till.issued(customer=customer)
        change_customer(**open_till.acts, customer_id=customer, raw={"name": "Autre nom"})
        assert Customer.objects.get(pk=customer).name == "Autre nom"
        assert document_of(Invoice.objects.get(pk=invoice.pk)).buyer.name == "Thomas Petit"


class TestCredits:
    def test_a_whole_credit_settles_what_was_due(self, open_till: Till) -> None:
        invoice = open_till.issued(HALF_DAY, MONTH)
        credit = issue(**open_till.acts, draft_id=begin_credit(**open_till.acts, invoice_id=invoice.pk, words="Erreur"))
        document = document_of(credit)
        assert (credit.total_cents, document.corrects, document.note) == (11_900, "F2026-00001", "Erreur")
        assert document.corrects_on == invoice.issued_on
        assert Allocation.objects.get().amount_cents == 11_900
        assert dues_by_invoice([invoice.pk, credit.pk]) == {invoice.pk: 0, credit.pk: 0}

    def test_a_part_of_a_line_and_then_no_more_than_what_remains(self, open_till: Till) -> None:
        open_till.opens(**LIABLE)
        line = DraftLine("Salle de réunion", 3000, "hour", 333)
        invoice = open_till.issued(line)
        assert invoice.total_cents == 999 + 200
        totals = []
        for _ in range(3):
            draft = begin_credit(**open_till.acts, invoice_id=invoice.pk, quantities={1: 1000})
            totals.append(issue(**open_till.acts, draft_id=draft).total_cents)
        assert totals == [333 + 67, 333 + 67, 333 + 66]
        told = refused(begin_credit, **open_till.acts, invoice_id=invoice.pk, quantities={1: 1})
        assert told == "Cet avoir est vide\u202f: choisissez ce qu’il corrige."
        assert dues_by_invoice([invoice.pk]) == {invoice.pk: 0}

    def test_two_drafts_of_one_credit_are_issued_once(self, open_till: Till) -> None:
        invoice = open_till.issued(HALF_DAY)
        first, second = (begin_credit(**open_till.acts, invoice_id=invoice.pk) for _ in range(2))
        issue(**open_till.acts, draft_id=first)
        told = refused(issue, **open_till.acts, draft_id=second)
        assert told == "Ligne 1, l’avoir dépasse ce qui reste de cette ligne\u202f: baissez la quantité."
        assert Invoice.objects.filter(kind="credit").count() == 1

    def test_what_was_taken_off_counts(self, open_till: Till) -> None:
        invoice = open_till.issued(MONTH, DraftLine("Remise", -1000, "each", 1000))
        told = refused(begin_credit, **open_till.acts, invoice_id=invoice.pk, quantities={1: 1000})
        assert told == (
            "Cet avoir dépasse ce qui reste de la facture\u202f: comptez aussi ses remises, ou baissez une quantité."
        )
        whole = issue(**open_till.acts, draft_id=begin_credit(**open_till.acts, invoice_id=invoice.pk))
        assert whole.total_cents == invoice.total_cents == 10_000

    def test_a_credit_note_is_not_credited_and_takes_no_other_line(self, open_till: Till) -> None:
        invoice = open_till.issued()
        draft = begin_credit(**open_till.acts, invoice_id=invoice.pk)
        told = refused(add_line, **open_till.acts, draft_id=draft, line=MONTH)
        assert told == "Un avoir ne reprend que des lignes de la facture\u202f: choisissez-les sur sa page."
        credit = issue(**open_till.acts, draft_id=draft)
        told = refused(begin_credit, **open_till.acts, invoice_id=credit.pk)
        assert told == "Un avoir ne se corrige pas par un avoir\u202f: faites une nouvelle facture."
        told = refused(begin_credit, **open_till.acts, invoice_id=invoice.pk, quantities={9: 1000})
        assert told == "Cette ligne n’est pas dans la facture\u202f: relisez-la."


class TestDeposits:
    def test_the_final_invoice_takes_the_deposit_off_once(self, open_till: Till) -> None:
        open_till.opens(**LIABLE)
        customer = open_till.customer()
        hall = DraftLine("Salle des fêtes, samedi", 1000, "day", 30_000)
        deposit = open_till.issued(
            DraftLine("Acompte, salle des fêtes", 1000, "each", 10_000), customer=customer, kind="deposit"
        )
        final = open_till.draft(hall, customer=customer)
        deduct_deposit(**open_till.acts, draft_id=final, deposit_id=deposit.pk)
        again = refused(deduct_deposit, **open_till.acts, draft_id=final, deposit_id=deposit.pk)
        assert again == "Cet acompte est déjà déduit\u202f: choisissez-en un autre."
        other = open_till.draft(hall, customer=customer)
        deduct_deposit(**open_till.acts, draft_id=other, deposit_id=deposit.pk)
        invoice = issue(**open_till.acts, draft_id=final)
        taken = document_of(invoice).lines[1]
        assert (taken.label, taken.net_cents) == ("Acompte F2026-00001 du 22/11/2026", -10_000)
        assert (deposit.total_cents, invoice.total_cents) == (12_000, 24_000)
        told = refused(issue, **open_till.acts, draft_id=other)
        assert told == "Cet acompte est déjà déduit\u202f: retirez sa ligne."
        stranger = open_till.draft(hall, customer=open_till.customer("Inès"))
        told = refused(deduct_deposit, **open_till.acts, draft_id=stranger, deposit_id=deposit.pk)
        assert told == "Cet acompte n’est pas de ce client\u202f: choisissez-en un de la liste."

    def test_a_deposit_that_was_given_back_is_deducted_no_more(self, open_till: Till) -> None:
        customer = open_till.customer()
        deposit = open_till.issued(
            DraftLine("Acompte, salle des fêtes", 1000, "each", 10_000), customer=customer, kind="deposit"
        )
        final = open_till.draft(DraftLine("Salle des fêtes", 1000, "day", 30_000), customer=customer)
        deduct_deposit(**open_till.acts, draft_id=final, deposit_id=deposit.pk)
        issue(**open_till.acts, draft_id=begin_credit(**open_till.acts, invoice_id=deposit.pk))
        told = refused(issue, **open_till.acts, draft_id=final)
        assert (
            told
            == "Cet acompte a été rendu, en tout ou en partie\u202f: retirez sa ligne, et déduisez ce qu’il en reste."
        )
        assert Invoice.objects.filter(kind="invoice").count() == 0

    def test_a_deposit_that_was_deducted_is_given_back_no_more(self, open_till: Till) -> None:
        customer = open_till.customer()
        deposit = open_till.issued(
            DraftLine("Acompte, salle des fêtes", 1000, "each", 10_000), customer=customer, kind="deposit"
        )
        early = begin_credit(**open_till.acts, invoice_id=deposit.pk)
        final = open_till.draft(DraftLine("Salle des fêtes", 1000, "day", 30_000), customer=customer)
        deduct_deposit(**open_till.acts, draft_id=final, deposit_id=deposit.pk)
        invoice = issue(**open_till.acts, draft_id=final)
        said = "Cet acompte est déduit d’une facture\u202f: faites d’abord l’avoir de cette facture."
        assert refused(begin_credit, **open_till.acts, invoice_id=deposit.pk) == said
        assert refused(issue, **open_till.acts, draft_id=early) == said
        issue(**open_till.acts, draft_id=begin_credit(**open_till.acts, invoice_id=invoice.pk))
        assert issue(**open_till.acts, draft_id=early).total_cents == 10_000
