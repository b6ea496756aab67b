"""Answers of spopt and access to small instances, recorded by `python -m bench.peer_answers`: ours are the same."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from maillage.analysis import sparse
from maillage.analysis.accessibility import e2sfca
from maillage.analysis.decay import step
from maillage.analysis.siting import cover, median

RECORDED = json.loads((Path(__file__).parent.parent / "fixtures" / "peer_answers.json").read_text(encoding="utf-8"))
ASKED = RECORDED["k"], RECORDED["within_min"], RECORDED["far_min"]
LUO_QI = step({10: 1, 20: 0.68, 30: 0.22})
"""The bands of `bench.access_peer`."""
instances = pytest.mark.parametrize("one", RECORDED["instances"], ids=lambda one: f"{len(one['people'])} points")


def trips(one: dict[str, Any], most_min: float) -> sparse.csr_array:
    minutes = np.array(one["minutes"])
    row, column = np.nonzero(minutes <= most_min)
    return sparse.csr_array((minutes[row, column], (row, column)), shape=minutes.shape)


@instances
def test_a_covering_serves_as_many_people_as_that_of_spopt(one: dict[str, Any]) -> None:
    k, within, far = ASKED
    found = cover(trips(one, far), one["people"], k, within=within)
    assert (found.objective, found.bound, found.stopped) == (one["cover"], one["cover"], "proved")
    assert one["cover"] < sum(one["people"])


@instances
def test_a_median_costs_as_little_as_that_of_spopt(one: dict[str, Any]) -> None:
    k, _, far = ASKED
    found = median(trips(one, far), one["people"], k, unreachable_minutes=far)
    assert found.objective == pytest.approx(one["median"], rel=1e-9)
    assert (found.gap, found.stopped) == (0.0, "proved")


@instances
def test_floating_catchments_give_the_figures_of_access(one: dict[str, Any]) -> None:
    _, _, far = ASKED
    people = np.array(one["people"]) + 1.0  # access divides by nobody
    told = e2sfca(trips(one, far), one["desks"], people, within=far, decay=LUO_QI)
    assert told.tolist() == pytest.approx(one["e2sfca"], rel=1e-12)


def test_the_versions_of_the_peers_are_told() -> None:
    assert RECORDED["recorded_by"].startswith("python -m bench.peer_answers, with spopt==")
    assert "access==" in RECORDED["recorded_by"]
