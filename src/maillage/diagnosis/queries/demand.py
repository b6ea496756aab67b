"""How many desks the people of a catchment would use, and what that many desks earn and cost."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import demand as cascade
from maillage.analysis import viability
from maillage.diagnosis.queries.area import Area, Nearest
from maillage.diagnosis.rules.catchment import best_column
from maillage.diagnosis.rules.conclusion import Sizes
from maillage.diagnosis.rules.facts import BreakEven, Demand, Range, Step

NOBODY = Range(0.0, 0.0, 0.0)
CHARGES, POST, RENT = "charges", "half-post", "rent-half-post"


@lru_cache(maxsize=1)
def sizes() -> Sizes:
    """The two sizes of place that the conclusion compares the demand with, from the dated parameters of viability."""
    told = viability.parameters()
    per_desk = viability.income_by_day(1, told.desk_day_cents, open_days=told.open_days)
    needed = [
        viability.desks_needed(cost, income_per_desk_cents=per_desk, capacity=1_000)
        for cost in (_cost(lent=True, posts=0), _cost(lent=True, posts=0.5))
    ]
    return Sizes(few=needed[0] or 1, viable=needed[1] or 1)


def _cost(*, lent: bool, posts: float) -> int:
    told = viability.parameters()
    return viability.usual_costs(premises_lent=lent, posts=posts, parameters=told).total_cents or 0


def demand_of(area: Area, before: Nearest, opened: str) -> Demand | None:
    """The demand of the catchment of `opened`, else of the best site; None where nobody is known to live or work."""
    column = area.column_of(opened) if opened else _best(area, before)
    return None if column is None else _of_column(area, before, column)


def most_desks(area: Area, before: Nearest) -> Demand | None:
    """The demand around the commune that most people of the territory reach, whatever places are open."""
    column = best_column(area.minutes, _own_people(area), area.people[area.sites], _weights(area.minutes.data))
    return None if column is None else _of_column(area, before, column)


def _own_people(area: Area) -> NDArray[np.float64]:
    return np.where(np.isin(area.near, area.rows), area.people[area.near], 0.0)


def catchment(area: Area, code: str) -> NDArray[np.intp]:
    """The communes from which people reach a site of the area, as rows of the ground."""
    column = area.column_of(code)
    return np.zeros(0, np.intp) if column is None else Catchment.of(area, column).rows


def _best(area: Area, before: Nearest) -> int | None:
    """The site that most unserved people reach, if they are enough for the smallest place; else that most people do.

    The people of the territory itself, each for less the farther they are, as in the demand.
    """
    weights = _weights(area.minutes.data)
    own = area.people[area.sites]
    people = _own_people(area)
    beyond = np.where(before.minutes[area.near] > area.within_min, people, 0.0)
    first = best_column(area.minutes, beyond, own, weights)
    if first is not None and _desks(area, Catchment.of(area, first), before, beyond=True).p50 >= sizes().few:
        return first
    return best_column(area.minutes, people, own, weights)


def _weights(minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cascade.decay(minutes))


@dataclass(frozen=True, slots=True)
class Catchment:
    """The communes, as rows of the ground, from which people reach a site, and in how many minutes."""

    rows: NDArray[np.intp]
    minutes: NDArray[np.float64]

    @classmethod
    def of(cls, area: Area, column: int) -> "Catchment":
        hit = np.flatnonzero(area.minutes.indices == column)
        rows = np.searchsorted(area.minutes.indptr, hit, side="right") - 1
        return cls(area.near[rows], area.minutes.data[hit].astype(np.float64))

    def take(self, kept: NDArray[np.bool_]) -> "Catchment":
        return Catchment(self.rows[kept], self.minutes[kept])

    def cascade(self, area: Area) -> "cascade.Cascade":
        density = area.where.density[self.rows]
        return cascade.desks(area.people[self.rows], density=density, catchment_weight=_weights(self.minutes))


def _of_column(area: Area, before: Nearest, column: int) -> Demand | None:
    everyone = Catchment.of(area, column)
    known = everyone.take(np.isfinite(area.people[everyone.rows]))
    employed = float(area.people[known.rows].sum())
    if employed == 0:
        return None
    found = known.cascade(area)
    centre = area.sites[column]
    return Demand(
        centre=str(area.where.code[centre]),
        centre_name=str(area.where.name[centre]),
        within_min=area.within_min,
        desks=_range(found.desks),
        desks_now_served=_desks(area, known, before, beyond=False),
        desks_beyond=_desks(area, known, before, beyond=True),
        employed=round(employed),
        estimated=float(area.people[known.rows][area.guessed[known.rows]].sum()) / employed,
        population=int(np.nansum(area.where.population[everyone.rows])),
        steps=tuple(_step(one) for one in found.steps),
    )


def _desks(area: Area, catchment: Catchment, before: Nearest, *, beyond: bool) -> Range:
    far = before.minutes[catchment.rows] > area.within_min
    kept = catchment.take((far == beyond) & (np.nan_to_num(area.people[catchment.rows]) > 0))
    return _range(kept.cascade(area).desks) if len(kept.rows) else NOBODY


def _range(told: "cascade.Range | None") -> Range:
    return NOBODY if told is None else Range(told.p10, told.p50, told.p90)


def _step(told: "cascade.Step") -> Step:
    share, people = _range(told.share), _range(told.people)
    return Step(told.slug, share, people, told.kind, told.source, told.dated)


def break_even(demand: Demand | None) -> tuple[BreakEven, ...]:
    """What the demand would earn by the day in a small place, beside three sets of yearly costs."""
    if demand is None:
        return ()
    told = viability.parameters()
    per_desk = viability.income_by_day(1, told.desk_day_cents, open_days=told.open_days)
    income = Range(*(_income(desks) for desks in (demand.desks.p10, demand.desks.p50, demand.desks.p90)))
    costs = {
        CHARGES: _cost(lent=True, posts=0),
        POST: _cost(lent=True, posts=0.5),
        RENT: _cost(lent=False, posts=0.5),
    }
    return tuple(
        BreakEven(slug, income, cost, viability.desks_needed(cost, income_per_desk_cents=per_desk, capacity=told.desks))
        for slug, cost in costs.items()
    )


def _income(desks: float) -> float:
    told = viability.parameters()
    return viability.income_of_demand(desks, told.desk_day_cents, open_days=told.open_days, capacity=told.desks)
