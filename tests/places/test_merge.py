"""Two people on one sheet: disjoint changes both stand, the same change is one, nothing is lost."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.choice import TOGETHER
from maillage.places.rules.merge import merge, undone

ALONE = ("phone", "email", "links", "capacity")
UNITS = (*TOGETHER, *((name,) for name in ALONE))
NAMES = tuple(name for unit in UNITS for name in unit)
SHEETS = st.fixed_dictionaries({name: st.sampled_from(["", "a", "b"]) for name in NAMES})
SENT = st.sets(st.sampled_from(UNITS), min_size=1).map(lambda units: [name for unit in units for name in unit])


def written(mine: dict[str, Any], now: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return now | {name: mine[name] for name in names}


@given(SHEETS, SHEETS, SHEETS, st.sets(st.sampled_from(UNITS)))
def test_changes_of_different_fields_never_clash_and_both_stand(
    base: dict[str, Any], one: dict[str, Any], other: dict[str, Any], of_one: set[tuple[str, ...]]
) -> None:
    mine = base | {name: one[name] for unit in of_one for name in unit}
    now = base | {name: other[name] for unit in UNITS if unit not in of_one for name in unit}
    merged = merge(mine, base=base, now=now)
    assert not merged.clashes
    assert written(mine, now, merged.mine) == {
        name: mine[name] if unit in of_one else now[name] for unit in UNITS for name in unit
    }


@given(SHEETS, SHEETS)
def test_the_same_change_by_both_never_clashes(base: dict[str, Any], said: dict[str, Any]) -> None:
    merged = merge(said, base=base, now=said)
    assert (merged.mine, merged.clashes) == (frozenset(), frozenset())


@given(SHEETS, SHEETS, SHEETS, SENT)
def test_nothing_is_lost(base: dict[str, Any], sheet: dict[str, Any], now: dict[str, Any], sent: list[str]) -> None:
    mine = {name: sheet[name] for name in sent}
    merged = merge(mine, base=base, now=now)
    after = written(mine, now, merged.mine)
    for unit in UNITS:
        touched = {name for name in unit if name in mine and mine[name] != base[name]}
        asked = bool(merged.clashes & set(unit))
        if touched and not asked:
            assert all(after[name] == mine[name] for name in unit)
        if any(now[name] != base[name] for name in unit) and not asked:
            assert all(after[name] in (now[name], mine.get(name)) for name in unit)
            assert not touched or all(now[name] == mine[name] for name in unit)
        if asked:
            assert merged.clashes & set(unit) == {name for name in unit if mine[name] != now[name]}
            assert all(after[name] == now[name] for name in unit)


@given(SHEETS, SHEETS, SHEETS)
def test_who_has_read_the_other_version_is_not_asked_again(
    base: dict[str, Any], mine: dict[str, Any], now: dict[str, Any]
) -> None:
    first = merge(mine, base=base, now=now)
    again = merge(mine, base=base, now=now, read=now)
    assert not again.clashes
    assert again.mine >= first.mine | first.clashes


@given(SHEETS, st.lists(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["", "a", "b"]))))
def test_changes_undone_give_what_was_shown(base: dict[str, Any], edits: list[dict[str, Any]]) -> None:
    now, changes = dict(base), []
    for edit in edits:
        changes.append({name: [now[name], value] for name, value in edit.items()})
        now |= edit
    assert undone(now, reversed(changes)) == base
