from hypothesis import given
from hypothesis import strategies as st

from maillage.analysis.distance import great_circle_m
from maillage.network.exchange.rules.proposals import FARTHEST_M, agrees, departements_of_postal_code

POINTS = st.tuples(st.floats(-60, 60), st.floats(-180, 180))


@given(st.text(max_size=8))
def test_any_text_is_read_as_a_postal_code_or_as_nothing(text: str) -> None:
    found = departements_of_postal_code(text)
    assert all(text.startswith(code[:1]) and 2 <= len(code) <= 3 for code in found)
    assert bool(found) == (len(text) == 5 and text.isascii() and text.isdecimal())


@given(POINTS, POINTS)
def test_a_point_agrees_up_to_the_farthest_distance(centre: tuple[float, float], point: tuple[float, float]) -> None:
    near = float(great_circle_m(*centre, *point)) <= FARTHEST_M
    assert agrees(departement="39", centre=centre, departements=(), point=point) == near
    assert agrees(departement="39", centre=centre, departements=("39", "25"), point=point) == near
    assert not agrees(departement="39", centre=centre, departements=("25",), point=point)


def test_what_is_not_known_contradicts_nothing() -> None:
    assert agrees(departement="39", centre=None, departements=(), point=(46.0, 5.0))
    assert agrees(departement="39", centre=(46.0, 5.0), departements=("39",), point=None)
