"""A provider of payments that is a real server on this machine: HelloAsso's shapes, and one of our own."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from maillage.management.billing.sources.bounded import ask
from maillage.management.billing.sources.helloasso import HelloAsso
from maillage.management.billing.sources.ports import FAILED, PAID, PENDING, Link, Order, ProviderUnknown, Told

ORGANISATION, CLIENT, SECRET, TOKEN = "la-maille-39", "identifiant", "mot-secret", "jeton-d-essai"


@dataclass
class Books:
    """What the provider has: checkouts, payments; `trouble` is how it answers badly."""

    checkouts: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    trouble: str = ""
    asked: list[str] = field(default_factory=list)

    def pays(self, checkout: str, cents: int, *, number: str = "", state: str = "Authorized") -> str:
        """Somebody pays by a checkout; the number of the payment."""
        own = number or str(9_000 + len(self.payments))
        self.payments[own] = {"checkout": checkout, "cents": cents, "state": state}
        return own


@dataclass
class Fake:
    """A second provider, of another shape: what any other adapter has to keep to."""

    host: str
    name: str = "essai"
    method: str = "card"

    def create_link(self, order: Order) -> Link:
        told = ask("POST", f"{self.host}/fake/links", body={"cents": order.amount_cents, "about": dict(order.metadata)})
        return Link(str(told["ref"]), str(told["url"]))

    def read_payment(self, reference: str) -> Told:
        if not reference.isascii() or not reference.isdigit():
            raise ProviderUnknown
        told = ask("GET", f"{self.host}/fake/payments/{reference}")
        states = {"Authorized": PAID, "Pending": PENDING}
        state = states.get(str(told["state"]), FAILED)
        day = date.fromisoformat(str(told["day"]))
        return Told(reference, state, int(told["cents"]), day, dict(told["about"]) if state == PAID else {})

    def hinted(self, body: Mapping[str, object]) -> tuple[str, int | None]:
        cents = body.get("cents")
        return str(body.get("payment", "")), cents if isinstance(cents, int) else None


@contextmanager
def serving(books: Books) -> Iterator[str]:
    """The address of the server, while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_told: Any) -> None:
            """Silent."""

        def do_GET(self) -> None:
            self._serve({})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            form = "json" not in self.headers.get("Content-Type", "")
            self._serve({k: v[0] for k, v in parse_qs(raw.decode()).items()} if form else json.loads(raw))

        def _serve(self, body: dict[str, Any]) -> None:
            books.asked.append(self.path)
            status, told = answer(books, self.path, body, self.headers.get("Authorization", ""))
            if books.trouble == "slow":
                time.sleep(1.5)
            raw = b"x" * 1_000_000 if books.trouble == "huge" else json.dumps(told).encode()
            status, raw = (500, b"") if books.trouble == "500" else (status, raw)
            status, raw = (302, b"") if books.trouble == "elsewhere" else (status, raw)
            raw = b"[1]" if books.trouble == "nonsense" else raw
            try:
                self.send_response(status)
                self.send_header("Location", "http://169.254.169.254/")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)
            except OSError:
                return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(books: Books, path: str, body: dict[str, Any], bearer: str) -> tuple[int, dict[str, Any]]:
    if path == "/oauth2/token":
        good = body == {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
        return (200, {"access_token": TOKEN, "token_type": "bearer", "expires_in": 1800}) if good else (401, {})
    if path.startswith("/fake/"):
        return fake(books, path, body)
    if bearer != f"Bearer {TOKEN}":
        return 401, {}
    return helloasso(books, path, body)


def helloasso(books: Books, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The shapes of API v5: checkout-intents, payments, orders."""
    own, number = f"/v5/organizations/{ORGANISATION}/checkout-intents", path.rpartition("/")[2]
    if path == own:
        number = str(100 + len(books.checkouts))
        books.checkouts[number] = body["metadata"]
        return 200, {"id": int(number), "redirectUrl": f"https://www.helloasso.com/checkout/{number}"}
    if path.startswith(f"{own}/") and number in books.checkouts:
        return 200, {"id": int(number), "metadata": books.checkouts[number]}
    paid = books.payments.get(number)
    if path.startswith("/v5/payments/") and paid:
        order = {"id": int(number), "organizationSlug": ORGANISATION, "formType": "Checkout"}
        told = {"id": int(number), "amount": paid["cents"], "state": paid["state"], "order": order}
        return 200, told | {"date": "2026-11-21T10:00:00+01:00", "paymentMeans": "Card"}
    if path.startswith("/v5/orders/") and paid:
        checkout = {"checkoutIntentId": int(paid["checkout"])} if paid["checkout"] else {}
        return 200, {"id": int(number), "organizationSlug": ORGANISATION} | checkout
    return 404, {}


def fake(books: Books, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    number = path.rpartition("/")[2]
    if path == "/fake/links":
        number = str(100 + len(books.checkouts))
        books.checkouts[number] = body["about"]
        return 201, {"ref": number, "url": f"https://paye.example/{number}"}
    paid = books.payments.get(number)
    if not paid:
        return 404, {}
    about = books.checkouts.get(paid["checkout"], {})
    return 200, {"cents": paid["cents"], "state": paid["state"], "day": "2026-11-21", "about": about}


def account(host: str) -> HelloAsso:
    """The account of the association at the server."""
    return HelloAsso(ORGANISATION, CLIENT, SECRET, host=host)
