from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.grid import LAST_DAYS, BadDay, Grid, checked, follows, gridded, written
from maillage.places.rules.hours import validate

minutes = st.integers(0, 287).map(lambda five: five * 5)
spans = st.lists(st.tuples(minutes, minutes), max_size=3).map(tuple)

DAYS = st.integers(1, 12).flatmap(lambda month: st.tuples(st.just(month), st.integers(1, LAST_DAYS[month - 1])))


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    days = []
    for _ in range(7):
        try:
            days.append(checked((draw(spans),))[0])
        except BadDay:
            days.append(())
    closures = tuple(draw(st.lists(st.tuples(DAYS, DAYS).filter(follows), max_size=3))) if any(days) else ()
    return Grid(tuple(days), draw(st.booleans()), draw(st.booleans()), closures)


@given(grids())
def test_what_a_grid_writes_is_read_back_as_the_same_grid(grid: Grid) -> None:
    said = written(grid)
    closed = grid.holidays_closed and any(grid.days)
    assert gridded(said) == Grid(grid.days, closed, grid.by_appointment, grid.closures)
    assert said == "" or validate(said) is None


@given(grids(), grids())
def test_two_grids_that_differ_are_not_written_alike(one: Grid, other: Grid) -> None:
    if one.days != other.days:
        assert written(one) != written(other)


def test_what_a_grid_cannot_hold_has_none() -> None:
    for oh in (
        "Jul-Aug Mo 09:00-12:00",
        "We[1] 14:00-18:00",
        "Mo 09:00+",
        "Mo 08:00-09:00,10:00-11:00,12:00-13:00,14:00-15:00",
        'Mo 09:00-12:00 "sonnez"',
        "lundi matin",
        "SH off",
        "PH 10:00-12:00",
        "Aug off; Mo 09:00-12:00",
        "Fr 22:00-06:05",
        "Mo 09:00-12:00; Aug 1 off; Sep 1 off; Oct 1 off; Nov 1 off",
    ):
        assert gridded(oh) is None, oh


def test_midnight_and_an_evening_past_midnight() -> None:
    assert gridded("24/7") is None
    assert gridded("Mo 10:00-24:00") == Grid((((600, 1440),), *(((),) * 6)))
    assert written(Grid((((1200, 1560),), *(((),) * 6)))) == "Mo 20:00-02:00"


def test_no_nonsense() -> None:
    refused = {"empty": ((540, 540),), "overlap": ((540, 720), (660, 900)), "backwards": ((840, 600),)}
    for problem, spans in refused.items():
        try:
            checked(((), spans))
        except BadDay as bad:
            assert (bad.day, str(bad)) == (1, problem)
        else:
            raise AssertionError(spans)
