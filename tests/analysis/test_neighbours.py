import numpy as np
import pytest

from maillage.analysis import neighbours


def test_a_tree_finds_the_pairs_that_are_found_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(7).normal(size=(300, 3))
    points /= np.linalg.norm(points, axis=1)[:, np.newaxis]
    here, there = points[:100], points[90:]
    one_by_one = sorted(zip(*neighbours.finder(there, len(here))(here, 0.4), strict=True))
    monkeypatch.setattr(neighbours, "FEW_PAIRS", 0)
    in_tree = sorted(zip(*neighbours.finder(there, len(here))(here, 0.4), strict=True))
    assert len(in_tree) > 300
    assert [pair[:2] for pair in one_by_one] == [pair[:2] for pair in in_tree]
    assert np.allclose([pair[2] for pair in one_by_one], [pair[2] for pair in in_tree], rtol=0, atol=1e-15)
