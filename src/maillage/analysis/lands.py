"""Which communes a road can join: mainlands apart from each other, and islands apart from all."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1
"""The land of a point whose commune is not known: no sea is put between it and the others."""

MAINLANDS = ("", "2A", "2B", "971", "972", "973", "974", "975", "976", "977", "978", "984", "986", "987", "988")
_SAME = {"2B": "2A"}
_FIRST_ISLAND = len(MAINLANDS)


@dataclass(frozen=True, slots=True)
class Island:
    """Communes that no road joins to the rest; `kind` is fact (a sea) or assumption (no drivable road known)."""

    name: str
    communes: tuple[str, ...]
    kind: str


@cache
def islands() -> tuple[Island, ...]:
    """Load the dated list of islands without a road.

    >>> islands()[6].name, islands()[6].communes
    ('Belle-Île-en-Mer', ('56009', '56114', '56152', '56241'))
    """
    facts = tomllib.loads((Path(__file__).parent / "islands.toml").read_text(encoding="utf-8"))
    return tuple(Island(row["name"], tuple(row["communes"]), row["kind"]) for row in facts["island"])


@cache
def _by_commune() -> dict[str, int]:
    return {code: _FIRST_ISLAND + n for n, island in enumerate(islands()) for code in island.communes}


def land(code: str) -> int:
    """Number the land of a commune: the same number where roads join, `UNKNOWN` for no code.

    The metropolitan mainland is 0; Corsica, each overseas territory and each island have their own number. Old codes of
    merged communes are read by their first signs only: translate them first.

    >>> land("54395") == land("35238"), land("54395") == land("2A004"), land("2A004") == land("2B033")
    (True, False, True)
    >>> land("56152") == land("56241"), land("56152") == land("56121"), land("")
    (True, False, -1)
    """
    if not code:
        return UNKNOWN
    if (island := _by_commune().get(code)) is not None:
        return island
    start = code[:3] if code.startswith(("97", "98")) else code[:2]
    start = _SAME.get(start, start)
    return MAINLANDS.index(start) if start in MAINLANDS else 0


def lands(codes: Iterable[str]) -> NDArray[np.intp]:
    """Number the land of each commune, as `land`: what `travel.CrowFly.minutes` takes as fourth array.

    >>> lands(["54395", "29155", "97411", ""]).tolist()
    [0, 19, 6, -1]
    """
    return np.array([land(code) for code in codes], dtype=np.intp)


def joined(one: int | NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell whether a road may join two lands: they are the same, or one of them is not known.

    >>> joined(land("56069"), lands(["56069", "56121", ""])).tolist()
    [True, False, True]
    """
    return (other == one) | (other == UNKNOWN) | (np.asarray(one) == UNKNOWN)


def land_name(number: int) -> str:
    """Name an island by its number; empty for a mainland or for unknown.

    >>> land_name(land("29155")), land_name(0)
    ('Ouessant', '')
    """
    return islands()[number - _FIRST_ISLAND].name if number >= _FIRST_ISLAND else ""
