"""What covering refuses: every message whole."""

import re
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from maillage.analysis.siting import cover, curve, set_cover
from maillage.analysis.siting.checks import SitingInputError

MINUTES = sparse.csr_array(np.array([[1.0, 2, 0], [0, 3, 4]]))


def broken(value: float) -> sparse.csr_array:
    other = MINUTES.copy()
    other.data[1] = value
    return other


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"k": 0}, "k is 0: ask for at least 1 new site."),
    ({"k": -2}, "k is -2: ask for at least 1 new site."),
    ({"k": 4}, "k is 4, but there are only 3 candidate sites: ask for fewer, or give more."),
    ({"k": 1.5}, "k must be a whole number of sites, not 1.5."),
    ({"k": 3, "fixed": [0]}, "k is 3, but there are only 2 candidate sites: ask for fewer, or give more."),
    ({"within": 0}, "within is 0: give a reach above 0, in the unit of minutes."),
    ({"within": -5}, "within is -5: give a reach above 0, in the unit of minutes."),
    ({"within": float("nan")}, "within is nan: give a reach above 0, in the unit of minutes."),
    ({"within": float("inf")}, "within is inf: give a reach above 0, in the unit of minutes."),
    ({"within": "5"}, "within must be a number, not '5'."),
    (
        {"minutes": broken(np.nan)},
        "minutes holds NaN or infinite values: leave out the entries that are out of reach or unknown instead.",
    ),
    (
        {"minutes": broken(np.inf)},
        "minutes holds NaN or infinite values: leave out the entries that are out of reach or unknown instead.",
    ),
    ({"minutes": broken(-1)}, "minutes holds a negative time (-1): a trip cannot take less than 0 minutes."),
    (
        {"minutes": MINUTES.toarray()},
        "minutes must be a SciPy sparse matrix, demand × sites, not ndarray: in a dense array a zero could mean both "
        "zero minutes and out of reach. Build it with scipy.sparse.csr_array((values, columns, starts)).",
    ),
    (
        {"minutes": sparse.csr_array((0, 3))},
        "minutes has the shape (0, 3): at least one demand row and one site column are needed.",
    ),
    (
        {"minutes": sparse.coo_array((np.ones(2), ([0, 0], [1, 1])), shape=(2, 3))},
        "minutes gives the same demand row and site column twice: keep one time for each pair, the shortest.",
    ),
    (
        {"minutes": sparse.csr_array((np.ones(2), np.array([1, 1]), np.array([0, 2, 2])), shape=(2, 3))},
        "minutes gives the same demand row and site column twice: keep one time for each pair, the shortest.",
    ),
    ({"minutes": MINUTES.astype(bool)}, "minutes holds bool values: numbers of minutes are needed, such as float32."),
    (
        {"weights": [1]},
        "weights has the shape (1,), but minutes has 2 demand rows: one number for each is needed.",
    ),
    (
        {"weights": [1, -1]},
        "weights holds a negative value (first at row 1): weights count people or jobs, 0 at least.",
    ),
    (
        {"weights": [1, float("nan")]},
        "weights holds NaN or infinite values (first at row 1): decide what an unknown weight is worth, 0 to leave the "
        "row out.",
    ),
    ({"weights": ["a", "b"]}, "weights must be numbers, one for each of the 2 demand rows."),
    ({"fixed": [3]}, "fixed names column 3, but minutes has 3 site columns, numbered from 0 to 2."),
    ({"candidates": [-1]}, "candidates names column -1, but minutes has 3 site columns, numbered from 0 to 2."),
    ({"candidates": [1, 1]}, "candidates names column 1 twice: each site once."),
    (
        {"fixed": [True, False]},
        "fixed must be a list of column numbers, integers from 0 to 2, not bool of shape (2,).",
    ),
    (
        {"fixed": [1], "candidates": [1, 2]},
        "column 1 is in fixed and in candidates: a place that is open already cannot be chosen; take it out of one of "
        "the two.",
    ),
    ({"time_limit_s": 0}, "time_limit_s is 0: give seconds above 0, or None for no limit."),
    ({"gap": 1}, "gap is 1: give a share from 0 (a proof) to below 1, such as 0.001 for 0.1 %."),
    ({"groups": [1, 2]}, "groups and floor_share go together: give both, or neither."),
    (
        {"groups": [1, 2], "floor_share": 0.5, "capacity": 3},
        "capacity and groups cannot be combined: leave out one of the two.",
    ),
    ({"groups": [1, 2], "floor_share": 2}, "floor_share is 2: give a share from 0 to 1 of each group's weight."),
    (
        {"groups": [1], "floor_share": 0.5},
        "groups has the shape (1,), but minutes has 2 demand rows: one label for each row.",
    ),
    (
        {"capacity": [1, 2]},
        "capacity has the shape (2,), but minutes has 3 site columns: one number for each is needed.",
    ),
]


@pytest.mark.parametrize(("wrong", "message"), REFUSED, ids=[message[:50] for _, message in REFUSED])
def test_a_wrong_question_is_refused_in_words(wrong: dict[str, Any], message: str) -> None:
    asked = {"minutes": MINUTES, "weights": [1, 2], "k": 1, "within": 5} | wrong
    with pytest.raises(SitingInputError, match=f"^{re.escape(message)}$"):
        cover(asked.pop("minutes"), asked.pop("weights"), asked.pop("k"), **asked)


def test_the_curve_and_set_cover_refuse_the_same() -> None:
    with pytest.raises(SitingInputError, match=r"^k is 4, but there are only 3 candidate sites"):
        curve(MINUTES, [1, 2], 4, within=5)
    with pytest.raises(SitingInputError, match=r"^within is 0: give a reach above 0"):
        set_cover(MINUTES, within=0)


def test_unsorted_columns_and_other_formats_are_welcome_and_left_as_they_were() -> None:
    shuffled = sparse.csr_array((np.array([2.0, 1.0]), np.array([1, 0]), np.array([0, 2, 2])), shape=(2, 3))
    before = shuffled.indices.copy()
    for given in (shuffled, shuffled.tocsc(), shuffled.tocoo()):
        assert cover(given, [4, 9], 1, within=5).objective == 4
    assert (shuffled.indices == before).all()
