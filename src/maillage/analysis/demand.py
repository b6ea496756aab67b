"""Demand for desks: from people in work to desks used on an average working day, as a range.

Every share of the cascade is a law, not a number: it is read in `demand.toml`, dated, marked source or assumption, and
the ranges are carried to the end. What people would do if a place opened near them is not known any better than that.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

DRAWS = 4096
LEVELS = 8
"""INSEE density levels 1 to 7, and 0 for unknown."""
QUANTILES = (0.1, 0.5, 0.9)
_CLASSES = ("unknown", "dense", "between", "between", "between", "rural", "rural", "rural")

Numbers = NDArray[np.float64]
Basis = Literal["source", "assumption"]


class DemandError(ValueError):
    """People, shares or weights with which no demand can be computed."""


@dataclass(frozen=True, slots=True)
class Range:
    """A quantity nobody knows exactly: one time in ten below `p10`, one in two below `p50`, nine in ten below `p90`."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Share:
    """One step's factor, by density level (index 0: unknown, then 1 to 7): a share of people, or days a week.

    Its law is the simplest with these three quantiles: two uniform halves that meet at `p50`, never below 0, never
    above `most`.
    """

    slug: str
    ranges: tuple[Range, ...]
    kind: Basis
    source: str
    dated: str
    most: float = 1.0

    def __post_init__(self) -> None:
        if len(self.ranges) != LEVELS:
            raise DemandError(
                f"{self.slug} has {len(self.ranges)} ranges; give {LEVELS}: unknown density, then levels 1 to 7"
            )
        for told in self.ranges:
            if not 0 <= told.p10 <= told.p50 <= told.p90 <= self.most:
                raise DemandError(
                    f"{self.slug} goes {told.p10}, {told.p50}, {told.p90}; p10, p50 and p90 must rise "
                    f"from 0 at least to {self.most:g} at most"
                )

    @classmethod
    def exactly(cls, slug: str, value: float, *, source: str = "", dated: str = "", most: float = 1.0) -> "Share":
        """Make a share that is known: the same value whatever the density, without a range.

        >>> Share.exactly("in_tiers_lieu", 0.08).ranges[5]
        Range(p10=0.08, p50=0.08, p90=0.08)
        """
        return cls(slug, (Range(value, value, value),) * LEVELS, "source", source, dated, most)

    def at(self, u: Numbers, levels: Sequence[int] = range(LEVELS)) -> Numbers:
        """Read the law at probabilities `u` of shape (n,): values of shape (levels, n)."""
        ranges = [self.ranges[level] for level in levels]
        p10, p50, p90 = (np.array([getattr(told, name) for told in ranges])[:, None] for name in Range.__slots__)
        away = (u - 0.5) / (QUANTILES[2] - 0.5)
        return np.clip(p50 + away * np.where(away < 0, p50 - p10, p90 - p50), 0.0, self.most)


