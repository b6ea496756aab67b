from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.analysis import demand
from maillage.analysis.demand import DemandError, Range, Share, Shares

QUANTILES = ("p10", "p50", "p90")
SHARES = [slug for slug in Shares.__slots__ if isinstance(getattr(demand.default_shares(), slug), Share)]
people = st.floats(0, 1e6)
levels = st.integers(0, 7)
few = settings(max_examples=40)
communes = st.lists(st.tuples(people, levels, st.floats(0, 1)), min_size=1, max_size=6)


def asked(rows: list[tuple[float, int, float]], **changes: Any) -> demand.Cascade:
    employed, density, weight = (np.array(column) for column in zip(*rows, strict=True))
    return demand.desks(employed, density=density, catchment_weight=weight, **changes)


def three(told: Range | None) -> list[float]:
    assert told is not None
    return [told.p10, told.p50, told.p90]


def test_two_thousand_inhabitants_use_about_two_desks_a_day() -> None:
    """domain.md 4.3: 850 employed, 280 teleworkable, 85 to 110 teleworking, 6 to 8 in a tiers-lieu, two desks."""
    found = demand.desks(850, density=6, self_employed_share=0)
    steps = {step.slug: step for step in found.steps}
    assert steps["teleworkable"].people.p50 == pytest.approx(280, abs=3)
    assert steps["teleworking"].people.p10 <= 85 <= 110 <= steps["teleworking"].people.p90 + 10
    assert steps["in-tiers-lieu"].people.p50 == pytest.approx(6, abs=0.5)
    assert round(found.desks.p50) == 2
    assert found.desks.p10 < 1 < 2 < found.desks.p90 < 3


def test_the_fixture_s_own_shares_give_its_own_figures() -> None:
    chain = {"teleworkable": 280 / 850, "teleworking": 98 / 280, "in_tiers_lieu": 0.08}
    days = Share.exactly("days", 1.4, most=5)
    shares = replace(demand.default_shares(), days=days, **{k: Share.exactly(k, v) for k, v in chain.items()})
    found = demand.desks(850, self_employed_share=0, shares=shares)
    assert three(found.desks) == pytest.approx([850 * 280 / 850 * 98 / 280 * 0.08 * 1.4 / 5] * 3)
    assert three(found.self_employed) == [0, 0, 0]


def test_an_epci_of_nine_thousand_asks_for_two_to_six_desks() -> None:
    """M. Perrin's: its inhabitants spread over the minutes that lead to its largest commune."""
    inhabitants = np.array([2_000, 1_400, 1_300, 1_100, 1_000, 900, 700, 600])
    minutes = np.array([0, 8, 9, 10, 11, 13, 15, 18])
    found = demand.desks(inhabitants * 0.425, density=np.full(8, 6), catchment_weight=demand.decay(minutes))
    assert [round(desks) for desks in three(found.desks)] == [2, 4, 6]


def test_what_the_shares_say_of_france_agrees_with_the_census_of_telework() -> None:
    """19.4 % of people in work telework (2022); weighed by thousands of employed residents of 2021."""
    weights = np.array([10_581, 3_257, 1_560, 2_842, 4_241, 4_262, 654])
    found = demand.desks(weights, density=np.arange(1, 8), self_employed_share=0)
    step = next(step for step in found.steps if step.slug == "teleworking")
    assert step.people.p50 / weights.sum() == pytest.approx(0.194, abs=0.01)


@few
@given(communes)
def test_quantiles_rise_at_every_step(rows: list[tuple[float, int, float]]) -> None:
    found = asked(rows)
    for told in (found.desks, found.employees, found.self_employed, *(step.people for step in found.steps)):
        assert 0 <= three(told)[0] <= three(told)[1] <= three(told)[2]
    assert three(found.desks)[2] <= found.people


@few
@given(communes, st.integers(0, 5), st.floats(0, 1e5))
def test_more_people_in_work_never_ask_for_less(rows: list[tuple[float, int, float]], which: int, more: float) -> None:
    at = which % len(rows)
    richer = [(e + more if i == at else e, d, w) for i, (e, d, w) in enumerate(rows)]
    before, after = three(asked(rows).desks), three(asked(richer).desks)
    assert all(b <= a * (1 + 1e-12) for b, a in zip(before, after, strict=True))


