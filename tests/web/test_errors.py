import logging
import re
import sys
import tomllib
from datetime import datetime
from io import StringIO

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from maillage.config.settings import PACKAGE
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


@pytest.mark.parametrize("page", ["", "affiche/", "historique/"])
def test_an_address_too_long_for_a_place_is_not_kept_aside(client: Client, registry: datetime, page: str) -> None:
    assert client.get(f"/lieux/{'9' * 300}/{page}").status_code == 404


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


@pytest.mark.parametrize(("status", "lines"), [(403, 1), (500, 2)])
def test_a_refusal_is_one_line_of_the_log_and_a_fault_keeps_its_traceback(
    status: int, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = StringIO()
    handlers = [one for one in logging.getLogger().handlers if one.name == "console"]
    assert len(handlers) == 1, settings.LOGGING["root"]
    # Not `setStream`: it flushes the stream before, which an earlier test may have captured and closed.
    monkeypatch.setattr(handlers[0], "stream", written)
    # Other tests of the same process may have silenced what this one listens to.
    silenced, logger = logging.root.manager.disable, logging.getLogger("django.request")
    logging.disable(logging.NOTSET)
    for one in (logger, logging.getLogger("django")):
        monkeypatch.setattr(one, "disabled", False)
        monkeypatch.setattr(one, "propagate", True)
    try:
        raise PermissionDenied
    except PermissionDenied:
        logger.error("refus", exc_info=sys.exc_info(), extra={"status_code": status})
    finally:
        logging.disable(silenced)
    assert (written.getvalue().count("\n") > 1) == (lines > 1), written.getvalue()


def test_the_mark_of_the_site_is_found_at_its_address_of_old(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"].startswith("/static/maillage/favicon")) == (302, True)
    assert answer["Location"].endswith(".svg")


def test_no_line_of_a_photo_of_the_demo_begins_with_its_punctuation() -> None:
    told = (PACKAGE / "network/exchange/sources/demo_cast.toml").read_text(encoding="utf-8")
    photos = [photo["alt"] for place in tomllib.loads(told)["place"] for photo in place.get("photo", [])]
    assert photos
    assert not [alt for alt in photos if re.search(" [:;?!»]|« ", alt)]
