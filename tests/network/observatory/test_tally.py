"""The arithmetic of counters, on cells made up: whatever they are, the numbers add up."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from maillage.network.observatory.rules.tally import tally
from tests.network.observatory.told import COUNT, HEAD, definition

TODAY = date(2026, 11, 22)
BY = definition(
    'where = { status = { not_in = ["closed"] } }\nby = ["density", "status"]\n'
    "missing = { density = { known = false } }"
)
RURAL = definition(
    'where = { status = { not_in = ["closed"] } }\ncounted = { density = { in = [5, 6, 7] } }\n'
    'missing = { density = { known = false } }\nby = ["density"]\nper = 100000\n'
    '[figures.closed]\nwhere = { status = { in = ["closed"] } }',
    head=HEAD.replace("number", "share"),
    base=COUNT.replace("all", "known"),
)
cells = st.lists(
    st.tuples(
        st.fixed_dictionaries(
            {
                "status": st.sampled_from(["open", "closed", "project"]),
                "density": st.one_of(st.none(), st.integers(1, 7)),
                "inhabitants": st.sampled_from([True, None]),
            }
        ),
        st.integers(1, 40),
    ),
    max_size=30,
)


@given(cells)
def test_classes_and_the_unknown_make_the_population(found):
    told = tally(BY, found, today=TODAY)
    assert told.members == sum(n for cell, n in found if cell["status"] != "closed")
    for rows in told.classes.values():
        assert sum(rows.values()) == told.members
    assert told.classes["density"].get(None, 0) == told.missing
    assert told.read == sum(n for _, n in found)


@given(cells)
def test_a_share_counts_only_those_of_whom_it_is_known(found):
    told = tally(RURAL, found, today=TODAY)
    assert 0 <= told.counted <= told.known == told.members - told.missing
    rural = sum(n for level, n in told.classes["density"].items() if level and level >= 5)
    assert told.counted == rural
    assert told.figures["closed"] == told.read - told.members


@given(cells)
def test_the_numerators_of_rates_live_where_inhabitants_are_known(found):
    told = tally(RURAL, found, today=TODAY)
    for level, n in told.housed["density"].items():
        assert n <= told.classes["density"][level]
    housed = sum(n for cell, n in found if cell["status"] != "closed" and cell["inhabitants"])
    assert sum(told.housed["density"].values()) == housed


@given(cells, st.randoms())
def test_the_order_of_cells_and_their_cutting_change_nothing(found, chance):
    whole = tally(RURAL, found, today=TODAY)
    cut = [(cell, 1) for cell, n in found for _ in range(n)]
    chance.shuffle(cut)
    assert tally(RURAL, cut, today=TODAY) == whole


@given(cells, cells)
def test_two_registries_counted_together_are_the_sum_of_both(one, other):
    both, first, second = (tally(RURAL, found, today=TODAY) for found in ([*one, *other], one, other))
    for name in ("members", "counted", "missing", "read", "known"):
        assert getattr(both, name) == getattr(first, name) + getattr(second, name)


def test_the_least_and_greatest_number_of_a_column():
    asked = definition(
        "where = { TYPO = { known = true } }\n"
        "[figures]\nfirst = { where = { TYPO = { known = false } }, lowest = 'ID' }\n"
        "last = { where = { TYPO = { known = false } }, highest = 'ID' }\n"
        "none = { where = { TYPO = { in = ['y'] } }, lowest = 'ID' }",
        base='[count]\nof = "source"\nsource = "s"\ndated = "2019"\npublished = 2019-06-13\n'
        'duplicates = "rows"\nover = "all"\n',
    )
    found = [({"TYPO": typo, "ID": ident}, 1) for typo, ident in [("x", "3"), ("", "10"), ("", "9"), ("", "?")]]
    assert tally(asked, found, today=TODAY).figures == {"first": 9, "last": 10, "none": None}
