"""One territory explained: reads the ground and the registry, applies the rules, answers one frozen `Diagnosis`."""

from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from maillage.diagnosis.queries import demand as demands
from maillage.diagnosis.queries import near, peers, towns
from maillage.diagnosis.queries.area import Area, Nearest, area_of, nearest_now, nearest_with, nearest_without
from maillage.diagnosis.queries.asked import closed_of, opened_of, territory_of
from maillage.diagnosis.queries.journeys import FARTHEST_MIN, Rows, journeys
from maillage.diagnosis.queries.plan import COVERAGE, PAGE_SECONDS, plan_of
from maillage.diagnosis.queries.sources import figures
from maillage.diagnosis.queries.surroundings import surroundings
from maillage.diagnosis.rules.asking import Refused
from maillage.diagnosis.rules.conclusion import WIDE, Situation, conclude
from maillage.diagnosis.rules.facts import (
    DEFAULT_WITHIN_MIN,
    Conclusion,
    Demand,
    Diagnosis,
    Plan,
    Reach,
    Request,
    Sentence,
    Trust,
)
from maillage.places.queries import registry_version
from maillage.territory.queries import current_ground


def diagnose(request: Request, *, today: date) -> Diagnosis:
    """Explain a territory, as it is and with the changes of the request.

    The threshold of the request is one of reading (people too far, places shown, best sites). The answer itself, its
    demand and what the registry is worth are always counted within 20 minutes, so that no threshold turns it over.

    Raises `Refused` for a territory, a commune or a place that does not exist, and for a territory without a commune.
    """
    territory = territory_of(request.territory)
    area = area_of(territory, request.within_min)
    if not len(area.rows):
        raise Refused("empty", name=territory.name)
    opened, closed = opened_of(area, request), closed_of(area, request)
    now, before = nearest_now(), nearest_without(area, closed)
    after = nearest_with(area, before, opened, FARTHEST_MIN)
    centre = str(area.where.code[opened[0]]) if len(opened) and opened[0] in area.sites else ""
    basis = area if area.within_min == DEFAULT_WITHIN_MIN else area_of(territory, DEFAULT_WITHIN_MIN)
    demand = demands.demand_of(basis, before, centre)
    minutes = near.minutes_to(area)
    trust = _trust(basis, demand, minutes, closed, today)
    order, distance = peers.most_alike(area)
    reach_now = towns.reach_of(area, now)
    ground = current_ground()
    return Diagnosis(
        request=replace(request, territory=territory.reference),
        name=territory.name,
        kind=territory.kind,
        code=territory.code,
        reference=territory.reference,
        remarks=_remarks(area, demand),
        today=today.isoformat(),
        ground=ground.fingerprint if ground else "",
        registry=registry_version(),
        travel=_travel(),
        approximate=bool(area.where.estimated[area.sites].any()),
        fictional=bool(area.places.is_demo[area.places.serves].any()),
        towns=towns.towns_of(area, now, after, opened),
        places=near.near_places(area, minutes),
        reach=towns.reach_of(area, after),
        reach_now=reach_now,
        demand=demand,
        break_even=demands.break_even(demand),
        surroundings=surroundings(area, order),
        peers=peers.peers(area, order, distance),
        cases=peers.cases(area, order),
        trust=trust,
        conclusion=_conclude(basis, demand, trust, before, closed, opened, today),
        plan=_plan(area, after, request.sites),
        figures=figures(demand),
    )


def _plan(area: Area, after: Nearest, k: int) -> Plan | None:
    return plan_of(area, after, k, objective=COVERAGE, time_limit_s=PAGE_SECONDS) if k else None


def _trust(area: Area, demand: Demand | None, minutes: NDArray[np.float64], closed: Rows, today: date) -> Trust:
    """What the registry is worth: around the territory, or around the site spoken of where it is as wide as several."""
    if demand is None or area.territory.kind not in WIDE:
        return near.trust_of(area, minutes, area.near, closed, today=today)
    there = near.minutes_from(area, demand.centre)
    return near.trust_of(area, there, demands.catchment(area, demand.centre), closed, today=today)


def _conclude(
    area: Area, demand: Demand | None, trust: Trust, before: Nearest, closed: Rows, opened: Rows, today: date
) -> Conclusion:
    is_tried = bool(demand and demand.centre in area.where.code[opened])
    nearest, count = near.neighbour_of(area, demand.centre, closed, today=today) if demand else (None, 0)
    beyond: Reach = towns.reach_of(area, before)
    situation = Situation(
        demand=demand,
        sizes=demands.sizes(),
        trust=trust,
        open_places=count,
        neighbour=nearest,
        people_beyond=beyond.beyond if beyond.known else None,
        within_min=area.within_min,
        kind=area.territory.kind,
        is_tried=is_tried,
        empty=_empty(area),
        most=None if is_tried else demands.most_desks(area, before),
    )
    return conclude(situation)


def _empty(area: Area) -> str | None:
    """The source of a count of nobody in the whole territory; None where somebody lives, or nobody knows."""
    if not (area.where.population[area.rows] == 0).all():
        return None
    told = [f"{one.source.partition(',')[0]}, {one.vintage}" for one in figures(None) if one.name == "population"]
    return told[0] if told else ""


def _travel() -> str:
    model = journeys().model
    dated = getattr(model, "dated", "")
    return f"{model.name} ({dated})" if dated else model.name


def _remarks(area: Area, demand: Demand | None) -> tuple[Sentence, ...]:
    """What must be said before any figure."""
    where, told = area.territory, []
    if where.former_code:
        names = {"code": where.former_code, "former": where.former_name, "name": where.name, "today": where.code}
        told.append(Sentence("former-named" if where.former_name else "former", names))
    if area.places.is_demo[area.places.serves].any():
        told.append(Sentence("fictional", {}))
    if not area.places.serves.any():
        told.append(Sentence("no-places", {}))
    if estimated := int(area.where.estimated[area.sites].sum()):
        told.append(Sentence("approximate", {"communes": estimated, "of": len(area.rows)}))
    if missing := len(area.rows) - len(area.sites):
        told.append(Sentence("no-centre", {"communes": missing, "of": len(area.rows)}))
    if unknown := int(np.isnan(area.where.population[area.rows]).sum()):
        told.append(Sentence("no-population", {"communes": unknown, "of": len(area.rows)}))
    if demand is not None and demand.estimated > 0:
        told.append(Sentence("employed-estimated", {"share": demand.estimated}))
    if where.kind == "commune" and len(area.sites) and not (area.where.population[area.rows] == 0).all():
        told.append(Sentence("one-point", {}))
    if set(area.where.zone[area.rows]) - {"metro"}:
        told.append(Sentence("overseas", {}))
    return tuple(told)
