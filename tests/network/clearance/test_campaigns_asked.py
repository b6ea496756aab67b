"""Which questions a census asks: what is missing or old, never what stands; numbers, versions and counts."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from maillage.network.clearance.rules.campaigns import (
    ASKABLE,
    MOST_REMINDERS,
    Asked,
    Replied,
    Told,
    may_ask_still,
    may_remind,
    number,
    questions_to_ask,
    versioned,
    wanted,
)
from maillage.network.clearance.rules.census_results import STATES, by_territory, result, shown_to_all, state

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
YEAR = timedelta(days=365)
dates = st.one_of(
    st.just(""),
    st.integers(2010, 2026).map(str),
    st.dates(NOW.date() - 5 * YEAR, NOW.date()).map(lambda day: f"{day:%Y-%m}"),
    st.dates(NOW.date() - 5 * YEAR, NOW.date()).map(lambda day: day.isoformat()),
)
told = st.fixed_dictionaries({name: st.builds(Told, st.booleans(), dates) for name in ASKABLE})
moments = st.one_of(
    st.none(), st.datetimes(datetime(2015, 1, 1), datetime(2026, 11, 23)).map(lambda at: at.replace(tzinfo=UTC))
)
fields = st.sets(st.sampled_from(ASKABLE))


@given(fields, told, moments)
def test_only_what_the_census_asks_and_nothing_twice(asked, said, confirmed_at):
    found = wanted(asked, said, confirmed_at=confirmed_at, now=NOW)
    assert set(found) <= asked
    assert set(found.values()) <= {"missing", "old"}


@given(fields, told, moments)
def test_what_nobody_ever_said_is_always_asked(asked, said, confirmed_at):
    found = wanted(asked, said, confirmed_at=confirmed_at, now=NOW)
    never = {name for name in asked if said[name] == Told(is_empty=True)}
    assert never == {name for name, reason in found.items() if reason == "missing"}


@given(fields, told, st.timedeltas(timedelta(0), YEAR))
def test_a_sheet_said_exact_within_a_year_has_nothing_old(asked, said, ago):
    assert "old" not in wanted(asked, said, confirmed_at=NOW - ago, now=NOW).values()


@given(fields, told, moments, st.timedeltas(timedelta(0), 2 * YEAR))
def test_time_alone_never_makes_a_question_go_away(asked, said, confirmed_at, later):
    now = set(wanted(asked, said, confirmed_at=confirmed_at, now=NOW))
    assert now <= set(wanted(asked, said, confirmed_at=confirmed_at, now=NOW + later))


codes = st.sampled_from(["emplois", "chauffage", "mot"])
questions = st.lists(st.builds(Asked, codes, st.sampled_from(["a ?", "b ?"])), unique_by=lambda one: one.code)


@given(questions, questions, questions)
def test_a_question_asked_alike_keeps_its_version_and_another_never_takes_it(first, second, third):
    before: dict[str, Asked] = {}
    seen: dict[tuple[str, int], str] = {}
    for edition in (first, second, third):
        for one in versioned(edition, before):
            assert seen.setdefault((one.code, one.version), one.text) == one.text
            before[one.code] = one


@given(questions, st.dictionaries(codes, st.builds(Replied, st.integers(1, 2), st.just("x"), st.just(NOW - YEAR / 2))))
def test_what_was_answered_within_a_year_in_that_version_is_not_asked_again(asked, before):
    left = questions_to_ask(asked, before, now=NOW)
    assert [one for one in asked if one not in left] == [
        one for one in asked if one.code in before and before[one.code].version == one.version
    ]
    assert questions_to_ask(asked, before, now=NOW + YEAR) == asked


@given(st.text(max_size=20))
def test_any_text_is_a_number_within_bounds_or_none(text):
    read = number(text)
    assert read is None or 0 <= read <= 1_000_000_000


@given(st.lists(st.integers(0, 60), max_size=12))
def test_a_place_is_reminded_three_times_at_most_and_never_within_a_week(days):
    mailed_at, reminders, sent = NOW, 0, [NOW]
    for wait in sorted(days):
        at = NOW + timedelta(days=wait)
        if may_remind(mailed_at=mailed_at, reminders=reminders, now=at):
            mailed_at, reminders = at, reminders + 1
            sent.append(at)
    assert reminders <= MOST_REMINDERS
    assert all(later - before >= timedelta(days=7) for before, later in pairwise(sent))


@given(moments, moments, moments)
def test_a_sheet_is_asked_about_once_a_year_at_most(confirmed_at, asked_at, known_at):
    due = may_ask_still(confirmed_at=confirmed_at, asked_at=asked_at, known_at=known_at or NOW, now=NOW)
    recent = [at for at in (confirmed_at or known_at or NOW, asked_at) if at is not None and NOW - at <= YEAR]
    assert due == (not recent)


@given(st.lists(st.sampled_from(["bois", "gaz", "rien"]), max_size=40))
def test_no_small_count_is_shown_to_all_nor_told_by_a_difference(said):
    asked = Asked("chauffage", "?", "choice", ("bois", "gaz", "rien"))
    shown = shown_to_all(result(asked, said, invited=50))
    counts = {cell.label: said.count(cell.label) for cell in shown.cells}
    assert all(cell.count is None or cell.count in (0, counts[cell.label]) for cell in shown.cells)
    assert all(cell.count is None or cell.count == 0 or cell.count >= 5 for cell in shown.cells)
    hidden = [cell for cell in shown.cells if cell.count is None]
    assert len(hidden) != 1
    assert shown.said + shown.silent == 50


@given(st.lists(st.tuples(st.sampled_from(["Jura", "Doubs", ""]), st.tuples(*[st.booleans()] * 3))))
def test_every_place_is_on_one_line_in_one_state(rows):
    told_rows = [(name, state(answered=a, seen=s, reached=r)) for name, (a, s, r) in rows]
    lines = by_territory(told_rows)
    assert sum(line.total for line in lines) == len(rows)
    assert {one for _name, one in told_rows} <= set(STATES)
    assert [line.label for line in lines] == sorted({name for name, _one in rows}, key=lambda n: (not n, n))