@dataclass(frozen=True, slots=True)
class Shares:
    """All the parameters of the cascade; `dataclasses.replace` one of them to ask what if."""

    name: str
    dated: str
    working_days: float
    half_min: float
    decay_source: str
    teleworkable: Share
    teleworking: Share
    in_tiers_lieu: Share
    days: Share
    self_employed: Share
    self_employed_desk_work: Share
    self_employed_in_tiers_lieu: Share
    self_employed_days: Share


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the share applied and the people left after it; for a `…desks` step, desks per person and desks."""

    slug: str
    share: Range
    people: Range
    kind: Basis
    source: str
    dated: str


@dataclass(frozen=True, slots=True)
class Cascade:
    """What a catchment asks for, on an average working day.

    `desks` is all of it, `employees` and `self_employed` its two parts: quantiles, which do not add up. None when
    nobody's figure is known. `people`: employed residents counted, weights included; `unknown`: communes left out
    because their figure or their weight is unknown, so that the truth is at least this.
    """

    desks: Range | None
    employees: Range | None
    self_employed: Range | None
    people: float
    known: int
    unknown: int
    steps: tuple[Step, ...]


@cache
def default_shares() -> Shares:
    """Load the dated shares of `demand.toml`.

    >>> default_shares().in_tiers_lieu.kind
    'assumption'
    """
    facts = tomllib.loads(Path(__file__).with_name("demand.toml").read_text(encoding="utf-8"))
    slugs = [slug for slug in Shares.__slots__ if isinstance(facts.get(slug), dict)]
    return Shares(
        name=facts["name"],
        dated=facts["dated"],
        working_days=facts["working_days"],
        half_min=facts["decay"]["half_min"],
        decay_source=facts["decay"]["note"],
        **{slug: _share(slug, facts[slug], facts) for slug in slugs},
    )


def _share(slug: str, told: Mapping[str, Any], facts: Mapping[str, Any]) -> Share:
    ranges = tuple(Range(*told.get("all", told.get(name))) for name in _CLASSES)
    most = facts["working_days"] if slug.endswith("days") else 1.0
    return Share(slug, ranges, told["kind"], told["note"], facts["dated"], most)


def decay(minutes: ArrayLike, *, half_min: float | None = None) -> Numbers:
    """Weigh people by how far they are: 2^(−minutes ÷ half_min).

    Minutes of any shape; `inf` (out of reach) weighs 0, NaN (unknown) stays NaN. The half comes from `demand.toml`.
    An exponential, as in gravity models (W. G. Hansen, Journal of the AIP 25, 1959).

    >>> decay([0, 5, float("inf")], half_min=5).tolist()
    [1.0, 0.5, 0.0]
    """
    half = default_shares().half_min if half_min is None else half_min
    if not 0 < half < np.inf:
        raise DemandError(f"half_min is {half}; give the minutes of travel that halve the people, above 0")
    away = np.asarray(minutes, float)
    if (away < 0).any():
        raise DemandError(f"minutes go down to {np.nanmin(away):g}; travel times are 0 or more, inf when out of reach")
    return np.exp2(-away / half)


def desks(
    employed: ArrayLike,
    *,
    density: ArrayLike | None = None,
    self_employed_share: ArrayLike | None = None,
    catchment_weight: ArrayLike | None = None,
    shares: Shares | None = None,
) -> Cascade:
    """Compute the desks that a catchment asks for on an average working day.

    desks = Σ weight × employed × [(1 − s) × teleworkable × teleworking × in a tiers-lieu × days ÷ 5
                                   + s × desk work × in a tiers-lieu × days ÷ 5], with s the self-employed share.

    One value per commune, or one number: `employed` residents (NaN unknown), `density` 1 to 7 (0 unknown),
    `self_employed_share` 0 to 1 where it is known, `catchment_weight` 0 to 1 (see `decay`). Each share is one unknown
    for the whole catchment, independent of the others; 4,096 points of a Kronecker sequence (no random number: the
    same question has the same answer) carry them to the end. DemandError tells what is wrong with an input.

    Sources: the figures of `demand.toml`; the cascade is that of market studies for telecentres.

    >>> from dataclasses import replace
    >>> known = {"teleworkable": 0.33, "teleworking": 0.35, "in_tiers_lieu": 0.08}
    >>> exact = replace(default_shares(), **{slug: Share.exactly(slug, value) for slug, value in known.items()})
    >>> round(desks(850, density=6, self_employed_share=0, shares=exact).desks.p50)
    2
    >>> desks([850, float("nan")], density=[6, 6]).unknown
    1
    """
    told = default_shares() if shares is None else shares
    people, levels, weights, own = _checked(employed, density, catchment_weight, self_employed_share)
    known = ~np.isnan(people * weights)
    counted = np.where(known, people * weights, 0.0)
    total = float(counted.sum())
    if not known.any():
        return Cascade(None, None, None, 0.0, 0, len(people), ())
    present, levels = np.unique(levels, return_inverse=True)
    draws = {share: getattr(told, share).at(u, present.tolist()) for share, u in _points().items()}
    split = _split(counted, levels, own, draws["self_employed"])
    steps = [_first(people, counted, known, catchment_weight is not None, told)]
    salaried = _walk(
        steps, told, draws, total, split[0], ("salaried", "teleworkable", "teleworking", "in_tiers_lieu", "days")
    )
    alone = _walk(
        steps, told, draws, total, split[1],
        ("self_employed", "self_employed_desk_work", "self_employed_in_tiers_lieu", "self_employed_days"),
    )  # fmt: skip
    count = int(known.sum())
    return Cascade(
        _range(salaried + alone), _range(salaried), _range(alone), total, count, len(people) - count, tuple(steps)
    )


def _first(people: Numbers, counted: Numbers, known: NDArray[np.bool_], weighed: bool, told: Shares) -> Step:
    """The people in work; when they are weighed, the share of them that the catchment keeps."""
    total, living = float(counted.sum()), float(people[known].sum())
    kept = total / living if living else 1.0
    source = told.decay_source if weighed else ""
    basis: Basis = "assumption" if weighed else "source"
    return Step("employed", Range(kept, kept, kept), Range(total, total, total), basis, source, told.dated)


def _split(counted: Numbers, levels: NDArray[np.intp], own: Numbers | None, drawn: Numbers) -> tuple[Numbers, Numbers]:
    """Employees and self-employed by density level and draw, each of shape (levels, draws)."""
    everyone = np.bincount(levels, weights=counted)[:, None]
    if own is None:
        return everyone * (1 - drawn), everyone * drawn
    alone = np.bincount(levels, weights=counted * own)[:, None] * np.ones(drawn.shape[1])
    return everyone - alone, alone


def _walk(
    steps: list[Step],
    told: Shares,
    draws: Mapping[str, Numbers],
    total: float,
    people: Numbers,
    slugs: tuple[str, ...],
) -> Numbers:
    """Apply the shares of one branch in turn, writing each step; the desks of every draw."""
    before, left = np.full(people.shape[1], total), people
    for place, slug in enumerate(slugs):
        share: Share = told.self_employed if slug == "salaried" else getattr(told, slug)
        if place:
            left = left * draws[slug] / (told.working_days if place == len(slugs) - 1 else 1)
        after = left.sum(axis=0)
        part = np.divide(after, before, out=np.zeros_like(after), where=before > 0)
        steps.append(Step(_named(slug), _range(part), _range(after), share.kind, share.source, share.dated))
        before = after
    return before


def _named(slug: str) -> str:
    """The slug of a step, for people: `days` gives desks.

    >>> _named("self_employed_days"), _named("in_tiers_lieu")
    ('self-employed-desks', 'in-tiers-lieu')
    """
    return slug.replace("days", "desks").replace("_", "-")


def _range(values: Numbers) -> Range:
    p10, p50, p90 = np.quantile(values, QUANTILES).tolist()
    return Range(p10, max(p10, p50), max(p10, p50, p90))


_DRAWN = (
    *("teleworkable", "teleworking", "in_tiers_lieu", "days"),
    *("self_employed", "self_employed_desk_work", "self_employed_in_tiers_lieu", "self_employed_days"),
)


@cache
def _points() -> dict[str, Numbers]:
    """Evenly spread points of the unit cube, one coordinate per share.

    A Kronecker sequence on powers of the generalised golden ratio g, g^(d+1) = g + 1 (M. Roberts, "The unreasonable
    effectiveness of quasirandom sequences", 2018).
    """
    golden = 2.0
    for _ in range(60):
        golden = (1 + golden) ** (1 / (len(_DRAWN) + 1))
    steps = golden ** -np.arange(1.0, len(_DRAWN) + 1)
    points = (0.5 + np.arange(1, DRAWS + 1)[:, None] * steps) % 1
    return dict(zip(_DRAWN, points.T, strict=True))


def _checked(
    employed: ArrayLike, density: ArrayLike | None, weight: ArrayLike | None, own: ArrayLike | None
) -> tuple[Numbers, NDArray[np.intp], Numbers, Numbers | None]:
    """The inputs as arrays of one length, refused when they make no sense."""
    people = np.atleast_1d(np.asarray(employed, float))
    if people.ndim != 1:
        raise DemandError(f"employed has {people.ndim} dimensions; give one number, or one per commune")
    _within("employed", people, np.inf, "people are counted from 0; NaN where unknown")
    if np.isinf(people).any():
        raise DemandError("employed holds an infinity; people are counted from 0; NaN where unknown")
    levels = _spread("density", 0 if density is None else density, len(people))
    if not np.isin(levels, np.arange(LEVELS)).all():
        raise DemandError("density holds something else than 0 to 7; INSEE levels are 1 to 7, 0 where unknown")
    weights = _spread("catchment_weight", 1.0 if weight is None else weight, len(people))
    _within("catchment_weight", weights, 1.0, "weights go from 0 to 1; NaN where unknown")
    if own is None:
        return people, levels.astype(np.intp), weights, None
    alone = _spread("self_employed_share", own, len(people))
    if np.isnan(alone).any():
        raise DemandError("self_employed_share holds NaN; leave it out where it is unknown: the default range is used")
    _within("self_employed_share", alone, 1.0, "a share goes from 0 to 1")
    return people, levels.astype(np.intp), weights, alone


def _spread(name: str, value: ArrayLike, length: int) -> Numbers:
    values = np.asarray(value, float)
    if values.ndim and values.shape != (length,):
        raise DemandError(f"{name} has shape {values.shape} for {length} communes; give one number, or one per commune")
    return np.broadcast_to(values, (length,))


def _within(name: str, values: Numbers, most: float, rule: str) -> None:
    wrong = np.flatnonzero((values < 0) | (values > most))
    if len(wrong):
        raise DemandError(f"{name} holds {values[wrong[0]]:g} at position {wrong[0]}; {rule}")
