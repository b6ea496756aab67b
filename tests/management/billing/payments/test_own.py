"""What somebody owes: for the team on their page, for themself under their own account, for nobody else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from maillage.journal.models import AuditEvent
from maillage.management.billing.actions.customers import customer_for
from maillage.management.billing.models import Payment
from maillage.management.billing.queries.invoices import due_of
from maillage.management.people.actions.erasing import erase_person
from maillage.management.people.actions.persons import add_person
from maillage.management.people.models import Person
from tests.management.billing.payments.test_providers import books, host, shop  # noqa: F401
from tests.management.billing.till import HALF_DAY, IBAN, MONTH, Till
from tests.people import People, signed_in
from tests.web.page import Page

OWN = "/mon-compte/factures/"


def plain(answer: Any) -> str:
    return answer.content.decode().replace("\u202f", " ").replace("\xa0", " ")


def known(till: Till, user: Any, name: str = "Lila Marchal") -> int:
    """The account of somebody who signs in."""
    person = add_person(**till.acts, raw={"name": name})
    Person.objects.filter(pk=person).update(account=user)
    return customer_for(**till.acts, person_id=person)


@pytest.fixture
def lila(people: People) -> Client:
    return signed_in(people.lila)


class TestTheTeam:
    def test_the_page_of_an_account_says_how_one_stands_and_takes_all_at_once(
        self, open_till: Till, nadine: Client
    ) -> None:
        customer = open_till.customer()
        first, second = (open_till.issued(one, customer=customer) for one in (HALF_DAY, MONTH))
        open_till.paid(customer, 400)
        address = reverse("manage_customer", args=[open_till.place.slug, customer])
        page = Page(nadine.get(address).content.decode())
        said = plain(nadine.get(address))
        assert "Doit 115,00 €." in said and "Tout encaisser, 115,00 €" in said
        for name, more in (
            ("manage_statement", [customer]),
            ("manage_reminder", [customer]),
            ("manage_invoice", [first.pk]),
            ("manage_invoice", [second.pk]),
            ("manage_payment", [Payment.objects.get().pk]),
        ):
            assert reverse(name, args=[open_till.place.slug, *more]) in page.links
        sent = {name: said.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("jeton", "amount")}
        sent |= {"customer": str(customer), "method": "transfer", "received_on": open_till.now.date().isoformat()}
        for _ in range(2):
            assert nadine.post(reverse("manage_payments", args=[open_till.place.slug]), sent).status_code == 302
        assert (due_of(first.pk), due_of(second.pk), Payment.objects.count()) == (0, 0, 2)
        said = plain(nadine.get(address))
        assert "Ne doit rien." in said and "Tout encaisser" not in said

    def test_what_is_kept_in_advance_leads_to_giving_it_back(self, open_till: Till, nadine: Client) -> None:
        customer = open_till.customer()
        open_till.paid(customer, 1_500)
        answer = nadine.get(reverse("manage_customer", args=[open_till.place.slug, customer]))
        assert "Le lieu lui garde 15,00 € d’avance." in plain(answer)
        assert reverse("manage_refund", args=[open_till.place.slug, customer]) in Page(answer.content.decode()).links


class TestOneself:
    def test_one_sees_what_one_owes_and_only_that(self, open_till: Till, people: People, lila: Client) -> None:
        mine = open_till.issued(customer=known(open_till, people.lila.user))
        other = open_till.issued(MONTH, customer=open_till.customer("Thomas Petit"))
        said = plain(lila.get(OWN))
        assert "Il reste 9,00 € à payer." in said and str(mine) in said and IBAN in said
        assert str(other) not in said and "Thomas" not in said and "Payer avec" not in said
        for person in (people.nadine, people.karim, people.operator):
            said = plain(signed_in(person).get(OWN))
            assert "Aucun lieu ne vous a rien facturé." in said and str(mine) not in said

    def test_what_is_settled_or_kept_is_said(self, open_till: Till, people: People, lila: Client) -> None:
        customer = known(open_till, people.lila.user)
        open_till.issued(customer=customer)
        open_till.paid(customer, 1_000)
        said = plain(lila.get(OWN))
        assert "Rien à payer ici." in said and "Le lieu garde 1,00 € d’avance pour vous." in said

    def test_an_invoice_of_a_firm_is_nobody_s_own(self, open_till: Till, people: People, lila: Client) -> None:
        known(open_till, people.lila.user)
        firm = open_till.issued(customer=open_till.town())
        assert str(firm) not in plain(lila.get(OWN))
        assert lila.post(f"{OWN}{firm.pk}/payer/", {"provider": "helloasso"}).status_code == 404

    def test_it_is_paid_online_by_its_own_customer_and_nobody_else(
        self,
        shop: Till,  # noqa: F811
        people: People,
        lila: Client,
    ) -> None:
        mine = shop.issued(customer=known(shop, people.lila.user))
        assert "Payer avec HelloAsso" in plain(lila.get(OWN))
        address = f"{OWN}{mine.pk}/payer/"
        for person in (people.nadine, people.karim, people.operator):
            client = signed_in(person)
            assert client.post(address, {"provider": "helloasso"}).status_code == 404
            assert client.get(address).status_code == 404
        assert Client().post(address, {"provider": "helloasso"}).status_code == 302
        assert not AuditEvent.objects.filter(action="billing.link_made").exists()
        answer = lila.post(address, {"provider": "helloasso"})
        assert answer.status_code == 302 and answer["Location"].startswith("https://")
        told = AuditEvent.objects.get(action="billing.link_made")
        assert told.by == f"compte:{people.lila.user.pk}:self" and told.detail["cents"] == 900
        assert due_of(mine.pk) == 900

    @pytest.mark.parametrize("provider", ["", "\x00", "nobody", "x" * 3_000])
    def test_a_provider_that_the_place_has_not_is_refused_in_words(
        self, open_till: Till, people: People, lila: Client, provider: str
    ) -> None:
        mine = open_till.issued(customer=known(open_till, people.lila.user))
        answer = lila.post(f"{OWN}{mine.pk}/payer/", {"provider": provider}, follow=True)
        assert "Il n’y a rien à payer par ce moyen : regardez ce qui reste dû." in plain(answer)
        assert lila.get(f"{OWN}{mine.pk}/payer/")["Location"] == OWN
        assert lila.get(f"{OWN}999999999999999999999/payer/").status_code == 404

    def test_who_was_erased_is_nobody(self, open_till: Till, people: People, lila: Client) -> None:
        customer = known(open_till, people.lila.user)
        mine = open_till.issued(customer=customer)
        open_till.paid(customer, 900)
        erase_person(**open_till.acts, person_id=Person.objects.get(account=people.lila.user).pk)
        assert lila.post(f"{OWN}{mine.pk}/payer/", {"provider": "helloasso"}).status_code == 404
