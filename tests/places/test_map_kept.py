"""A tile that was answered once is answered again without the site, and never to another question."""

import gzip
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError
from django.test import Client, override_settings
from prometheus_client import REGISTRY

from maillage.journal.actions import write
from maillage.places import queries
from maillage.places.actions import remove_place
from maillage.places.models import Place
from maillage.places.queries import map_version
from maillage.web import kept_tiles
from maillage.web.kept_tiles import KeptTiles
from tests.web import cast

FRANCE = "/carte/lieux/0/0/0.json"
Answer = tuple[str, dict[str, str], bytes]


class Site:
    """The site behind `KeptTiles`, and how many questions came so far."""

    def __init__(self) -> None:
        self.behind, self.reached = WSGIHandler(), 0
        self.front = KeptTiles(self.counted)

    def counted(self, environ: Any, start_response: Any) -> Any:
        self.reached += 1
        return self.behind(environ, start_response)

    def ask(self, path: str = FRANCE, query: str = "", method: str = "GET", **more: str) -> Answer:
        """Ask as a server does: status, headers, body."""
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "localhost"}
        environ |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_ACCEPT_ENCODING": "gzip", **more}
        said: list[Any] = []
        answer = self.front(
            environ | {"wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "REMOTE_ADDR": "127.0.0.1"},
            lambda status, headers: said.extend([status, dict(headers)]),  # type: ignore[arg-type, return-value]
        )
        body = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        return said[0], said[1], body


@pytest.fixture
def site(small_ground: None, now: datetime) -> Iterator[Site]:
    cast.load(now=now, more=30)
    with time_machine.travel(now, tick=False):
        yield Site()


@pytest.mark.parametrize("accepted", ["gzip, br", "br", ""])
@pytest.mark.parametrize("query", ["", "v=0-0", "now"])
def test_the_second_answer_is_the_first_without_the_site(site: Site, accepted: str, query: str) -> None:
    asked = f"v={map_version()}" if query == "now" else query
    first = site.ask(query=asked, HTTP_ACCEPT_ENCODING=accepted)
    assert first[0] == "200 OK"
    assert first[1]["Content-Length"] == str(len(first[2]))
    assert site.ask(query=asked, HTTP_ACCEPT_ENCODING=accepted, HTTP_ACCEPT_LANGUAGE="en", HTTP_COOKIE="a=b") == first
    assert site.reached == 1


def test_each_question_gets_its_own_answer(site: Site) -> None:
    packed, plain = site.ask(), site.ask(HTTP_ACCEPT_ENCODING="")
    assert gzip.decompress(packed[2]) == plain[2]
    assert "Content-Encoding" not in plain[1]
    lasting = site.ask(query=f"v={map_version()}")
    assert lasting[1]["Cache-Control"] == "public, max-age=31536000, immutable"
    assert site.ask()[1]["Cache-Control"] == "public, no-cache"
    assert site.ask("/carte/lieux/5/16/11.json")[2] != packed[2]


def test_a_change_is_seen_at_once(site: Site, now: datetime) -> None:
    first, _ = site.ask(), site.ask()
    remove_place(place_id=Place.objects.get(name="La Boutique de Nadine").pk, reason="x", by="x", now=now)
    fresh = site.ask(HTTP_IF_NONE_MATCH=first[1]["ETag"])
    assert fresh[0] == "200 OK"
    assert fresh[1]["ETag"] != first[1]["ETag"]
    assert gzip.decompress(fresh[2]) != gzip.decompress(first[2])


def test_what_is_written_while_the_site_answers_is_not_missed(site: Site, now: datetime) -> None:
    behind = site.behind

    def answer_then_change(environ: Any, start_response: Any) -> Any:
        answer = behind(environ, start_response)
        write(action="places.anything", by="x", now=now, subject="x")
        return answer

    site.behind = answer_then_change  # type: ignore[assignment]
    site.ask()
    site.ask()
    assert site.reached == 2


def test_what_a_browser_has_already_is_not_sent_again(site: Site) -> None:
    etag = site.ask()[1]["ETag"]
    status, headers, body = site.ask(HTTP_IF_NONE_MATCH=etag)
    assert (status, body, site.reached) == ("304 Not Modified", b"", 1)
    assert headers == {
        "ETag": etag,
        "Cache-Control": "public, no-cache",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    assert site.ask(HTTP_IF_NONE_MATCH='"other"')[0] == "200 OK"


def test_a_forged_host_is_refused_after_a_good_one(site: Site) -> None:
    site.ask()
    assert site.ask(HTTP_HOST="evil.example")[0] == "400 Bad Request"
    assert site.ask(HTTP_HOST="evil.example")[0] == "400 Bad Request"


def test_plain_http_is_sent_to_https_after_https_was_answered(small_ground: None) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        site = Site()
        for _ in range(2):
            assert site.ask(HTTP_X_FORWARDED_PROTO="https")[0] == "200 OK"
            assert site.ask()[0] == "301 Moved Permanently"


@pytest.mark.parametrize("query", ["activite=coworking", "ouvert=1", "v=1&v=2", "&"])
def test_other_questions_go_to_the_site(site: Site, query: str) -> None:
    site.ask(query=query)
    site.ask(query=query)
    assert site.reached == 2


def test_tiles_are_only_read(site: Site) -> None:
    got = site.ask()
    head = site.ask(method="HEAD")
    assert (head[0], head[1]["ETag"], head[1]["Content-Length"]) == (got[0], got[1]["ETag"], got[1]["Content-Length"])
    assert site.ask(method="POST")[0] == "403 Forbidden"


def test_every_answer_is_counted_under_its_page(site: Site) -> None:
    before = counted()
    etag = site.ask()[1]["ETag"]
    site.ask()
    site.ask(HTTP_IF_NONE_MATCH=etag)
    assert [after - known for known, after in zip(before, counted(), strict=True)] == [2, 1, 3]


def counted() -> list[float]:
    told = {"view": "map_places", "method": "GET"}
    requests = [REGISTRY.get_sample_value("maillage_requests_total", told | {"status": s}) for s in ("2xx", "3xx")]
    timed = REGISTRY.get_sample_value("maillage_request_seconds_count", {"view": "map_places"})
    return [value or 0 for value in (*requests, timed)]


def test_without_a_database_the_site_says_so_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.ask()

    def gone() -> tuple[int, str]:
        raise OperationalError

    monkeypatch.setattr(queries, "standing", gone)
    assert site.ask()[0] == "200 OK"
    assert site.reached == 2


def test_no_visitor_can_fill_the_memory(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_tiles, "MOST_KEPT", 3)
    for number in range(20):
        site.ask(query=f"v={number}")
    assert len(site.front.kept[1]) <= 3


def test_what_a_visitor_makes_up_makes_no_other_answer_to_keep(site: Site) -> None:
    for n in range(5):
        site.ask(HTTP_X_FORWARDED_PROTO="h" * 6_000 + str(n), HTTP_ACCEPT_ENCODING=f"gzip;q=0.{n + 1}, br")
    assert site.reached == 1
    assert all(len(repr(question)) < 200 for question in site.front.kept[1])


@pytest.mark.parametrize("said", ["gzip;q=0", "br, notgzip", "", "identity, *;q=0"])
def test_who_does_not_take_gzip_gets_none(site: Site, said: str) -> None:
    site.ask()
    _status, headers, body = site.ask(HTTP_ACCEPT_ENCODING=said)
    assert "Content-Encoding" not in headers
    assert body.startswith(b"{")


@pytest.mark.parametrize("path", ["/lieux/", "/api/v1/places", "/carte/lieux/0/0/0.json", "/api/v1/territories?q=dole"])
@pytest.mark.parametrize(("said", "packed"), [("gzip;q=0", False), ("notgzip", False), ("br, GZIP;q=0.1", True)])
def test_every_answer_kept_packed_is_read_in_the_same_way(
    client: Client, small_ground: None, path: str, said: str, packed: bool
) -> None:
    answer = client.get(path, headers={"Accept-Encoding": said})
    assert answer.status_code == 200
    assert (answer.headers.get("Content-Encoding") == "gzip") == packed
