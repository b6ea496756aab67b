"""Ask every address in every way as everybody, and tell what does not come out as the rules say."""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.client import ClientHandler

from tests.authorisation.addresses import Address, addresses
from tests.authorisation.rules import KEYS, MAY, METHODS, OTHER, OWN, Rule, rule_of
from tests.authorisation.world import SEES, World, undone

WRITES = re.compile(r"""^\s*(INSERT\s+INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+["`]?(\w+)""", re.IGNORECASE)
FEW = frozenset({"nadine", "lila", "anonymous", "key"})
"""Those who stand for all in the rarer methods, where all of them would take too long."""
OF_THE_SESSION = {"django_session", "maillage_cache", "usersessions_usersession"}
WHEN_A_KEY_SERVED = re.compile(r"""^UPDATE "accounts_apikey" SET "last_used_at" = \S+ WHERE """)
REFUSALS = frozenset({"sign-in", "forbidden", "absent", "no-method", "no-key"})
BY_STATUS = {401: "no-key", 403: "forbidden", 404: "absent", 405: "no-method", 410: "absent"}
REFUSED_INPUT = {400, 409, 411, 412, 413, 415, 422, 428}


@dataclass(frozen=True)
class Cell:
    address: Address
    method: str
    person: str
    target: str
    url: str

    def __str__(self) -> str:
        return f"{self.address.name} {self.method} by {self.person} on {self.target} ({self.url})"


def outcome(response: HttpResponse) -> str:
    """In one word, what was answered."""
    status = response.status_code
    if 300 <= status < 400 and status != 304:
        parts = urlsplit(response.headers.get("Location", ""))
        if parts.netloc or parts.scheme or not parts.path.startswith("/"):
            return f"off-site: {response.headers.get('Location')}"
        before = parts.path.removeprefix("/en")
        return "sign-in" if before in ("/connexion/", "/administration/login/") else "moved"
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status in REFUSED_INPUT:
        return "refused-input"
    return "ok" if 200 <= status < 400 else f"status {status}"


def close(response: HttpResponse) -> None:
    """Close the files behind an answer, without telling Django that the request is over."""
    for closer in response._resource_closers:
        closer()


def whole(response: HttpResponse) -> str:
    """All that was sent: headers, cookies and body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    close(response)
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{headers}\n{response.cookies.output()}\n{body.decode('utf-8', 'replace')}"


class Environs(RequestFactory):
    """Makes what a server hands to the application, and leaves it as it is."""

    def request(self, **request: Any) -> Any:
        return self._base_environ(**request)


class Visitor:
    """Asks the site straight, without what Django's test client records of every template: thousands of times."""

    def __init__(self, *, cookie: str = "", enforce_csrf: bool = False, **headers: str) -> None:
        self.factory = Environs(headers=headers or None)
        if cookie:
            self.factory.cookies[settings.SESSION_COOKIE_NAME] = cookie
        self.handler = ClientHandler(enforce_csrf_checks=enforce_csrf)

    def ask(self, method: str, url: str, **options: Any) -> HttpResponse:
        return self.handler(getattr(self.factory, method.lower())(url, **options))


def visitor(world: World, person: str, **options: Any) -> Visitor:
    """Somebody with the session they came in with, or a program with its key."""
    if person in KEYS:
        named = {"key": world.own.secret, "other_key": world.other.secret, "reading_key": world.own.reading_secret}
        secret = named.get(person, world.own.revoked_secret)
        return Visitor(Authorization=f"Bearer {secret}", **{"If-Match": "*"}, **options)
    return Visitor(cookie=world.sessions.get(person, ""), **options)


@contextmanager
def watched() -> Iterator[list[str]]:
    """The tables written within, without those of sessions and counters, nor when a key last served."""
    written: list[str] = []

    def note(execute: Callable, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = WRITES.match(sql)
        if found and found[2] not in OF_THE_SESSION and not WHEN_A_KEY_SERVED.match(sql):
            written.append(found[2])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield written


def cells(
    world: World,
    names: Collection[str] | None = None,
    methods: Collection[str] = METHODS,
    persons: Collection[str] = tuple(MAY),
    thin: bool = False,
) -> Iterator[tuple[Cell, Rule]]:
    for address in addresses():
        if names is not None and address.name not in names:
            continue
        rule = rule_of(address.name)
        if rule is None:
            continue
        for target in rule.targets:
            for person in (*persons, *(KEYS if rule.kind == "api" else ())):
                url = address.url(world.values(target, person))
                if url is None:
                    continue
                for method in methods:
                    if thin and method not in ("GET", "POST") and person not in FEW:
                        continue
                    yield Cell(address, method, person, target, url), rule


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong with one cell."""

    cell: Cell
    what: str


def judge(world: World, cell: Cell, rule: Rule, body: dict[str, Any]) -> list[Wrong]:
    """What is wrong with one cell."""
    with undone(), watched() as written:
        given = {"data": body} if cell.method == "POST" and rule.kind != "api" else {}
        if cell.method == "PATCH" and rule.kind == "api":
            given = {"data": b'{"capacity": 3}', "content_type": "application/json"}
        response = visitor(world, cell.person).ask(cell.method, cell.url, **given)
        came, said = outcome(response), whole(response)
    wrong = []
    expected = rule.expected(cell.person, cell.method, cell.target)
    if came not in expected:
        wrong.append(f"answered {came} ({response.status_code}), expected {' or '.join(sorted(expected))}")
    if written and came in REFUSALS:
        wrong.append(f"refused ({came}) and yet wrote in {sorted(set(written))}")
    wrong += [] if rule.tells else leaks(world, cell.person, said)
    if came == "ok" and cell.method == "GET" and cell.target in (OWN, OTHER) and _tells_of_a_place(cell, said):
        mine, theirs = (world.own, world.other) if cell.target == OWN else (world.other, world.own)
        if mine.slug not in said:
            wrong.append("the page does not speak of its own place")
        if rule.kind == "desk" and f"/gerer/{theirs.slug}/" in said and cell.person != "operator":
            wrong.append("the page leads to the desk of the other place")
    return [Wrong(cell, what) for what in wrong]


def _tells_of_a_place(cell: Cell, said: str) -> bool:
    return "slug" in cell.address.arguments and "Content-Type: text/html" in said


def leaks(world: World, person: str, said: str) -> list[str]:
    """The private words in an answer that this person may not read."""
    found = [f"leaks {word}" for word, who in SEES.items() if word in said.lower() and person not in who]
    return found + [f"leaks the secret {secret[:12]}…" for secret in world.secrets if secret in said]


def sweep(world: World, names: Collection[str] | None = None, **options: Any) -> list[Wrong]:
    """Everything that is wrong at these addresses."""
    wrong: list[Wrong] = []
    for cell, rule in cells(world, names, **options):
        wrong += judge(world, cell, rule, {})
    return wrong


def told(wrong: Collection[Wrong]) -> str:
    """What is wrong, once per address, method and fault, with whom it concerns."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for one in wrong:
        asked = (one.cell.address.name, one.cell.method, one.what)
        grouped.setdefault(asked, []).append(f"{one.cell.person} on {one.cell.target}")
    return "\n".join(
        f"{name} {method}: {what}; {len(who)} cells: {', '.join(who[:4])}{' …' if len(who) > 4 else ''}"
        for (name, method, what), who in grouped.items()
    )
