"""What one import wrote in the records of the registry, kept so that it can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

KEPT = ("licence", "dated", "fetched_at", "raw", "values", "flags", "fingerprint")
"""The columns of a record that an import may change."""

UNDONE = "import annulé"
"""Why a place left whose import was undone; one that comes back in a file stands again."""


@dataclass(frozen=True, slots=True)
class Step:
    """One record that was written: in which place, and what it then said (`fingerprint`).

    `before` holds the columns `KEPT` as plain data, the date in ISO form; None for a record that was not there.
    """

    source: str
    ref: str
    place_id: UUID
    fingerprint: str
    before: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A place that keeps what an import brought, and why."""

    place_id: UUID
    name: str
    slug: str
    why: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What taking an import back did: places that left, places that changed back, places that keep standing."""

    removed: int
    changed: int
    standing: tuple[Standing, ...]


GONE = "gone-from-source"
"""The flag of a record that its source no longer names."""


@dataclass(frozen=True, slots=True)
class Left:
    """A place that a source no longer names."""

    name: str
    slug: str
