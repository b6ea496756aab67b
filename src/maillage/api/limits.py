"""How often one address may ask: reads counted in each process, keys tried counted for the whole site."""

import hashlib
import time
from ipaddress import ip_address

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from maillage.api.problems import ProblemRaised

WINDOW_S = 60
MOST_ADDRESSES = 50_000
WRITES = 120
"""Writes per minute and key."""
BAD_KEYS = 10
"""Unknown keys per minute and address; a key that has served lately is never held back by others' guesses."""
KNOWN_KEY_S = 86_400


def visitor(request: HttpRequest) -> str:
    """The visitor's address: the one our outermost trusted proxy saw; of an IPv6 one, the network of the household.

    Each trusted proxy adds on the right of X-Forwarded-For what it saw; anything further left was made up at will.
    """
    seen = str(request.META.get("REMOTE_ADDR", ""))
    if settings.PROXIES > 0:
        told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if len(told) >= settings.PROXIES:
            seen = told[-settings.PROXIES]
    try:
        read = ip_address(seen.strip("[]"))
    except ValueError:
        return seen[:60]
    if read.version == 6 and read.ipv4_mapped is None:
        return ":".join(read.exploded.split(":")[:4])
    return str(getattr(read, "ipv4_mapped", None) or read)


class Reads:
    """Reads of this minute, by address, in this process: with two processes one may read twice as much at most."""

    def __init__(self) -> None:
        self.minute = 0
        self.counts: dict[str, int] = {}

    def count(self, address: str, now: float) -> int:
        """Count one read; returns how many this minute."""
        minute = int(now // WINDOW_S)
        if minute != self.minute:
            self.minute, self.counts = minute, {}
        if address not in self.counts and len(self.counts) >= MOST_ADDRESSES:
            address = ""
        self.counts[address] = self.counts.get(address, 0) + 1
        return self.counts[address]


reads = Reads()
computed = Reads()
COMPUTED = ("/diagnosis", "/sites")
"""Ends of the addresses whose answers are computed: twenty times fewer reads than of the others."""


def allow_read(request: HttpRequest) -> dict[str, str]:
    """Refuse a read too many; returns the headers that tell what is left."""
    most = settings.API_RATE
    if most <= 0:
        return {}
    now = time.time()
    if request.path_info.endswith(COMPUTED):
        return _told("computed", max(1, most // 20), computed.count(visitor(request), now), now)
    return _told("reads", most, reads.count(visitor(request), now), now)


def allow_batch(request: HttpRequest) -> dict[str, str]:
    """Refuse a batch of questions too many: each is counted as an answer that is computed."""
    most, now = settings.API_RATE, time.time()
    if most <= 0:
        return {}
    return _told("computed", max(1, most // 20), computed.count(visitor(request), now), now)


def allow_write(key_id: int) -> dict[str, str]:
    """Refuse a write too many of one key; returns the headers that tell what is left."""
    now = time.time()
    return _told("writes", WRITES, _counted(f"api-writes:{key_id}", now), now)


def hold_back_guesses(request: HttpRequest, fingerprint: str) -> None:
    """Refuse to look at a key where too many unknown ones were tried, unless this one has served lately."""
    now = time.time()
    tried = cache.get(_slot(f"api-bad:{visitor(request)}", now)) or 0
    if tried >= BAD_KEYS and not cache.get(f"api-good:{fingerprint}"):
        _told("keys", BAD_KEYS, tried + 1, now)


def note_bad_key(request: HttpRequest) -> None:
    _counted(f"api-bad:{visitor(request)}", time.time())


def note_good_key(fingerprint: str) -> None:
    if not cache.get(f"api-good:{fingerprint}"):
        cache.set(f"api-good:{fingerprint}", 1, KNOWN_KEY_S)


def _slot(name: str, now: float) -> str:
    return f"{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:32]}:{int(now // WINDOW_S)}"


def _counted(name: str, now: float) -> int:
    slot = _slot(name, now)
    cache.add(slot, 0, 2 * WINDOW_S)
    try:
        return cache.incr(slot)
    except ValueError:  # swept between the two
        return 1


def _told(policy: str, most: int, count: int, now: float) -> dict[str, str]:
    wait = max(1, WINDOW_S - int(now % WINDOW_S))
    left = max(0, most - count)
    headers = {
        "RateLimit": f'"{policy}";r={left};t={wait}',
        "RateLimit-Policy": f'"{policy}";q={most};w={WINDOW_S}',
    }
    if count > most:
        raise ProblemRaised("trop", headers=headers | {"Retry-After": str(wait)})
    return headers
