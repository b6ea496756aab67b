"""Exact exchanges: a few neighbouring sites of a plan are chosen again, all others stay, by a small integer program."""

import numpy as np
from numpy.typing import NDArray

from maillage.analysis.siting import highs
from maillage.analysis.siting.program import compact
from maillage.analysis.siting.reduce import Instance, rest

CHOSEN_AGAIN = 8
SECONDS = 3.0


def around(instance: Instance, plan: NDArray[np.intp], seed: np.intp) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """One site of the plan, then others near it by steps of shared rows; and all sites met on the way."""
    met = np.zeros(instance.sites, dtype=bool)
    met[seed] = True
    before = 0
    while met[plan].sum() < CHOSEN_AGAIN and met.sum() > before:
        before = int(met.sum())
        rows = np.unique(instance.by_site[:, np.flatnonzero(met)].indices)
        met[instance.reach[rows].indices] = True
    near = plan[met[plan]]
    return np.append(seed, near[near != seed]), np.flatnonzero(met)


def _some(sites: NDArray[np.intp], random: np.random.Generator, count: int) -> NDArray[np.intp]:
    """The first site, and others drawn until there are `count`."""
    return np.append(sites[0], random.choice(sites[1:], min(count, sites.size) - 1, replace=False))


def exchange(
    instance: Instance, plan: NDArray[np.intp], random: np.random.Generator, *, seconds: float, integral: bool
) -> NDArray[np.intp]:
    """Choose some neighbouring sites of a plan again, at best; answers a plan that is no worse.

    Raises `KeyboardInterrupt` when Ctrl-C stops the integer program.
    """
    # Around one site, or around two: then a place may leave one part of the country for another.
    parts = [around(instance, plan, seed) for seed in random.choice(plan, random.integers(1, 3), replace=False)]
    again = np.unique(np.concatenate([_some(near, random, CHOSEN_AGAIN // len(parts)) for near, _ in parts]))
    met = np.unique(np.concatenate([sites for _, sites in parts]))
    kept = np.setdiff1d(plan, again)
    served = np.asarray(instance.by_site[:, kept].sum(axis=1)).ravel() > 0
    part = rest(instance, np.flatnonzero(~served), np.setdiff1d(met, kept))
    if part.sites <= again.size:
        return plan
    program, scale = compact(part, again.size)
    slack = (1 - 1e-4) / scale if integral else 0.0
    outcome = highs.solve(program, seconds=min(seconds, SECONDS), slack=slack)
    if outcome.interrupted:
        raise KeyboardInterrupt
    if outcome.values is None:
        return plan
    new = part.column[np.flatnonzero(outcome.values[: part.sites] > 0.5)[: again.size]]
    spare = np.setdiff1d(again, new)[: again.size - new.size]
    return np.sort(np.concatenate([kept, new, spare]))
