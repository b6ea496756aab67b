"""The straight answer: useful here, smaller, share with a neighbour, not now, or "cannot say" and what to confirm.

A decision table on plain figures, published in `docs/algorithms/diagnosis.md`. What rests on the registry ("useful",
"share") is only said where the registry is solid. Since the registry also chooses the commune spoken of, a "not now",
and where the registry is not solid a "smaller", must hold too around the commune most people reach (`most`).
"""

from dataclasses import dataclass, replace

from maillage.diagnosis.rules.facts import Conclusion, Demand, Range, Sentence, Trust, Verdict
from maillage.diagnosis.rules.trust import IMPROBABLE

Figures = dict[str, float | int | str | None]

WIDE = frozenset({"dep", "reg", "france"})
"""Kinds of territory that one place cannot serve: the answer is about one commune of them, and says so."""
SERVED = 0.9
"""Share of the catchment's demand that an open place must already reach before sharing with it is the answer."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Two sizes of place, in desks used a day, from `analysis.viability`.

    `few`: pays the running costs of a room that is lent; fewer people than that never meet. `viable`: pays a half-time
    post too, the premises still lent.
    """

    few: int
    viable: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The open place nearest to the centre of the catchment, `minutes` away; `checked`: within 24 months."""

    slug: str
    name: str
    commune: str
    minutes: float
    checked: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """What the answer is drawn from. `open_places`: how many are within the threshold of the catchment's centre.

    `most`: the demand around the commune that most people of the territory reach, whatever the registry holds; None
    where the commune spoken of was chosen by who asks. `kind` is that of the territory; `is_tried`: the catchment is
    that of a commune opened for a try; `empty`: nobody lives in the territory, by a known count (its source and year,
    else None).
    """

    demand: Demand | None
    sizes: Sizes
    trust: Trust
    open_places: int
    neighbour: Neighbour | None
    people_beyond: int | None
    within_min: int
    kind: str = "commune"
    is_tried: bool = False
    empty: str | None = None
    most: Demand | None = None


def conclude(situation: Situation) -> Conclusion:
    """Draw the answer of a situation, each sentence with the rule that says it and its figures.

    More demand never turns "useful" into "smaller" or "not now"; a registry that is worth more never makes a firm
    answer uncertain.
    """
    demand = situation.demand
    if demand is None and situation.empty is not None:
        return Conclusion("not-now", (Sentence("nobody", {"source": situation.empty}),))
    if demand is None:
        return Conclusion("unknown", (Sentence("demand-unknown", {}),))
    found = _of_demand(situation, demand)
    first = (Sentence("wide", {}),) if situation.kind in WIDE else ()
    return replace(found, sentences=(*first, *found.sentences, *_why_there(situation, demand)))


def _of_demand(situation: Situation, demand: Demand) -> Conclusion:
    sizes = situation.sizes
    told, most = [_demand(demand)], situation.most or demand
    if max(demand.desks.p90, most.desks.p90) < sizes.few:
        told.append(Sentence("too-few", {"few": sizes.few, "p90": demand.desks.p90}))
        return Conclusion("not-now", (*told, *_neighbourhood(situation)))
    answer, why = _if_complete(situation, demand)
    if answer == "smaller" and demand.desks.p50 < sizes.viable and _is_sure(situation, answer):
        return Conclusion("smaller", (*told, why, *_neighbourhood(situation)))
    if _is_sure(situation, answer):
        return Conclusion(answer, (*told, why, *_beyond(situation), *_neighbourhood(situation)))
    least = demand if situation.trust.evidence == "solid" else most
    if max(demand.desks.p50, least.desks.p50) < sizes.viable:
        small, then = _small(demand.desks, sizes), answer if answer == "share" else None
        return Conclusion("smaller", (*told, small, *_neighbourhood(situation), _doubt(situation)), then)
    said = (_doubt(situation), *told, _supposed(why), *_most(situation, demand), *_neighbourhood(situation))
    return Conclusion("unknown", said, answer)


def _most(situation: Situation, demand: Demand) -> tuple[Sentence, ...]:
    """Where a place may be filled, if a registry that is not solid is all that leads to where none is."""
    most, viable = situation.most, situation.sizes.viable
    if most is None or situation.trust.evidence == "solid" or not demand.desks.p50 < viable <= most.desks.p50:
        return ()
    return (Sentence("most-desks", {"p50": most.desks.p50, **_there(most)}),)


def _if_complete(situation: Situation, demand: Demand) -> tuple[Verdict, Sentence]:
    """The answer, were the registry complete and right."""
    desks, beyond, sizes = demand.desks, demand.desks_beyond, situation.sizes
    near = situation.neighbour
    if beyond.p50 >= sizes.viable:
        return "useful", Sentence("useful-beyond", {"p50": beyond.p50, "viable": sizes.viable, **_there(demand)})
    if near is not None and desks.p50 >= (situation.open_places + 1) * sizes.viable:
        figures: Figures = {"p50": desks.p50, "places": situation.open_places, "viable": sizes.viable}
        return "useful", Sentence("useful-more", {**figures, **_there(demand)})
    if near is not None and (beyond.p50 <= (1 - SERVED) * desks.p50 or beyond.p50 < sizes.few):
        return "share", Sentence("share", {**_near(near), **_there(demand)})
    if desks.p50 < sizes.viable:
        return "smaller", _small(desks, sizes)
    return "smaller", Sentence("smaller-beyond", {"p50": beyond.p50, "viable": sizes.viable, **_there(demand)})


def _small(desks: Range, sizes: Sizes) -> Sentence:
    rule = "smaller" if desks.p50 >= sizes.few else "smaller-try"
    return Sentence(rule, {"p50": desks.p50, "p90": desks.p90, "few": sizes.few, "viable": sizes.viable})


def _is_sure(situation: Situation, answer: Verdict) -> bool:
    if situation.trust.evidence != "solid":
        return False
    return answer != "share" or bool(situation.neighbour and situation.neighbour.checked)


def _demand(demand: Demand) -> Sentence:
    figures: Figures = {"p10": demand.desks.p10, "p50": demand.desks.p50, "p90": demand.desks.p90}
    where: Figures = {"centre": demand.centre_name, "within": demand.within_min, "population": demand.population}
    return Sentence("demand-estimated" if demand.estimated > 0 else "demand", {**figures, **where})


def _beyond(situation: Situation) -> tuple[Sentence, ...]:
    if situation.people_beyond is None:
        return ()
    return (Sentence("people-beyond", {"people": situation.people_beyond, "within": situation.within_min}),)


def _neighbourhood(situation: Situation) -> tuple[Sentence, ...]:
    near, there = situation.neighbour, _there(situation.demand)
    if near is None:
        return (Sentence("none-near", {"within": situation.within_min, **there}),)
    return (Sentence("near-checked" if near.checked else "near-unchecked", {**_near(near), **there}),)


def _near(near: Neighbour) -> Figures:
    return {"name": near.name, "commune": near.commune, "minutes": near.minutes}


def _there(demand: Demand | None) -> Figures:
    """The commune that minutes are counted from: what is found there is not said of the whole territory."""
    return {"centre": demand.centre_name} if demand else {}


def _why_there(situation: Situation, demand: Demand) -> tuple[Sentence, ...]:
    if situation.kind == "commune":
        return ()
    return (Sentence("centre-tried" if situation.is_tried else "centre-best", _there(demand)),)


def _doubt(situation: Situation) -> Sentence:
    trust = situation.trust
    figures: Figures = {
        "found": trust.found,
        "checked": trust.checked,
        "last": trust.last_checked,
        "expected": trust.expected,
        "chance": trust.chance,
        "around": trust.around,
        "around_checked": trust.around_checked,
        "confirm": len(trust.to_confirm),
    }
    if situation.kind in WIDE:
        return Sentence(f"{_doubt_rule(trust)}-at", {**figures, **_there(situation.demand)})
    return Sentence(_doubt_rule(trust), figures)


def _doubt_rule(trust: Trust) -> str:
    if trust.chance is not None and trust.chance < IMPROBABLE:
        return "doubt-too-few"
    if trust.found:
        return "doubt-unchecked"
    return "doubt-empty" if trust.around else "doubt-nothing"


def _supposed(sentence: Sentence) -> Sentence:
    """Tell a reason as what would hold if the registry were right.

    >>> _supposed(Sentence("share", {})).rule
    'if-share'
    """
    return replace(sentence, rule=f"if-{sentence.rule}")