@few
@given(communes, st.floats(0.01, 100))
def test_twice_the_people_ask_for_twice_the_desks(rows: list[tuple[float, int, float]], scale: float) -> None:
    scaled = [(e * scale, d, w) for e, d, w in rows]
    assert three(asked(scaled).desks) == pytest.approx([q * scale for q in three(asked(rows).desks)], rel=1e-9)


@few
@given(communes)
def test_order_and_cutting_communes_in_two_change_nothing(rows: list[tuple[float, int, float]]) -> None:
    halves = [(e / 2, d, w) for e, d, w in reversed(rows) for _ in range(2)]
    assert three(asked(halves).desks) == pytest.approx(three(asked(rows).desks), rel=1e-9)


@few
@given(communes, st.floats(0, 1))
def test_a_catchment_that_keeps_fewer_people_never_asks_for_more(
    rows: list[tuple[float, int, float]], kept: float
) -> None:
    fewer = [(e, d, w * kept) for e, d, w in rows]
    after, before = three(asked(fewer).desks), three(asked(rows).desks)
    assert all(a <= b * (1 + 1e-12) for a, b in zip(after, before, strict=True))


@few
@given(communes, communes)
def test_unknown_people_are_left_out_and_said(
    rows: list[tuple[float, int, float]], lost: list[tuple[float, int, float]]
) -> None:
    found = asked(rows + [(float("nan"), d, w) for _, d, w in lost])
    assert (found.known, found.unknown) == (len(rows), len(lost))
    assert three(found.desks) == pytest.approx(three(asked(rows).desks), rel=1e-9)


@pytest.mark.parametrize("employed", [[], [np.nan], np.nan])
def test_no_known_figure_gives_no_desks_rather_than_none(employed: Any) -> None:
    found = demand.desks(employed)
    assert (found.desks, found.employees, found.self_employed, found.known) == (None, None, None, 0)


def test_an_unknown_weight_is_an_unknown_commune() -> None:
    found = demand.desks([100, 200], catchment_weight=[1, np.nan])
    assert (found.known, found.unknown, found.people) == (1, 1, 100)


def test_a_commune_without_anybody_in_work_asks_for_nothing() -> None:
    assert three(demand.desks(0).desks) == [0, 0, 0]


@pytest.mark.parametrize("level", [0, 1, 3, 6])
def test_the_range_is_that_of_many_random_draws(level: int) -> None:
    shares = demand.default_shares()
    rng = np.random.default_rng(4)
    draw = {slug: getattr(shares, slug).at(rng.random(300_000), [level])[0] for slug in SHARES}
    own = draw["self_employed"]
    employees = (1 - own) * draw["teleworkable"] * draw["teleworking"] * draw["in_tiers_lieu"] * draw["days"] / 5
    alone = own * draw["self_employed_desk_work"] * draw["self_employed_in_tiers_lieu"] * draw["self_employed_days"] / 5
    expected = np.quantile(850 * (employees + alone), (0.1, 0.5, 0.9))
    assert three(demand.desks(850, density=level).desks) == pytest.approx(expected, rel=0.015)


@pytest.mark.parametrize("slug", SHARES)
def test_a_law_has_the_quantiles_it_was_given(slug: str) -> None:
    share = getattr(demand.default_shares(), slug)
    read = share.at(np.array([0.1, 0.5, 0.9]))
    assert read.tolist() == [pytest.approx([told.p10, told.p50, told.p90]) for told in share.ranges]


def test_never_eight_in_a_hundred_teleworkers_come() -> None:
    assert demand.default_shares().in_tiers_lieu.at(np.array([1.0])).max() <= 0.08 + 1e-12


def test_every_share_says_where_it_comes_from() -> None:
    shares = demand.default_shares()
    for share in (getattr(shares, slug) for slug in SHARES):
        assert share.kind in ("source", "assumption")
        assert len(share.source) > 40
        assert share.dated == shares.dated == "2026-11-22"


