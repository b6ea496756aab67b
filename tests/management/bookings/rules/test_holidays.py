import tomllib
from datetime import date, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.bookings.rules.holidays import (
    SCHOOL_KNOWN,
    SUBDIVISIONS,
    UnknownHolidays,
    public_holidays,
    school_holidays,
)
from maillage.places.rules.holidays import easter, local_holidays
from maillage.places.rules.sentences import Sentence

NATIONAL_2026 = {
    date(2026, 1, 1): "Jour de l’an",
    date(2026, 4, 6): "Lundi de Pâques",
    date(2026, 5, 1): "Fête du Travail",
    date(2026, 5, 8): "Fête de la Victoire",
    date(2026, 5, 14): "Ascension",
    date(2026, 5, 25): "Lundi de Pentecôte",
    date(2026, 7, 14): "Fête nationale",
    date(2026, 8, 15): "Assomption",
    date(2026, 11, 1): "Toussaint",
    date(2026, 11, 11): "Armistice",
    date(2026, 12, 25): "Noël",
}
OWN_2026 = {
    "57": {"04-03": "Vendredi saint", "12-26": "Saint-Étienne"},
    "67": {"04-03": "Vendredi saint", "12-26": "Saint-Étienne"},
    "68": {"04-03": "Vendredi saint", "12-26": "Saint-Étienne"},
    "971": {
        "03-12": "Mi-Carême",
        "04-03": "Vendredi saint",
        "05-27": "Abolition de l’esclavage",
        "07-21": "Fête de Victor Schoelcher",
    },
    "972": {"05-22": "Abolition de l’esclavage", "07-21": "Fête de Victor Schoelcher"},
    "973": {"06-10": "Abolition de l’esclavage"},
    "974": {"12-20": "Abolition de l’esclavage"},
    "975": {},
    "976": {"04-27": "Abolition de l’esclavage"},
    "977": {"10-09": "Abolition de l’esclavage"},
    "978": {"05-28": "Abolition de l’esclavage", "07-21": "Fête de Victor Schoelcher"},
    "984": {},
    "986": {"04-28": "Saint Pierre Chanel", "06-29": "Saints Pierre et Paul", "07-29": "Fête du Territoire"},
    "987": {"03-05": "Arrivée de l’Évangile", "04-03": "Vendredi saint", "11-20": "Matāri’i"},
    "988": {"09-24": "Fête de la Citoyenneté"},
}
BY_CUSTOM = {"971": {"Mi-Carême", "Vendredi saint", "Fête de Victor Schoelcher"}, "972": {"Fête de Victor Schoelcher"}}


@pytest.mark.parametrize("code", [None, "", "39", "2A", "75"])
def test_the_eleven_holidays_of_all_france(code: str | None) -> None:
    assert public_holidays(code, 2026) == NATIONAL_2026


@pytest.mark.parametrize("code", SUBDIVISIONS)
def test_the_holidays_of_each_part(code: str) -> None:
    own = {date.fromisoformat(f"2026-{day}"): name for day, name in OWN_2026[code].items()}
    assert public_holidays(code, 2026) == NATIONAL_2026 | own


def told_by_places() -> set[str]:
    text = files("maillage.places.rules").joinpath("local_holidays.toml").read_text(encoding="utf-8")
    return {code for holiday in tomllib.loads(text)["holiday"] for code in holiday["departements"]}


@given(st.sampled_from(sorted(told_by_places())), st.integers(1990, 2099))
def test_places_and_bookings_tell_the_same_local_holidays_save_custom(code: str, year: int) -> None:
    of_france = public_holidays(None, year)
    own = {day: name for day, name in public_holidays(code, year).items() if day not in of_france}
    by_law = {day for day, name in own.items() if name not in BY_CUSTOM.get(code, ())}
    assert by_law == set(local_holidays(code, year)) - set(of_france)


@given(st.integers(2008, 2099))
def test_the_moving_feasts_follow_easter(year: int) -> None:
    moving = {name: (day - easter(year)).days for day, name in public_holidays(None, year).items()}
    assert (moving["Lundi de Pâques"], moving["Lundi de Pentecôte"]) == (1, 50)
    assert easter(year) + timedelta(days=39) in public_holidays(None, year)


def test_a_day_with_two_names_is_told_both() -> None:
    assert public_holidays("39", 2008)[date(2008, 5, 1)] == "Ascension et Fête du Travail"


