"""What a diagnosis holds: plain values that the page, the report, the API and the command all read.

None means unknown, everywhere: never zero. Minutes are by the travel model named in `Diagnosis.travel`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["useful", "smaller", "share", "not-now", "unknown"]
Evidence = Literal["solid", "thin", "none"]
BANDS_MIN = (10, 15, 20, 30)
DEFAULT_WITHIN_MIN = 20


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: a territory, a threshold, and changes to try."""

    territory: str
    within_min: int = DEFAULT_WITHIN_MIN
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    sites: int = 0


@dataclass(frozen=True, slots=True)
class Range:
    """A quantity nobody knows exactly: one time in ten below `p10`, one in two below `p50`, nine in ten below `p90`."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Figure:
    """Where a figure comes from."""

    name: str
    source: str
    vintage: str
    licence: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Town:
    """A commune of the territory. `minutes` to the nearest open place, infinite past an hour, None without a centre.

    `minutes_now` is the same before the changes that are tried; `priority` is people too far × vulnerability ×
    employed, from 0 to 1 within the territory, None where a part is unknown.
    """

    code: str
    name: str
    lat: float | None
    lon: float | None
    population: int | None
    employed: float | None
    density: int | None
    minutes: float | None
    minutes_now: float | None
    nearest: str
    nearest_name: str
    vulnerability: float | None
    priority: float | None
    reachable_desks: float | None = None


@dataclass(frozen=True, slots=True)
class NearPlace:
    """A place in the territory or within reach of it; `minutes` from the territory's nearest inhabited commune."""

    slug: str
    name: str
    commune: str
    commune_name: str
    status: str
    lat: float
    lon: float
    minutes: float
    inside: bool
    checked_on: str
    confirmed: bool
    is_demo: bool
    source: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of the `population` (of communes whose population and centre are known) a place serves.

    `bands`: minutes → people within; `beyond`: people farther than the threshold; `curve`: (minutes, people) steps.
    """

    population: int
    known: int
    communes: int
    bands: Mapping[int, int]
    beyond: int
    curve: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the demand cascade: the share applied, and the people left; `kind` is `source` or `assumption`."""

    slug: str
    share: Range
    people: Range
    kind: str
    source: str
    dated: str


@dataclass(frozen=True, slots=True)
class Demand:
    """Desks used on an average working day by the people of the catchment, and how they were counted.

    The catchment: everyone within `within_min` of the commune `centre` (the best one of the territory for a new place,
    or the one that is opened), inside the territory or not. `desks`: all of them, were no place there;
    `desks_now_served`: of these, people whom an open place already reaches; `desks_beyond`: the others.
    `estimated`: the share of `employed` that was estimated from the population, for want of the census figure.
    """

    centre: str
    centre_name: str
    within_min: int
    desks: Range
    desks_now_served: Range
    desks_beyond: Range
    employed: float
    estimated: float
    population: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """What a small place earns and costs in a year; `desks_needed` None when all its desks do not pay for it.

    How many desks it has is a dated parameter: `analysis.viability.parameters().desks`.
    """

    slug: str
    income_cents: Range
    cost_cents: int
    desks_needed: int | None


@dataclass(frozen=True, slots=True)
class Theme:
    """Equipment of one theme in the territory: how many, in how many of its communes, beside territories like it."""

    slug: str
    count: int
    communes: int
    per_1000: float | None
    peers_per_1000: float | None


@dataclass(frozen=True, slots=True)
class Peer:
    """A territory like this one: same density class, size, distance to a city."""

    reference: str
    name: str
    population: int
    places_open: int
    places_closed: int
    share_within: float | None
    distance: float


@dataclass(frozen=True, slots=True)
class Case:
    """A place of a territory like this one, open or closed: what became of it."""

    slug: str
    name: str
    commune_name: str
    population: int | None
    status: str
    opened_on: str
    closed_on: str
    closed_cause: str
    desks: int | None
    prices: str
    source: str


@dataclass(frozen=True, slots=True)
class Trust:
    """What the registry is worth here: what it shows within reach, what places like this lead one to expect.

    `found`: open places within the threshold of a commune of the territory (of the site that the answer speaks of, in
    a département, a région or France); `chance`: probability of so few if the
    registry were complete here; `checked`: those that a person or a dated source spoke of within two years
    (`last_checked` is the newest such date, perhaps partial, "" for never). `around` and `around_checked` say the same
    of the wider neighbourhood (an hour), by which an empty spot is judged. `to_confirm`: slugs, the nearest first.
    """

    evidence: Evidence
    found: int
    expected: float | None
    chance: float | None
    checked: int
    around: int
    around_checked: int
    last_checked: str
    to_confirm: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A finding: the rule that says it, and its figures by name."""

    rule: str
    figures: Mapping[str, float | int | str | None]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The straight answer; `if_complete` is what it would be if the registry were right here, when it is in doubt."""

    verdict: Verdict
    sentences: tuple[Sentence, ...]
    if_complete: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """One of the best sites: the n-th place to open, `gained` people newly within the threshold, `served` in all."""

    rank: int
    code: str
    name: str
    lat: float
    lon: float
    gained: int
    served: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The best sites found, with what is proved of them; fewer than were asked when fewer serve as many people.

    `objective` "coverage": `gained` people newly within the threshold, never more than `bound` whatever the choice, and
    `gap` the share of `bound` that may be missing. `objective` "distance": `mean_min` minutes from an inhabitant to the
    nearest place, `mean_now_min` today, never less than `bound_min`, and `gap` the share of `mean_min` that may be too
    much. `stopped` is why the search ended: proved, gap, time or interrupted.
    """

    objective: str
    sites: tuple[Site, ...]
    gained: int
    bound: int
    mean_now_min: float | None
    mean_min: float | None
    bound_min: float | None
    gap: float
    stopped: str
    seconds: float
    model: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A territory explained. `approximate`: some centres are estimated; `fictional`: demo places took part.

    `kind` is commune, epci, bv, dep, reg or france; `reference` is how addresses name the territory (`epci-200071066`,
    `france`). `remarks`: what must be said first, each as a rule of `diagnosis.labels.REMARKS` (a commune that merged,
    estimated centres, fictional places, figures that are missing). `travel` names the travel model, with its date.
    """

    request: Request
    name: str
    kind: str
    code: str
    reference: str
    remarks: tuple[Sentence, ...]
    today: str
    ground: str
    registry: int
    travel: str
    approximate: bool
    fictional: bool
    towns: tuple[Town, ...]
    places: tuple[NearPlace, ...]
    reach: Reach
    reach_now: Reach
    demand: Demand | None
    break_even: tuple[BreakEven, ...]
    surroundings: tuple[Theme, ...]
    peers: tuple[Peer, ...]
    cases: tuple[Case, ...]
    trust: Trust
    conclusion: Conclusion
    plan: Plan | None
    figures: tuple[Figure, ...]
