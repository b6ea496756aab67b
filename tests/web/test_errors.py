from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from maillage.web import views
from tests.web.page import Page


@pytest.mark.parametrize("path", ["/rien/", "/lieux/un-lieu-qui-n-existe-pas/x/", "/doc/rien/", "/en/rien/"])
def test_an_address_that_leads_nowhere_offers_a_search(client: Client, registry: datetime, path: str) -> None:
    response = client.get(path)
    page = Page(response.content.decode())
    assert response.status_code == 404
    assert page.problems == []
    assert page.head("input", name="q", type="search")
    assert page.head("meta", name="robots", content="noindex")
    assert not page.head("link", rel="canonical")


def test_a_missing_page_is_told_in_words(client: Client, registry: datetime) -> None:
    page = Page(client.get("/rien/").content.decode())
    assert "Une maille a sauté." in page.text
    assert "Aucune page ne se trouve à cette adresse." in page.text


@pytest.mark.parametrize("path", ["/lieux/%00", "/lieux/?q=a%00b", "/doc/%00/"])
def test_a_nul_is_refused_with_a_page(client: Client, registry: datetime, path: str) -> None:
    response = client.get(path)
    assert response.status_code in (400, 404)
    assert Page(response.content.decode()).problems == []


def test_a_closed_door_says_where_the_open_one_is(rf: RequestFactory, registry: datetime) -> None:
    response = views.forbidden(rf.get("/gerer/"), PermissionDenied())
    page = Page(response.content.decode())
    assert response.status_code == 403
    assert "Cette page n’est pas ouverte à tous." in page.text
    assert "/lieux/" in page.links


@pytest.mark.parametrize(("path", "language"), [("/", "fr"), ("/en/lieux/", "en")])
def test_our_own_failure_needs_no_database(rf: RequestFactory, path: str, language: str) -> None:
    response = views.server_error(rf.get(path))
    page = Page(response.content.decode())
    assert response.status_code == 500
    assert page.problems == []
    assert page.attributes["html"] == [{"lang": language}]
    assert page.head("link", rel="stylesheet")
