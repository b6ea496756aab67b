"""The loop of the Lagrangian relaxation of maximal covering, on the arrays of `kernels.cover`."""

import numpy as np

from maillage.analysis.kernels import loop
from maillage.analysis.kernels.cover import Array, spans


def _descend_numpy(
    steps: int,
    pace: float,
    patience: int,
    target: float,
    low: float,
    k: int,
    multiplier: Array,
    lowest: Array,
    col_at: Array,
    col_rows: Array,
    weight: Array,
) -> tuple[float, float]:
    drift, root, stall = np.zeros(weight.size), np.sqrt(weight), 0
    for _ in range(steps):
        scores = np.add.reduceat(np.append(multiplier[col_rows], 0.0), col_at[:-1])
        taken = np.argsort(-scores, kind="stable")[:k]
        bound = float(scores[taken].sum() + (weight - multiplier).sum())
        if bound < low:
            stall = 0 if bound < low - 1e-5 * (low - target) else stall + 1
            low = bound
            lowest[:] = multiplier
        else:
            stall += 1
        if stall >= patience:
            pace, stall = pace * 0.5, 0
            multiplier[:] = lowest
            drift[:] = 0.0
            if pace < 1e-3:
                break
            continue
        rows = col_rows[spans(col_at[taken], col_at[taken + 1])]
        drift = 0.9 * drift + 0.1 * _slope(np.bincount(rows, minlength=weight.size) - 1.0, multiplier, weight)
        drift = _slope(drift, multiplier, weight)
        norm = float((drift * drift * root).sum())
        if norm <= 0.0:  # the k best sites serve just what the bound says: nothing is left to gain
            pace = 0.0
            break
        multiplier[:] = np.clip(multiplier - pace * (low - target) / norm * drift * root, 0.0, weight)
    return low, pace


def _slope(drift: Array, multiplier: Array, weight: Array) -> Array:
    out = ((drift > 0.0) & (multiplier <= 0.0)) | ((drift < 0.0) & (multiplier >= weight))
    return np.where(out, 0.0, drift)


@loop()
def _turn(drift, times, multiplier, weight, root):  # type: ignore[no-untyped-def]
    """Turn the direction a tenth toward the subgradient, nothing pushing outside the bounds; its square."""
    norm = 0.0
    for row in range(weight.size):
        u, w = multiplier[row], weight[row]
        slope = times[row] - 1.0
        if (slope > 0.0 and u <= 0.0) or (slope < 0.0 and u >= w):
            slope = 0.0
        slope = 0.9 * drift[row] + 0.1 * slope
        if (slope > 0.0 and u <= 0.0) or (slope < 0.0 and u >= w):
            slope = 0.0
        drift[row] = slope
        norm += slope * slope * root[row]
    return norm


@loop(_turn, in_numpy=_descend_numpy)
def descend(steps, pace, patience, target, low, k, multiplier, lowest, col_at, col_rows, weight):  # type: ignore[no-untyped-def]
    """Lower the Lagrangian bound of maximal covering by deflected subgradient steps.

    `multiplier` (0 to weight, one for each row) moves; `lowest` is the one of the lowest bound met, `low`. The step is
    `pace` times Polyak's toward `target`, halved after `patience` steps without progress. Answers `low` and `pace`.
    """
    rows, sites = weight.size, col_at.size - 1
    scores, times = np.zeros(sites), np.zeros(rows, np.int32)
    drift, root, stall = np.zeros(rows), np.sqrt(weight), 0
    for _ in range(steps):
        for site in range(sites):
            total = 0.0
            for p in range(col_at[site], col_at[site + 1]):
                total += multiplier[col_rows[p]]
            scores[site] = total
        edge = np.partition(scores, sites - k)[sites - k]
        times[:] = 0
        bound, above = (weight - multiplier).sum(), 0
        for site in range(sites):
            above += scores[site] > edge
        for site in range(sites):
            level = scores[site] == edge and above < k
            above += level
            if level or scores[site] > edge:
                bound += scores[site]
                for p in range(col_at[site], col_at[site + 1]):
                    times[col_rows[p]] += 1
        if bound < low:
            stall = 0 if bound < low - 1e-5 * (low - target) else stall + 1
            low = bound
            lowest[:] = multiplier
        else:
            stall += 1
        if stall >= patience:
            pace, stall = pace * 0.5, 0
            multiplier[:] = lowest
            drift[:] = 0.0
            if pace < 1e-3:
                break
            continue
        norm = _turn(drift, times, multiplier, weight, root)
        if norm <= 0.0:  # the k best sites serve just what the bound says: nothing is left to gain
            pace = 0.0
            break
        step = pace * (low - target) / norm
        for row in range(rows):
            multiplier[row] = min(max(multiplier[row] - step * drift[row] * root[row], 0.0), weight[row])
    return low, pace