@pytest.mark.parametrize("code", [None, *SUBDIVISIONS])
def test_every_name_can_be_said_in_another_language(code: str | None) -> None:
    names = {name for year in range(1970, 2100) for name in public_holidays(code, year).values()}
    assert {name for name in names if not isinstance(name, Sentence)} == set()


@pytest.mark.parametrize("zone", ["A", "B", "C"])
def test_every_school_break_can_be_said_in_another_language(zone: str) -> None:
    known = school_holidays(zone, *SCHOOL_KNOWN)
    assert known is not None
    assert {name for name in known.values() if not isinstance(name, Sentence)} == set()


@pytest.mark.parametrize("year", [1969, 2100])
def test_years_beyond_the_calendar_are_refused(year: int) -> None:
    with pytest.raises(UnknownHolidays) as refused:
        public_holidays("39", year)
    assert str(refused.value) == (
        f"Les jours fériés de {year} ne sont pas connus. Choisissez une année de 1970 à 2099."
    )


def test_nobody_can_change_what_is_known() -> None:
    with pytest.raises(TypeError):
        public_holidays("39", 2026)[date(2026, 2, 2)] = "Chandeleur"  # type: ignore[index]


def breaks(zone: str, first: date, last: date) -> list[tuple[str, str, str]]:
    found: list[list[str]] = []
    known = school_holidays(zone, first, last)
    assert known is not None
    for day, name in known.items():
        if found and found[-1][2] == name and date.fromisoformat(found[-1][1]) + timedelta(days=1) == day:
            found[-1][1] = day.isoformat()
        else:
            found.append([day.isoformat(), day.isoformat(), name])
    return [(start, end, name) for start, end, name in found]


def test_the_school_year_2025_2026_as_decreed() -> None:
    """Arrêté of 7 December 2022: a break starts on a Saturday, and its last day is the Sunday before school."""
    winter = {zone: list(breaks(zone, date(2026, 2, 1), date(2026, 5, 10))) for zone in ("A", "B", "C")}
    assert winter == {
        "A": [
            ("2026-02-07", "2026-02-22", "Vacances d’hiver"),
            ("2026-04-04", "2026-04-19", "Vacances de printemps"),
        ],
        "B": [
            ("2026-02-14", "2026-03-01", "Vacances d’hiver"),
            ("2026-04-11", "2026-04-26", "Vacances de printemps"),
        ],
        "C": [
            ("2026-02-21", "2026-03-08", "Vacances d’hiver"),
            ("2026-04-18", "2026-05-03", "Vacances de printemps"),
        ],
    }
    assert breaks("B", date(2025, 10, 1), date(2026, 1, 31)) == [
        ("2025-10-18", "2025-11-02", "Vacances de la Toussaint"),
        ("2025-12-20", "2026-01-04", "Vacances de Noël"),
    ]


@pytest.mark.parametrize("zone", ["A", "B", "C"])
def test_what_no_decree_has_set_is_unknown(zone: str) -> None:
    first, last = SCHOOL_KNOWN
    day = timedelta(days=1)
    assert school_holidays(zone, first, first) == {}
    assert school_holidays(zone, first - day, first) is None
    assert school_holidays(zone, last, last) == {last: "Vacances d’été"}
    assert school_holidays(zone, last, last + day) is None
    assert school_holidays(zone, date(2030, 3, 1), date(2030, 3, 2)) is None


@pytest.mark.parametrize("zone", ["", "a", "D", "Corse", "A" * 500])
def test_another_school_zone_is_refused(zone: str) -> None:
    with pytest.raises(UnknownHolidays) as refused:
        school_holidays(zone, date(2026, 11, 1), date(2026, 11, 2))
    assert str(refused.value) == (
        f"Les vacances scolaires de la zone « {zone[:20]} » ne sont pas connues. Choisissez A, B ou C ; "
        "en Corse et outre-mer, écrivez vous-même les jours à laisser."
    )


within = st.dates(*SCHOOL_KNOWN)


@given(st.sampled_from(["A", "B", "C"]), st.lists(within, min_size=3, max_size=3, unique=True).map(sorted))
def test_a_range_of_school_holidays_is_made_of_its_parts(zone: str, cut: list[date]) -> None:
    whole = school_holidays(zone, cut[0], cut[2])
    before, after = school_holidays(zone, cut[0], cut[1]), school_holidays(zone, cut[1] + timedelta(days=1), cut[2])
    assert whole == {**before, **after}
    assert all(cut[0] <= day <= cut[2] for day in whole)
