from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.bookings.rules.clock import minute_of_day
from maillage.management.bookings.rules.requests import LONGEST, Limits, Problem, length_said, problems
from maillage.management.bookings.rules.spans import Span, covers
from tests.management.bookings.rules.times import CHANGES, MONDAY, PARIS, at, span

LIMITS = Limits(step_minutes=30, shortest_minutes=30, longest_minutes=480, notice_minutes=120, horizon_days=60)
OPEN = (span(9, 12), span(14, 18))
NOW = at(6)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def told(start: datetime, end: datetime, **given) -> tuple[Problem, ...]:
    return problems(
        **({"start": start, "end": end, "now": NOW, "limits": LIMITS, "open_spans": OPEN, "zone": PARIS} | given)
    )


def codes(start: datetime, end: datetime, **given) -> list[str]:
    return [problem.code for problem in told(start, end, **given)]


def test_an_ordinary_request() -> None:
    assert told(at(9), at(12)) == told(at(14, 30), at(15)) == ()
    assert told(at(9), at(12), desk=True) == ()


@pytest.mark.parametrize("desk", [False, True])
def test_an_end_before_the_start(desk: bool) -> None:
    assert told(at(11), at(10), desk=desk) == (
        Problem(
            "end_before_start",
            "La fin, lundi 23 novembre 2026 à 10 h, vient avant le début, lundi 23 novembre 2026 à 11 h.",
            "une réservation va d’une heure à une autre qui la suit",
            "Choisissez une fin plus tardive, ou le lendemain si vous passez minuit.",
        ),
    )


@pytest.mark.parametrize("desk", [False, True])
def test_zero_length(desk: bool) -> None:
    assert told(at(11), at(11), desk=desk) == (
        Problem(
            "zero_length",
            "La réservation ne dure rien : elle commence et finit le lundi 23 novembre 2026 à 11 h.",
            "on ne réserve que du temps",
            "Choisissez une fin plus tardive.",
        ),
    )


@pytest.mark.parametrize("desk", [False, True])
def test_the_past(desk: bool) -> None:
    assert told(at(9), at(10), now=at(9, 5), desk=desk) == (
        Problem(
            "past",
            "Le début, lundi 23 novembre 2026 à 9 h, est déjà passé.",
            "on ne réserve pas le temps passé",
            "Choisissez une heure à venir : il est 9 h 05 au lieu.",
        ),
    )
    assert told(at(9), at(10), now=at(9), desk=True) == ()


@pytest.mark.parametrize("desk", [False, True])
def test_too_long_and_too_short(desk: bool) -> None:
    all_day = (span(0, 24),)
    assert told(at(9), at(17, 30), open_spans=all_day, desk=desk) == (
        Problem(
            "too_long",
            "La réservation dure 8 h 30 : c’est trop.",
            "on réserve cet espace pour 8 h au plus",
            "Choisissez une fin plus proche, ou faites plusieurs réservations.",
        ),
    )
    hourly = Limits(step_minutes=30, shortest_minutes=60, longest_minutes=480, notice_minutes=0, horizon_days=60)
    assert told(at(9), at(9, 30), limits=hourly, desk=desk) == (
        Problem(
            "too_short",
            "La réservation dure 30 min : c’est trop peu.",
            "on réserve cet espace pour 1 h au moins",
            "Choisissez une fin plus tardive.",
        ),
    )


def test_over_366_days_never_even_where_a_space_allows_more() -> None:
    lease = Limits(step_minutes=30, shortest_minutes=30, longest_minutes=10**7, notice_minutes=0, horizon_days=60)
    end = at(9) + LONGEST
    assert told(at(9), end, limits=lease, desk=True) == ()
    assert told(at(9), end + HOUR, limits=lease, desk=True) == (
        Problem(
            "too_long",
            "La réservation dure 366 j et 1 h : c’est trop.",
            "on réserve cet espace pour 366 j au plus",
            "Choisissez une fin plus proche, ou faites plusieurs réservations.",
        ),
    )


def test_outside_the_openings_save_for_the_team() -> None:
    assert told(at(11), at(15)) == (
        Problem(
            "outside_opening",
            "Cet espace est fermé du lundi 23 novembre 2026 à 12 h au lundi 23 novembre 2026 à 14 h.",
            "on le réserve pendant ses heures d’ouverture, d’une seule traite",
            "Choisissez une heure entre 9 h et 12 h, ou 14 h et 18 h.",
        ),
    )
    tuesday = MONDAY + DAY
    assert told(at(9, day=tuesday), at(10, day=tuesday)) == (
        Problem(
            "outside_opening",
            "Cet espace est fermé du mardi 24 novembre 2026 à 9 h au mardi 24 novembre 2026 à 10 h.",
            "on le réserve pendant ses heures d’ouverture, d’une seule traite",
            "Choisissez un autre jour.",
        ),
    )
    assert told(at(11), at(15), desk=True) == told(at(9, day=tuesday), at(10, day=tuesday), desk=True) == ()


