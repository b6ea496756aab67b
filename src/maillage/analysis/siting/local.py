"""Plans of maximal covering: greedy, then ruin and recreate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maillage.analysis.kernels import cover as loops
from maillage.analysis.siting.reduce import Instance

RUINED = 6
"""At most so many neighbouring sites are closed together."""


@dataclass
class Plan:
    """Open sites of an instance, and what the loops keep about them; `best` is the best plan met."""

    instance: Instance
    sites: NDArray[np.int64]
    best: NDArray[np.int64]
    value: float
    best_value: float
    slot_of: NDArray[np.int32]
    times: NDArray[np.int32]
    gain: NDArray[np.float64]
    top: NDArray[np.float64]
    shut: NDArray[np.bool_]


def worth(instance: Instance, sites: NDArray[np.integer]) -> float:
    """Compute the weight that some sites serve."""
    rows = loops.spans(instance.by_site.indptr[sites], instance.by_site.indptr[np.asarray(sites) + 1])
    return float(instance.weight[np.unique(instance.by_site.indices[rows])].sum())


def greedy(instance: Instance, k: int, *, given: NDArray[np.integer] | None = None) -> tuple[Plan, NDArray[np.float64]]:
    """Open the sites `given`, then the one of largest gain until k are open; also what each one added, in order."""
    sites, won = np.zeros(k, dtype=np.int64), np.zeros(k)
    gain = np.asarray(instance.by_site.T @ instance.weight, dtype=np.float64)
    times, slot_of = np.zeros(instance.weight.size, np.int32), np.full(instance.sites, -1, np.int32)
    top, shut = np.full(-(-instance.sites // loops.BLOCK), -1.0), np.zeros(instance.sites, bool)
    plan = Plan(instance, sites, sites, 0.0, 0.0, slot_of, times, gain, top, shut)
    state = (*instance.arrays, plan.times, plan.gain, plan.top, plan.shut)
    first = 0 if given is None else min(k, given.size)
    for i in range(first):
        assert given is not None
        sites[i] = given[i]
        plan.shut[given[i]] = True
        won[i] = loops.open_site.on(instance.compiled)(given[i], *state[:-1])
    loops.greedy.on(instance.compiled)(sites[first:], won[first:], *state)
    plan.slot_of[sites] = np.arange(k)
    plan.best = sites.copy()
    plan.value = plan.best_value = worth(instance, sites)
    return plan, won


def improve(plan: Plan, *, heat: float, attempts: int, random: np.random.Generator) -> None:
    """Try some ruins; `heat` is the loss accepted about once in three times."""
    draws = random.random((attempts, 4 * RUINED + 1))
    plan.value, plan.best_value = loops.improve.on(plan.instance.compiled)(
        draws, heat, plan.value, plan.sites, plan.best, plan.best_value, plan.slot_of, *plan.instance.arrays,
        plan.times, plan.gain, plan.top, plan.shut,
    )  # fmt: skip
