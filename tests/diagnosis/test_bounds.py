"""A page that costs seconds keeps nobody else waiting, and nobody may ask for too many of them."""

from datetime import datetime
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory, override_settings

from maillage.diagnosis.views import bounds, files
from maillage.diagnosis.views.paper import NoReport
from maillage.journal.queries import aside
from maillage.places.views import kept
from tests.web.conftest import registry
from tests.web.page import Page

__all__ = ["registry"]

EPCI = "/territoires/epci-243900420/"
COSTLY = [
    "/territoires/france/?seuil=17",
    "/territoires/reg-27/?ouvrir=39546",
    "/territoires/reg-27/?seuil=abc",
    "/territoires/france/constat.json",
    "/territoires/france/constat.geojson",
    "/territoires/reg-27/constat.pdf",
    "/territoires/reg-27/garder/",
]


@pytest.fixture
def asked() -> HttpRequest:
    return RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")


@pytest.mark.parametrize("path", COSTLY)
def test_while_one_wide_territory_is_computed_the_next_ones_are_told_to_come_back(
    client: Client, registry: datetime, monkeypatch: pytest.MonkeyPatch, asked: HttpRequest, path: str
) -> None:
    monkeypatch.setattr(bounds, "PATIENCE_S", 0.01)
    with bounds.spent(asked, "france"):
        held = client.get(path)
        assert (held.status_code, held.headers["Retry-After"]) == (503, "10")
        assert "no-store" in held.headers["Cache-Control"]
        page = Page(held.content.decode())
        assert page.problems == []
        assert "Un grand territoire est déjà à l’étude." in page.text
        assert client.get(EPCI).status_code == 200
    assert client.get(path).status_code == 200


def test_only_one_waits_for_its_turn(asked: HttpRequest) -> None:
    with bounds.spent(asked, "reg-27"):
        assert bounds._seats.acquire(blocking=False)
        try:
            with pytest.raises(bounds.HeldBack), bounds.spent(asked, "france"):
                pass
        finally:
            bounds._seats.release()


def test_a_computation_that_fails_gives_its_turn_back(asked: HttpRequest) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), bounds.spent(asked, "france"):
            raise ZeroDivisionError


def test_what_is_kept_is_given_while_another_is_computed(
    client: Client, registry: datetime, asked: HttpRequest
) -> None:
    first = client.get("/territoires/france/")
    with bounds.spent(asked, "france"):
        assert client.get("/territoires/france/").content == first.content


def test_an_address_has_so_many_computations_a_minute_and_kept_answers_cost_none(
    client: Client, registry: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST", 2)
    monkeypatch.setattr(bounds.time, "time", lambda: 1_000_020.0)
    told = [client.get(f"{EPCI}?seuil={n}").status_code for n in (11, 12, 11, 12, 13, 11)]
    assert told == [200, 200, 200, 200, 429, 200]
    held = client.get(f"{EPCI}?seuil=14")
    assert 1 <= int(held.headers["Retry-After"]) <= 60
    page = Page(held.content.decode())
    assert page.problems == []
    assert "Beaucoup d’essais en une minute." in page.text
    assert client.get(f"{EPCI}?seuil=14", REMOTE_ADDR="192.0.2.9").status_code == 200
    with override_settings(API_RATE=0):
        assert client.get(f"{EPCI}?seuil=14").status_code == 200


def test_a_wide_territory_counts_for_twelve(asked: HttpRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST", 24)
    for _ in range(2):
        with bounds.spent(asked, "reg-27"):
            pass
    for reference in ("france", "epci-243900420"):
        with pytest.raises(bounds.HeldBack) as held, bounds.spent(asked, reference):
            pass
        assert held.value.why == "often"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::8", True),
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
    ],
)
def test_a_visitor_is_an_address_or_the_network_of_a_household(one: str, other: str, same: bool) -> None:
    ask = RequestFactory()
    prints = [bounds.visitor(ask.get("/", REMOTE_ADDR=address)) for address in (one, other)]
    assert (prints[0] == prints[1]) is same
    assert one not in prints[0]


@pytest.mark.parametrize("kind", ["json", "csv", "geojson"])
def test_two_questions_of_one_territory_are_two_files(client: Client, registry: datetime, kind: str) -> None:
    """The answer kept for one question is never given to another, whatever was asked first."""
    plain, tried, back = (client.get(f"{EPCI}constat.{kind}{query}").content for query in ("", "?ouvrir=39546", ""))
    assert plain == back
    assert plain != tried
    assert client.get(f"{EPCI}constat.{kind}?ouvrir=39546").content == tried


def test_a_report_that_cannot_be_printed_is_said_and_its_figures_are_near(
    client: Client, registry: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*told: Any) -> bytes:
        raise NoReport("epci-243900420")

    monkeypatch.setattr(files, "written", none)
    answer = client.get(f"{EPCI}constat.pdf?seuil=15")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    page = Page(answer.content.decode())
    assert page.problems == []
    assert f"{EPCI}?seuil=15" in page.links


@pytest.mark.parametrize(("bound", "most"), [("MOST_BYTES", 25), ("MOST_ANSWERS", 2)])
def test_the_oldest_answers_give_way_where_too_much_is_kept(
    monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    monkeypatch.setattr(kept, "_weights", {})
    monkeypatch.setattr(kept, bound, most)
    for key in ("a", "b", "a", "c"):
        kept._keep(key, b"0123456789", 60)
    assert [key for key in "abc" if aside.get(key)] == ["a", "c"]
    assert list(kept._weights) == ["a", "c"]
