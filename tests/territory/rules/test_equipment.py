import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.territory.rules.equipment import MOST, pack, unpack

counts = st.dictionaries(st.integers(0, MOST), st.integers(1, MOST), max_size=6)


@given(st.lists(st.none() | counts, max_size=6))
def test_what_was_packed_is_unpacked(rows: list[dict[int, int] | None]) -> None:
    indptr, positions, told = unpack([None if row is None else pack(row) for row in rows])
    assert len(indptr) == len(rows) + 1
    for number, row in enumerate(rows):
        part = slice(indptr[number], indptr[number + 1])
        assert dict(zip(positions[part].tolist(), told[part].tolist(), strict=True)) == (row or {})
        assert sorted(positions[part].tolist()) == positions[part].tolist()


@given(counts)
def test_kinds_a_commune_has_none_of_take_no_room(row: dict[int, int]) -> None:
    assert pack({position: 0 for position in range(50) if position not in row} | row) == pack(row)


@pytest.mark.parametrize("row", [{-1: 1}, {0: -1}, {MOST + 1: 1}, {0: MOST + 1}])
def test_what_cannot_be_kept_is_refused(row: dict[int, int]) -> None:
    with pytest.raises(ValueError) as refusal:
        pack(row)
    assert str(refusal.value) == "positions and counts go from 0 to 65535"
