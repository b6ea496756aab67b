"""A source at an address: its bytes, bounded, and never those of a machine of the private network.

    fetch(url, *, limit=MAX_BYTES, seconds=60, etag="", last_modified="", headers=None, loopback=False) -> Got

`Got` has `body` (bytes, None when the host says that nothing changed), `etag` and `last_modified`, to give next time.
`FetchFailed` (a `FileRefused`) says why not in French; its `code` and `detail` are those of `labels.FETCH_PROBLEMS`.
`loopback` lets this very machine be asked: for tests, and for two sites on one machine.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from django.conf import settings

from maillage.network.exchange import labels
from maillage.network.exchange.rules.decoding import MAX_BYTES
from maillage.network.exchange.rules.reports import FileRefused, short
from maillage.territory.sources import guarded
from maillage.territory.sources.guarded import SECONDS_IN_ALL, Got, NotHad

ACCEPT = {"Accept": "text/csv, application/json, application/geo+json, */*;q=0.5"}
LONGEST_NAME = 120
__all__ = ["FetchFailed", "Got", "check_address", "fetch", "is_address", "name_of"]


class FetchFailed(FileRefused):
    """A source that could not be had: `code` is one of `labels.FETCH_PROBLEMS`, `detail` fills its hole."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(labels.fetch_problem(code, detail))
        self.code, self.detail = code, detail


def fetch(
    url: str,
    *,
    limit: int = MAX_BYTES,
    seconds: float = SECONDS_IN_ALL,
    etag: str = "",
    last_modified: str = "",
    headers: Mapping[str, str] | None = None,
    loopback: bool = False,
) -> Got:
    """The bytes at a public address, `limit` of them at most, within `seconds`; raises `FetchFailed`.

    MAILLAGE_OFFLINE=1 asks nobody.
    """
    if settings.OFFLINE:
        raise FetchFailed("offline")
    asked = {**ACCEPT, **(headers or {})}
    try:
        return guarded.get(
            url,
            limit=limit,
            seconds=seconds,
            etag=etag,
            last_modified=last_modified,
            headers=asked,
            loopback=loopback,
        )
    except NotHad as problem:
        raise FetchFailed(problem.code, problem.detail) from problem


def is_address(text: str) -> bool:
    """Whether what somebody named is an address, and not a file.

    >>> is_address("https://exemple.fr/lieux.csv"), is_address("lieux.csv")
    (True, False)
    """
    return text.strip().lower().startswith(("https://", "http://"))


def check_address(url: str, *, loopback: bool = False) -> None:
    """Refuse at once an address that will never be asked; raises `FetchFailed`. Where its name leads is seen later."""
    try:
        host = guarded.checked(url, loopback=loopback).hostname or ""
    except NotHad as problem:
        raise FetchFailed(problem.code, problem.detail) from problem
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return
    if not guarded.is_outside(address) and not (loopback and address.is_loopback):
        raise FetchFailed("private")


def name_of(url: str) -> str:
    """What to call the file of an address: the end of its path, else its host.

    >>> name_of("https://exemple.fr/donn%C3%A9es/lieux.csv?a=1"), name_of("https://exemple.fr/")
    ('lieux.csv', 'exemple.fr')
    """
    parts = urlsplit(url)
    name = PurePosixPath(unquote(parts.path)).name
    return short(parts.hostname or "" if name in ("", "..") else name)[:LONGEST_NAME]
