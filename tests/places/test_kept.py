import gzip
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from maillage.journal.queries import aside
from maillage.places.actions import remove_place, rename_slug, restore_place
from maillage.places.queries import place_by_slug
from tests.web import cast


@pytest.fixture(autouse=True)
def registry(small_ground: None, now: datetime) -> Iterator[time_machine.Traveller]:
    aside.clear()
    cast.load(now=now)
    with time_machine.travel(now, tick=False) as clock:
        yield clock


def test_a_page_is_written_once_and_given_again(client: Client) -> None:
    first = client.get("/lieux/")
    with CaptureQueriesContext(connection) as asked:
        again = client.get("/lieux/")
    assert again.content == first.content
    assert again.headers["ETag"] == first.headers["ETag"]
    assert len(asked) == 2


def test_a_browser_that_has_it_gets_nothing_but_unchanged(client: Client) -> None:
    etag = client.get("/lieux/").headers["ETag"]
    response = client.get("/lieux/", headers={"if-none-match": etag})
    assert response.status_code == 304
    assert response.content == b""


def test_compressed_or_not_it_is_the_same_page(client: Client) -> None:
    plain = client.get("/lieux/")
    packed = client.get("/lieux/", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_a_change_of_the_registry_is_seen_at_once(client: Client, now: datetime) -> None:
    assert "Bureau 01" not in client.get("/lieux/").content.decode()
    cast.load(now=now + timedelta(hours=1), more=1)
    assert "Bureau 01" in client.get("/lieux/").content.decode()


def test_what_is_open_follows_the_clock(client: Client, registry: time_machine.Traveller, now: datetime) -> None:
    assert "Ouvert en ce moment, jusqu’à 18" in client.get("/lieux/?pres=39093").content.decode()
    registry.move_to(now.replace(hour=20))
    assert "Ouvert en ce moment, jusqu’à" not in client.get("/lieux/?pres=39093").content.decode()


def test_languages_and_questions_are_kept_apart(client: Client) -> None:
    pages = {client.get(path).content for path in ("/lieux/", "/en/lieux/", "/lieux/?q=nadine", "/lieux/?q=perrin")}
    assert len(pages) == 4


def test_an_error_is_not_kept(client: Client) -> None:
    assert client.get("/lieux/rien/").status_code == 404
    assert client.post("/lieux/").status_code == 405


@pytest.mark.parametrize("page", ["", "affiche/", "historique/"])
def test_no_browser_keeps_that_a_place_has_left_or_moved(client: Client, now: datetime, page: str) -> None:
    """Chromium keeps a 410 and a 301 for ever unless told otherwise: the place would stay away for those who saw it."""
    nadine = place_by_slug("la-boutique-de-nadine").place
    assert nadine
    done = {"place_id": nadine.pk, "by": "test", "now": now}
    here = f"/lieux/la-boutique-de-nadine/{page}"
    remove_place(reason="doublon", **done)
    answer = client.get(here)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (410, "no-cache")
    restore_place(**done)
    assert client.get(here).status_code == 200
    rename_slug(slug="la-boutique", **done)
    answer = client.get(here)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (301, "no-cache")
    rename_slug(slug="la-boutique-de-nadine", **done)
    assert client.get(here).status_code == 200


def test_no_program_keeps_that_a_place_has_left_or_moved(client: Client, now: datetime) -> None:
    nadine = place_by_slug("la-boutique-de-nadine").place
    assert nadine
    done = {"place_id": nadine.pk, "by": "test", "now": now}
    rename_slug(slug="la-boutique", **done)
    answer = client.get("/api/v1/places/la-boutique-de-nadine")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (301, "no-cache")
    remove_place(reason="doublon", **done)
    answer = client.get("/api/v1/places/la-boutique")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (410, "no-store")
