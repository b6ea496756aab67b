"""How much a place counts as it gets farther: functions of minutes, made and checked once, passed to `accessibility`.

A decay takes an array of minutes and gives an array of weights, zero or more. Minutes here, but nothing can tell a unit
from another: give the thresholds in the unit of the matrix.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.analysis.numbers import is_number, told

Decay = Callable[[NDArray[Any]], NDArray[Any]]


class DecayError(ValueError):
    """A decay that is none."""


def step(weights: Mapping[float, float]) -> Decay:
    """Weigh by bands: the weight of the first threshold that the minutes do not exceed, 0 beyond the last one.

    `weights` maps minutes to weights, which never rise with the minutes (Luo & Qi 2009: 1, 0.68 and 0.22 for three
    bands of ten minutes). Raises `DecayError` for no band, a threshold under zero, a weight that is negative or rises.

    >>> step({10: 1, 20: 0.68, 30: 0.22})(np.array([0, 10, 10.5, 30, 31])).tolist()
    [1.0, 1.0, 0.68, 0.22, 0.0]
    """
    if not isinstance(weights, Mapping) or not all(map(is_number, (*weights.keys(), *weights.values()))):
        raise DecayError(f"A step maps minutes to weights, all numbers, such as {{10: 1, 20: 0.68}}, not {weights!r}.")
    bands = sorted((float(limit), float(weight)) for limit, weight in weights.items())
    limits, values = [limit for limit, _ in bands], [weight for _, weight in bands]
    if not bands or not all(0 <= limit < math.inf for limit in limits):
        raise DecayError(
            f"A step needs thresholds in minutes, zero or more: {dict(weights)} has none, or one that is not."
        )
    if not all(0 <= weight < math.inf for weight in values) or sorted(values, reverse=True) != values:
        raise DecayError(f"The weights of a step are finite, zero or more, and never rise with minutes: {dict(bands)}.")
    if len(limits) > 100:
        raise DecayError(f"A step has at most 100 bands, not {len(limits)}.")
    table = np.array([*values, 0.0])

    def weigh(minutes: NDArray[Any]) -> NDArray[np.float64]:
        band = np.zeros(np.shape(minutes), dtype=np.int8)
        for limit in limits:
            band += np.greater(minutes, limit).view(np.int8)
        weighed: NDArray[np.float64] = table.take(band, mode="clip")
        return weighed

    return weigh


def gaussian(sigma_min: float) -> Decay:
    """Weigh by a bell: exp(−t² ÷ 2σ²), 1 at zero minutes and 0.61 at σ.

    Raises `DecayError` for a σ that is not finite and above zero.

    >>> gaussian(20)(np.array([0.0, 20.0, 40.0])).round(3).tolist()
    [1.0, 0.607, 0.135]
    """
    if not (is_number(sigma_min) and 0 < sigma_min < math.inf):
        raise DecayError(f"sigma_min must be a finite number of minutes above zero, not {told(sigma_min)}.")
    factor = -1 / (2 * float(sigma_min) ** 2)

    def weigh(minutes: NDArray[Any]) -> NDArray[np.float64]:
        weighed = np.square(minutes, dtype=np.float64)
        weighed *= factor
        return np.exp(weighed, out=weighed)

    return weigh


def gravity(scale_min: float, power: float, *, least_min: float) -> Decay:
    """Weigh by a power: (max(t, least) ÷ scale)^−power, 1 at `scale_min`.

    `least_min` keeps a place at the door from weighing infinitely: what is nearer counts as that near. Raises
    `DecayError` where one of the three is not finite and above zero.

    >>> gravity(20, 2, least_min=1)(np.array([0.0, 1.0, 20.0, 40.0])).round(6).tolist()
    [400.0, 400.0, 1.0, 0.25]
    """
    for what, value in (("scale_min", scale_min), ("power", power), ("least_min", least_min)):
        if not (is_number(value) and 0 < value < math.inf):
            raise DecayError(f"{what} must be a finite number above zero, not {told(value)}.")

    def weigh(minutes: NDArray[Any]) -> NDArray[np.float64]:
        near = np.maximum(minutes, least_min, dtype=np.float64)
        near /= scale_min
        return np.power(near, -float(power), out=near)

    return weigh
