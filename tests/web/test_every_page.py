import gc
from contextlib import closing
from datetime import datetime
from functools import _lru_cache_wrapper

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web.page import Page

PAGES = [
    "/",
    "/lieux/",
    "/lieux/?page=2",
    "/lieux/?territoire=dep-39",
    "/lieux/?pres=39093&minutes=30",
    "/lieux/?q=rien-de-tel",
    "/doc/",
    "/doc/donnees/",
    "/doc/categories/",
    "/doc/accessibilite/",
    "/doc/mentions/",
    "/doc/servir/",
    "/schema/",
    "/schema/valider/",
    "/donnees/",
    "/observatoire/",
    "/observatoire/rural/",
]


@pytest.mark.parametrize("path", [*PAGES, *(f"/en{path}" for path in PAGES)])
def test_a_page_is_whole_in_both_languages(client: Client, registry: datetime, path: str) -> None:
    response = client.get(path)
    page = Page(response.content.decode())
    assert response.status_code == 200
    assert page.problems == []
    language = "en" if path.startswith("/en/") else "fr"
    assert page.attributes["html"] == [{"lang": language}]
    assert len(page.attributes["h1"]) == len(page.attributes["main"]) == len(page.attributes["title"]) == 1
    assert len(page.head("meta", name="description")) == len(page.head("link", rel="canonical")) == 1
    assert page.links[0] == "#content"


def status(client: Client, link: str) -> int:
    """How a link answers; the file that it may open is closed."""
    with closing(client.get(link)) as answer:
        return answer.status_code


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_ours_leads_somewhere(client: Client, registry: datetime, path: str) -> None:
    page = Page(client.get(path).content.decode())
    ours = {link for link in page.links if link.startswith("/") and not link.startswith("/lieux/?")}
    anchors = {link.removeprefix("#") for link in page.links if link.startswith("#")}
    asked = {link: 302 if link.endswith("/mon-compte/") or "/gerer/" in link else 200 for link in sorted(ours)}
    assert {link: status(client, link) for link in sorted(ours)} == asked
    assert anchors <= set(page.ids)


@pytest.mark.parametrize("path", PAGES)
def test_the_other_language_is_the_same_page(client: Client, registry: datetime, path: str) -> None:
    french = Page(client.get(path).content.decode())
    (other,) = [found["href"] for found in french.attributes["a"] if found.get("rel") == "alternate"]
    assert other == f"/en{path}"
    english = Page(client.get(other).content.decode())
    (back,) = [found["href"] for found in english.attributes["a"] if found.get("rel") == "alternate"]
    assert back == path


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_asked_of_another_host(client: Client, registry: datetime, path: str) -> None:
    response = client.get(path)
    page = Page(response.content.decode())
    tags = ("script", "img", "image", "use")
    loaded = [found.get("src") or found.get("href", "") for tag in tags for found in page.head(tag)]
    loaded += [f["href"] for f in page.attributes["link"] if f["rel"] not in ("canonical", "alternate")]
    assert all(address.startswith("/") for address in loaded)
    assert not response.cookies
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]


def forget_what_processes_keep() -> None:
    """Empty every function cache of Maillage: on SQLite another test's ground may bear the same number."""
    for kept in gc.get_objects():
        if type(kept) is _lru_cache_wrapper and kept.__module__.startswith("maillage."):
            kept.cache_clear()


@pytest.mark.parametrize(
    ("path", "first", "again"),
    [
        ("/", 9, 2),
        ("/lieux/", 15, 2),
        ("/lieux/?territoire=dep-39", 18, 2),
        ("/lieux/?pres=39093&minutes=30&ouvert=1", 28, 2),
        ("/lieux/?q=chamblay", 35, 2),
        ("/chercher/suggestions/?q=cham", 10, 2),
        ("/doc/donnees/", 5, 3),
        ("/doc/mentions/", 4, 2),
    ],
)
def test_a_page_asks_the_database_a_fixed_number_of_questions(
    client: Client,
    registry: datetime,
    path: str,
    first: int,
    again: int,
) -> None:
    """Once the answer is known, what is left is to ask whether the registry or the ground has changed."""
    forget_what_processes_keep()
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        asked.append(len(captured))
    assert asked == [first, again]
