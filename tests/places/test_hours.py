import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.places.rules import hours
from maillage.places.rules.holidays import easter, local_holidays
from maillage.places.rules.hours import HoursProblem, OpenState, is_open, state_at, validate
from maillage.territory.rules.zones import OVERSEAS, zone_of

PARIS = "Europe/Paris"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(text: str, zone: str = PARIS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


NADINE = "Mo-Fr 09:00-12:30,14:00-18:30; Sa 09:00-12:00; PH off"


def test_an_ordinary_monday() -> None:
    assert state_at(NADINE, at("2026-11-23T10:00"), PARIS) == OpenState(True, until=at("2026-11-23T12:30"))
    assert state_at(NADINE, at("2026-11-23T13:00"), PARIS) == OpenState(False, opens_at=at("2026-11-23T14:00"))
    assert state_at(NADINE, at("2026-11-22T10:00"), PARIS) == OpenState(False, opens_at=at("2026-11-23T09:00"))


def test_a_holiday_of_all_france_closes() -> None:
    armistice = at("2026-11-11T10:00")
    assert state_at(NADINE, armistice, PARIS) == OpenState(False, opens_at=at("2026-11-12T09:00"))


@pytest.mark.parametrize("day", ["2026-04-03", "2026-12-26"])
def test_a_holiday_of_alsace_moselle_is_unknown_there_and_ordinary_elsewhere(day: str) -> None:
    noon = at(f"{day}T11:00")
    assert is_open(NADINE, noon, PARIS, departement_code="67") is None
    assert state_at(NADINE, noon, PARIS, departement_code="57").open is None
    assert is_open(NADINE, noon, PARIS, departement_code="39") is True
    assert is_open(NADINE.replace("; PH off", ""), noon, PARIS, departement_code="67") is True


def test_local_holidays_of_each_part() -> None:
    assert {code: sorted(d.isoformat() for d in local_holidays(code, 2027)) for code in ("67", "971", "974", "39")} == {
        "67": ["2027-03-26", "2027-12-26"],
        "971": ["2027-05-27"],
        "974": ["2027-12-20"],
        "39": [],
    }


@given(st.integers(1900, 2200))
def test_easter_is_a_sunday_of_spring(year: int) -> None:
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


class TestClockChanges:
    """In 2026 the clocks of Paris jump on 29 March at 02:00 and go back on 25 October at 03:00."""

    def test_a_time_that_spring_skips_is_the_moment_of_the_change(self) -> None:
        assert state_at("02:30-06:00", utc("2026-03-29T00:45"), PARIS).opens_at == utc("2026-03-29T01:00")
        assert state_at("22:00-02:30", utc("2026-03-29T00:45"), PARIS).until == utc("2026-03-29T01:00")

    def test_an_hour_that_spring_swallows_never_opens(self) -> None:
        assert state_at("02:00-03:00", utc("2026-03-29T00:59"), PARIS) == OpenState(
            False, opens_at=utc("2026-03-30T00:00")
        )

    def test_an_hour_that_autumn_repeats_is_lived_twice(self) -> None:
        answers = [is_open("02:00-02:30", utc(f"2026-10-25T{t}"), PARIS) for t in ("00:10", "00:40", "01:10", "01:40")]
        assert answers == [True, False, True, False]
        assert state_at("02:00-02:30", utc("2026-10-25T00:10"), PARIS).until.astimezone(UTC) == utc("2026-10-25T00:30")
        assert state_at("02:00-02:30", utc("2026-10-25T00:40"), PARIS).opens_at.astimezone(UTC) == utc(
            "2026-10-25T01:00"
        )
        assert state_at("02:00-02:30", utc("2026-10-25T01:10"), PARIS).until.astimezone(UTC) == utc("2026-10-25T01:30")

    def test_the_day_after_each_change_keeps_the_hour_of_the_clock_on_the_wall(self) -> None:
        for night, morning in (("2026-03-28T21:00", "2026-03-29T07:00"), ("2026-10-24T21:00", "2026-10-25T08:00")):
            assert state_at("09:00-10:00", utc(night), PARIS).opens_at == utc(morning)

    def test_la_reunion_has_no_change(self) -> None:
        assert state_at("02:00-02:30", utc("2026-10-24T22:10"), "Indian/Reunion").until == utc("2026-10-24T22:30")


@pytest.mark.parametrize(
    "oh",
    [
        '"sur rendez-vous"',
        'Mo-Su 00:00-24:00 "sur rendez-vous"',
        "unknown",
        "sunrise-sunset",
        "SH off; 24/7",
        "lundi 9h",
        "",
    ],
)
def test_what_cannot_be_known_is_unknown(oh: str) -> None:
    assert state_at(oh, at("2026-11-23T10:00"), PARIS).open is None


def test_a_comment_is_kept() -> None:
    assert state_at('"sur rendez-vous"', at("2026-11-23T10:00"), PARIS) == OpenState(None, comment="sur rendez-vous")


def test_always_and_never() -> None:
    assert state_at("24/7", at("2026-11-23T10:00"), PARIS) == OpenState(True)
    assert state_at("off", at("2026-11-23T10:00"), PARIS) == OpenState(False)


def test_an_open_end_is_not_given_an_end() -> None:
    assert state_at("Mo 18:00+", at("2026-11-23T19:00"), PARIS).until is None


def test_another_country_is_unknown() -> None:
    assert state_at("24/7", at("2026-11-23T10:00"), PARIS, country="BE") == OpenState(None)


@pytest.mark.parametrize(
    ("oh", "problem"),
    [
        (
            "  ",
            HoursProblem(
                "les horaires sont vides",
                "on ne peut pas dire si le lieu est ouvert",
                "écrivez par exemple : Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off; Aug off",
            ),
        ),
        (
            "Mo 10:00-12:00;" * 40,
            HoursProblem(
                "les horaires comptent 600 caractères",
                "au-delà de 500 caractères on ne les lit pas",
                "gardez les horaires habituels, et dites le reste dans la description",
            ),
        ),
        (
            ";".join(["Mo off"] * 41),
            HoursProblem(
                "les horaires comptent plus de 40 règles", "on ne les lit pas", "regroupez les jours semblables"
            ),
        ),
        (
            "Mo 10:00-12:00 <b>",
            HoursProblem(
                "les horaires contiennent « < »",
                "ce signe n’existe pas dans la syntaxe d’OpenStreetMap",
                'mettez le texte libre entre guillemets droits, par exemple : Mo-Fr 09:00-12:00 "sur rendez-vous"',
            ),
        ),
        (
            "Feb 30 10:00-12:00",
            HoursProblem("le jour « Feb 30 » n’existe pas", "la règle ne s’appliquerait jamais", "corrigez la date"),
        ),
        (
            "Du lundi au vendredi de 9h à 12h",
            HoursProblem(
                "les horaires sont écrits en français",
                "on ne peut pas dire si le lieu est ouvert",
                "écrivez les jours Mo Tu We Th Fr Sa Su et les heures 09:00-12:00 ; par exemple : "
                "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off; Aug off",
            ),
        ),
        *(
            (
                oh,
                HoursProblem(
                    f"les horaires ne suivent pas la syntaxe d’OpenStreetMap (« {wrong} »)",
                    "on ne peut pas dire si le lieu est ouvert",
                    "écrivez par exemple : Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off; Aug off",
                ),
            )
            for oh, wrong in (
                ("Tu-Fr 25:00-12:00", "25:00"),
                ("Mo 09:75-12:00", "09:75"),
                ("Lu-Ve 09:00-12:00", "Lu"),
                ("Mo 09:00-12:00; Tu 12", "Tu 12"),
            )
        ),
        (
            "Mo Fr Sa 12",
            HoursProblem(
                "les horaires ne suivent pas la syntaxe d’OpenStreetMap",
                "on ne peut pas dire si le lieu est ouvert",
                "écrivez par exemple : Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off; Aug off",
            ),
        ),
    ],
)
def test_a_problem_says_what_why_and_the_mend(oh: str, problem: HoursProblem) -> None:
    assert validate(oh) == problem


@pytest.mark.parametrize(
    "oh",
    [
        " || ".join(["Feb 29 Mo[1] 00:00-00:01"] * 17),
        "; ".join(["Feb 29 Mo[1] 00:00-48:00/00:01"] * 14),
        "; ".join(["Mo-Su 00:00-48:00/00:01"] * 20),
        ",".join(["00:00-48:00"] * 41),
        "; ".join(["2100-9999/3 week 1-53/2 Mo[1],Tu[2] 10:00-10:01"] * 9),
        "Feb 29-Mar 1," * 37 + "Jan",
        "[" * 500,
        '"' * 499,
    ],
)
def test_a_pathological_expression_burns_no_time(oh: str) -> None:
    assert len(oh) <= hours.LENGTH
    started = time.process_time()
    state_at(oh, at("2026-11-23T10:00"), PARIS)
    assert time.process_time() - started < 0.5


def test_without_its_horizon_the_library_burns_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    oh = "; ".join(["Feb 29 Mo[1] 00:00-48:00/00:01"] * 2)
    monkeypatch.setattr(hours, "HORIZON_DAYS", 366 * 8000)
    hours._parsed.cache_clear(), hours._evaluable.cache_clear()
    started = time.process_time()
    state_at(oh, at("2026-11-23T10:00"), PARIS)
    unbounded = time.process_time() - started
    hours._parsed.cache_clear(), hours._evaluable.cache_clear()
    assert unbounded > 0.2


WORDS = ["Mo-Fr", "Sa", "PH", "SH", "Feb 29", "Feb 30", "Mo[1]", "09:00-12:00", "22:00-02:00", "10:00+", "off", '"rdv"']
GLUE = ["; ", ", ", " ", " || ", "-", "/", ""]
EXPRESSIONS = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GLUE)), max_size=12).map(
    lambda pairs: "".join(word + glue for word, glue in pairs)
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(st.text(max_size=600) | EXPRESSIONS, MOMENTS, st.sampled_from([PARIS, *OVERSEAS.values()]))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_an_answer_and_the_change_lies_ahead(oh: str, moment: datetime, zone: str) -> None:
    state = state_at(oh, moment, zone)
    assert state.open is is_open(oh, moment, zone)
    for change in (state.until, state.opens_at):
        assert change is None or moment < change <= moment + timedelta(days=hours.HORIZON_DAYS)
    if validate(oh) is not None:
        assert state == OpenState(None)


@given(EXPRESSIONS, MOMENTS)
@settings(max_examples=300, deadline=None)
def test_the_state_changes_at_the_told_moment_and_not_before(oh: str, moment: datetime) -> None:
    state = state_at(oh, moment, PARIS)
    if state.until is not None:
        assert is_open(oh, state.until, PARIS) is not True
        assert is_open(oh, state.until - timedelta(seconds=1), PARIS) is True
    if state.opens_at is not None:
        assert is_open(oh, state.opens_at, PARIS) is True


@pytest.mark.parametrize(
    ("code", "zone"),
    [("39", PARIS), ("2A", PARIS), ("971", "America/Guadeloupe"), ("974", "Indian/Reunion"), (None, PARIS)],
)
def test_zone_of_a_departement(code: str | None, zone: str) -> None:
    assert zone_of(code) == zone


def test_every_zone_exists() -> None:
    assert all(ZoneInfo(zone) for zone in OVERSEAS.values())