def test_a_known_share_of_self_employed_takes_the_place_of_the_range() -> None:
    found = demand.desks([100, 300], self_employed_share=[0.5, 0.1])
    step = next(step for step in found.steps if step.slug == "self-employed")
    assert three(step.people) == pytest.approx([80, 80, 80])
    assert three(step.share) == pytest.approx([0.2, 0.2, 0.2])


@given(st.lists(st.floats(0, 200), min_size=1, max_size=8), st.floats(1, 60))
def test_farther_people_never_weigh_more(minutes: list[float], half: float) -> None:
    weights = demand.decay(sorted(minutes), half_min=half)
    assert (np.diff(weights) <= 0).all()
    assert demand.decay([half], half_min=half) == pytest.approx(0.5)


def test_out_of_reach_weighs_nothing_and_unknown_stays_unknown() -> None:
    weights = demand.decay([np.inf, np.nan])
    assert weights[0] == 0
    assert np.isnan(weights[1])


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"employed": [10, -3]},
         "employed holds -3 at position 1; people are counted from 0; NaN where unknown"),
        ({"employed": [np.inf]}, "employed holds an infinity; people are counted from 0; NaN where unknown"),
        ({"employed": [[1, 2]]}, "employed has 2 dimensions; give one number, or one per commune"),
        ({"employed": [1], "density": [8]},
         "density holds something else than 0 to 7; INSEE levels are 1 to 7, 0 where unknown"),
        ({"employed": [1], "density": [np.nan]},
         "density holds something else than 0 to 7; INSEE levels are 1 to 7, 0 where unknown"),
        ({"employed": [1, 2], "density": [1, 2, 3]},
         "density has shape (3,) for 2 communes; give one number, or one per commune"),
        ({"employed": [1], "catchment_weight": [1.5]},
         "catchment_weight holds 1.5 at position 0; weights go from 0 to 1; NaN where unknown"),
        ({"employed": [1], "self_employed_share": 13},
         "self_employed_share holds 13 at position 0; a share goes from 0 to 1"),
        ({"employed": [1], "self_employed_share": np.nan},
         "self_employed_share holds NaN; leave it out where it is unknown: the default range is used"),
    ],
)  # fmt: skip
def test_a_bad_question_is_refused(question: dict[str, Any], why: str) -> None:
    employed = question.pop("employed")
    with pytest.raises(DemandError) as refusal:
        demand.desks(employed, **question)
    assert str(refusal.value) == why


def test_bad_shares_are_refused() -> None:
    with pytest.raises(DemandError) as refusal:
        Share.exactly("days", 6, most=5)
    assert str(refusal.value) == "days goes 6, 6, 6; p10, p50 and p90 must rise from 0 at least to 5 at most"
    with pytest.raises(DemandError) as refusal:
        Share("teleworking", (Range(0.3, 0.2, 0.4),) * 8, "source", "", "")
    assert str(refusal.value) == (
        "teleworking goes 0.3, 0.2, 0.4; p10, p50 and p90 must rise from 0 at least to 1 at most"
    )
    with pytest.raises(DemandError) as refusal:
        Share("teleworking", (Range(float("nan"), 0.2, 0.4),) * 8, "source", "", "")
    assert "teleworking goes nan" in str(refusal.value)
    with pytest.raises(DemandError) as refusal:
        Share("teleworking", (Range(0, 0, 0),), "source", "", "")
    assert str(refusal.value) == "teleworking has 1 ranges; give 8: unknown density, then levels 1 to 7"


@pytest.mark.parametrize("half", [0, -1, np.nan, np.inf])
def test_a_bad_half_is_refused(half: float) -> None:
    with pytest.raises(DemandError) as refusal:
        demand.decay([1], half_min=half)
    assert str(refusal.value) == f"half_min is {half}; give the minutes of travel that halve the people, above 0"


def test_negative_minutes_are_refused() -> None:
    with pytest.raises(DemandError) as refusal:
        demand.decay([3, -2])
    assert str(refusal.value) == "minutes go down to -2; travel times are 0 or more, inf when out of reach"
