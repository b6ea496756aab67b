"""Providers of payments: one contract, kept by both shapes; webhooks that lie, repeat, flood or find nobody at home."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client, override_settings

from maillage.journal.models import AuditEvent
from maillage.management.billing.actions import providers
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.providers import claim, make_link, provide, provider_of, read_hints
from maillage.management.billing.models import Hint, Payment
from maillage.management.billing.queries.invoices import due_of
from maillage.management.billing.queries.payments import kept_of
from maillage.management.billing.sources import bounded
from maillage.management.billing.sources.ports import PAID, PENDING, Order, ProviderSilent, ProviderUnknown
from maillage.management.billing.tasks import read_payments
from tests.conftest import NOW
from tests.management.billing.payments.provider import Books, Fake, account, serving
from tests.management.billing.till import HALF_DAY, Till

BY = "paiements"


@pytest.fixture
def books(monkeypatch: Any) -> Books:
    monkeypatch.setattr(bounded, "READ_S", 0.5)
    return Books()


@pytest.fixture
def host(books: Books) -> Iterator[str]:
    with serving(books) as address, time_machine.travel(NOW, tick=False):
        yield address


@pytest.fixture(params=["helloasso", "essai"])
def provider(request: Any, host: str) -> Any:
    return account(host) if request.param == "helloasso" else Fake(host)


@pytest.fixture
def shop(open_till: Till, host: str) -> Iterator[Till]:
    """A place that is paid through HelloAsso."""
    provide(open_till.place.slug, account(host))
    yield open_till
    providers._given.clear()


# The contract: whatever the provider.


def test_a_link_leads_out_and_its_payment_comes_back_with_what_it_was_for(provider: Any, books: Books):
    link = provider.create_link(Order(900, "Demi-journée", "https://exemple.fr/", {"customer": "7", "invoice": "3"}))
    assert link.url.startswith("https://")
    told = provider.read_payment(books.pays(link.reference, 900))
    assert (told.state, told.amount_cents, told.metadata) == (PAID, 900, {"customer": "7", "invoice": "3"})
    assert str(told.paid_on) == "2026-11-21"


def test_a_payment_that_waits_or_failed_is_not_paid(provider: Any, books: Books):
    assert provider.read_payment(books.pays("", 900, state="Pending")).state == PENDING
    assert provider.read_payment(books.pays("", 900, state="Refused")).state not in (PAID, PENDING)


@pytest.mark.parametrize("reference", ["1", "", "../../admin", "²", "9" * 30])
def test_a_payment_that_is_not_there_is_unknown(provider: Any, reference: str):
    with pytest.raises(ProviderUnknown):
        provider.read_payment(reference)


@pytest.mark.parametrize("trouble", ["slow", "500", "huge", "nonsense", "elsewhere"])
def test_a_provider_in_trouble_is_silent_and_bounded(provider: Any, books: Books, trouble: str):
    number = books.pays("", 900)
    books.trouble = trouble
    with pytest.raises(ProviderSilent):
        provider.read_payment(number)
    with pytest.raises(ProviderSilent):
        provider.create_link(Order(900, "x", "https://exemple.fr/", {}))


# What a place does with it.


def told_of(number: str, cents: int = 900) -> dict[str, Any]:
    return {"eventType": "Payment", "data": {"id": int(number), "amount": cents, "state": "Authorized"}}


def post(till: Till, body: Any, **more: Any) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    path = f"/paiements/helloasso/{till.place.slug}/"
    return Client(enforce_csrf_checks=True).post(path, raw, content_type="application/json", **more).status_code


def pays(shop: Till, books: Books, cents: int = 900) -> tuple[Any, str]:
    invoice = shop.issued(HALF_DAY)
    told = {"invoice_id": invoice.pk, "provider": "helloasso", "back_url": "https://exemple.fr/"}
    url = make_link(**shop.acts, **told)
    return invoice, books.pays(url.rpartition("/")[2], cents)


def test_a_thousand_webhooks_are_one_payment(shop: Till, books: Books):
    invoice, number = pays(shop, books)
    answers = [post(shop, told_of(number)) for _ in range(1_000)]
    assert set(answers) == {202, 429}
    assert answers.count(202) == 60
    for _ in range(5):
        read_payments()
        providers.hint(place=shop.place, provider="helloasso", body=told_of(number), now=NOW)
    payment = Payment.objects.get()
    assert (payment.method, payment.amount_cents, payment.provider_ref) == ("helloasso", 900, number)
    assert (due_of(invoice.pk), Hint.objects.get().outcome) == (0, "paid")


def test_a_false_amount_is_the_providers_and_the_difference_is_told(shop: Till, books: Books):
    invoice, number = pays(shop, books, cents=500)
    assert post(shop, told_of(number, cents=90_000)) == 202
    assert read_hints(by=BY, now=NOW) == 1
    assert (Payment.objects.get().amount_cents, due_of(invoice.pk)) == (500, 400)
    event = AuditEvent.objects.get(action="billing.hint_differs")
    assert (event.detail["said_cents"], event.detail["cents"]) == (90_000, 500)


def test_an_invented_payment_writes_nothing(shop: Till, books: Books):
    assert post(shop, told_of("4242")) == 202
    assert read_hints(by=BY, now=NOW) == 0
    assert not Payment.objects.exists()
    assert not Hint.objects.exists()


@pytest.mark.parametrize("trouble", ["slow", "500", "huge"])
def test_what_a_silent_provider_did_not_say_is_asked_again(shop: Till, books: Books, trouble: str):
    invoice, number = pays(shop, books)
    post(shop, told_of(number))
    books.trouble = trouble
    assert read_hints(by=BY, now=NOW) == 0
    assert not Payment.objects.exists()
    books.trouble = ""
    assert read_hints(by=BY, now=NOW) == 1
    assert due_of(invoice.pk) == 0


def test_a_payment_without_our_link_waits_for_somebody_to_say_whose_it_is(shop: Till, books: Books):
    number = books.pays("", 700)
    post(shop, told_of(number))
    assert read_hints(by=BY, now=NOW) == 0
    stray = Hint.objects.get()
    assert stray.outcome == "stray"
    thomas = shop.customer()
    for _ in range(2):
        if Hint.objects.get().outcome == "stray":
            claim(**shop.acts, hint_id=stray.pk, customer_id=thomas)
    assert kept_of(thomas) == 700
    with pytest.raises(Hint.DoesNotExist):
        claim(**shop.acts, hint_id=stray.pk, customer_id=thomas)


def test_metadata_of_another_place_give_its_payment_to_nobody(shop: Till, books: Books):
    books.checkouts["55"] = {"place": "autre", "customer": str(shop.customer())}
    post(shop, told_of(books.pays("55", 700)))
    assert read_hints(by=BY, now=NOW) == 0
    assert (Hint.objects.get().outcome, Payment.objects.count()) == ("stray", 0)


BODIES: dict[str, tuple[Any, int]] = {
    "not json": (b"\x00\xff", 400),
    "a list": ([1], 400),
    "nested": (b"[" * 60_000, 400),
    "heavy": (b" " * 65_537, 413),
    "empty": ({}, 202),
    "other event": ({"eventType": "Order", "data": {"id": 1}}, 202),
    "text for a number": ({"eventType": "Payment", "data": {"id": "1 OR 1=1"}}, 202),
    "true for a number": ({"eventType": "Payment", "data": {"id": True}}, 202),
    "data is a list": ({"eventType": "Payment", "data": [1]}, 202),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_hostile_body_is_answered_and_keeps_nothing(shop: Till, case: str):
    body, status = BODIES[case]
    assert post(shop, body) == status
    assert not Hint.objects.exists()


def test_a_place_without_a_provider_has_no_webhook(open_till: Till):
    assert post(open_till, told_of("1")) == 404
    path = f"/paiements/rien/{open_till.place.slug}/"
    assert Client().post(path, b"{}", content_type="application/json").status_code == 404
    assert Client().get(f"/paiements/helloasso/{open_till.place.slug}/").status_code == 405


def test_invented_hints_are_bounded(shop: Till, monkeypatch: Any):
    monkeypatch.setattr(providers, "MOST_WAITING", 3)
    for number in range(10):
        providers.hint(place=shop.place, provider="helloasso", body=told_of(str(number + 1)), now=NOW)
    assert Hint.objects.count() == 3


def test_a_link_that_cannot_be_made_is_told(shop: Till, books: Books):
    invoice = shop.issued(HALF_DAY)
    books.trouble = "500"
    told = {"invoice_id": invoice.pk, "provider": "helloasso", "back_url": "https://exemple.fr/"}
    with pytest.raises(BillingRefused) as refused:
        make_link(**shop.acts, **told)
    assert str(refused.value) == (
        "Le prestataire ne répond pas\u202f: réessayez dans un moment, ou proposez un virement."
    )


def test_secrets_come_from_the_environment_and_an_offline_server_asks_nobody(open_till: Till):
    slug = open_till.place.slug
    with override_settings(HELLOASSO=f"{slug}=org:id:secret", OFFLINE=False):
        assert provider_of(slug, "helloasso") is not None
        assert provider_of("ailleurs", "helloasso") is None
    with override_settings(HELLOASSO=f"{slug}=org:id:secret", OFFLINE=True):
        assert provider_of(slug, "helloasso") is None


def test_an_amount_that_is_true_stops_no_other_payment(shop: Till, books: Books):
    """JSON's true is a whole number for Python: one hint like that would end every round, and all that wait."""
    strange, first = pays(shop, books)
    plain, second = pays(shop, books)
    for number, amount in ((first, True), (second, 900)):
        body = {"eventType": "Payment", "data": {"id": int(number), "amount": amount}}
        assert providers.hint(place=shop.place, provider="helloasso", body=body, now=NOW)
    assert read_hints(by=BY, now=NOW) == 2
    assert (due_of(strange.pk), due_of(plain.pk)) == (0, 0)
