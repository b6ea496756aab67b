"""A host of this machine that plays another instance, well or badly: it signs what it is told to say."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from maillage.network.exchange.rules.feeds import keys, pages
from maillage.network.exchange.rules.feeds.signing import Asked, headers_of

SECRET = b"un secret d'ailleurs"
NOON = 1_795_339_000
"""Just before the day of the tests, in seconds since 1970."""


@dataclass
class Stranger:
    """What it says: `places` page by page; `body` and `headers` bend an answer before and after it is signed."""

    url: str = ""
    pages: list[list[dict]] = field(default_factory=lambda: [[]])
    number: int = 1
    turns: list[keys.Turn] = field(default_factory=list)
    created: int = NOON
    restored: str | None = None
    code: int = 200
    more: dict[str, Any] = field(default_factory=dict)
    body: Callable[[bytes], bytes] = bytes
    headers: Callable[[dict[str, str]], dict[str, str]] = dict
    sent: Callable[[bytes], bytes] = bytes
    asked: list[str] = field(default_factory=list)

    @property
    def site(self) -> str:
        return self.url.partition("://")[2].replace(".", "-").replace(":", "-")

    @property
    def key(self) -> str:
        return keys.public_of(keys.private_key(SECRET, self.number))

    def turn(self) -> None:
        """Sign with another key, which the one of before hands over to."""
        old = keys.private_key(SECRET, self.number)
        self.number += 1
        self.turns.append(keys.hand_over(self.site, old, self.key))

    def card(self) -> dict[str, Any]:
        return {
            "maillage": 1,
            "site": self.site,
            "name": "Ailleurs",
            "url": self.url,
            "key": self.key,
            "turns": [{"old": one.old, "new": one.new, "word": one.word} for one in self.turns],
            "licences": ["Licence Ouverte 2.0"],
            "places": sum(map(len, self.pages)),
            "follows": [],
        } | self.more.get("card", {})

    def page(self, since: str) -> bytes:
        at = int(since.partition(".")[0])
        told = {
            "changes": [],
            "more": at + 1 < len(self.pages),
            "next": f"{pages.FEED}?since={min(at + 1, len(self.pages))}.0&limit=500&records=1",
            "site": self.site,
            "restored": self.restored,
            "places": self.pages[at] if at < len(self.pages) else [],
        } | self.more.get("page", {})
        return self.body(json.dumps(told).encode())


def place(told: Stranger, number: int, **more: Any) -> dict[str, Any]:
    """A place of that instance; its values beside its name and commune."""
    source = {
        "slug": "recensement",
        "name": "Recensement",
        "publisher": "",
        "url": "",
        "licence": "Licence Ouverte 2.0",
    }
    values = {"name": f"Lieu {number}", "commune": "39093"} | more.pop("values", {})
    record = {"ref": str(number), "licence": "Licence Ouverte 2.0", "dated": "2026-01", "values": values}
    return {
        "id": str(UUID(int=number)),
        "site": told.site,
        "url": f"{told.url}/lieux/lieu-{number}/",
        "slug": f"lieu-{number}",
        "version": 1,
        "demo": False,
        "confirmed_at": None,
        "removed": None,
        "replaced_by": None,
        "replaces": [],
        "records": [record | {"source": source | {"demo": False}}],
    } | more


def gone(told: Stranger, number: int, **more: Any) -> dict[str, Any]:
    """A place that has left."""
    return place(told, number, removed="contraire à la charte", records=[], **more)


@contextmanager
def listening() -> Iterator[Stranger]:
    told = Stranger()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            told.asked.append(self.path)
            path, _, query = self.path.partition("?")
            if path == pages.CARD:
                return self.say(200, json.dumps(told.card()).encode(), {})
            if told.code != 200 and "since=0.0" not in query:
                return self.say(told.code, b"{}", {})
            body = told.page(query.partition("since=")[2].partition("&")[0])
            key = keys.private_key(SECRET, told.number)
            headers = told.headers(headers_of(body, Asked(path, query), key, told.created))
            return self.say(200, told.sent(body), headers)

        def say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield told
        server.shutdown()
