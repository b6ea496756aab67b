from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.places.rules.hours import in_words, is_open
from maillage.places.rules.timetable import DAYS, Line, Season, Times, read, week

MORNING, AFTERNOON = Times(540, 720), Times(840, 1110)


def test_days_with_the_same_times_are_said_together() -> None:
    assert read("Mo-Th 09:00-12:00,14:00-18:30; Fr 09:00-12:00; Sa 09:00-12:00; PH off") == (
        Line(days=(0, 1, 2, 3), times=(MORNING, AFTERNOON)),
        Line(days=(4, 5), times=(MORNING,)),
        Line(public_holidays=True, state="closed"),
    )


@pytest.mark.parametrize(
    ("oh", "line"),
    [
        ("24/7", Line(times=(Times(0, 1440),))),
        ("off", Line(state="closed")),
        ("Mo-Fr off", Line(days=(0, 1, 2, 3, 4), state="closed")),
        ("Su-Tu 09:00-12:00", Line(days=(0, 1, 6), times=(MORNING,))),
        ("Fr 20:00-02:00", Line(days=(4,), times=(Times(1200, 1560),))),
        ("Th 18:00+", Line(days=(3,), times=(Times(1080, None),))),
        ("We[1,3] 09:00-12:00", Line(days=(2,), weeks_of_month=(1, 3), times=(MORNING,))),
        ("Sa[-1] 09:00-12:00", Line(days=(5,), weeks_of_month=(-1,), times=(MORNING,))),
        ("Aug 1-15 off", Line(seasons=(Season((8, 1), (8, 15)),), state="closed")),
        ("Jul-Aug Mo 09:00-12:00", Line(days=(0,), seasons=(Season((7, 0), (8, 0)),), times=(MORNING,))),
        ("Dec 24-Jan 2 off", Line(seasons=(Season((12, 24), (1, 2)),), state="closed")),
        (
            'We 09:00-12:00 "sur rendez-vous"',
            Line(days=(2,), times=(MORNING,), state="unknown", comment="sur rendez-vous"),
        ),
        ('"sonner"', Line(state="unknown", comment="sonner")),
    ],
)
def test_one_rule(oh: str, line: Line) -> None:
    assert read(oh) == (line,)


def test_what_holds_otherwise() -> None:
    assert read('Mo 09:00-12:00 || "sur appel"') == (
        Line(days=(0,), times=(MORNING,)),
        Line(state="unknown", comment="sur appel", otherwise=True),
    )


def test_an_ordinary_rule_after_an_exception_keeps_its_order() -> None:
    rules = read("Mo 09:00-12:00; Aug off; Mo 14:00-18:30")
    assert rules == (
        Line(days=(0,), times=(MORNING,)),
        Line(seasons=(Season((8, 0), (8, 0)),), state="closed"),
        Line(days=(0,), times=(AFTERNOON,)),
    )


@pytest.mark.parametrize(
    "oh",
    [
        "sunrise-sunset",
        "week 1-10 Mo 09:00-12:00",
        "2026 Mo 09:00-12:00",
        "Mo 10:00-16:00/01:30",
        "Mo Tu 09:00-12:00",
        "9h",
        "",
        ";",
    ],
)
def test_what_cannot_be_said_exactly_is_not_said(oh: str) -> None:
    assert in_words(oh) is None


SPANS = st.tuples(st.integers(0, 47), st.integers(1, 20)).map(lambda s: (s[0] * 30, min(s[0] * 30 + s[1] * 30, 1440)))
DAY_SETS = st.sets(st.sampled_from(DAYS), min_size=1)


@st.composite
def ordinary_weeks(draw: st.DrawFn) -> str:
    rules = []
    for place in range(draw(st.integers(1, 5))):
        days = ",".join(sorted(draw(DAY_SETS), key=DAYS.index))
        start, end = draw(SPANS)
        what = draw(st.sampled_from(["off", f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"]))
        glue = draw(st.sampled_from(["; ", ", "])) if place else ""
        rules.append(f"{glue if what != 'off' or not glue else '; '}{days} {what}")
    return "".join(rules)


@given(ordinary_weeks())
@settings(max_examples=150, deadline=None)
def test_the_words_and_the_clock_agree_all_week(oh: str) -> None:
    lines = read(oh)
    assert lines is not None
    said = week(lines)
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    for half_hour in range(7 * 48):
        moment = monday + timedelta(minutes=30 * half_hour + 15)
        minute = (half_hour % 48) * 30 + 15
        in_table = any(t.start_minutes <= minute < (t.end_minutes or 0) for t in said[half_hour // 48])
        assert is_open(oh, moment, "UTC") is in_table, (oh, moment)


@given(st.text(alphabet='MoTuWeFrSaPHJanug 0123456789:-,;[]|/+off"', max_size=120))
@settings(max_examples=300)
def test_reading_any_text_never_fails(oh: str) -> None:
    lines = read(oh)
    assert lines is None or all(isinstance(line, Line) for line in lines)
