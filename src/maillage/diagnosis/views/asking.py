"""What the address of a diagnosis asks: a territory, a threshold, changes to try, an order of the table. Bounded."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from maillage.diagnosis.rules.asking import LONGEST_MIN, MOST_CHANGES, SHORTEST_MIN
from maillage.diagnosis.rules.facts import DEFAULT_WITHIN_MIN, Request

MOST_SITES = 10
SORTS = ("commune", "habitants", "minutes", "priorite")
DEFAULT_SORT = "minutes"
_LONGEST = 120
_NAMES = {
    "within": ("seuil", "within"),
    "opened": ("ouvrir", "open"),
    "closed": ("fermer", "close"),
    "sites": ("sites", "k"),
}


class TooManyChanges(ValueError):
    """More openings and closures than anybody tries at once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a page answers. `town`: a commune typed by its name, to be found; `whole`: every row of a table.

    `unread`: the parameters that were left aside, with their values; `base`: the page that answers, empty for this one.
    """

    request: Request
    sort: str = DEFAULT_SORT
    whole: bool = False
    town: str = ""
    unread: tuple[tuple[str, str], ...] = field(default=())
    base: str = ""

    @property
    def tries(self) -> bool:
        """Whether changes are tried, and not only the territory as it is."""
        return bool(self.request.opened or self.request.closed or self.request.sites)

    def query(self) -> str:
        """The one query that asks this, the same whatever the order in which it was typed; empty for the plain page."""
        pairs = [*request_pairs(self.request)]
        if self.sort != DEFAULT_SORT:
            pairs.append(("tri", self.sort))
        if self.whole:
            pairs.append(("lignes", "toutes"))
        return urlencode(pairs)

    def but(self, *, sort: str | None = None, whole: bool | None = None, **changes: Any) -> "Asked":
        """The same question with another threshold, order, or changes to try."""
        asked = replace(self.request, **changes)
        order = self.sort if sort is None else sort
        return Asked(asked, order, self.whole if whole is None else whole, base=self.base)

    def url(self) -> str:
        """The address that asks this."""
        return f"{self.base}?{self.query()}"


def request_pairs(request: Request) -> list[tuple[str, str]]:
    """What is asked of a territory, as (parameter, value): the threshold only where it is not the usual one."""
    pairs = [] if request.within_min == DEFAULT_WITHIN_MIN else [("seuil", str(request.within_min))]
    pairs += [("ouvrir", code) for code in request.opened]
    pairs += [("fermer", slug) for slug in request.closed]
    return pairs + ([("sites", str(request.sites))] if request.sites else [])


def read(reference: str, query: QueryDict) -> Asked:
    """Read a question; what cannot be read is left aside and said, more than `MOST_CHANGES` changes are refused."""
    unread: list[tuple[str, str]] = []
    opened, closed = _list(query, "opened"), _list(query, "closed")
    if len(opened) + len(closed) > MOST_CHANGES:
        raise TooManyChanges
    request = Request(
        territory=reference,
        within_min=_number(query, "within", range(SHORTEST_MIN, LONGEST_MIN + 1), DEFAULT_WITHIN_MIN, unread),
        opened=opened,
        closed=closed,
        sites=_number(query, "sites", range(MOST_SITES + 1), 0, unread),
    )
    sort = query.get("tri", "") or DEFAULT_SORT
    if sort not in SORTS:
        unread.append(("tri", sort[:_LONGEST]))
        sort = DEFAULT_SORT
    town = " ".join(query.get("commune", "").split())[:_LONGEST]
    return Asked(request, sort, query.get("lignes") == "toutes", town, tuple(unread))


def _list(query: QueryDict, name: str) -> tuple[str, ...]:
    """The values of a parameter given several times, each once, in order; the order of trying changes nothing."""
    given = [value.strip()[:_LONGEST] for one in _NAMES[name] for value in query.getlist(one)]
    if len(given) > MOST_CHANGES:
        raise TooManyChanges
    return tuple(sorted({value for value in given if value}))


def _number(query: QueryDict, name: str, accepted: Sequence[int], default: int, unread: list[tuple[str, str]]) -> int:
    text = next((text for one in _NAMES[name] if (text := (query.get(one) or "").strip())), "")
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) < 4 and int(text) in accepted:
        return int(text)
    unread.append((_NAMES[name][0], text[:_LONGEST]))
    return default
