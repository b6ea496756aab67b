"""An address given as a source asks no machine of the private network, and takes neither more time nor more room."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from maillage.network.exchange.labels import FETCH_PROBLEMS
from maillage.network.exchange.rules.reports import FileRefused
from maillage.network.exchange.sources.fetching import FetchFailed, check_address, fetch
from maillage.territory.sources import guarded
from tests.network.exchange import spellings
from tests.network.exchange.outside import BODY, Outside, outside

__all__ = ["outside"]


class Canary(BaseHTTPRequestHandler):
    """Somebody who lives here, and should never be asked."""

    sang: list[str]

    def do_GET(self) -> None:
        self.sang.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None: ...


class Six(ThreadingHTTPServer):
    address_family = socket.AF_INET6


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, list[str], list[str]]]:
    """A port of 127.0.0.1 and of ::1 that the guard would let through; what was asked there, who was connected to."""
    kind = type("Sang", (Canary,), {"sang": []})
    four = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    running = [four]
    with suppress(OSError):
        running.append(Six(("::1", four.server_port), kind))
    for server in running:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    tried: list[str] = []
    real = socket.create_connection

    def connect(where: tuple[str, int], *rest: object) -> socket.socket:
        tried.append(where[0])
        return real(where, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(guarded, "ALSO_PORTS", (four.server_port,))
    yield four.server_port, kind.sang, tried
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def online(settings) -> None:
    """These tests ask only this machine."""
    settings.OFFLINE = False


def why(act: Callable[[], object]) -> str:
    with pytest.raises(FetchFailed) as refused:
        act()
    return refused.value.code


def test_no_spelling_of_an_address_reaches_this_machine_or_its_neighbours(canary):
    port, sang, tried = canary
    assert len(spellings.ALL) >= 150
    codes = {url: why(lambda url=url: fetch(url.replace("{p}", str(port)), seconds=5)) for url in spellings.ALL}
    assert (sang, tried) == ([], [])
    assert set(codes.values()) <= {"address", "password", "port", "private", "name"}
    assert sum(code == "private" for code in codes.values()) > 100


def test_without_the_guard_the_same_spellings_reach_the_canary(canary, monkeypatch):
    """The negative control: what is refused above would have been had."""
    port, sang, _tried = canary
    monkeypatch.setattr(guarded, "is_outside", lambda address: address.is_loopback)
    for url in spellings.ALL:
        with suppress(FetchFailed):
            fetch(url.replace("{p}", str(port)), seconds=2)
    assert len(sang) > 50


def test_a_name_that_changes_its_mind_is_connected_to_where_it_was_checked(canary, monkeypatch):
    port, sang, tried = canary
    answers = iter(["9.9.9.9", "127.0.0.1", "127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (next(answers), port))])

    def outer(where: tuple[str, int], *_: object) -> socket.socket:
        tried.append(where[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", outer)
    assert why(lambda: fetch(f"http://rebond.example:{port}/")) == "refused"
    assert why(lambda: fetch(f"http://rebond.example:{port}/")) == "private"
    assert (sang, tried) == ([], ["9.9.9.9"])


@pytest.mark.parametrize("inside", ["10.0.0.1", "127.0.0.1", "::1", "169.254.169.254", "::ffff:10.0.0.1"])
def test_one_address_inside_among_others_refuses_a_name(canary, monkeypatch, inside):
    port, sang, tried = canary
    where = [(2, 1, 6, "", (one, port)) for one in ("9.9.9.9", inside)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: where)
    assert why(lambda: fetch("http://mairie.example/")) == "private"
    assert (sang, tried) == ([], [])


@pytest.mark.parametrize(
    ("path", "code"),
    [
        *(("bomb", "big"), ("huge", "big"), ("flood", "big"), ("loop", "redirected"), ("inside", "private")),
        *(("metadata", "private"), ("file", "address"), ("userinfo", "password"), ("gone", "answer"), ("short", "cut")),
        *(("nowhere", "redirected"), ("brotli", "packed"), ("rotten", "packed"), ("never", "answer")),
    ],
)
def test_answers_that_are_not_taken(outside: Outside, path, code):
    assert why(lambda: fetch(f"{outside.url}/{path}", limit=1_000_000, loopback=True)) == code


@pytest.mark.parametrize("path", ["drip", "heads", "endless", "continues", "silent"])
def test_what_never_ends_is_over_in_time(outside: Outside, path):
    started = time.monotonic()
    assert why(lambda: fetch(f"{outside.url}/{path}", seconds=0.6, loopback=True)) == "slow"
    assert time.monotonic() - started < 3


def test_a_name_server_that_hangs_is_given_up_on(monkeypatch):
    hung = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: hung.wait(10) and [])
    started = time.monotonic()
    assert why(lambda: fetch("https://lent.example/", seconds=0.4)) in ("slow", "silence")
    assert time.monotonic() - started < 3
    hung.set()


def test_a_source_is_had_whole_and_not_again_when_it_is_the_same(outside: Outside):
    first = fetch(f"{outside.url}/lieux.csv", loopback=True)
    assert (first.body, first.etag) == (BODY, outside.etag)
    assert first.last_modified == "Mon, 23 Nov 2026 08:00:00 GMT"
    again = fetch(f"{outside.url}/lieux.csv", etag=first.etag, last_modified=first.last_modified, loopback=True)
    assert again.body is None
    assert fetch(f"{outside.url}/packed", loopback=True).body == BODY
    assert fetch(f"{outside.url}/moved", loopback=True).body == BODY
    told = outside.asked[-1][1]
    assert told["User-Agent"].startswith("maillage/") and not {"Cookie", "Authorization"} & set(told)


def test_nothing_is_asked_offline_and_every_reason_has_its_words(settings):
    settings.OFFLINE = True
    with pytest.raises(FileRefused) as refused:
        fetch("https://exemple.fr/lieux.csv")
    assert str(refused.value) == (
        "Ce serveur ne va pas sur le réseau (MAILLAGE_OFFLINE=1)\u202f: aucune demande ne part de cette machine."
    )
    with pytest.raises(FetchFailed) as refused:
        check_address("http://moi:secret@mairie.example/a.csv")
    assert str(refused.value) == (
        "L’adresse contient un nom ou un mot de passe\u202f: donnez celle d’un fichier ouvert à tous, sans identifiant."
    )
    said = str(guarded.NotHad.__doc__).partition("The codes: ")[2].replace("\n", " ").rstrip(" .")
    codes = {code.split()[0] for code in said.split(",")}
    assert codes | {"offline"} == set(FETCH_PROBLEMS)