def test_short_notice_save_for_the_team() -> None:
    assert told(at(9), at(10), now=at(7, 30)) == (
        Problem(
            "too_soon",
            "Le début, lundi 23 novembre 2026 à 9 h, est trop proche.",
            "cet espace se réserve au moins 2 h à l’avance",
            "Choisissez une heure à partir du lundi 23 novembre 2026 à 9 h 30, ou appelez le lieu.",
        ),
    )
    assert told(at(9), at(10), now=at(7)) == told(at(9), at(10), now=at(7, 30), desk=True) == ()


def test_too_far_ahead_save_for_the_team() -> None:
    early = at(6, day=MONDAY - 61 * DAY)
    assert told(at(9), at(10), now=early) == (
        Problem(
            "too_far",
            "Le début, lundi 23 novembre 2026 à 9 h, est trop lointain.",
            "cet espace se réserve au plus 60 j à l’avance",
            "Choisissez un jour jusqu’au dimanche 22 novembre 2026, ou revenez plus tard.",
        ),
    )
    assert told(at(9), at(10), now=early + DAY) == told(at(9), at(10), now=early, desk=True) == ()


@pytest.mark.parametrize("desk", [False, True])
def test_off_the_step(desk: bool) -> None:
    problem = Problem(
        "off_step",
        "9 h 10 n’est pas une heure à laquelle on réserve ici.",
        "on réserve de 30 min en 30 min à partir de minuit",
        "Choisissez 9 h ou 9 h 30.",
    )
    assert told(at(9, 10), at(10), desk=desk) == (problem,)
    assert codes(at(9, 10), at(11, 10), desk=desk) == ["off_step", "off_step"]
    assert codes(at(9) + timedelta(seconds=1), at(10), desk=desk) == ["off_step"]
    assert codes(at(9) + timedelta(microseconds=1), at(10), desk=desk) == ["off_step"]


def test_whole_days_go_from_midnight_to_midnight() -> None:
    days = Limits(step_minutes=1440, shortest_minutes=1, longest_minutes=14400, notice_minutes=0, horizon_days=60)
    assert told(at(0, day=MONDAY + DAY), at(0, day=MONDAY + 3 * DAY), limits=days, desk=True) == ()
    assert told(at(9), at(18), limits=days, open_spans=(span(9, 18),)) == ()
    (problem,) = told(at(10), at(0, day=MONDAY + DAY), limits=days, desk=True)
    assert problem == Problem(
        "off_step",
        "10 h n’est pas une heure à laquelle on réserve ici.",
        "on réserve de 1 j en 1 j à partir de minuit",
        "Choisissez 0 h.",
    )


def test_an_opening_a_closing_and_the_end_of_the_morning_are_on_the_step() -> None:
    hourly = {
        "step_minutes": 60,
        "shortest_minutes": 30,
        "longest_minutes": 480,
        "notice_minutes": 0,
        "horizon_days": 9,
    }
    odd = (span(8.75, 17.25),)
    assert codes(at(8, 45), at(17), limits=Limits(**hourly), open_spans=odd, now=NOW) == ["too_long"]
    assert codes(at(16), at(17, 15), limits=Limits(**hourly), open_spans=odd) == []
    assert codes(at(9), at(13, 30), limits=Limits(**hourly), open_spans=odd) == ["off_step"]
    assert codes(at(9), at(13, 30), limits=Limits(**hourly, also_minutes=(810,)), open_spans=odd) == []


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert codes(at(5, 10), at(19, 10)) == ["past", "too_long", "outside_opening", "off_step", "off_step"]
    assert codes(at(7, 10), at(7, 20)) == ["too_short", "too_soon", "outside_opening", "off_step", "off_step"]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), at(9)),
        (at(9), datetime.max.replace(tzinfo=UTC)),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_years_beyond_the_calendar(start: datetime, end: datetime) -> None:
    assert told(start, end, desk=True) == (
        Problem(
            "beyond_calendars",
            "L’année demandée sort du calendrier.",
            "on réserve entre 1971 et 2098",
            "Vérifiez l’année du début et de la fin.",
        ),
    )


