from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from maillage.network.observatory.rules.bias import compare, reference

CENSUS = reference()
counts = st.dictionaries(st.sampled_from(sorted(CENSUS.shares)), st.integers(0, 500))


def test_the_census_adds_up_to_a_whole():
    assert abs(sum(CENSUS.shares.values()) - 1) < 0.04


@given(counts)
def test_a_region_is_told_too_many_or_too_few_never_both(found):
    told = compare(found, CENSUS)
    if told is None:
        assert not sum(found.values())
        return
    over, under = {row[0] for row in told.over}, {row[0] for row in told.under}
    assert not over & under
    assert all(here >= there * CENSUS.times for _, here, there in told.over)
    assert all(here * CENSUS.times <= there + 1e-12 for _, here, there in told.under)
    assert {code for code, share in CENSUS.shares.items() if share < CENSUS.small}.isdisjoint(over | under)


@given(counts, st.integers(2, 9))
def test_it_is_a_matter_of_shares_not_of_how_many(found, times):
    more = {code: n * times for code, n in found.items()}
    one, other = compare(found, CENSUS), compare(more, CENSUS)
    assert one is None or other is None or replace(one, places=0) == replace(other, places=0)


def test_a_registry_spread_like_the_census_is_not_biased():
    told = compare({code: round(share * 10_000) for code, share in CENSUS.shares.items()}, CENSUS)
    assert told is not None and (told.over, told.under) == ((), ())
