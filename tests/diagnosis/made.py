"""Diagnoses made by hand, and strategies that make any."""

from dataclasses import replace

from hypothesis import strategies as st

from maillage.diagnosis.rules.conclusion import Neighbour, Situation, Sizes
from maillage.diagnosis.rules.facts import (
    BreakEven,
    Case,
    Conclusion,
    Demand,
    Diagnosis,
    Figure,
    NearPlace,
    Peer,
    Plan,
    Range,
    Reach,
    Request,
    Sentence,
    Site,
    Step,
    Theme,
    Town,
    Trust,
)

SIZES = Sizes(few=2, viable=7)
NEAR = Neighbour("la-boutique", "La Boutique", "Chamblay", 12.0, checked=True)
TRUST = Trust(
    evidence="solid", found=3, expected=2.5, chance=0.7, checked=3, around=9, around_checked=6, last_checked="2026-05",
    to_confirm=(),
)  # fmt: skip


def demand(p50: float, beyond: float | None = None, *, p10: float | None = None, p90: float | None = None) -> Demand:
    """A catchment that wants so many desks, of which `beyond` by people far from any place (all of them without it)."""
    far = p50 if beyond is None else beyond
    return Demand(
        centre="39093",
        centre_name="Chamblay",
        within_min=20,
        desks=Range(p50 * 0.6 if p10 is None else p10, p50, p50 * 1.6 if p90 is None else p90),
        desks_now_served=Range((p50 - far) * 0.6, p50 - far, (p50 - far) * 1.6),
        desks_beyond=Range(far * 0.6, far, far * 1.6),
        employed=850.0,
        estimated=0.0,
        population=2000,
        steps=(Step("teleworkable", Range(0.3, 0.33, 0.4), Range(250.0, 280.0, 340.0), "source", "Insee", "2021"),),
    )


def situation(**changes) -> Situation:
    """Enough demand, all of it far from any place, where the registry is solid."""
    plain = Situation(
        demand=demand(12.0),
        sizes=SIZES,
        trust=replace(TRUST, found=0, checked=0),
        open_places=0,
        neighbour=None,
        people_beyond=1500,
        within_min=20,
    )
    return replace(plain, **changes)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Any situation that holds together."""
    p50 = draw(st.floats(0, 60))
    desks = demand(p50, p50 * draw(st.floats(0, 1)), p90=p50 * draw(st.floats(1, 3)))
    near = draw(st.none() | st.builds(replace, st.just(NEAR), checked=st.booleans(), minutes=st.floats(2, 20)))
    places = draw(st.integers(1, 6)) if near else 0
    evidence = draw(st.sampled_from(["solid", "thin", "none"]))
    chance = draw(st.none() | st.floats(0, 1))
    trust = replace(TRUST, evidence=evidence, found=places, checked=min(places, 2), chance=chance)
    known = draw(st.sampled_from([desks, desks, None]))
    most = draw(st.none() | st.floats(p50, 80).map(lambda told: replace(demand(told), centre="39300")))
    return situation(demand=known, trust=trust, neighbour=near, open_places=places, most=most if known else None)


def diagnosis(**changes) -> Diagnosis:
    """A whole diagnosis, with something in every part of it, unknown and infinite included."""
    town = Town("39093", "Chamblay", 46.99, 5.70, 423, 190.0, 6, 12.5, 25.0, "la-boutique", "La Boutique", 0.4, 1.0)
    far = replace(town, code="39370", name="Mouchard", minutes=float("inf"), minutes_now=float("inf"), nearest="")
    lost = replace(
        town, code="39546", name="=Vaudrey", lat=None, lon=None, minutes=None, minutes_now=None, density=None
    )
    place = NearPlace(
        slug="la-boutique", name="La Boutique", commune="39093", commune_name="Chamblay", status="open", lat=46.99,
        lon=5.7, minutes=2.0, inside=True, checked_on="2026-03", confirmed=False, is_demo=False, source="Recensement",
    )  # fmt: skip
    plain = Diagnosis(
        request=Request("epci-243900420", 20, ("39370",), (), 1),
        name="CC du Val d'Amour",
        kind="epci",
        code="243900420",
        reference="epci-243900420",
        remarks=(Sentence("approximate", {"communes": 1, "of": 3}),),
        today="2026-11-22",
        ground="0" * 64,
        registry=7,
        travel="vol d’oiseau corrigé (2026-11-22)",
        approximate=True,
        fictional=False,
        towns=(town, far, lost),
        places=(place, replace(place, slug="au-loin", minutes=float("inf"), inside=False)),
        reach=Reach(846, 2, 3, {10: 0, 15: 423, 20: 423, 30: 423}, 423, ((13.0, 423),)),
        reach_now=Reach(846, 2, 3, {10: 0, 15: 0, 20: 0, 30: 423}, 846, ((25.0, 423),)),
        demand=demand(4.0, 2.0),
        break_even=(BreakEven("charges", Range(1.0, 2.0, 3.0), 480000, None),),
        surroundings=(Theme("serv-commerce", 3, 2, 1.5, None),),
        peers=(Peer("epci-244400586", "CC du Sud Estuaire", 9000, 1, 1, None, 0.2),),
        cases=(Case("morez", "La Cordée", "Morez", None, "closed", "2015", "2019", "economie", None, "", "Presse"),),
        trust=replace(TRUST, chance=None, expected=None, evidence="thin"),
        conclusion=Conclusion("smaller", (Sentence("smaller", {"p50": 4.0, "viable": 7}),), "share"),
        plan=Plan("coverage", (Site(1, "39370", "Mouchard", 46.97, 5.78, 423, 423),), 423, 423, None, None, None, 0.0,
                  "proved", 0.2, "vol d’oiseau"),
        figures=(Figure("population", "Insee", "2023"),),
    )  # fmt: skip
    return replace(plain, **changes)
