import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from bench import roads
from maillage.analysis import network
from maillage.analysis.network import Graph, NetworkError

ENGINES = pytest.mark.parametrize("compiled", [pytest.param(True, id="compiled"), pytest.param(False, id="scipy")])


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Graph, np.ndarray]:
    """A random graph, its arcs often parallel, equal, looped or missing; and some of its nodes, at times twice."""
    nodes = draw(st.integers(1, 24))
    node = st.integers(0, nodes - 1)
    arcs = draw(st.lists(st.tuples(node, node, st.integers(1, 12)), max_size=70))
    tails, heads, ticks = np.array(arcs, dtype=np.int64).reshape(-1, 3).T
    graph = Graph.of(nodes, tails, heads, ticks / network.TICKS_PER_MINUTE)
    return graph, np.array(draw(st.lists(node, min_size=1, max_size=5)))


def ticks_between(graph: Graph) -> np.ndarray:
    """Every pair by Floyd and Warshall, which shares nothing with a queue; infinite where there is no way."""
    between = np.full((graph.nodes, graph.nodes), np.inf)
    np.fill_diagonal(between, 0)
    for node in range(graph.nodes):
        for arc in range(graph.indptr[node], graph.indptr[node + 1]):
            to = graph.indices[arc]
            between[node, to] = min(between[node, to], graph.weights[arc])
    for middle in range(graph.nodes):
        between = np.minimum(between, between[:, [middle]] + between[[middle]])
    return between


@ENGINES
@given(graphs(), st.integers(0, 30))
def test_nearest_is_the_least_of_all_pairs_and_the_first_among_equals(compiled, given_graph, cutoff):
    graph, sources = given_graph
    offsets = np.arange(sources.size) * 2.0
    ticks = ticks_between(graph)[sources] + offsets[:, None]
    ticks[ticks > cutoff] = np.inf
    found = network.nearest(
        graph,
        sources,
        cutoff_min=cutoff / network.TICKS_PER_MINUTE,
        offsets_min=offsets / network.TICKS_PER_MINUTE,
        compiled=compiled,
    )
    assert found.minutes.tolist() == (ticks.min(0) / network.TICKS_PER_MINUTE).tolist()
    assert found.site.tolist() == np.where(np.isfinite(ticks.min(0)), ticks.argmin(0), -1).tolist()


@ENGINES
@given(graphs(), st.data(), st.integers(0, 30))
def test_minutes_are_those_of_all_pairs_up_to_the_cutoff(compiled, given_graph, data, cutoff):
    graph, sources = given_graph
    targets = np.array(data.draw(st.lists(st.integers(0, graph.nodes - 1), min_size=1, max_size=8)))
    ticks = ticks_between(graph)[np.ix_(sources, targets)]
    found = network.minutes(graph, sources, targets, cutoff / network.TICKS_PER_MINUTE, compiled=compiled)
    assert found.dtype == np.float32
    assert found.has_sorted_indices
    row, column = np.nonzero(ticks <= cutoff)
    told = sparse.coo_array(found)
    assert (told.row.tolist(), told.col.tolist()) == (row.tolist(), column.tolist())
    assert told.data.tolist() == (ticks[row, column] / network.TICKS_PER_MINUTE).astype(np.float32).tolist()


@given(graphs(), st.data())
def test_one_more_source_never_makes_anything_farther(given_graph, data):
    graph, sources = given_graph
    more = np.append(sources, data.draw(st.integers(0, graph.nodes - 1)))
    before, after = (network.nearest(graph, some, compiled=False).minutes for some in (sources, more))
    assert (after <= before).all()


@ENGINES
@given(graphs(), st.randoms(use_true_random=False))
def test_the_numbers_of_the_nodes_change_nothing(compiled, given_graph, shuffler):
    graph, sources = given_graph
    renamed = list(range(graph.nodes))
    shuffler.shuffle(renamed)
    tails, heads = np.repeat(np.arange(graph.nodes), np.diff(graph.indptr)), graph.indices
    new = np.array(renamed)
    other = Graph.of(graph.nodes, new[tails], new[heads], graph.weights / network.TICKS_PER_MINUTE)
    here = network.nearest(graph, sources, compiled=compiled)
    there = network.nearest(other, new[sources], compiled=compiled)
    assert there.minutes[new].tolist() == here.minutes.tolist()
    assert there.site[new].tolist() == here.site.tolist()


@given(graphs())
def test_times_to_a_node_are_times_from_it_on_the_graph_turned_round(given_graph):
    graph, _ = given_graph
    assert (ticks_between(graph.reversed()) == ticks_between(graph).T).all()


@pytest.mark.parametrize("numbered", [pytest.param(True, id="along"), pytest.param(False, id="shuffled")])
def test_the_loop_and_scipy_agree_on_roads(numbered):
    graph = roads.synthetic(20_000, along=numbered)
    sources = roads.places(graph, 30)
    compiled, plain = (network.nearest(graph, sources, compiled=engine) for engine in (True, False))
    reference = dijkstra(
        sparse.csr_array((graph.weights, graph.indices, graph.indptr), shape=(graph.nodes, graph.nodes)),
        indices=sources,
        min_only=True,
    )
    assert (np.rint(compiled.minutes * network.TICKS_PER_MINUTE) == reference).all()
    assert (compiled.minutes == plain.minutes).all()
    assert (compiled.site == plain.site).all()
    assert 0 < np.isinf(reference).sum() < graph.nodes / 5


