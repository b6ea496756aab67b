from xml.etree import ElementTree

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from maillage.territory.rules.lettering import Name, place
from maillage.territory.rules.projection import france_frame
from maillage.territory.rules.sheet import Layer, halftone, neighbours, population_class, sheet, trails

cloud = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=2, max_size=40, unique=True).map(
    lambda xy: np.array(xy)
)


def test_a_sheet_is_one_document_without_script_or_address() -> None:
    text = sheet(france_frame(), [Layer("land", "m0 0 5 5z"), Layer("pop", "m5 5h0", 2.5, 0.4), Layer("dep", "", 1)])
    root = ElementTree.fromstring(text)
    paths = root.findall("{http://www.w3.org/2000/svg}path")
    assert [p.get("class") for p in paths] == ["land", "pop w0"]
    assert root.get("viewBox") == "0 0 1000 960"
    assert "stroke-width:calc(2.5px/var(--z))" in text
    assert "prefers-color-scheme:dark" in text
    assert "script" not in text
    assert "href" not in text


def test_population_classes_grow_with_population() -> None:
    assert population_class(np.array([0, 499, 500, 1_999, 2_000, 10_000, 50_000, np.nan])).tolist() == [
        0,
        0,
        1,
        1,
        2,
        3,
        4,
        0,
    ]


@given(cloud)
def test_the_mesh_joins_pairs_that_nothing_stands_between(xy: np.ndarray) -> None:
    apart = ((xy[:, None] - xy[None]) ** 2).sum(2)
    wanted = {
        (i, j)
        for i in range(len(xy))
        for j in range(i + 1, len(xy))
        if all(apart[i, k] + apart[k, j] >= apart[i, j] for k in range(len(xy)) if k not in (i, j))
    }
    assert set(map(tuple, neighbours(xy, most=len(xy)).tolist())) == wanted


@given(cloud)
def test_trails_draw_each_pair_once(xy: np.ndarray) -> None:
    pairs = neighbours(xy)
    drawn = [
        tuple(sorted(step)) for trail in trails(pairs) for step in zip(trail.tolist(), trail.tolist()[1:], strict=False)
    ]
    assert sorted(drawn) == sorted(map(tuple, pairs.tolist()))


@given(cloud, st.sampled_from([4, 8, 10]))
def test_a_halftone_loses_nobody(xy: np.ndarray, step: int) -> None:
    people = np.arange(1.0, len(xy) + 1)
    points, total = halftone(xy, people, step=step)
    assert total.sum() == people.sum()
    assert len(np.unique(points, axis=0)) == len(points)
    nearest = np.sqrt(((xy[:, None] - points[None]) ** 2).sum(2)).min(1)
    assert (nearest <= step).all()


names = st.lists(
    st.builds(Name, st.text("abcde", min_size=1, max_size=12), st.floats(0, 1000), st.floats(0, 800)), max_size=25
)
discs = st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 800), st.floats(10, 60)), max_size=10)


@given(names, discs)
def test_placed_names_cover_nothing(wanted: list[Name], around: list[tuple[float, float, float]]) -> None:
    labels = place(wanted, width=1000, height=800, discs=around)
    boxes = [label.box for label in labels]
    for number, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0 and top >= 0 and right <= 1000 and bottom <= 800
        for x, y, r in around:
            assert np.hypot(np.clip(x, left, right) - x, np.clip(y, top, bottom) - y) >= r - 1e-9
        for other in boxes[number + 1 :]:
            assert left >= other[2] or other[0] >= right or top >= other[3] or other[1] >= bottom


def test_the_first_names_are_served_first() -> None:
    towns = [Name("Nantes", 500, 400, chief=True), *(Name(f"Ville {i}", 500, 400) for i in range(9))]
    placed = place(towns, width=1000, height=800)
    assert placed[0].text == "Nantes"
    assert placed[0].chief
    assert len(placed) < 10


def test_a_town_under_a_disc_is_named_beside_it() -> None:
    (label,) = place([Name("Dole", 500, 400)], width=1000, height=800, discs=[(510, 400, 40)])
    assert (label.text, label.anchor, label.x) == ("Dole", "start", 555)
