from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from maillage.analysis.kernels import interchange as swaps
from maillage.analysis.kernels import median as loops
from maillage.analysis.siting import certificate_distance as certificate
from maillage.analysis.siting.certificate_distance import CertificateError, Given
from maillage.analysis.siting.checks import SitingInputError
from maillage.analysis.siting.median import median
from maillage.analysis.siting.median_problem import whole
from maillage.analysis.siting.median_search import Search, Step, proven
from tests.analysis.siting.tables import instances, plane, trips


def total(instance, sites):
    return float(instance.weights @ instance.costs(list(sites)))


@given(instances())
def test_equals_trying_everything_and_proves_it(instance):
    found = median(instance.minutes, instance.weights, instance.k, **instance.asked())
    assert found.objective == min(total(instance, sites) for sites in instance.every_choice())
    assert (found.objective, found.gap, found.stopped) == (found.bound, 0.0, "proved")
    assert total(instance, found.sites) == found.objective
    assert found.sites.tolist() == sorted(set(found.sites)) and found.sites.size == instance.k
    assert set(found.sites) <= set(instance.candidates)


@given(instances())
def test_each_row_is_served_by_its_nearest_open_site_the_lowest_of_several(instance):
    found = median(instance.minutes, instance.weights, instance.k, **instance.asked())
    opened = sorted([*instance.fixed, *found.sites.tolist()])
    for row, server in enumerate(found.served_by):
        nearest = instance.table[row, opened].min()
        best = [site for site in opened if instance.table[row, site] == nearest]
        assert server == (best[0] if np.isfinite(nearest) else -1)


@given(instances(), st.data())
def test_a_place_that_exists_already_never_raises_the_cost(instance, data):
    spare = sorted(set(range(instance.table.shape[1])) - set(instance.candidates) - set(instance.fixed))
    if not spare:
        return
    more = instance.asked() | {"fixed": [*instance.fixed, data.draw(st.sampled_from(spare))]}
    before = median(instance.minutes, instance.weights, instance.k, **instance.asked())
    assert median(instance.minutes, instance.weights, instance.k, **more).objective <= before.objective


