"""How far the registry is from being France: its places by région beside those of a census that tried to be complete.

Counted each time, never written by hand: a new import changes it, and the warning with it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "data" / "regions.toml"


@dataclass(frozen=True, slots=True)
class Reference:
    """The share of each région in a census; `small`: a share under which a difference says nothing; `times`: how many
    times more or less is told."""

    source: str
    dated: str
    url: str
    places: int
    shares: Mapping[str, float]
    times: float
    small: float


@dataclass(frozen=True, slots=True)
class Bias:
    """The régions of which the registry tells too many or too few: (code, share here, share in the census)."""

    over: tuple[tuple[str, float, float], ...]
    under: tuple[tuple[str, float, float], ...]
    places: int
    source: str
    dated: str

    def as_data(self) -> dict[str, Any]:
        told = {
            name: [{"region": code, "share": round(here, 4), "compared": there} for code, here, there in rows]
            for name, rows in (("over", self.over), ("under", self.under))
        }
        return {**told, "source": self.source, "dated": self.dated}


@cache
def reference() -> Reference:
    """The census that the registry is compared with.

    >>> reference().dated, reference().shares["11"]
    ('2023', 0.16)
    """
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Reference(**{**data, "shares": dict(data["shares"])})


def compare(by_region: Mapping[str, int], against: Reference) -> Bias | None:
    """Tell the régions whose share of the places is `times` more, or less, than in the census; None without places.

    >>> census = Reference("x", "2023", "", 9, {"27": 0.04, "53": 0.08}, times=1.5, small=0.02)
    >>> told = compare({"27": 20, "53": 4, "11": 76}, against=census)
    >>> told.over, told.under
    ((('27', 0.2, 0.04),), (('53', 0.04, 0.08),))
    """
    total = sum(by_region.values())
    if not total:
        return None
    pairs = [
        (code, by_region.get(code, 0) / total, share)
        for code, share in against.shares.items()
        if share >= against.small
    ]
    over = [pair for pair in pairs if pair[1] >= pair[2] * against.times]
    under = [pair for pair in pairs if pair[1] <= pair[2] / against.times]
    return Bias(
        over=tuple(sorted(over, key=lambda pair: (-pair[1] / pair[2], pair[0]))),
        under=tuple(sorted(under, key=lambda pair: (pair[1] / pair[2], pair[0]))),
        places=total,
        source=against.source,
        dated=against.dated,
    )
