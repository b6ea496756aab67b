"""The pages of carnets and formulas as the team uses them, and what they answer to anything else."""

import html
import re
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from maillage.management.billing.models import Invoice, Price
from maillage.management.bookings.models import Settings, Space
from maillage.management.passes.models import Formula, Movement, Pass, Subscription
from maillage.management.passes.queries.ledger import balance
from maillage.places.views.beside import links
from tests.management.passes.shelf import TODAY, Shelf
from tests.people import People, signed_in
from tests.web.page import Page

pytestmark = pytest.mark.django_db
PAGES = ("manage_formulas", "manage_passes", "manage_pass_sell", "manage_subscriptions", "manage_checkout")
HOSTILE = ("\x00", "²", "-3", "1,234", "x" * 10_000, "‮12", "<b>", "1e9", "９")


@pytest.fixture(autouse=True)
def today(now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        yield


def url(shelf: Shelf, name: str, *args: int, english: bool = False) -> str:
    with override("en" if english else "fr"):
        return reverse(name, args=[shelf.place.slug, *args])


def read(client: Client, address: str, status: int = 200) -> Page:
    answer = client.get(address)
    assert answer.status_code == status
    page = Page(answer.content.decode())
    assert page.problems == []
    return page


def sold(shelf: Shelf, client: Client, **more: str) -> Pass:
    form = {"who": f"person:{shelf.thomas.pk}", "formula": str(shelf.carnet.pk), "jeton": "une-fois", **more}
    answer = client.post(url(shelf, "manage_pass_sell"), form)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return Pass.objects.latest("pk")


def used(shelf: Shelf, client: Client, found: Pass, **more: str) -> Any:
    form = {"subject": f"space:{shelf.desk.pk}", "quantity": "1", "day": TODAY.isoformat(), "half": "", **more}
    return client.post(url(shelf, "manage_pass", found.pk), form)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("english", [False, True])
def test_each_page_stands_empty_and_full(shelf: Shelf, nadine: Client, name: str, english: bool) -> None:
    read(nadine, url(shelf, name, english=english))
    sold(shelf, nadine)
    Formula.objects.update(archived_at=shelf.now)
    read(nadine, url(shelf, name, english=english))


def test_a_carnet_is_sold_used_and_undone(shelf: Shelf, nadine: Client) -> None:
    found = sold(shelf, nadine)
    assert sold(shelf, nadine) == found
    assert Invoice.objects.get().net_cents == 5000
    page = read(nadine, url(shelf, "manage_pass", found.pk))
    assert found.code in page.text
    assert "Il reste 10 unités, jusqu’au 21 mai 2027." in page.text
    assert "Bureau fermé\u202f: 2 unités par demi-journée" in page.text
    for _ in range(2):
        answer = used(shelf, nadine, found, half="am", jeton="venue-1")
        assert answer.status_code == 302
    assert balance(found.pk) == 9
    page = read(nadine, url(shelf, "manage_pass", found.pk))
    assert "dimanche 22 novembre, matin, Bureau partagé" in page.text
    done = Movement.objects.get(of=found, kind="redeemed")
    assert nadine.post(url(shelf, "manage_pass_undo", found.pk, done.pk)).status_code == 302
    assert balance(found.pk) == 10
    assert "Défait" in read(nadine, url(shelf, "manage_pass", found.pk)).text


def test_the_same_half_day_is_refused_in_words(shelf: Shelf, nadine: Client) -> None:
    found = sold(shelf, nadine)
    used(shelf, nadine, found, half="am", jeton="venue-1")
    answer = used(shelf, nadine, found, half="am", jeton="venue-2")
    assert answer.status_code == 422
    assert "cette demi-journée est déjà comptée sur ce passe" in Page(answer.content.decode()).text


def test_a_carnet_is_found_by_its_code_and_by_a_name(shelf: Shelf, nadine: Client) -> None:
    found = sold(shelf, nadine)
    for wanted in (found.code.lower().replace("-", " "), "petit", "THOMAS"):
        assert "Thomas Petit" in read(nadine, f"{url(shelf, 'manage_passes')}?q={wanted}").text
    for wanted in ("personne", "x" * 5_000, "%F0%9F%98%80"):
        assert "Aucun carnet de ce code" in read(nadine, f"{url(shelf, 'manage_passes')}?q={wanted}").text


def test_cancelling_asks_once(shelf: Shelf, nadine: Client) -> None:
    found = sold(shelf, nadine)
    page = read(nadine, url(shelf, "manage_pass_cancel", found.pk))
    assert "plus rien ne pourra en être pris" in page.text
    assert balance(found.pk) == 10
    assert nadine.post(url(shelf, "manage_pass_cancel", found.pk), {"jeton": "oui"}).status_code == 302
    assert balance(found.pk) == 0
    read(nadine, url(shelf, "manage_pass", found.pk))


def test_the_cheapest_way_is_said_in_a_sentence(shelf: Shelf, nadine: Client) -> None:
    found = sold(shelf, nadine)
    used(shelf, nadine, found, quantity="8", jeton="venue-1")
    asked = f"?who=person:{shelf.thomas.pk}&chose-1=space:{shelf.desk.pk}&unite-1=half_day&combien-1=1"
    asked += f"&chose-2=space:{shelf.room.pk}&unite-2=hour&combien-2=2"
    page = read(nadine, url(shelf, "manage_checkout") + asked)
    assert (
        "Le moins cher\u202f: 2 heures sur «\u202fCarnet de 10\u202f» (il en restera 0 unité)\u202f; "
        "1 demi-journée au prix à l’unité. À payer\u202f: 6,00\u202f€, au lieu de 30,00\u202f€." in page.text
    )
    nothing = f"?chose-1=space:{shelf.office.pk}&unite-1=day&combien-1=1"
    answer = nadine.get(url(shelf, "manage_checkout") + nothing)
    assert answer.status_code == 422
    assert "une de ces choses n’a pas de prix" in Page(answer.content.decode()).text


def test_a_formula_is_written_priced_and_retired(shelf: Shelf, nadine: Client) -> None:
    form = {"name": "Carnet de 5", "kind": "carnet", "units": "5", "months": "3", "jeton": "neuf"}
    form |= {f"units-space:{shelf.desk.pk}": "1", f"unit-space:{shelf.desk.pk}": "half_day"}
    for _ in range(2):
        assert nadine.post(url(shelf, "manage_formulas"), form).status_code == 302
    made = Formula.objects.get(name="Carnet de 5")
    assert "Lui donner un prix" in read(nadine, url(shelf, "manage_formulas")).text
    read(nadine, url(shelf, "manage_formula_archive", made.pk))
    assert nadine.post(url(shelf, "manage_formula_archive", made.pk)).status_code == 302
    assert "«\u202fCarnet de 5\u202f» ne se vend plus." in read(nadine, url(shelf, "manage_formulas")).text
    assert "Carnet de 5" not in read(nadine, url(shelf, "manage_pass_sell")).text


def test_a_subscription_begins_and_ends(shelf: Shelf, nadine: Client) -> None:
    form = {"who": f"body:{shelf.body.pk}", "formula": str(shelf.month.pk), "starts_on": TODAY.isoformat()}
    for _ in range(2):
        assert nadine.post(url(shelf, "manage_subscriptions"), form).status_code == 302
    made = Subscription.objects.get()
    assert Invoice.objects.get().net_cents == 11_000
    assert "Foyer rural" in read(nadine, url(shelf, "manage_subscriptions")).text
    assert nadine.post(url(shelf, "manage_subscription_end", made.pk)).status_code == 302
    assert "jusqu’au 21 décembre 2026" in read(nadine, url(shelf, "manage_subscriptions")).text
    found = Pass.objects.get()
    answer = used(shelf, nadine, found, quantity="31", beyond="1", jeton="trop")
    assert answer.status_code == 302
    assert Invoice.objects.latest("pk").net_cents == 500


@pytest.mark.parametrize("wrong", HOSTILE)
def test_whatever_is_typed_is_refused_and_nothing_is_written(shelf: Shelf, nadine: Client, wrong: str) -> None:
    found = sold(shelf, nadine)
    before = (Movement.objects.count(), Invoice.objects.count(), Formula.objects.count(), Subscription.objects.count())
    for name in ("subject", "quantity", "day", "half"):
        assert used(shelf, nadine, found, **{name: wrong}).status_code == 422, name
    for name in ("who", "formula"):
        form = {"who": f"person:{shelf.thomas.pk}", "formula": str(shelf.carnet.pk), name: wrong}
        assert nadine.post(url(shelf, "manage_pass_sell"), form).status_code == 422, name
        form = {"who": f"body:{shelf.body.pk}", "formula": str(shelf.month.pk), "starts_on": "2026-11-22", name: wrong}
        assert nadine.post(url(shelf, "manage_subscriptions"), form).status_code == 422, name
    form = {"who": f"body:{shelf.body.pk}", "formula": str(shelf.month.pk), "starts_on": wrong}
    assert nadine.post(url(shelf, "manage_subscriptions"), form).status_code == 422
    whole = {"name": "Neuf", "kind": "carnet", "units": "10", "months": "6", f"units-space:{shelf.desk.pk}": "1"}
    whole |= {f"unit-space:{shelf.desk.pk}": "half_day"}
    for name in ("kind", "units", "months", f"units-space:{shelf.desk.pk}", f"unit-space:{shelf.desk.pk}"):
        answer = nadine.post(url(shelf, "manage_formulas"), {**whole, name: wrong})
        assert answer.status_code == 422, name
        assert Page(answer.content.decode()).problems == []
    for name in ("chose-1", "unite-1", "combien-1", "who", "q"):
        line = {"chose-1": f"space:{shelf.desk.pk}", "unite-1": "half_day", "combien-1": "1", name: wrong}
        assert nadine.get(url(shelf, "manage_checkout"), line).status_code in (200, 400, 422)
    after = (Movement.objects.count(), Invoice.objects.count(), Formula.objects.count(), Subscription.objects.count())
    assert after == before


def test_anothers_carnet_is_not_found(shelf: Shelf, nadine: Client, people: People) -> None:
    found = sold(shelf, nadine)
    lila = signed_in(people.lila)
    with override("fr"):
        for name, args in (("manage_pass", [found.pk]), ("manage_pass_cancel", [found.pk])):
            assert lila.get(reverse(name, args=[people.other.slug, *args])).status_code == 404
    assert nadine.get(url(shelf, "manage_pass", 987_654_321)).status_code == 404


@pytest.mark.parametrize(("kind", "unit"), [("carnet", "each"), ("subscription", "month")])
def test_the_price_of_a_formula_is_asked_by_the_unit_it_is_sold_by(
    shelf: Shelf, nadine: Client, kind: str, unit: str
) -> None:
    formula = Formula.objects.filter(place=shelf.place, kind=kind).first()
    assert formula is not None
    listed = nadine.get(url(shelf, "manage_formulas")).content.decode()
    (address,) = re.findall(rf'href="([^"]*objet=formula%3A{formula.pk}&amp;[^"]*)"', listed)
    assert f'<option value="{unit}" selected>' in nadine.get(html.unescape(address)).content.decode()
    odd = html.unescape(address).replace(f"unite={unit}", "unite=fois")
    assert '<option value="half_day" selected>' in nadine.get(odd).content.decode()


@pytest.mark.parametrize(("kind", "page"), [("carnet", "manage_pass_sell"), ("subscription", "manage_subscriptions")])
def test_a_formula_without_a_price_leads_to_the_list_that_lacks_it(
    shelf: Shelf, nadine: Client, people: People, kind: str, page: str
) -> None:
    formula = Formula.objects.filter(place=shelf.place, kind=kind).first()
    assert formula is not None
    Price.objects.filter(subject=f"formula:{formula.pk}").delete()
    said = nadine.get(url(shelf, page)).content.decode()
    (address,) = re.findall(rf'href="([^"]*objet=formula%3A{formula.pk}&amp;[^"]*)"', said)
    assert read(nadine, html.unescape(address))
    if page == "manage_pass_sell":
        host = signed_in(people.karim).get(url(shelf, page)).content.decode()
        assert "sans prix pour l’instant" in host
        assert "objet=formula" not in host


def test_the_page_of_a_place_asks_to_book_before_it_tells_prices(shelf: Shelf, client: Client) -> None:
    Settings.objects.update_or_create(place=shelf.place, defaults={"is_online": True})
    Space.objects.filter(pk=shelf.desk.pk).update(is_online=True)
    labels = [link.label for link in links(shelf.place)]
    assert labels.index("Réserver") < labels.index("Tarifs")
