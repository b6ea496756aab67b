"""The pages of a feed and the card of an instance, read strictly: nothing in them is believed for being there."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from maillage.network.exchange.rules.feeds.keys import MOST_TURNS, PUBLIC, Turn
from maillage.network.exchange.rules.identity import site_name
from maillage.network.exchange.rules.reports import short

START = "0.0"
MOST = 500
"""How many changes a page of places holds at most."""
FEED, CARD = "/api/v1/places/changes", "/.well-known/maillage.json"
MOST_BYTES, MOST_CARD_BYTES = 32_000_000, 200_000
VERSION, MOST_PLACES = 1, 2**31 - 1
_NEXT = re.compile(re.escape(FEED) + r"\?since=([0-9]{1,18}\.[0-9]{1,18})&limit=[0-9]{1,3}&records=1")
_KEYS = frozenset({"changes", "more", "next", "site", "restored", "places"})


class BadPage(ValueError):
    """A page or a card that is not read: `code` says why, `detail` fills its hole.

    The codes: json, fields, site (the name it gives itself), stuck (it leads nowhere), card, moved (the address it
    gives itself), version.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, short(detail)[:120]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a feed: places as they stand today, where the next one begins, and whether it waits already.

    `restored` names the last time that its registry was put back from a backup, empty if never.
    """

    places: tuple[Any, ...]
    after: str
    more: bool
    restored: str


@dataclass(frozen=True, slots=True)
class Card:
    """What an instance says of itself."""

    site: str
    name: str
    url: str
    key: str
    turns: tuple[Turn, ...]
    licences: tuple[str, ...]
    places: int
    follows: tuple[str, ...]


def query(since: str) -> str:
    """What is asked to have the places that follow a position.

    >>> query("12.7")
    'since=12.7&limit=500&records=1'
    """
    return f"since={since}&limit={MOST}&records=1"


def page(body: bytes, *, site: str, since: str) -> Page:
    """A page of the instance called `site`, asked from `since`; raises `BadPage`."""
    told = _loaded(body)
    if not isinstance(told, dict) or set(told) != _KEYS:
        raise BadPage("fields")
    if told["site"] != site:
        raise BadPage("site", str(told["site"]))
    after = _NEXT.fullmatch(told["next"]) if isinstance(told["next"], str) else None
    well_made = isinstance(told["places"], list) and isinstance(told["changes"], list)
    if after is None or not well_made or not isinstance(told["more"], bool) or len(told["places"]) > MOST:
        raise BadPage("fields")
    if told["more"] and not _is_beyond(after[1], since):
        raise BadPage("stuck")
    restored = told["restored"]
    try:
        return Page(tuple(told["places"]), after[1], told["more"], _line(restored or "", 40))
    except ValueError as wrong:
        raise BadPage("fields") from wrong


def _is_beyond(after: str, since: str) -> bool:
    (revision, event), (was_revision, was_event) = (map(int, one.split(".")) for one in (after, since))
    return revision >= was_revision and event >= was_event and (revision, event) != (was_revision, was_event)


def card(body: bytes, *, url: str) -> Card:
    """The card that was read at an address; members that are not known are left for later versions."""
    told = _loaded(body)
    if not isinstance(told, dict) or "maillage" not in told:
        raise BadPage("card")
    if told["maillage"] != VERSION:
        raise BadPage("version", str(told["maillage"]))
    try:
        read = Card(
            site=_line(told["site"], 60),
            name=_line(told["name"], 200),
            url=_line(told["url"], 200),
            key=_line(told["key"], 64),
            turns=tuple(_turn(one) for one in told["turns"][:MOST_TURNS]),
            licences=tuple(_line(one, 200) for one in told["licences"][:20]),
            places=_count(told["places"]),
            follows=tuple(_line(one, 200) for one in told["follows"][:100]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as wrong:
        raise BadPage("card") from wrong
    if not PUBLIC.fullmatch(read.key) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", read.site) or not read.name:
        raise BadPage("card")
    if urlsplit(read.url).netloc != urlsplit(url).netloc or site_name(read.url) != read.site:
        raise BadPage("moved", read.url)
    return read


def _loaded(body: bytes) -> Any:
    def refuse(name: str) -> Any:
        raise ValueError(name)

    def number(text: str) -> float:
        read = float(text)
        return read if math.isfinite(read) else refuse(text)

    def members(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
        told = dict(pairs)
        return told if len(told) == len(pairs) else refuse("twice")

    try:
        return json.loads(body, parse_constant=refuse, parse_float=number, object_pairs_hook=members)
    except (ValueError, RecursionError) as wrong:
        raise BadPage("json") from wrong


def _turn(told: Any) -> Turn:
    return Turn(_line(told["old"], 64), _line(told["new"], 64), _line(told["word"], 128))


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MOST_PLACES:
        raise ValueError
    return value


def _line(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise ValueError
    return value