def test_a_matrix_agrees_with_one_search_and_with_scipy():
    graph = roads.synthetic(6_000)
    sources, targets = np.arange(0, graph.nodes, 7), roads.places(graph, 12)
    compiled, plain = (network.minutes(graph, sources, targets, 25, compiled=engine) for engine in (True, False))
    assert (compiled.indptr == plain.indptr).all()
    assert (compiled.indices == plain.indices).all()
    assert (compiled.data == plain.data).all()
    one = network.nearest(graph.reversed(), targets, cutoff_min=25).minutes[sources]
    full = np.full(compiled.shape, np.inf)
    told = sparse.coo_array(compiled)
    full[told.row, told.col] = told.data
    assert full.min(1) == pytest.approx(one, rel=1e-6)
    assert full.max(initial=0, where=np.isfinite(full)) <= 25
    assert np.isinf(one).any()
    assert np.isfinite(one).any()


def test_a_node_with_thousands_of_roads_and_arcs_longer_than_the_cutoff():
    spokes = np.arange(1, 5_000)
    graph = Graph.of(5_000, np.zeros_like(spokes), spokes, spokes * 1.0)
    found = network.nearest(graph, [0], cutoff_min=100, compiled=True)
    assert np.isfinite(found.minutes).sum() == 101
    assert found.minutes[100] == 100.0


def test_arcs_too_long_for_buckets_are_searched_all_the_same():
    graph = Graph.of(3, [0, 1], [1, 2], [150_000.0, 0.0])
    assert network.nearest(graph, [0], compiled=True).minutes.tolist() == [0.0, 150_000.0, 150_000 + 1 / 600]


def test_nothing_asked_nothing_found():
    graph = Graph.of(3, [0], [1], [1.0])
    assert network.nearest(graph, []).site.tolist() == [-1, -1, -1]
    assert network.minutes(graph, [], [1], 5).shape == (0, 1)
    assert network.minutes(graph, [0, 1], [], 5).shape == (2, 0)
    assert network.nearest(graph, [0], cutoff_min=0).minutes.tolist() == [0.0, np.inf, np.inf]


ROAD = Graph.of(3, [0, 1], [1, 2], [5.0, 3.0])
REFUSED = [
    pytest.param(lambda: network.nearest(ROAD, [3]), "A source is not a node of the graph: numbers go from 0 to 2."),
    pytest.param(lambda: network.nearest(ROAD, [-1]), "A source is not a node of the graph: numbers go from 0 to 2."),
    pytest.param(
        lambda: network.nearest(ROAD, [0.5]), "A source is the number of a node, a whole number: give a list of them."
    ),
    pytest.param(
        lambda: network.minutes(ROAD, [0], [7], 5), "A target is not a node of the graph: numbers go from 0 to 2."
    ),
    pytest.param(
        lambda: network.nearest(ROAD, [0], cutoff_min=float("nan")),
        "cutoff_min must be a number of minutes, zero or more, not nan.",
    ),
    pytest.param(
        lambda: network.minutes(ROAD, [0], [1], -1), "cutoff_min must be a number of minutes, zero or more, not -1."
    ),
    pytest.param(
        lambda: network.nearest(ROAD, [0], offsets_min=[-1]),
        "offsets_min must hold one number of minutes for each source, from 0 to 200,000.",
    ),
    pytest.param(
        lambda: Graph.of(2, [0], [1], [float("nan")]),
        "An arc takes a number of minutes that is negative, not finite or above 200,000.",
    ),
    pytest.param(
        lambda: Graph.of(2, [0], [1], [-1.0]),
        "An arc takes a number of minutes that is negative, not finite or above 200,000.",
    ),
    pytest.param(lambda: Graph.of(2, [0], [2], [1.0]), "An arc joins a node that is not one of the 2 (0 to 1)."),
    pytest.param(
        lambda: Graph.of(2, [0, 1], [1], [1.0]), "tails, heads and minutes must be as many: 2, 1 and 1 given."
    ),
    pytest.param(
        lambda: Graph(np.array([0, 2]), np.array([0]), np.array([1], np.int32)),
        "2 arcs are announced, 1 ends and 1 weights given.",
    ),
    pytest.param(
        lambda: Graph(np.array([1, 2]), np.array([0]), np.array([1], np.int32)),
        "indptr must start at 0 and never fall: where the arcs of each node begin.",
    ),
    pytest.param(
        lambda: Graph(np.array([0, 1]), np.array([1]), np.array([1], np.int32)),
        "An arc ends at a node that is not one of the 1 (0 to 0).",
    ),
    pytest.param(
        lambda: Graph(np.array([0, 1]), np.array([0]), np.array([0], np.int32)),
        "An arc weighs less than one tick (a tenth of a second): a road takes time.",
    ),
]


@pytest.mark.parametrize(("act", "said"), REFUSED)
def test_what_cannot_be_is_refused(act, said):
    with pytest.raises(NetworkError) as refusal:
        act()
    assert str(refusal.value) == said
