"""Which of several sources is believed, field by field (published in `docs/algorithms/choice.md`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from maillage.places.rules.drafts import FIELDS

RANK_DATASET, RANK_NETWORK, RANK_PLACE = 1, 2, 3
FRESH_MONTHS = 24

TOGETHER = (
    ("street", "postal_code", "city", "commune", "lat", "lon", "precision"),
    ("status", "closed_on", "closed_cause"),
)
"""Fields that make sense only from one and the same source."""
STATE = TOGETHER[1]
"""The fields by which a place opens, sleeps and closes."""

_GROUP_OF = {name: group for group in TOGETHER for name in group}
_LEADS = {TOGETHER[0]: ("lat", "commune"), TOGETHER[1]: ("status",)}


@dataclass(frozen=True, slots=True)
class Record:
    """A source record as the choice sees it. `dated` is an ISO date, possibly cut to a month or a year, or empty."""

    key: str
    rank: int
    dated: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chosen:
    value: Any
    record: str


def months_between(dated: str, today: date) -> int | None:
    """Whole months from a partial ISO date to today; None for an unknown date, the latest reading of a partial one.

    >>> months_between("2024-09", date(2026, 11, 22)), months_between("2019", date(2020, 1, 1))
    (26, 1)
    """
    if not dated:
        return None
    year = int(dated[:4])
    month = int(dated[5:7]) if len(dated) >= 7 else 12
    return max(0, (today.year - year) * 12 + today.month - month)


def is_fresh(dated: str, today: date) -> bool:
    age = months_between(dated, today)
    return age is not None and age <= FRESH_MONTHS


def choose(records: Iterable[Record], *, today: date) -> dict[str, Chosen]:
    """Choose each field's value: the place itself, then a verified network, then a fresh source, then a stale one.

    Among equals the newest wins, then the first given. A field no record speaks of is absent.

    >>> old = Record("a", RANK_DATASET, "2019-06", {"name": "La Poche", "phone": "01"})
    >>> new = Record("b", RANK_DATASET, "2026-01", {"name": "La Poche bleue"})
    >>> {k: (c.value, c.record) for k, c in choose([old, new], today=date(2026, 11, 22)).items()}
    {'name': ('La Poche bleue', 'b'), 'phone': ('01', 'a')}
    """
    ordered = sorted(records, key=lambda r: (-r.rank, not is_fresh(r.dated, today), _newest_first(r.dated), r.key))
    chosen: dict[str, Chosen] = {}
    for name in FIELDS:
        leads = _LEADS.get(_GROUP_OF.get(name, ()), (name,))
        speaker = next((r for r in ordered if any(lead in r.values for lead in leads)), None)
        if speaker is None:
            speaker = next((r for r in ordered if name in r.values), None)
        if speaker is not None and name in speaker.values:
            chosen[name] = Chosen(speaker.values[name], speaker.key)
    return chosen


def _newest_first(dated: str) -> tuple[int, ...]:
    parts = [int(part) for part in dated.split("-")] if dated else [0]
    return tuple(-part for part in ([*parts, 0, 0])[:3])
