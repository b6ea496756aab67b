"""The Lagrangian bound of maximal covering, and what it proves about single sites.

With a multiplier u_i between 0 and w_i for each demand row, no choice of k sites serves more than

    L(u) = sum_i (w_i - u_i)  +  the k largest of c_j(u) = sum of u_i over the rows that site j reaches.

Relaxing "a row is served only if a site that reaches it is open" leaves exactly this (Beasley 1993; Galvão & ReVelle
1996). A plan that opens a site j outside the k largest is worth at most L(u) - c_k + c_j: when that is no more than
what a known plan serves, no better plan opens j, and j may be dropped (reduced-cost fixing).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maillage.analysis.kernels import relaxation as loops
from maillage.analysis.siting.reduce import Instance


@dataclass(frozen=True)
class Dual:
    """Multipliers of an instance's rows, the bound that they prove, the score of each site and the k best."""

    multiplier: NDArray[np.float64]
    bound: float
    scores: NDArray[np.float64]
    edge: float
    chosen: NDArray[np.intp]

    def best_with(self) -> NDArray[np.float64]:
        """For each site, what a plan that opens it can serve at most."""
        return self.bound - np.maximum(self.edge - self.scores, 0.0)


def dual(instance: Instance, multiplier: NDArray[np.float64], k: int) -> Dual:
    """Compute what multipliers prove about an instance."""
    scores = np.asarray(instance.by_site.T @ multiplier, dtype=np.float64)
    k = min(k, scores.size)
    chosen = np.sort(np.argsort(-scores, kind="stable")[:k])
    bound = float((instance.weight - multiplier).sum() + scores[chosen].sum())
    return Dual(multiplier, bound, scores, float(scores[chosen].min(initial=math.inf if k else 0.0)), chosen)


def start(instance: Instance, plan: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give first multipliers from a plan: half a row's weight, less where several of its sites reach the row."""
    times = np.asarray(instance.by_site[:, plan].sum(axis=1)).ravel()
    return instance.weight / np.maximum(1, times) / 2


@dataclass
class Descent:
    """A descent under way: where it stands, so that it can be taken up again between other work."""

    multiplier: NDArray[np.float64]
    lowest: NDArray[np.float64]
    low: float
    pace: float = 1.0

    @property
    def over(self) -> bool:
        return self.pace < 1e-3


def descend(instance: Instance, k: int, descent: Descent, *, target: float, steps: int, patience: int = 15) -> None:
    """Take some steps down; `target` is what a known plan serves."""
    _, _, col_at, col_rows, weight = instance.arrays
    descent.low, descent.pace = loops.descend.on(instance.compiled)(
        steps,
        descent.pace,
        patience,
        target,
        descent.low,
        k,
        descent.multiplier,
        descent.lowest,
        col_at,
        col_rows,
        weight,
    )


def begin(instance: Instance, k: int, multiplier: NDArray[np.float64], *, pace: float = 1.0) -> Descent:
    """Start a descent at some multipliers."""
    return Descent(multiplier.copy(), multiplier.copy(), dual(instance, multiplier, k).bound, pace)
