"""Nobody is forgotten while one owes the other, and accounts keep names for as long as the law wants."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from maillage.journal.models import AuditEvent
from maillage.management.billing.actions.customers import customer_for
from maillage.management.billing.actions.drafting import begin_credit
from maillage.management.billing.actions.forgetting import forget_old_accounts
from maillage.management.billing.actions.issuing import issue
from maillage.management.billing.models import Customer, Invoice
from maillage.management.billing.queries.owing import held, unsettled
from maillage.management.billing.tasks import forget_accounts
from maillage.management.people.actions.door import PeopleRefused
from maillage.management.people.actions.erasing import erase_person
from maillage.management.people.actions.persons import add_person
from maillage.management.people.actions.retention import forget_due
from maillage.management.people.models import Person
from maillage.management.people.queries.retention import due
from tests.management.billing.till import Till

HELD = (
    "Son compte n’est pas soldé\u202f: il reste de l’argent dû, ou gardé d’avance\u202f: "
    "encaissez, remboursez ou faites un avoir, puis recommencez."
)
LONG = timedelta(days=4 * 365)


def thomas(till: Till) -> int:
    return add_person(**till.acts, raw={"name": "Thomas Petit", "email": "thomas@example.org"})


def at(till: Till, now: datetime) -> Till:
    return Till(till.place, till.by, now)


@pytest.mark.parametrize(
    "raw", [None, {"name": "T. Petit", "email": "Thomas@Example.org"}, {"name": "Thomas Petit"}], ids=str
)
def test_whoever_owes_is_not_forgotten_until_it_is_settled(open_till: Till, raw: dict[str, Any] | None) -> None:
    """Through their own account, or one opened by hand under their address or their name."""
    person = thomas(open_till)
    account = open_till.customer(**raw) if raw else customer_for(**open_till.acts, person_id=person)
    open_till.issued(customer=account)
    later = at(open_till, open_till.now + LONG)
    assert not due(on=later.now.date()).exists() and forget_due(by="oubli", now=later.now) == 0
    with pytest.raises(PeopleRefused) as told:
        erase_person(**later.acts, person_id=person)
    assert str(told.value) == HELD and Person.objects.get().erased_at is None
    later.paid(account, 900)
    assert not unsettled().exists()
    erase_person(**later.acts, person_id=person)
    kept = Customer.objects.get()
    assert (kept.email, kept.name) == ("", raw["name"] if raw else "Thomas Petit")


def test_what_the_place_keeps_for_somebody_holds_them_too(open_till: Till) -> None:
    person = thomas(open_till)
    account = customer_for(**open_till.acts, person_id=person)
    open_till.paid(account, 500)
    assert Person.objects.filter(held()).get().pk == person
    with pytest.raises(PeopleRefused):
        erase_person(**open_till.acts, person_id=person)


def test_a_credit_note_settles_and_a_namesake_elsewhere_holds_nobody(open_till: Till, people: Any) -> None:
    person = thomas(open_till)
    account = customer_for(**open_till.acts, person_id=person)
    invoice = open_till.issued(customer=account)
    other = add_person(
        place=people.other, raw={"name": "Thomas Petit", "email": "thomas@example.org"}, by="essai", now=open_till.now
    )
    assert list(Person.objects.filter(held()).values_list("pk", flat=True)) == [person]
    assert other not in {one.pk for one in Person.objects.filter(held())}
    issue(**open_till.acts, draft_id=begin_credit(**open_till.acts, invoice_id=invoice.pk))
    assert not Person.objects.filter(held()).exists()


def test_who_owes_nothing_any_more_is_forgotten_in_time(open_till: Till) -> None:
    person = thomas(open_till)
    account = customer_for(**open_till.acts, person_id=person)
    open_till.issued(customer=account)
    open_till.paid(account, 900)
    later = open_till.now + LONG
    assert forget_due(by="oubli", now=later) == 1
    assert Person.objects.get(pk=person).erased_at == later
    assert Customer.objects.values_list("name", "email").get(pk=account) == ("Thomas Petit", "")


def test_the_law_keeps_an_account_ten_years_after_its_year_then_it_is_nobody(open_till: Till) -> None:
    account = open_till.customer("Thomas Petit", street="1 rue Haute", city="Dole", postal_code="39100")
    invoice = open_till.issued(customer=account)
    open_till.paid(account, 900)
    zone = open_till.now.tzinfo
    before, after = (datetime(2036, 12, 31, 12, tzinfo=zone), datetime(2037, 1, 1, 12, tzinfo=zone))
    assert invoice.issued_on.year == 2026 and forget_old_accounts(by="oubli", now=before) == 0
    assert [forget_old_accounts(by="oubli", now=after) for _ in range(2)] == [1, 0]
    kept = Customer.objects.get(pk=account)
    assert (kept.name, kept.street, kept.city) == (f"C{account:06}", "", "")
    assert Invoice.objects.get().canonical == invoice.canonical
    assert AuditEvent.objects.get(action="billing.accounts_forgotten").detail == {"customers": [account]}


def test_an_old_account_that_owes_or_is_of_somebody_known_or_of_a_firm_stays(open_till: Till) -> None:
    owing = open_till.customer("Léa")
    open_till.issued(customer=owing)
    known = customer_for(**open_till.acts, person_id=thomas(open_till))
    firm = open_till.customer("Atelier", siret="55208131766522")
    assert forget_old_accounts(by="oubli", now=open_till.now + timedelta(days=365 * 20)) == 0
    assert {owing, known, firm} == set(Customer.objects.values_list("pk", flat=True))
    assert forget_accounts() == 0


def test_the_page_says_why_somebody_stays(open_till: Till, nadine: Client) -> None:
    person = thomas(open_till)
    open_till.issued(customer=customer_for(**open_till.acts, person_id=person))
    address = reverse("manage_people_erase", args=[open_till.place.slug, person])
    answer = nadine.post(address)
    assert answer.status_code == 422 and "compte n’est pas soldé" in answer.content.decode()
