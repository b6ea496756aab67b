"""How much is computed at once, and for one visitor: a page that costs seconds never keeps the others waiting."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import BoundedSemaphore, Lock
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from maillage.accounts.adapter import client_address
from maillage.journal.queries import aside

WINDOW_S = 60
MOST = 120
"""Computations of one address in a minute and in each process; answers that are kept cost none."""
HEAVY = 12
"""What a région or the whole country counts for: each takes seconds."""
WIDE = ("france", "reg-")
PATIENCE_S = 3.0
AGAIN_S = 10
_one = Lock()
_seats = BoundedSemaphore(2)
"""One wide computation, and one that waits for its turn: any other is told to come back, and holds no thread."""


class HeldBack(Exception):
    """A computation that is put off; `why` is « busy » or « often », `wait_s` how long."""

    def __init__(self, why: str, wait_s: int) -> None:
        super().__init__(why)
        self.why, self.wait_s = why, wait_s


@contextmanager
def spent(request: HttpRequest, reference: str) -> Iterator[None]:
    """Compute something of a territory within the bounds; raises HeldBack where they are reached."""
    wide = reference.startswith(WIDE)
    if not wide:
        _count(request, 1)
        yield
        return
    if not _seats.acquire(blocking=False):
        raise HeldBack("busy", AGAIN_S)
    try:
        _count(request, HEAVY)
        if not _one.acquire(timeout=PATIENCE_S):
            raise HeldBack("busy", AGAIN_S)
        try:
            yield
        finally:
            _one.release()
    finally:
        _seats.release()


def _count(request: HttpRequest, cost: int) -> None:
    if settings.API_RATE <= 0:
        return
    now = time.time()
    slot = f"computed:{int(now // WINDOW_S)}:{visitor(request)}"
    aside.add(slot, 0, 2 * WINDOW_S)
    try:
        spent_already = aside.incr(slot, cost)
    except ValueError:  # swept between the two
        return
    if spent_already > MOST:
        raise HeldBack("often", max(1, WINDOW_S - int(now % WINDOW_S)))


def visitor(request: HttpRequest) -> str:
    """A print of the visitor's address, or of the network of an IPv6 one: enough to count by, and nothing to read."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    seen = client_address(request.META.get("REMOTE_ADDR", ""), forwarded, settings.PROXIES)
    network = ":".join(seen.split(":")[:4]) if ":" in seen and "." not in seen else seen
    return hashlib.sha256(f"{settings.SECRET_KEY}:{network}".encode("utf-8", "replace")).hexdigest()[:32]


def within_bounds(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer a view's computation that is put off by a page that says when to come back."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except HeldBack as held:
            return _held(request, held)

    return answer


def no_paper(request: HttpRequest, page: str, query: str = "") -> HttpResponse:
    """Say that a diagnosis has no paper version, and where its figures are."""
    context = {"why": "paper", "code": 404, "back": f"{page}?{query}" if query else page}
    return render(request, "diagnosis/held.html", context, status=404)


def _held(request: HttpRequest, held: HeldBack) -> HttpResponse:
    status = 503 if held.why == "busy" else 429
    context = {"why": held.why, "code": status, "wait": held.wait_s}
    response = render(request, "diagnosis/held.html", context, status=status)
    response.headers["Retry-After"] = str(held.wait_s)
    response.headers["Cache-Control"] = "no-store"
    return response
