"""The fictional place has prices, invoices and a debt, once; all of it goes with the demo, and nobody else's does."""

from datetime import UTC, datetime

import pytest

from maillage.cli import demo
from maillage.journal import guards
from maillage.management.billing.actions.demo import clear_demo, furnish
from maillage.management.billing.models import Customer, Entry, Invoice, Payment, Price, Seller
from maillage.management.billing.queries.invoices import dues_by_invoice
from maillage.management.bookings.actions import demo as rooms
from maillage.places.models import Place

BY = "commande:demo"
pytestmark = pytest.mark.django_db


def fill(place: Place, now: datetime) -> int:
    place.is_demo = True
    place.save(update_fields=["is_demo"])
    rooms.furnish(place=place, by=BY, now=now)
    return furnish(place=place, by=BY, now=now)


@pytest.mark.parametrize("day", [datetime(2026, 11, 22, 9, 30, tzinfo=UTC), datetime(2027, 1, 1, 23, 50, tzinfo=UTC)])
def test_on_whatever_day_it_has_prices_invoices_and_a_debt(people, day):
    assert fill(people.place, day) == 6
    assert fill(people.place, day) == 0
    assert sorted(Price.objects.values_list("price_cents", flat=True)) == [600, 600, 900, 1200, 11_000]
    assert sum(Invoice.objects.values_list("total_cents", flat=True)) == 57_500
    dues = dues_by_invoice(list(Invoice.objects.order_by("pk").values_list("pk", flat=True)))
    assert list(dues.values()) == [0, 0, 3_300, 0, 7_200, 11_000]
    assert Entry.objects.count() == 2 * (6 + 4)


def test_it_goes_with_the_demo_and_the_money_of_a_real_place_stays(people, now):
    fill(people.place, now)
    Place.objects.filter(pk=people.other.pk).update(is_demo=True)
    fill(people.other, now)
    Place.objects.filter(pk=people.other.pk).update(is_demo=False)
    with guards.lifted():
        assert clear_demo(by=BY, now=now) == 6
    assert {one.place_id for one in (*Seller.objects.all(), *Customer.objects.all(), *Payment.objects.all())} == {
        people.other.pk
    }
    assert Invoice.objects.filter(place=people.other).count() == Invoice.objects.count() == 6
    assert guards.missing() == []


def test_the_command_takes_it_all_away(people, now):
    fill(people.place, now)
    demo.forget(by=BY, now=now)
    assert not Invoice.objects.exists() and not Entry.objects.exists()
    assert guards.missing() == []
