from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.nearness import FEW_M, UNSURE_M, Nearness, about, exactness, nearness
from maillage.places.rules.vocabulary import PRECISIONS

DISTANCES_M = st.floats(0, 250_000)
KNOWN = st.sets(st.sampled_from(PRECISIONS), min_size=1)


@given(DISTANCES_M, KNOWN, st.booleans())
def test_only_what_is_known_exactly_is_told_exactly(distance_m: float, known: set[str], same_commune: bool) -> None:
    told = nearness(distance_m, known, same_commune=same_commune)
    if known & {"commune", "estimated"}:
        assert told != Nearness.EXACT
    elif "unknown" not in known or distance_m >= UNSURE_M or not same_commune:
        assert told == Nearness.EXACT
    assert same_commune or told != Nearness.SAME
    if "estimated" in known and distance_m < FEW_M:
        assert told in (Nearness.SAME, Nearness.FEW)


@given(DISTANCES_M, KNOWN, st.booleans())
def test_two_points_at_no_distance_are_told_apart_only_if_both_are_exact(
    distance_m: float, known: set[str], same: bool
) -> None:
    exact = {"address", "street"}
    assert (nearness(0, known, same_commune=True) == Nearness.EXACT) == (known <= exact)
    order = [Nearness.SAME, Nearness.FEW, Nearness.ABOUT, Nearness.EXACT]
    nearer, farther = (nearness(d, known, same_commune=same) for d in (distance_m, distance_m + 1_000))
    assert order.index(nearer) <= order.index(farther)


@given(st.floats(0, 250), KNOWN)
def test_what_is_rounded_is_near_and_never_nothing(kilometres: float, known: set[str]) -> None:
    step = 5 if "estimated" in known else 1
    said = about(kilometres, known)
    assert said >= step
    assert said % step == 0
    assert abs(said - max(kilometres, step)) <= step / 2


def test_a_commune_s_centre_is_as_exact_as_its_ground() -> None:
    assert exactness("commune", estimated_centre=True) == "estimated"
    assert [exactness(precision, estimated_centre=False) for precision in PRECISIONS] == list(PRECISIONS)
    assert exactness("address", estimated_centre=True) == "address"
