"""Matrices among all communes: the nearest one, and rows and columns put back in their place."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from maillage.diagnosis.queries.journeys import nearest_of, spread
from maillage.diagnosis.queries.plan import _beside

dense = arrays(float, (5, 4), elements=st.sampled_from([np.inf, 0.0, 3.0, 7.0, 7.5]))


def sparse_of(minutes: np.ndarray) -> sparse.csr_array:
    """Infinite is absent, zero is zero minutes."""
    rows, columns = np.nonzero(np.isfinite(minutes))
    indptr = np.concatenate([[0], np.cumsum(np.isfinite(minutes).sum(axis=1))])
    return sparse.csr_array((minutes[rows, columns].astype(np.float32), columns, indptr), shape=minutes.shape)


@given(dense, arrays(bool, 4))
def test_the_nearest_is_that_of_a_plain_loop(minutes, allowed):
    nearest, site = nearest_of(sparse_of(minutes), allowed)
    for row in range(5):
        plain = [(minutes[row, column], column) for column in range(4) if allowed[column]]
        best = min(plain, default=(np.inf, -1))
        assert nearest[row] == best[0]
        assert site[row] == (best[1] if np.isfinite(best[0]) else -1)


@given(dense, st.sets(st.integers(0, 8), min_size=5, max_size=5), st.sets(st.integers(0, 6), min_size=4, max_size=4))
def test_a_matrix_set_among_others_keeps_its_minutes(minutes, rows, columns):
    rows, columns = np.array(sorted(rows)), np.array(sorted(columns))
    whole = spread(sparse_of(minutes), rows, columns, (9, 7))
    assert whole.nnz == np.isfinite(minutes).sum()
    told = np.full((9, 7), np.inf)
    told[np.ix_(rows, columns)] = minutes
    for row in range(9):
        found = dict(zip(whole[[row]].indices.tolist(), whole[[row]].data.tolist(), strict=True))
        assert found == {at: told[row, at] for at in range(7) if np.isfinite(told[row, at])}


@given(dense, arrays(float, 5, elements=st.sampled_from([np.inf, np.nan, 0.0, 4.0])))
def test_what_is_open_already_is_one_more_column(minutes, now):
    found = _beside(sparse_of(minutes), now)
    told = np.column_stack([minutes, np.where(np.isnan(now), np.inf, now)])
    assert found.shape == (5, 5)
    assert found.nnz == np.isfinite(told).sum()
    for row in range(5):
        start, end = found.indptr[row], found.indptr[row + 1]
        assert found.indices[start:end].tolist() == np.flatnonzero(np.isfinite(told[row])).tolist()
        assert found.data[start:end].tolist() == told[row][np.isfinite(told[row])].tolist()
