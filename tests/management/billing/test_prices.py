"""The prices of a place: dated, copied, read by everybody, refused in words."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.pricing import add_list, add_price, change_price, remove_price
from maillage.management.billing.models import Price, PriceList, Seller
from maillage.management.billing.queries.prices import lists, price_for
from maillage.management.billing.rules.prices import CENTS_MOST, Tariff, allows, in_force, is_past, read_price
from tests.management.billing.till import Till
from tests.web.page import Page

TODAY = date(2026, 11, 22)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
GRID = (("", "9"), ("reduced", "6"))
"""Gorges/Clisson: 6 to 9 € the half-day by status, 110 € a month."""


class One:
    def __init__(self, since: date) -> None:
        self.since = since


@given(st.sets(DAYS), DAYS)
def test_the_list_of_a_day_is_the_last_that_has_begun(days: set[date], on: date) -> None:
    found = in_force([One(day) for day in days], on)
    begun = [day for day in days if day <= on]
    assert (found.since if found else None) == max(begun, default=None)
    if found:
        assert not is_past(found.since, days, on)
        assert all(is_past(day, days, on) for day in begun if day != found.since)


@given(st.integers(0, CENTS_MOST), st.integers(0, CENTS_MOST), st.integers(0, CENTS_MOST))
def test_a_scale_allows_what_lies_between(low: int, high: int, paid: int) -> None:
    scale = Tariff("scale", low, low, max(low, high))
    assert allows(scale, paid) == (low <= paid <= max(low, high))
    assert allows(Tariff("fixed", low), paid) == (paid == low)


@given(st.dictionaries(st.sampled_from(("label", "unit", "kind", "price", "low", "high", "vat", "subject")), st.text()))
def test_whatever_is_typed_is_read_or_refused(raw: dict[str, str]) -> None:
    read = read_price(raw, ["space:1"])
    assert read.wrongs or (read.values["label"] and 0 <= read.values["price_cents"] <= CENTS_MOST)


@pytest.fixture
def tariff(till: Till) -> int:
    made = add_list(**till.acts, raw={"title": "Tarifs 2026", "since": "2026-01-01"}, copies=None)
    for fee_class, price in GRID:
        line = {"label": "Poste", "unit": "half_day", "fee_class": fee_class, "price": price}
        add_price(**till.acts, list_id=made, raw=line)
    add_price(**till.acts, list_id=made, raw={"label": "Poste", "unit": "month", "price": "110"})
    return made


@pytest.mark.django_db
class TestLists:
    def test_the_grid_of_a_village(self, till: Till, tariff: int) -> None:
        told = {"subject": "", "unit": "half_day", "on": TODAY}
        assert price_for(till.place, fee_class="", **told).price_cents == 900
        assert price_for(till.place, fee_class="reduced", **told).price_cents == 600
        assert price_for(till.place, fee_class="body", **told).price_cents == 900
        assert price_for(till.place, fee_class="", **{**told, "unit": "month"}).price_cents == 11_000
        assert price_for(till.place, fee_class="", **{**told, "on": date(2025, 12, 31)}) is None
        assert price_for(till.place, fee_class="", **{**told, "subject": "space:1"}) is None

    def test_a_new_list_takes_the_lines_over_and_holds_from_its_day(self, till: Till, tariff: int) -> None:
        raw = {"title": "Tarifs 2027", "since": "2027-01-01", "voted_on": "2026-11-10"}
        made = add_list(**till.acts, raw=raw, copies=tariff)
        line = Price.objects.get(price_list=made, unit="month")
        change_price(**till.acts, price_id=line.pk, raw={"label": "Poste", "unit": "month", "price": "115"})
        assert [(one.state, len(one.prices)) for one in lists(till.place, on=TODAY)] == [("coming", 3), ("now", 3)]
        told = {"subject": "", "unit": "month", "fee_class": ""}
        assert price_for(till.place, on=date(2026, 12, 31), **told).price_cents == 11_000
        assert price_for(till.place, on=date(2027, 1, 1), **told).price_cents == 11_500

    def test_what_another_list_replaced_does_not_change(self, till: Till, tariff: int) -> None:
        add_list(**till.acts, raw={"title": "Automne", "since": "2026-10-01"}, copies=None)
        line = Price.objects.filter(price_list=tariff).first()
        said = "^Une autre liste a remplacé celle-ci\u202f: changez la liste en cours, ou ajoutez-en une.$"
        raw = {"label": "Autre", "unit": "day", "price": "1"}
        for act in (
            lambda: add_price(**till.acts, list_id=tariff, raw=raw),
            lambda: change_price(**till.acts, price_id=line.pk, raw=raw),
            lambda: remove_price(**till.acts, price_id=line.pk),
        ):
            with pytest.raises(BillingRefused, match=said):
                act()
        assert Price.objects.filter(price_list=tariff).count() == 3

    def test_one_form_begins_one_list(self, till: Till) -> None:
        raw = {"title": "Tarifs", "since": "2026-01-01"}
        made = {add_list(**till.acts, raw=raw, copies=None, idempotency_key="x") for _ in range(3)}
        assert made == {PriceList.objects.get().pk}
        with pytest.raises(BillingRefused, match="Une liste commence déjà ce jour-là"):
            add_list(**till.acts, raw={**raw, "title": "Autres"}, copies=None)

    def test_the_same_line_twice_is_refused(self, till: Till, tariff: int) -> None:
        said = "^Cette ligne est déjà dans la liste\u202f: changez celle qui y est.$"
        with pytest.raises(BillingRefused, match=said):
            add_price(**till.acts, list_id=tariff, raw={"label": "Poste", "unit": "month", "price": "1"})

    @pytest.mark.parametrize(
        ("raw", "name", "problem"),
        [
            ({"label": ""}, "label", "il manque un libellé"),
            ({"price": "12,345"}, "price", "un montant s’arrête aux centimes"),
            ({"price": "-5"}, "price", "un montant n’est pas négatif"),
            ({"price": "²"}, "price", "ce montant est illisible"),
            ({"price": ""}, "price", "il manque un montant"),
            ({"price": "9" * 10_000}, "price", "ce montant est illisible"),
            ({"unit": "siècle"}, "unit", "ce choix n’existe pas"),
            ({"subject": "space:987"}, "subject", "ce choix n’existe pas"),
            ({"kind": "scale"}, "low", "il manque une borne"),
            ({"kind": "scale", "low": "9", "high": "6"}, "high", "le plus grand montant est sous le plus petit"),
            ({"kind": "scale", "low": "1", "high": "2"}, "price", "le montant conseillé sort des bornes"),
        ],
    )
    def test_a_line_that_cannot_be_is_refused(
        self, till: Till, tariff: int, raw: dict[str, str], name: str, problem: str
    ) -> None:
        whole = {"label": "Café", "unit": "each", "price": "5", **raw}
        with pytest.raises(BillingRefused) as refused:
            add_price(**till.acts, list_id=tariff, raw=whole)
        assert refused.value.wrongs[name][0] == problem
        assert Price.objects.count() == 3


@pytest.mark.django_db
class TestPages:
    @pytest.fixture(autouse=True)
    def today(self, now: datetime) -> Any:
        with time_machine.travel(now, tick=False):
            yield

    def read(self, client: Client, name: str, *args: Any, status: int = 200) -> Page:
        answer = client.get(reverse(name, args=args))
        assert answer.status_code == status
        page = Page(answer.content.decode())
        assert page.problems == []
        return page

    def test_everybody_reads_them_once_there_are_some(self, till: Till, client: Client) -> None:
        slug = till.place.slug
        assert "n’a pas encore écrit ses prix" in self.read(client, "place_tariffs", slug).text
        way = reverse("place_tariffs", args=[slug])
        assert way not in client.get(reverse("place", args=[slug])).content.decode()
        made = add_list(
            **till.acts, raw={"title": "Tarifs", "since": "2026-01-01", "voted_on": "2025-12-01"}, copies=None
        )
        add_price(**till.acts, list_id=made, raw={"label": "Bureau", "unit": "half_day", "price": "9"})
        scale = {"kind": "scale", "price": "9", "low": "6", "high": "12"}
        add_price(**till.acts, list_id=made, raw={"label": "Atelier", "unit": "each", **scale})
        add_price(**till.acts, list_id=made, raw={"label": "Café", "unit": "each", "kind": "open", "price": "0"})
        page = self.read(client, "place_tariffs", slug)
        for said in (
            "votés le 1er décembre 2025",
            "9,00\u202f€",
            "prix libre",
            "de 6,00\u202f€ à 12,00\u202f€, au choix",
        ):
            assert said in page.text
        assert way in client.get(reverse("place", args=[slug])).content.decode()

    def test_prices_without_tax_say_so(self, till: Till, tariff: int, client: Client) -> None:
        till.opens()
        assert "Prix hors taxe" not in self.read(client, "place_tariffs", till.place.slug).text
        Seller.objects.update(regime="liable")
        assert "Prix hors taxe" in self.read(client, "place_tariffs", till.place.slug).text

    def test_the_team_begins_a_list_and_changes_a_line(self, till: Till, nadine: Client) -> None:
        slug = till.place.slug
        self.read(nadine, "manage_prices", slug)
        form = {"title": "Tarifs", "since": "2026-11-22", "voted_on": "", "jeton": "une-fois"}
        for _ in range(2):
            assert nadine.post(reverse("manage_prices", args=[slug]), form).status_code == 302
        made = PriceList.objects.get()
        self.read(nadine, "manage_price_list", slug, made.pk)
        line = {"label": "Bureau", "unit": "half_day", "kind": "fixed", "price": "9,5", "vat": "standard"}
        assert nadine.post(reverse("manage_price_list", args=[slug, made.pk]), line).status_code == 302
        price = Price.objects.get()
        assert price.price_cents == 950
        self.read(nadine, "manage_price", slug, price.pk)
        address = reverse("manage_price", args=[slug, price.pk])
        assert nadine.post(address, {**line, "price": "10"}).status_code == 302
        assert Price.objects.get().price_cents == 1_000
        refused = nadine.post(address, {**line, "price": "10,001"})
        assert refused.status_code == 422
        page = Page(refused.content.decode())
        assert page.problems == []
        assert "un montant s’arrête aux centimes\u202f: écrivez deux chiffres après la virgule" in page.text
        assert nadine.post(address, {"retirer": "1"}).status_code == 302
        assert not Price.objects.exists()

    def test_a_list_that_is_over_shows_and_does_not_change(self, till: Till, tariff: int, nadine: Client) -> None:
        since = TODAY - timedelta(days=1)
        add_list(**till.acts, raw={"title": "Neufs", "since": since.isoformat()}, copies=tariff)
        page = self.read(nadine, "manage_price_list", till.place.slug, tariff)
        assert "Une autre liste a remplacé celle-ci" in page.text
        assert "Ajouter une ligne" not in page.text