@given(instances(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_changes_nothing(instance, shuffle):
    rows, columns = list(range(instance.table.shape[0])), list(range(instance.table.shape[1]))
    shuffle.shuffle(rows)
    shuffle.shuffle(columns)
    place = {column: index for index, column in enumerate(columns)}
    asked = instance.asked() | {
        "fixed": [place[column] for column in instance.fixed],
        "candidates": [place[column] for column in instance.candidates],
        "unreachable_minutes": np.broadcast_to(instance.price, len(rows))[rows],
    }
    moved = median(trips(instance.table[rows][:, columns]), instance.weights[rows], instance.k, **asked)
    still = median(instance.minutes, instance.weights, instance.k, **instance.asked())
    assert (moved.objective, moved.bound) == (still.objective, still.bound)


@given(instances(), st.integers(1, 5))
def test_a_detour_common_to_all_trips_adds_itself_to_everyone(instance, detour):
    asked = instance.asked() | {"unreachable_minutes": instance.price + detour}
    longer = median(trips(instance.table + detour), instance.weights, instance.k, **asked)
    plain = median(instance.minutes, instance.weights, instance.k, **instance.asked())
    assert longer.objective == plain.objective + detour * instance.weights.sum()


@pytest.mark.parametrize("seed", range(4))
def test_never_costs_more_than_greedy_and_the_bound_is_below(seed):
    table, weights = plane(seed, 60, reach=40)
    problem = whole(trips(table), weights, np.full(60, 50.0), np.arange(60), 6, compiled=False)
    greedy = problem.cost(loops.greedy.slow(problem.lists, problem.weights, problem.caps, 6))
    found = median(trips(table), weights, 6, unreachable_minutes=50.0)
    assert found.bound <= found.objective <= greedy
    rough = median(trips(table), weights, 6, unreachable_minutes=50.0, gap=0.05)
    assert rough.bound <= found.objective <= rough.objective
    assert rough.gap <= 0.05


def test_zero_minutes_is_a_trip_and_an_absent_one_is_not():
    matrix = sparse.csr_array((np.array([0.0, 5.0, 3.0]), np.array([0, 1, 1]), np.array([0, 2, 3])), shape=(2, 2))
    found = median(matrix, [100, 1], 1, unreachable_minutes=10)
    assert (found.sites.tolist(), found.objective, found.served_by.tolist()) == ([0], 10.0, [0, -1])


def test_a_row_that_no_site_reaches_costs_its_price():
    found = median(trips(np.array([[1.0, 4.0], [np.inf, np.inf]])), [2, 3], 1, unreachable_minutes=20)
    assert (found.objective, found.served_by.tolist()) == (62.0, [0, -1])


def test_a_row_without_weight_may_be_out_of_reach():
    found = median(trips(np.array([[1.0, 4.0], [np.inf, np.inf]])), [2, 0], 1)
    assert (found.objective, found.served_by.tolist()) == (2.0, [0, -1])


def test_nobody_to_serve_is_no_reason_to_fail():
    found = median(trips(np.array([[1.0, 4.0]])), [0], 2)
    assert (found.sites.tolist(), found.objective, found.gap) == ([0, 1], 0.0, 0.0)


def test_the_matrix_given_is_not_changed():
    table, weights = plane(1, 20)
    given_matrix = trips(table)
    before = given_matrix.copy()
    median(given_matrix, weights, 3)
    assert np.array_equal(given_matrix.data, before.data) and np.array_equal(given_matrix.indices, before.indices)


@pytest.mark.parametrize("limit", [1e-9, 0.05])
def test_a_time_limit_gives_the_best_found_with_an_honest_gap(limit):
    table, weights = plane(5, 70)
    exact = median(trips(table), weights, 5)
    found = median(trips(table), weights, 5, time_limit_s=limit)
    assert found.bound <= exact.objective <= found.objective
    assert found.stopped in ({"time"} if limit < 1e-6 else {"time", "proved"})
    assert (found.gap > 0) == (found.stopped == "time")


def test_ctrl_c_gives_the_best_found_with_an_honest_gap(monkeypatch):
    table, weights = plane(6, 70)
    exact = median(trips(table), weights, 5)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Search, "_climb", interrupt)
    found = median(trips(table), weights, 5)
    assert found.stopped == "interrupted"
    assert found.bound <= exact.objective <= found.objective < np.inf


@given(instances(most=9, kind=np.float32))
@settings(max_examples=25)
def test_compiled_loops_answer_as_numpy_does(instance):
    caps = instance.costs([])
    columns = np.array(instance.candidates)
    fast, slow = (
        whole(instance.minutes, instance.weights, caps, columns, instance.k, compiled=compiled)
        for compiled in (True, False)
    )
    for ours, theirs in zip(fast.lists, slow.lists, strict=True):
        assert np.array_equal(ours, theirs)
    assert (fast.constant, fast.rows.tolist()) == (slow.constant, slow.rows.tolist())
    lists, weights, caps = slow.lists, slow.weights, slow.caps
    chosen = [loops.greedy.on(compiled)(lists, weights, caps, instance.k) for compiled in (True, False)]
    assert np.array_equal(*chosen)
    values = np.round(caps * 0.6)
    for loop, asked in (
        (loops.scores, (weights, values)),
        (loops.tally, (chosen[0], values)),
        (loops.serve, (chosen[0], caps)),
    ):
        assert np.array_equal(loop.fast(lists, *asked), loop.slow(lists, *asked))
    order = np.arange(columns.size)
    services = [swaps.service(lists, weights, caps, chosen[0], compiled=compiled) for compiled in (True, False)]
    ends = [
        swaps.interchange.on(compiled)(lists, weights, caps, service, order, 0, 0, 1e-9)
        for compiled, service in zip((True, False), services, strict=True)
    ]
    assert ends[0] == ends[1]
    for ours, theirs in zip(*services, strict=True):
        assert np.array_equal(ours, theirs)


def test_interchange_ends_where_no_swap_helps():
    table, weights = plane(8, 30)
    problem = whole(trips(table), weights, table.max(axis=1), np.arange(30), 3, compiled=False)
    service = swaps.service(problem.lists, problem.weights, problem.caps, np.array([0, 1, 2]), compiled=False)
    start = idle = 0
    while idle < 30:
        start, idle, _ = swaps.interchange.slow(
            problem.lists, problem.weights, problem.caps, service, np.arange(30), start, idle, 1e-9
        )
    cost = problem.cost(service.sites)
    assert cost == pytest.approx(weights @ service.near_cost)
    for out in range(3):
        for site in range(30):
            other = service.sites.copy()
            other[out] = site
            assert problem.cost(other) >= cost - 1e-6


def searched(seed=7, k=5):
    table, weights = plane(seed, 50)
    data = Given(trips(table), weights, np.zeros(0, np.intp), 200.0)
    search = Search(
        whole(data.minutes, weights, np.full(50, 200.0), np.arange(50), k, compiled=False), gap=0.0, deadline=np.inf
    )
    search.run()
    return data, search


def test_the_certificate_reads_the_same_bound_from_the_unreduced_data():
    data, search = searched()
    read = certificate.median_bound(data, np.arange(50), 5, search.proof, search.upper)
    assert read == pytest.approx(proven(search.proof, search.upper), rel=1e-9)
    assert read == pytest.approx(search.upper, rel=1e-9)


def test_the_certificate_refuses_a_bound_that_its_proof_does_not_give():
    data, search = searched()
    search.proof = Step(search.proof.rows, search.proof.values * 0.5, search.upper)
    read = certificate.median_bound(data, np.arange(50), 5, search.proof, search.upper)
    with pytest.raises(CertificateError) as refused:
        certificate.at_least("lower bound", proven(search.proof, search.upper), read)
    assert str(refused.value) == (
        f"The search says that the lower bound is {search.upper!r}, and the unreduced data say {read!r}. The answer is "
        "withheld; please report this with the data that gave it."
    )


@pytest.mark.parametrize("read", [-np.inf, np.inf, np.nan, 11.0])
def test_nothing_agrees_with_what_is_not_the_same_number(read):
    with pytest.raises(CertificateError):
        certificate.agree("cost", 12.0, read)


def test_a_proof_made_for_other_data_is_no_proof():
    data, search = searched()
    cheaper = Given(data.minutes * 0.5, data.weights, data.fixed, data.unreachable)
    claimed = proven(search.proof, search.upper)
    with pytest.raises(CertificateError):
        read = certificate.median_bound(cheaper, np.arange(50), 5, search.proof, claimed)
        certificate.at_least("lower bound", claimed, read)


@pytest.mark.parametrize("weak", [0, 1])
def test_a_branch_is_only_as_good_as_its_weaker_side(weak):
    data, search = searched()
    strong = Step(search.proof.rows, search.proof.values, search.upper)
    sides = [strong, strong]
    sides[weak] = Step(search.proof.rows, search.proof.values * 0, search.upper)
    site = int(search.columns[0]) if weak else int(np.setdiff1d(np.arange(50), search.columns)[0])
    forged = Step(search.proof.rows, search.proof.values * 0, 0.0, branch=site, then=sides)
    assert certificate.median_bound(data, np.arange(50), 5, forged, search.upper) < 0.5 * search.upper


@pytest.mark.parametrize("tampered", ["cost", "sites", "bound"])
def test_a_tampered_answer_is_withheld(monkeypatch, tampered):
    run = Search.run

    def tamper(search, *arguments):
        run(search, *arguments)
        if tampered == "cost":
            search.upper *= 0.99
        elif tampered == "sites":
            search.columns = np.arange(5)
        else:
            search.proof = Step(search.proof.rows, search.proof.values, search.upper)

    monkeypatch.setattr(Search, "run", tamper)
    table, weights = plane(9, 50)
    with pytest.raises(CertificateError):
        median(trips(table), weights, 5)


table = trips(np.array([[1.0, 4.0, np.inf], [2.0, np.inf, np.inf]]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: median(table, [1, 1], 1),
            "Row 0 is reached by no fixed site and by 2 of 3 candidates, so a choice of 1 may leave it without any "
            "site (2 such rows): give unreachable_minutes, what a row costs then, at least the longest trip.",
        ),
        (
            lambda: median(table, [1, 1], 1, unreachable_minutes=3),
            "unreachable_minutes is 3 for row 0, whose longest trip in minutes takes 4: a row that no open site "
            "reaches must cost at least as much as its longest trip, and a finite number.",
        ),
        (
            lambda: median(table, [1, 1], 1, unreachable_minutes=float("nan")),
            "unreachable_minutes is nan for row 0, whose longest trip in minutes takes 4: a row that no open site "
            "reaches must cost at least as much as its longest trip, and a finite number.",
        ),
        (
            lambda: median(table, [1, 1], 1, unreachable_minutes=[9, 9, 9]),
            "unreachable_minutes has the shape (3,): give one number, or one for each of the 2 demand rows.",
        ),
        (lambda: median(table, [1, 1], 0), "k is 0: ask for at least 1 new site."),
        (
            lambda: median(table, [1, 1], 4, unreachable_minutes=9),
            "k is 4, but there are only 3 candidate sites: ask for fewer, or give more.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(call, message):
    with pytest.raises(SitingInputError) as refused:
        call()
    assert str(refused.value) == message


def test_a_fixed_site_or_enough_choice_needs_no_price():
    assert median(table, [1, 1], 1, fixed=[0]).objective == 3.0
    assert median(table, [1, 0], 2).objective == 1.0


def test_a_middle_sized_instance_is_proved():
    table, weights = plane(11, 150)
    assert median(trips(table), weights, 8).stopped == "proved"


@given(instances())
def test_without_a_price_the_answer_is_the_same_where_none_is_needed(instance):
    priced = median(instance.minutes, instance.weights, instance.k, **instance.asked())
    asked = instance.asked() | {"unreachable_minutes": None}
    try:
        found = median(instance.minutes, instance.weights, instance.k, **asked)
    except SitingInputError:
        return
    assert (found.objective, found.bound) == (priced.objective, priced.bound)


@pytest.mark.parametrize("seed", [7, 10])
def test_where_the_relaxation_leaves_a_gap_branching_closes_it(seed):
    draw = np.random.default_rng(seed)
    table, weights = draw.integers(1, 30, (14, 14)).astype(float), draw.integers(1, 9, 14).astype(float)
    search = Search(
        whole(trips(table), weights, table.max(axis=1), np.arange(14), 4, compiled=False), gap=0.0, deadline=np.inf
    )
    search.run()
    assert search.steps > 1
    best = min(weights @ table[:, list(sites)].min(axis=1) for sites in combinations(range(14), 4))
    found = median(trips(table), weights, 4)
    assert (found.objective, found.bound, found.stopped) == (best, best, "proved")
