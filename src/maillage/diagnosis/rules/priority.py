"""Where a place is needed first: people too far × vulnerability × employed."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
FEWEST_SIGNS = 2
"""A commune of which fewer signs of vulnerability are known has no vulnerability, rather than a guess."""


def ranks(values: Numbers, *, higher_is_worse: bool = True) -> Numbers:
    """Place each value among the known ones, 0 for the best to 1 for the worst; ties share a rank, NaN stays NaN.

    >>> ranks(np.array([10.0, np.nan, 30.0, 10.0])).tolist()
    [0.25, nan, 1.0, 0.25]
    """
    found = np.full(len(values), np.nan)
    known = np.isfinite(values)
    count = int(known.sum())
    if count < 2:
        found[known] = 0.5
        return found
    signed = values[known] if higher_is_worse else -values[known]
    ordered = np.sort(signed)
    low = np.searchsorted(ordered, signed, side="left")
    high = np.searchsorted(ordered, signed, side="right") - 1
    found[known] = (low + high) / 2 / (count - 1)
    return found


def vulnerability(*, income: Numbers, unemployed: Numbers, vacant: Numbers) -> Numbers:
    """Compute the vulnerability of communes, 0 to 1: the mean rank of low income, unemployment and empty dwellings.

    `income`: median standard of living (€ a year); `unemployed`: share of the active; `vacant`: share of the dwellings.
    Ranks are among all the communes given, so give those of France. NaN where fewer than two of them are known.

    >>> three = np.array([1.0, 2.0, 3.0])
    >>> vulnerability(income=three, unemployed=three[::-1], vacant=np.full(3, np.nan)).tolist()
    [1.0, 0.5, 0.0]
    """
    signs = np.vstack([ranks(income, higher_is_worse=False), ranks(unemployed), ranks(vacant)])
    known = np.isfinite(signs)
    count = known.sum(axis=0)
    total = np.where(known, signs, 0.0).sum(axis=0)
    return np.where(count >= FEWEST_SIGNS, total / np.maximum(count, 1), np.nan)


def priority(*, minutes: Numbers, employed: Numbers, vulnerability: Numbers, within_min: float) -> Numbers:
    """Compute the priority of each commune of a territory, 0 to 1: employed people too far × vulnerability.

    priority = employed × [minutes > within] × vulnerability, over the largest of the territory. `employed` counts
    people, so that people too far × employed rate is told once. NaN where a part is unknown, infinite minutes are far.

    >>> priority(minutes=np.array([5.0, 25.0, np.inf, np.nan]), employed=np.array([900.0, 100.0, 50.0, 10.0]),
    ...          vulnerability=np.array([0.9, 0.5, 0.5, 0.5]), within_min=20).tolist()
    [0.0, 1.0, 0.5, nan]
    """
    far = np.where(np.isnan(minutes), np.nan, minutes > within_min)
    weight = far * employed * vulnerability
    most = np.nanmax(weight, initial=0.0) if np.isfinite(weight).any() else 0.0
    return weight / most if most > 0 else weight
