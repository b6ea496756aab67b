"""The smaller rules: what serves, what comes first, where, in which order, and what may be asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from maillage.diagnosis import labels
from maillage.diagnosis.rules import asking
from maillage.diagnosis.rules.asking import Refused
from maillage.diagnosis.rules.catchment import best_column, employed_or_estimate, reached
from maillage.diagnosis.rules.plan import gap, in_order
from maillage.diagnosis.rules.priority import priority, ranks, vulnerability
from maillage.diagnosis.rules.supply import LABELS, MEDIATION, is_tiers_lieu
from maillage.diagnosis.rules.surroundings import by_theme, themes
from maillage.places.rules.vocabulary import ACTIVITIES, SERVICES
from maillage.places.rules.vocabulary import LABELS as ALL_LABELS

some = st.floats(0, 1e5)
unknown = st.just(float("nan"))


def column(values) -> st.SearchStrategy:
    return arrays(float, 6, elements=values)


@given(st.sets(st.sampled_from(ACTIVITIES)), st.sets(st.sampled_from(ALL_LABELS)), st.sets(st.sampled_from(SERVICES)))
def test_saying_one_more_real_activity_or_label_never_takes_a_place_out(activities, said, services):
    before = is_tiers_lieu(activities, said, services)
    assert is_tiers_lieu({*activities, "coworking"}, said, services)
    assert is_tiers_lieu(activities, {*said, min(LABELS)}, services)
    assert not before or is_tiers_lieu(activities | {"cafe"}, said, services)
    if activities and activities <= {MEDIATION} and not said & LABELS:
        assert not before


@given(column(some | unknown))
def test_ranks_keep_the_order_and_the_unknown(values):
    found = ranks(values)
    known = np.isfinite(values)
    assert (np.isfinite(found) == known).all()
    assert ((found[known] >= 0) & (found[known] <= 1)).all()
    for i in np.flatnonzero(known):
        for j in np.flatnonzero(known):
            assert values[i] >= values[j] or found[i] < found[j]
    if known.sum() > 1:
        assert np.allclose(ranks(values, higher_is_worse=False)[known], 1 - found[known])


@given(column(some | unknown), column(some | unknown), column(some | unknown))
def test_vulnerability_needs_two_signs(income, unemployed, vacant):
    found = vulnerability(income=income, unemployed=unemployed, vacant=vacant)
    signs = np.isfinite(np.vstack([income, unemployed, vacant])).sum(axis=0)
    assert (np.isfinite(found) == (signs >= 2)).all()
    assert ((found[signs >= 2] >= 0) & (found[signs >= 2] <= 1)).all()


@given(
    column(st.floats(0, 60) | st.just(float("inf")) | unknown),
    column(some | unknown),
    column(st.floats(0, 1) | unknown),
)
def test_priority_is_between_nothing_and_the_first(minutes, employed, vulnerable):
    found = priority(minutes=minutes, employed=employed, vulnerability=vulnerable, within_min=20)
    known = np.isfinite(employed) & np.isfinite(vulnerable) & ~np.isnan(minutes)
    assert (np.isfinite(found) == known).all()
    assert ((found[known] >= 0) & (found[known] <= 1)).all()
    assert (found[known & (minutes <= 20)] == 0).all()
    weights = (employed * vulnerable * (minutes > 20))[known]
    if len(weights) and weights.max() > 0:
        assert found[known].max() == 1
        assert np.argmax(found[known]) == np.argmax(weights)


def sparse_of(dense: np.ndarray) -> sparse.csr_array:
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate([[0], np.cumsum((dense > 0).sum(axis=1))])
    return sparse.csr_array((dense[rows, columns], columns, indptr), shape=dense.shape)


tables = arrays(float, (5, 4), elements=st.sampled_from([0.0, 1.0, 5.0, 9.0]))
fives = arrays(float, 5, elements=st.integers(0, 50).map(float) | unknown)


@given(tables, fives)
def test_reached_adds_up_people_and_the_best_column_reaches_most(dense, people):
    minutes, weights = sparse_of(dense), 1 / (1 + sparse_of(dense).data)
    plain = [sum(np.nan_to_num(people[i]) / (1 + dense[i, j]) for i in range(5) if dense[i, j]) for j in range(4)]
    assert np.allclose(reached(minutes, people, weights), plain)
    best = best_column(minutes, people, np.zeros(4), weights)
    assert best is None if max(plain) == 0 else plain[best] == pytest.approx(max(plain))


@given(column(some | unknown), column(some | unknown))
def test_employed_is_estimated_only_where_it_is_unknown(employed, population):
    found, estimated = employed_or_estimate(employed, population)
    assert (np.isfinite(found) == (np.isfinite(employed) | np.isfinite(population))).all()
    assert np.array_equal(found[~estimated], employed[~estimated], equal_nan=True)
    assert not estimated[np.isfinite(employed)].any()


@given(tables, fives.map(np.nan_to_num), st.sets(st.integers(0, 3), min_size=1), arrays(bool, 5))
def test_the_order_of_sites_gains_less_and_less_and_adds_up(dense, people, chosen, served):
    order = in_order(sparse_of(dense), people, sorted(chosen), served)
    gains = [gained for _, gained, _ in order]
    assert sorted(column for column, _, _ in order) == sorted(chosen)
    assert gains == sorted(gains, reverse=True)
    newly = (dense[:, sorted(chosen)] > 0).any(axis=1) & ~served
    assert sum(gains) == people[newly].sum()
    assert all(gained <= total for _, gained, total in order)


@given(st.floats(0, 1e7), st.floats(0, 1e7))
def test_the_gap_is_a_share(gained, more):
    assert 0 <= gap(gained, gained + more) <= 1


def test_a_theme_of_a_territory_without_population_has_a_count_and_no_rate():
    names, table = by_theme(sparse.csr_array(np.array([[2, 1], [0, 4]])), ["care", "care"])
    inside = np.array([True, True])
    (told,) = themes(names, table, inside=inside, like=~inside, population=np.array([np.nan, np.nan]))
    assert (told.count, told.communes, told.per_1000, told.peers_per_1000) == (7, 2, None, None)


@pytest.mark.parametrize("value", [0, -5, 4, 61, "nan", "inf", "-inf", "vingt", "", "20,5", 1e30, None, "9" * 50])
def test_a_threshold_that_means_nothing_is_refused_with_what_to_give(value):
    with pytest.raises(Refused) as refused:
        asking.within(value)
    said = labels.refusal(refused.value)
    assert said.endswith("n’est pas un seuil\u202f: donnez un nombre entier de minutes, de 5 à 60.")


@pytest.mark.parametrize("value", [0, -1, 101, "x", "", "1.5", "9" * 40, None, "²"])
def test_a_number_of_sites_that_means_nothing_is_refused(value):
    with pytest.raises(Refused) as refused:
        asking.sites(value)
    assert "n’est pas un nombre de lieux à ouvrir\u202f: donnez un nombre entier, de 1 à 100." in labels.refusal(
        refused.value
    )


def test_more_sites_than_communes_are_refused():
    with pytest.raises(Refused) as refused:
        asking.sites(5, candidates=4)
    assert labels.refusal(refused.value) == (
        "5 lieux à ouvrir, mais seulement 4 communes où en ouvrir\u202f: demandez-en moins, ou prenez un territoire "
        "plus grand."
    )


def test_too_many_changes_are_refused_and_the_same_one_counts_once():
    with pytest.raises(Refused) as refused:
        asking.request("france", opened=[f"{n:05}" for n in range(21)])
    assert labels.refusal(refused.value) == "21 changements à la fois\u202f: 20 au plus."
    assert asking.request("france", opened=["39093"] * 30).opened == ("39093",)
    with pytest.raises(Refused):
        asking.request("france", opened=[f"{n:05}" for n in range(11)], closed=[f"lieu-{n}" for n in range(10)])


@given(st.text(max_size=200), st.text(max_size=50), st.lists(st.text(max_size=150), max_size=5))
def test_any_question_is_read_or_refused_in_words(territory, within, changes):
    try:
        asking.request(territory, within_min=within, opened=changes, closed=changes, best_sites=within)
    except Refused as refused:
        assert labels.refusal(refused)