@pytest.mark.parametrize("name", CHANGES)
def test_over_the_hour_lived_twice_a_booking_lasts_its_real_time(name: str) -> None:
    """From midnight to 4 h there pass five hours."""
    zone, spring, autumn, _ = CHANGES[name]
    limits = Limits(step_minutes=60, shortest_minutes=60, longest_minutes=240, notice_minutes=0, horizon_days=365)
    for day, length in ((autumn, "5 h"), (spring, None)):
        start = datetime(day.year, day.month, day.day, tzinfo=zone)
        found = told(start, start.replace(hour=4), limits=limits, desk=True, now=start.astimezone(UTC) - DAY, zone=zone)
        assert [problem.says for problem in found] == (
            [f"La réservation dure {length} : c’est trop."] if length else []
        )


@pytest.mark.parametrize("name", CHANGES)
def test_both_passes_of_an_hour_lived_twice_are_on_the_step(name: str) -> None:
    zone, _, autumn, _ = CHANGES[name]
    hour = 2 if name == "Europe/Paris" else 1
    first = datetime(autumn.year, autumn.month, autumn.day, hour, 30, tzinfo=zone)
    now = first.astimezone(UTC) - DAY
    assert told(first, first.replace(fold=1), now=now, zone=zone, desk=True) == ()
    assert codes(first.replace(fold=1), first, now=now, zone=zone, desk=True) == ["end_before_start"]


def test_a_moment_without_zone_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError) as refused:
        told(datetime(2026, 11, 23, 9), at(10))
    assert str(refused.value) == (
        "L’heure 2026-11-23T09:00:00 n’a pas de fuseau horaire : on ne sait pas quel instant c’est. Donnez-en un."
    )


@pytest.mark.parametrize(
    ("given_limits", "said"),
    [
        ((0, 30, 60, 0, 1), "Un pas de 0 minutes : il faut de 1 à 1440."),
        ((1441, 30, 60, 0, 1), "Un pas de 1441 minutes : il faut de 1 à 1440."),
        ((30, 0, 60, 0, 1), "De 0 à 60 minutes : la plus courte durée est d’au moins 1, la plus longue la vaut."),
        ((30, 90, 60, 0, 1), "De 90 à 60 minutes : la plus courte durée est d’au moins 1, la plus longue la vaut."),
        ((30, 30, 60, -1, 1), "Le délai et l’horizon se comptent à partir de maintenant : zéro ou plus."),
        ((30, 30, 60, 0, -1), "Le délai et l’horizon se comptent à partir de maintenant : zéro ou plus."),
    ],
)
def test_limits_that_make_no_sense_are_refused(given_limits, said: str) -> None:
    with pytest.raises(ValueError) as refused:
        Limits(*given_limits)
    assert str(refused.value) == said


MINUTES = st.integers(-200, 2000)


@given(MINUTES, MINUTES, MINUTES, st.booleans())
def test_what_has_no_problem_keeps_every_rule(start: int, end: int, now: int, desk: bool) -> None:
    start_at, end_at, now_at = (at(0) + timedelta(minutes=minutes) for minutes in (start, end, now))
    if told(start_at, end_at, now=now_at, desk=desk):
        return
    assert now_at <= start_at < end_at
    assert timedelta(minutes=30) <= end_at - start_at <= 8 * HOUR
    assert minute_of_day(start_at, PARIS) % 30 == minute_of_day(end_at, PARIS) % 30 == 0
    assert desk or (covers(OPEN, Span(start_at, end_at)) and start_at - now_at >= 2 * HOUR)


@given(MINUTES, MINUTES, MINUTES)
def test_the_team_meets_no_problem_that_others_do_not(start: int, end: int, now: int) -> None:
    start_at, end_at, now_at = (at(0) + timedelta(minutes=minutes) for minutes in (start, end, now))
    everyone = told(start_at, end_at, now=now_at)
    overridden = {"too_soon", "too_far", "outside_opening"}
    assert told(start_at, end_at, now=now_at, desk=True) == tuple(
        problem for problem in everyone if problem.code not in overridden
    )


@given(st.integers(0, 10**6))
def test_lengths_in_words_tell_every_minute(minutes: int) -> None:
    assert str(length_said(timedelta(minutes=minutes))).split(" et ")[0][:1].isdigit()
    assert length_said(timedelta(minutes=minutes)) != length_said(timedelta(minutes=minutes + 1))
