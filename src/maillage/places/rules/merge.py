"""Two people on the same sheet: whose change stands, field by field, and where they must be asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from maillage.places.rules.choice import TOGETHER


@dataclass(frozen=True, slots=True)
class Merged:
    """`mine`: the fields to write as the person gave them; `clashes`: those that both changed, differently."""

    mine: frozenset[str]
    clashes: frozenset[str]


def undone(values: Mapping[str, Any], changes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What a sheet showed before some changes (field: [before, after]), given newest first.

    >>> undone({"phone": "3", "prices": ""}, [{"phone": ["2", "3"]}, {"phone": ["1", "2"], "photos": [[], ["a"]]}])
    {'phone': '1', 'prices': ''}
    """
    before = dict(values)
    for change in changes:
        before |= {name: pair[0] for name, pair in change.items() if name in values}
    return before


def merge(
    mine: Mapping[str, Any], *, base: Mapping[str, Any], now: Mapping[str, Any], read: Mapping[str, Any] | None = None
) -> Merged:
    """Merge what a person sends with what the sheet says now, knowing what it showed when they opened it (`base`).

    A field left as it was shown is not theirs to write. One that only they changed is written; one that somebody else
    changed too, to something else, clashes. Fields that go together (`choice.TOGETHER`) are one, and `mine` holds all
    or none of them. `read` is what the sheet showed when they last chose their own version over it (else `base`).

    >>> base = {"phone": "1", "email": "", "prices": ""}
    >>> done = merge({"phone": "2", "email": "", "prices": "libre"}, base=base, now=base | {"phone": "3", "email": "a"})
    >>> sorted(done.mine), sorted(done.clashes)
    (['prices'], ['phone'])
    """
    last_read = base if read is None else read
    written: set[str] = set()
    clashes: set[str] = set()
    for unit in _units(mine):
        differs = {name for name in unit if mine[name] != now[name]}
        if not differs or all(mine[name] == base[name] for name in unit):
            continue
        if any(now[name] != last_read[name] for name in unit):
            clashes |= differs
        else:
            written |= set(unit)
    return Merged(frozenset(written), frozenset(clashes))


def _units(names: Iterable[str]) -> Iterable[tuple[str, ...]]:
    alone = dict.fromkeys(names)
    for group in TOGETHER:
        held = tuple(name for name in group if name in alone)
        for name in held:
            del alone[name]
        if held:
            yield held
    for name in alone:
        yield (name,)
