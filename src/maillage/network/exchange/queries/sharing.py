"""Under which licences the registry may be taken, and the files that wait to be."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from maillage.journal.queries import aside
from maillage.network.exchange.rules.dumps import Dump, read_name
from maillage.places.models import SourceRecord
from maillage.places.queries import registry_version

KEPT_S = 3600


@dataclass(frozen=True, slots=True)
class Licence:
    """How many places are wholly under a licence, and to how many more it applies beside another."""

    name: str
    wholly: int
    partly: int


@dataclass(frozen=True, slots=True)
class Sharing:
    """The public places by licence, the most common first; `mixed` are under several at once."""

    total: int
    mixed: int
    licences: tuple[Licence, ...]


def sharing() -> Sharing:
    """Count public places by the licences of their records; kept aside until the next audited change."""
    key = f"sharing:{registry_version()}"
    kept: Sharing | None = aside.get(key)
    if kept is None:
        kept = _counted()
        aside.set(key, kept, KEPT_S)
    return kept


def _counted() -> Sharing:
    told: dict[UUID, set[str]] = defaultdict(set)
    public = SourceRecord.objects.filter(place__removed_at__isnull=True)
    for place_id, licence in public.values_list("place_id", "licence").distinct().iterator(chunk_size=5_000):
        told[place_id].add(licence)
    wholly = Counter(next(iter(found)) for found in told.values() if len(found) == 1)
    partly = Counter(licence for found in told.values() if len(found) > 1 for licence in found)
    names = sorted({*wholly, *partly}, key=lambda name: (-wholly[name] - partly[name], name))
    mixed = sum(len(found) > 1 for found in told.values())
    return Sharing(len(told), mixed, tuple(Licence(name, wholly[name], partly[name]) for name in names))


def dumps(folder: Path) -> tuple[date | None, tuple[Dump, ...]]:
    """The files of the newest night, by name, and its day; without any, None."""
    found = [dump for path in folder.iterdir() if (dump := read_name(path))] if folder.is_dir() else []
    newest = max((dump.day for dump in found), default=None)
    return newest, tuple(sorted((dump for dump in found if dump.day == newest), key=lambda dump: dump.name))
