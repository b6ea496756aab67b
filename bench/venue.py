"""A throw-away site with one place to book, on SQLite or PostgreSQL: made, served by `maillage serve`, asked over HTTP.

Each visitor comes from an address of their own, as through a proxy, which the server is told to trust: what one
address may ask for in a day is counted as for real people.
"""

import json
import random
import re
import shutil
import sqlite3
import string
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse
from itertools import count
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from urllib.parse import urlencode, urlparse

from bench import race, served
from bench.measure import BUILD, ROOT
from bench.served import Server

MARK = "a-bench-was-run-here"
FORM = "application/x-www-form-urlencoded"
HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|cle)" value="([^"]+)"')
CSRF = "".join(random.Random(1).choices(string.ascii_letters, k=32))
"""A token of our own: the server compares cookie and form, and knows neither."""
_visitors = count(1)


@dataclass(frozen=True)
class Venue(served.Registry):
    """A home, its database, and what stands in its place."""

    url: str = ""
    stands: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return "PostgreSQL" if self.url else "SQLite"

    @property
    def around(self) -> dict[str, str]:
        given = super().around | {"MAILLAGE_PROXIES": "1", "MAILLAGE_WORKERS": "2", "MAILLAGE_API_RATE": "0"}
        return given | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"} | ({"DATABASE_URL": self.url} if self.url else {})

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        if not self.url:
            return super().rows(sql, *values)
        import psycopg

        with psycopg.connect(self.url) as connection:
            return connection.execute(sql.replace("?", "%s").encode(), values).fetchall()

    def write(self, sql: str) -> None:
        """Change the database behind the application's back."""
        if not self.url:
            with closing(sqlite3.connect(self.home / "maillage.sqlite3")) as database, database:
                database.execute(sql)
            return
        import psycopg

        with psycopg.connect(self.url) as connection:
            connection.execute(sql.encode())

    def told(self, *command: str) -> str:
        """The last line that a Python program of ours says in this site's environment."""
        done = subprocess.run([sys.executable, *command], env=self.around, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(command[:2])} failed:\n{done.stderr[-3000:]}")
        return done.stdout.splitlines()[-1]


@contextmanager
def made(home: Path, postgres: str, *furnish: str) -> Iterator[Venue]:
    """Make a site in `home`, emptied first, and a database beside the one named, dropped at the end."""
    if home.exists() and any(home.iterdir()) and not (home / MARK).exists():
        raise SystemExit(f"{home} holds something else than a bench: nothing was touched. Give another --home.")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    (home / MARK).touch()
    BUILD.mkdir(parents=True, exist_ok=True)
    url = race.throw_away(postgres) if postgres else ""
    try:
        bare = Venue(home, {}, url)
        bare.run("migrate")
        bare.run("territory", "update", "--builtin")
        yield Venue(home, {}, url, json.loads(bare.told("-m", "bench.furnish", *furnish)))
    finally:
        if url:
            with race.server(postgres) as connection:
                connection.execute(f'DROP DATABASE "{urlparse(url).path.lstrip("/")}" WITH (FORCE)')


@contextmanager
def serving(venue: Venue, *, guarded: bool = True, port: int = 0) -> Iterator[Server]:
    """Serve it as anybody would; without the guard, by the server that nothing holds back."""
    port = port or served.free_port()
    module = "maillage" if guarded else "bench.unguarded"
    command = [sys.executable, "-m", module, "serve", "--port", str(port)]
    around = venue.around | {"MAILLAGE_URL": f"http://localhost:{port}"}
    with served.start(command, around, port, venue.home / "serve.log", "/healthz") as server:
        yield server


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said, and after how many milliseconds its last byte came; status 0: it said nothing."""

    status: int
    body: str = ""
    location: str = ""
    ms: float = 0.0
    size: int = 0


class Client:
    """One connection that stays open; each visitor who uses it has an address and a name of their own."""

    def __init__(self, port: int) -> None:
        self.port, self.connection = port, HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        """Ask once; a server that is dead or dies meanwhile is an answer of status 0."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        started = time.perf_counter()
        try:
            self.connection.request(
                method,
                path,
                body=body.encode() or None,
                headers={"Host": f"localhost:{self.port}", "Accept-Language": "fr", **named},
            )
            found: HTTPResponse = self.connection.getresponse()
            data = found.read()
        except (OSError, HTTPException):
            self.connection.close()
            return Answer(0, ms=(time.perf_counter() - started) * 1000)
        spent = (time.perf_counter() - started) * 1000
        body = "" if found.headers.get("Content-Encoding") else data.decode("utf-8", "replace")
        return Answer(found.status, body, found.headers.get("Location", ""), spent, len(data))

    def close(self) -> None:
        self.connection.close()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who books once."""

    number: int = field(default_factory=lambda: next(_visitors))

    @property
    def email(self) -> str:
        return f"v{self.number}@example.org"

    @property
    def name(self) -> str:
        return f"Visiteuse {self.number}"

    @property
    def address(self) -> str:
        return f"10.{self.number >> 16 & 255}.{self.number >> 8 & 255}.{self.number & 255}"

    @property
    def form(self) -> dict[str, str]:
        return {"name": self.name, "email": self.email}


def path(slug: str, space: str, start: datetime, end: datetime) -> str:
    """The third step: the form for a space and a time."""
    told = {"espace": space, "de": f"{start:%Y-%m-%dT%H:%MZ}", "a": f"{end:%Y-%m-%dT%H:%MZ}"}
    return f"/lieux/{slug}/reserver/?{urlencode(told)}"


def post(client: Client, where: str, form: dict[str, Any], *, address: str, cookie: str = "") -> Answer:
    """Send a form with our own token, as after its page was read."""
    cookies = "; ".join(filter(None, (cookie, f"csrftoken={CSRF}")))
    body = urlencode({"csrfmiddlewaretoken": CSRF, **form}, doseq=True)
    return client.ask("POST", where, body, Content_Type=FORM, Cookie=cookies, X_Forwarded_For=address)


def book_blind(client: Client, where: str, visitor: Visitor, key: str) -> Answer:
    """The third step sent at once, without reading its page first."""
    return post(client, where, visitor.form | {"cle": key}, address=visitor.address)


def at_once(acts: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Do these at the same moment, one thread each."""
    gate, told = Barrier(len(acts)), [Answer(0)] * len(acts)

    def one(number: int) -> None:
        gate.wait()
        told[number] = acts[number]()

    crowd = [Thread(target=one, args=(number,)) for number in range(len(acts))]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    return told


def tomorrow(days: int = 2) -> datetime:
    """Midnight of a day soon, in UTC."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)
