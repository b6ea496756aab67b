"""Accounts: opened for whom the place knows, kept through merges, and what stays of somebody who is erased."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.test import Client
from django.urls import reverse

from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent
from maillage.management.billing.actions.customers import add_customer, customer_for
from maillage.management.billing.actions.debits import collect_run, make_run, sign_mandate
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.models import Customer, Draft, Invoice, Mandate
from maillage.management.billing.queries.customers import owed_by
from maillage.management.billing.queries.invoices import document_of, month
from maillage.management.people.actions.bodies import add_organisation
from maillage.management.people.actions.erasing import erase_person
from maillage.management.people.actions.merging import merge_persons
from maillage.management.people.actions.persons import add_person
from maillage.management.people.models import Person
from tests.management.billing.till import HALF_DAY, IBAN, MONTH, SIRET, Till
from tests.people import People, signed_in
from tests.web.page import Page


def thomas(till: Till, name: str = "Thomas Petit") -> int:
    return add_person(**till.acts, raw={"name": name, "email": "thomas@example.org"})


def test_somebody_known_has_one_account_however_often_it_is_asked(till: Till) -> None:
    person = thomas(till)
    first, again = (customer_for(**till.acts, person_id=person) for _ in range(2))
    made = Customer.objects.get()
    assert first == again == made.pk
    assert (made.name, made.email, made.person_id) == ("Thomas Petit", "thomas@example.org", person)
    body = add_organisation(**till.acts, raw={"name": "Foyer rural", "siret": SIRET, "address": "1 rue Haute"})
    foyer = Customer.objects.get(pk=customer_for(**till.acts, organisation_id=body))
    assert (foyer.siret, foyer.street) == (SIRET, "1 rue Haute")


def test_whom_the_account_is_for_is_of_this_place_and_one_party(till: Till, people: People) -> None:
    person = thomas(till)
    body = add_organisation(**till.acts, raw={"name": "Foyer rural"})
    elsewhere = add_person(place=people.other, raw={"name": "Yann"}, by="essai", now=till.now)
    with pytest.raises(ObjectDoesNotExist):
        customer_for(**till.acts, person_id=elsewhere)
    with pytest.raises(BillingRefused) as told:
        add_customer(**till.acts, raw={"name": "x"}, person_id=person, organisation_id=body)
    assert str(told.value) == ("Un compte est d’une personne ou d’une organisation\u202f: choisissez l’une ou l’autre.")
    with pytest.raises(BillingRefused, match="Il manque qui paie"):
        customer_for(**till.acts)


def test_a_merge_moves_the_account_and_touches_no_invoice(open_till: Till) -> None:
    kept, other = thomas(open_till), thomas(open_till, "Tom Petit")
    invoice = open_till.issued(customer=customer_for(**open_till.acts, person_id=other))
    merge_persons(**open_till.acts, kept_id=kept, other_id=other)
    assert Customer.objects.get().person_id == kept
    assert Invoice.objects.get().canonical == invoice.canonical


def test_erasing_somebody_keeps_what_was_invoiced_and_nothing_else(open_till: Till) -> None:
    person, never = thomas(open_till), thomas(open_till, "Inès")
    invoiced = customer_for(**open_till.acts, person_id=person)
    empty = customer_for(**open_till.acts, person_id=never)
    open_till.draft(HALF_DAY, customer=empty)
    invoice = open_till.issued(customer=invoiced)
    open_till.paid(invoiced, 900)
    for one in (person, never):
        erase_person(**open_till.acts, person_id=one)
    assert list(Customer.objects.values_list("pk", "email")) == [(invoiced, "")]
    assert not Draft.objects.exists() and Person.objects.filter(erased_at__isnull=False).count() == 2
    assert document_of(Invoice.objects.get(pk=invoice.pk)).buyer.name == "Thomas Petit"
    told = AuditEvent.objects.filter(action="billing.persons_forgotten").order_by("pk")
    assert [(one.detail["gone"], one.detail["kept"]) for one in told] == [(0, 1), (1, 0)]


def test_erasing_somebody_takes_their_bank_account_away(open_till: Till) -> None:
    """A mandate under which nothing was drawn goes; one that drew something stays, and draws no more."""
    raw = {"holder": "Thomas Petit", "iban": IBAN, "bic": "", "mandate_reference": "", "signed_on": "2026-11-01"}
    open_till.opens(creditor="FR72ZZZ123456")
    person, never = thomas(open_till), thomas(open_till, "Inès")
    drawn, empty = (customer_for(**open_till.acts, person_id=one) for one in (person, never))
    for one in (drawn, empty):
        sign_mandate(**open_till.acts, customer_id=one, raw=raw)
    invoice = open_till.issued(customer=drawn)
    run = make_run(**open_till.acts, invoices=[invoice.pk], collect_on="2026-12-01", key="un")
    collect_run(**{**open_till.acts, "now": open_till.now + timedelta(days=9)}, run_id=run.pk, unpaid=[])
    for one in (person, never):
        erase_person(**open_till.acts, person_id=one)
    assert list(Customer.objects.values_list("pk", flat=True)) == [drawn]
    assert [(one.customer_id, one.ended_on) for one in Mandate.objects.all()] == [(drawn, open_till.now.date())]


def test_the_page_of_somebody_leads_to_their_account(open_till: Till, people: People, nadine: Client) -> None:
    person = thomas(open_till)
    address = reverse("manage_people_one", args=[open_till.place.slug, person])
    add = reverse("manage_customer_add", args=[open_till.place.slug])
    assert f"{add}?personne={person}" in Page(nadine.get(address).content.decode()).links
    made = customer_for(**open_till.acts, person_id=person)
    account = reverse("manage_customer", args=[open_till.place.slug, made])
    assert account in Page(nadine.get(address).content.decode()).links
    assert account not in Page(signed_in(people.karim).get(address).content.decode()).links


def test_what_is_owed_is_a_sum(open_till: Till) -> None:
    customer = open_till.customer()
    open_till.issued(HALF_DAY, customer=customer)
    open_till.issued(MONTH, customer=customer)
    assert owed_by([customer]) == {customer: 11_900}
    found = month(open_till.place, date(2026, 11, 1), date(2026, 11, 30))
    assert (found.net_cents, found.total_cents, found.due_cents, found.unpaid) == (11_900, 11_900, 11_900, 2)
    assert month(open_till.place, date(2026, 10, 1), date(2026, 10, 31)).total_cents == 0


def test_an_account_is_the_business_of_who_runs_the_place(till: Till, people: People) -> None:
    raw: dict[str, Any] = {"name": "Thomas"}
    by = signature(people.karim.user.pk, "colleague")
    with pytest.raises(PermissionDenied):
        add_customer(**{**till.acts, "by": by}, raw=raw)
    assert not Customer.objects.exists()
