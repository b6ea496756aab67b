import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.hours import OpenState
from maillage.places.rules.nearness import nearness
from maillage.places.views import wording

PARIS = ZoneInfo("Europe/Paris")
SUNDAY = datetime(2026, 11, 22, 10, 30, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (OpenState(True, until=SUNDAY.replace(hour=18)), "Ouvert en ce moment, jusqu’à 18\u202fh\u202f30"),
        (OpenState(True, until=SUNDAY.replace(hour=12, minute=0)), "Ouvert en ce moment, jusqu’à 12\u202fh"),
        (OpenState(True, until=SUNDAY + timedelta(days=3)), "Ouvert en ce moment"),
        (OpenState(True), "Ouvert en ce moment"),
        (OpenState(False), "Fermé en ce moment"),
        (OpenState(False, opens_at=SUNDAY.replace(hour=14, minute=5)), "Fermé, ouvre à 14\u202fh\u202f05"),
        (OpenState(False, opens_at=SUNDAY + timedelta(days=1)), "Fermé, ouvre demain à 10\u202fh\u202f30"),
        (OpenState(False, opens_at=SUNDAY + timedelta(days=3)), "Fermé, ouvre mercredi à 10\u202fh\u202f30"),
        (OpenState(False, opens_at=datetime(2027, 3, 2, 9, tzinfo=PARIS)), "Fermé, ouvre mardi 2 mars à 9\u202fh"),
        (OpenState(None), ""),
    ],
)
def test_opening_is_said_as_people_say_it(state: OpenState, said: str) -> None:
    with translation.override("fr"):
        assert wording.opening(state, SUNDAY) == said


def test_tomorrow_is_the_next_day_of_the_place_and_not_24_hours() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=PARIS)
    state = OpenState(False, opens_at=datetime(2026, 11, 23, 8, tzinfo=PARIS))
    with translation.override("fr"):
        assert wording.opening(state, late) == "Fermé, ouvre demain à 8\u202fh"
        assert wording.opening(state, late.astimezone(UTC)) == "Fermé, ouvre demain à 8\u202fh"


@given(st.floats(min_value=0, max_value=2_000_000))
def test_a_distance_is_short_rounded_and_never_nothing(distance_m: float) -> None:
    with translation.override("fr"):
        said = wording.kilometres(distance_m)
    number, unit = re.fullmatch(r"([0-9\u202f,]+)\u202f(m|km)", said).groups()
    value = float(number.replace("\u202f", "").replace(",", ".")) * (1000 if unit == "km" else 1)
    assert value > 0
    assert abs(value - distance_m) <= max(50, distance_m * 0.05)


@pytest.mark.parametrize(
    ("distance_m", "said"),
    [
        (0, "50\u202fm"),
        (120, "100\u202fm"),
        (974, "950\u202fm"),
        (980, "1,0\u202fkm"),
        (9_949, "9,9\u202fkm"),
        (9_960, "10\u202fkm"),
    ],
)
def test_distances_at_their_edges(distance_m: float, said: str) -> None:
    with translation.override("fr"):
        assert wording.kilometres(distance_m) == said


@pytest.mark.parametrize(
    ("distance_m", "known", "said"),
    [
        (6_740, {"address"}, ("", "6,7\u202fkm", "à vol d’oiseau")),
        (6_740, {"address", "commune"}, ("environ", "7\u202fkm", "à vol d’oiseau")),
        (6_740, {"address", "estimated"}, ("environ", "5\u202fkm", "à vol d’oiseau")),
        (1_234_000, {"estimated"}, ("environ", "1\u202f235\u202fkm", "à vol d’oiseau")),
        (50, {"commune", "estimated"}, ("", "", "à quelques kilomètres")),
    ],
)
def test_a_distance_is_said_as_well_as_it_is_known(distance_m: float, known: set[str], said: tuple[str, ...]) -> None:
    with translation.override("fr"):
        assert wording.far(distance_m, nearness(distance_m, known, same_commune=False), known) == said


@given(st.integers(min_value=0, max_value=10**9))
def test_a_figure_keeps_its_digits_and_groups_them(number: int) -> None:
    with translation.override("fr"):
        said = wording.figure(number)
    assert said.replace("\u202f", "") == str(number)
    assert all(len(group) == 3 for group in said.split("\u202f")[1:])


@given(st.text(min_size=1, max_size=60))
def test_a_name_after_de_keeps_all_its_letters_but_the_article(name: str) -> None:
    said = wording.of_name(name)
    assert said in {f"de {name}", f"d’{name}", f"du {name.removeprefix('Le ')}", f"des {name.removeprefix('Les ')}"}


@pytest.mark.parametrize(
    ("dated", "said"),
    [
        ("2019", "2019"),
        ("2026-03", "mars 2026"),
        ("2026-03-01", "1er mars 2026"),
        ("2026-03-21", "21 mars 2026"),
        ("", ""),
    ],
)
def test_a_partial_date_says_no_more_than_is_known(dated: str, said: str) -> None:
    with translation.override("fr"):
        assert wording.partial_date(dated) == said


def test_what_a_place_confirmed_itself_comes_before_its_sources() -> None:
    confirmed = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    with translation.override("fr"):
        assert wording.freshness("2019", confirmed) == "Confirmé en novembre 2026"
        assert wording.freshness("2019-06-01", None) == "Donnée de juin 2019"
        assert wording.freshness("", None) == "Donnée non datée"


@given(st.integers(min_value=0, max_value=100_000))
def test_none_one_and_many_places(count: int) -> None:
    with translation.override("fr"):
        number, word = wording.places_total(count)
    assert (number == "Aucun") == (count == 0)
    assert (word == "lieux") == (count > 1)


@given(st.dates(min_value=date(1900, 1, 1)))
def test_every_date_can_be_said(day: date) -> None:
    with translation.override("fr"):
        assert wording.partial_date(day.isoformat()).endswith(str(day.year))
