from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.territory.rules.outlines import area_e10
from maillage.territory.rules.topology import decode, dissolve, geometries


def topology(arcs: list[list[list[int]]], polygons: list[list[list[int]]] | None = None) -> dict[str, Any]:
    """A TopoJSON document whose arcs are given in absolute whole degrees."""
    steps = [
        [[x - (arc[i - 1][0] if i else 0), y - (arc[i - 1][1] if i else 0)] for i, (x, y) in enumerate(arc)]
        for arc in arcs
    ]
    shapes = [
        {"type": "Polygon", "arcs": rings, "properties": {"dep": str(i)}} for i, rings in enumerate(polygons or [])
    ]
    return {
        "type": "Topology",
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "arcs": steps,
        "objects": {"all": {"type": "GeometryCollection", "geometries": shapes}},
    }


NOT_WHOLE = "les points des arcs doivent être des paires de nombres entiers"
TWO_SQUARES = topology(
    [[[1, 0], [1, 1]], [[1, 1], [0, 1], [0, 0], [1, 0]], [[1, 0], [2, 0], [2, 1], [1, 1]]],
    [[[0, 1]], [[2, ~0]]],
)


def test_arcs_are_summed_scaled_and_joined() -> None:
    shared = decode(TWO_SQUARES)
    assert shared.ring([0, 1]).tolist() == [
        [100_000, 0], [100_000, 100_000], [0, 100_000], [0, 0], [100_000, 0],
    ]  # fmt: skip
    assert [facts["dep"] for facts, _ in geometries(shared)] == ["0", "1"]


def test_two_neighbours_dissolve_into_one_ring() -> None:
    shared = decode(TWO_SQUARES)
    merged = dissolve(shared, [[0, 1], [2, ~0]])
    assert len(merged) == 1
    assert area_e10([shared.ring(merged[0])]) == 2e10


@given(st.lists(st.booleans(), min_size=9, max_size=9).filter(any))
def test_any_cells_of_a_grid_keep_their_area_when_dissolved(chosen: list[bool]) -> None:
    arcs, polygons = [], []
    for cell in range(9):
        x, y = cell % 3, cell // 3
        arcs += [[[x, y], [x + 1, y]], [[x, y], [x, y + 1]]]
    arcs += [[[x, 3], [x + 1, 3]] for x in range(3)] + [[[3, y], [3, y + 1]] for y in range(3)]
    for cell in range(9):
        x, y = cell % 3, cell // 3
        bottom, left = 2 * cell, 2 * cell + 1
        top = 2 * (cell + 3) if y < 2 else 18 + x
        right = 2 * (cell + 1) + 1 if x < 2 else 21 + y
        polygons.append([bottom, right, ~top, ~left])
    shared = decode(topology(arcs))
    rings = dissolve(shared, [polygon for polygon, wanted in zip(polygons, chosen, strict=True) if wanted])
    drawn = [shared.ring(ring) for ring in rings]
    for ring in drawn:
        assert ring[0].tolist() == ring[-1].tolist()
    edges = sum(len(ring) - 1 for ring in drawn)
    assert edges == sum(1 for arc in range(len(arcs)) if border_of(arc, polygons, chosen))
    inside = [covered(drawn, cell % 3 + 0.5, cell // 3 + 0.5) for cell in range(9)]
    assert inside == chosen


def border_of(arc: int, polygons: list[list[int]], chosen: list[bool]) -> bool:
    return sum(wanted for polygon, wanted in zip(polygons, chosen, strict=True) if {arc, ~arc} & set(polygon)) == 1


def covered(rings: list[np.ndarray], lon: float, lat: float) -> bool:
    """Even-odd rule: how often a ray to the east crosses the rings."""
    x, y, crossings = lon * 1e5, lat * 1e5, 0
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
                crossings += 1
    return crossings % 2 == 1


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ([], "ce n’est pas un TopoJSON (type « Topology »)"),
        ({"type": "Topology"}, "il manque « transform », « arcs » ou « objects »"),
        (TWO_SQUARES | {"transform": {"scale": [1], "translate": [0, 0]}},
         "« transform » doit donner deux nombres pour « scale » et pour « translate »"),
        (TWO_SQUARES | {"arcs": [[[0, 0]]]}, "un arc a moins de deux points"),
        (TWO_SQUARES | {"arcs": [[[0, 0], [1.5, 0]]]}, NOT_WHOLE),
        (TWO_SQUARES | {"arcs": [[[0, 0], [1]]]}, NOT_WHOLE),
        (TWO_SQUARES | {"arcs": [[[0, 0], [True, 1]]]}, NOT_WHOLE),
        (TWO_SQUARES | {"arcs": [[[0, 0], [200, 0]]]},
         "un point n’est pas sur Terre (longitude de -180 à 180, latitude de -90 à 90)"),
    ],
)  # fmt: skip
def test_a_broken_document_says_what_is_wrong(broken: Any, why: str) -> None:
    with pytest.raises(ValueError) as refusal:
        decode(broken)
    assert str(refusal.value) == why


@pytest.mark.parametrize(
    ("arcs", "why"),
    [([7], "l’arc 7 n’existe pas"), ([], "un anneau est vide"), ([0, 2], "les arcs d’un anneau ne se rejoignent pas")],
)
def test_a_broken_ring_says_what_is_wrong(arcs: list[int], why: str) -> None:
    with pytest.raises(ValueError) as refusal:
        decode(TWO_SQUARES).ring(arcs)
    assert str(refusal.value) == why


def test_a_border_that_does_not_close_is_refused() -> None:
    with pytest.raises(ValueError, match="une frontière ne se referme pas"):
        dissolve(decode(TWO_SQUARES), [[0]])
