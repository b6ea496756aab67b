from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.filters import PARAMETERS, PlaceFilter, Problem, parse, parse_page
from maillage.places.rules.vocabulary import ACTIVITIES, INTENTS, SERVICES, STATUSES

filters = st.builds(
    PlaceFilter,
    q=st.text("abc é'-", max_size=20).map(lambda t: " ".join(t.split())),
    intent=st.sampled_from(["", *INTENTS]),
    activities=st.sets(st.sampled_from(ACTIVITIES)).map(lambda s: tuple(a for a in ACTIVITIES if a in s)),
    services=st.sets(st.sampled_from(SERVICES)).map(lambda s: tuple(a for a in SERVICES if a in s)),
    open_now=st.booleans(),
    status=st.sampled_from(["", *STATUSES]),
    territory=st.sampled_from(["", "dep-44", "dep-2A", "reg-52", "epci-244400404", "commune-44109"]),
    near=st.sampled_from(["39093", "46.991,5.703"]),
    minutes=st.integers(5, 60),
    sort=st.sampled_from(["", "nom", "distance", "recent"]),
    bbox=st.none() | st.just((-2.0, 46.5, 1.25, 48.0)),
)


@given(filters)
def test_an_address_read_back_asks_the_same_question(asked: PlaceFilter) -> None:
    read, problems = parse(parse_qs(asked.query_string()))
    assert (read, problems) == (asked, [])


@given(st.dictionaries(st.sampled_from(sorted(PARAMETERS)) | st.text(max_size=5), st.lists(st.text(), max_size=3)))
def test_nothing_makes_it_fall(params: dict[str, list[str]]) -> None:
    asked, problems = parse(params)
    assert len(asked.q) <= 200
    assert 5 <= asked.minutes <= 60
    assert all(problem.parameter in PARAMETERS for problem in problems)


@pytest.mark.parametrize(
    ("parameter", "value", "code"),
    [
        ("bbox", "-180,-91,180,90", "bbox"),
        ("bbox", "5,47,4,46", "bbox-reversed"),
        ("bbox", "nan,0,1,1", "bbox"),
        ("pres", "91,0", "near"),
        ("pres", "ici", "near"),
        ("territoire", "dep-<b>", "territory"),
        ("minutes", "1e9", "number"),
        ("minutes", "500", "bounded"),
        ("activite", "piscine", "unknown"),
        ("statut", "ouvert", "unknown"),
        ("ouvert", "peut-être", "unknown"),
        ("q", "x" * 10_000, "cut"),
    ],
)
def test_what_is_not_understood_is_told(parameter: str, value: str, code: str) -> None:
    assert parse({parameter: [value]})[1] == [Problem(parameter, value[:80], code)]


def test_the_whole_world_is_a_box_like_another() -> None:
    assert parse({"bbox": ["-180,-90,180,90"]})[0].bbox == (-180.0, -90.0, 180.0, 90.0)


@given(st.text())
def test_a_page_is_always_a_page(text: str) -> None:
    assert 1 <= parse_page({"page": [text]}) <= 10_000
