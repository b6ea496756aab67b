"""The download of the official census, against a server of this machine that cuts, refuses, redirects and lies."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from maillage.network.exchange.sources.official_census import Address, addresses, fetch, places_from_folder

CENSUS = (
    "ID_UNIQUE;NOM;ADRESSE;CODPOST;VILLE;LATITUDE;LONGITUDE\n"
    + "".join(f"TL{n};Lieu {n};1 rue du Moulin;39380;Chamblay;46,99;5,70\n" for n in range(8000))
).encode("utf-8-sig")


@dataclass
class Server:
    """What the server does next, and what it was asked."""

    port: int = 0
    body: bytes = CENSUS
    etag: str = '"v1"'
    cut_after: int | None = None
    code: int = 200
    location: str = ""
    silent: bool = False
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)

    def address(self, year: str = "2026", path: str = "/census.csv") -> Address:
        return Address(year, f"Recensement {year}", f"recensement-{year}.csv", f"http://127.0.0.1:{self.port}{path}")


def handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None: ...

        def do_HEAD(self) -> None:
            self.answer(head=True)

        def do_GET(self) -> None:
            self.answer(head=False)

        def answer(self, *, head: bool) -> None:
            wanted = self.headers.get("Range", "")
            server.asked.append((self.command, self.path, wanted))
            if server.silent:
                stopped.wait(5)
                return
            if server.code != 200 or self.path == "/gone.csv":
                self.send_response(404 if self.path == "/gone.csv" else server.code)
                if server.location:
                    self.send_header("Location", server.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = 0
            if wanted and self.headers.get("If-Range") == server.etag:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(server.body) - 1}/{len(server.body)}")
            else:
                self.send_response(200)
            self.send_header("ETag", server.etag)
            self.send_header("Content-Length", str(len(server.body) - start))
            self.end_headers()
            if not head:
                self.wfile.write(server.body[start : server.cut_after])
                server.sent.append(len(server.body[start : server.cut_after]))
                if server.cut_after is not None:
                    self.close_connection = True

    return Handler


stopped = threading.Event()


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler(told))
    told.port = running.server_address[1]
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    stopped.clear()
    thread.start()
    yield told
    stopped.set()
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture(autouse=True)
def online(settings) -> None:
    """These tests ask only this machine."""
    settings.OFFLINE = False


def test_the_census_is_fetched_once_and_its_bar_runs_to_the_end(server, tmp_path):
    steps = []

    class Bar:
        def step(self, count: int = 1) -> None:
            steps.append(count)

    @contextmanager
    def progress(total: int):
        assert total == len(CENSUS)
        yield Bar()

    fetched = fetch(home=tmp_path, known=[server.address()], progress=progress)
    assert (fetched.path, fetched.reason) == (tmp_path / "downloads" / "recensement-2026.csv", "")
    assert fetched.path.read_bytes() == CENSUS
    assert sum(steps) == len(CENSUS)
    assert [file.name for file in (tmp_path / "downloads").iterdir()] == ["recensement-2026.csv"]
    asked = len(server.asked)
    assert fetch(home=tmp_path, known=[server.address()]) == fetched
    assert len(server.asked) == asked


def test_an_interrupted_download_goes_on_where_it_stopped(server, tmp_path):
    server.cut_after = 100_000
    cut = fetch(home=tmp_path, known=[server.address()])
    assert cut.path is None
    assert (
        cut.reason
        == "Recensement 2026\u202f: téléchargement interrompu\u202f; relancez, il reprendra où il s’est arrêté."
    )
    assert (tmp_path / "downloads" / "recensement-2026.csv.part").stat().st_size == 100_000
    server.cut_after = None
    fetched = fetch(home=tmp_path, known=[server.address()])
    assert fetched.path.read_bytes() == CENSUS
    assert server.asked[-1] == ("GET", "/census.csv", "bytes=100000-")
    assert server.sent == [100_000, len(CENSUS) - 100_000]


def test_two_versions_of_the_file_are_never_joined(server, tmp_path):
    server.cut_after = 100_000
    fetch(home=tmp_path, known=[server.address()])
    server.cut_after, server.etag, server.body = None, '"v2"', CENSUS.replace(b"Lieu", b"Endroit")
    assert fetch(home=tmp_path, known=[server.address()]).path.read_bytes() == server.body


def test_a_part_longer_than_the_file_starts_again(server, tmp_path):
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / "recensement-2026.csv.part").write_bytes(b"x" * 10)
    assert fetch(home=tmp_path, known=[server.address()]).path.read_bytes() == CENSUS


def test_an_older_census_answers_when_the_newest_is_gone(server, tmp_path):
    fetched = fetch(home=tmp_path, known=[server.address("2026", "/gone.csv"), server.address("2023")])
    assert (fetched.title, fetched.path.name) == ("Recensement 2023", "recensement-2023.csv")


def test_what_is_no_census_is_not_kept(server, tmp_path):
    server.body = b"<!doctype html><html><body>Page de connexion</body></html>"
    fetched = fetch(home=tmp_path, known=[server.address()])
    assert fetched.path is None
    assert fetched.reason.startswith(
        "Recensement 2026\u202f: ce qui a été reçu n’est pas le recensement. Format inconnu"
    )
    assert list((tmp_path / "downloads").iterdir()) == []


def test_a_file_without_end_is_refused_at_the_bound(server, tmp_path):
    fetched = fetch(home=tmp_path, known=[server.address()], limit=100_000)
    assert fetched.path is None
    assert "ce n’est pas le recensement attendu" in fetched.reason


@pytest.mark.parametrize("location", ["http://example.org/census.csv", "file:///etc/passwd", "ftp://example.org/x"])
def test_a_redirection_away_from_https_is_not_followed(server, tmp_path, location):
    server.code, server.location = 302, location
    fetched = fetch(home=tmp_path, known=[server.address()])
    assert fetched.path is None
    assert len(server.asked) == 1


def test_plain_http_elsewhere_is_refused_without_asking(tmp_path):
    address = Address("2026", "Recensement", "x.csv", "http://192.0.2.1/x.csv")
    fetched = fetch(home=tmp_path, known=[address])
    assert fetched.reason == "Recensement\u202f: adresse refusée\u202f: seul https est accepté."


def test_a_silent_server_is_given_up_in_time(server, tmp_path):
    server.silent = True
    fetched = fetch(home=tmp_path, known=[server.address(), server.address("2023")], timeout=0.3)
    assert fetched.reason == "Recensement 2026\u202f: pas de réponse\u202f: pas de réseau, ou le serveur se tait."
    assert len(server.asked) == 1


def test_offline_nobody_is_asked(server, tmp_path, settings):
    settings.OFFLINE = True
    fetched = fetch(home=tmp_path, known=[server.address()])
    assert (fetched.path, server.asked) == (None, [])
    assert fetched.reason == "MAILLAGE_OFFLINE=1\u202f: aucune demande ne part de cette machine."


def test_the_addresses_are_those_of_three_censuses_over_https():
    known = addresses()
    assert [address.year for address in known] == ["2026", "2023", "2019"]
    assert all(address.url.startswith("https://") and address.file.endswith(".csv") for address in known)


def test_a_folder_gives_its_files_in_order(tmp_path):
    assert places_from_folder(tmp_path) == []
    for name in ("places.csv.gz", "CGET_TiersLieux_2019.csv", "communes.csv.gz"):
        (tmp_path / name).touch()
    assert [path.name for path in places_from_folder(tmp_path)] == ["CGET_TiersLieux_2019.csv", "places.csv.gz"]
