"""The road where the extract has one, another model elsewhere: a département's extract serves a site of all France."""

from dataclasses import dataclass

import numpy as np

from maillage.analysis import sparse
from maillage.analysis.travel import Points, TravelModel, keep
from maillage.diagnosis.road.model import RoadNetwork


@dataclass(frozen=True, slots=True)
class Mixed:
    """By road between two points that have one, by `elsewhere` for every other trip; `name` tells both."""

    road: RoadNetwork
    elsewhere: TravelModel

    @property
    def name(self) -> str:
        return f"{self.road.name}\u202f; sans route dans cet extrait : {self.elsewhere.name}"

    def minutes(self, origins: Points, destinations: Points, cutoff_min: float) -> sparse.csr_array:
        """Compute minutes as the two models do. Two points that have a road, but none between them: no trip."""
        here, there = (self.road.lay(points).on_road for points in (origins, destinations))
        by_road = self.road.minutes(origins, destinations, cutoff_min).tocoo()
        others = self.elsewhere.minutes(origins, destinations, cutoff_min)
        rows = np.repeat(np.arange(others.shape[0]), np.diff(others.indptr))
        left = keep(others, ~(here[rows] & there[others.indices])).tocoo()
        both = (
            np.concatenate([by_road.data, left.data]),
            (np.concatenate([by_road.row, left.row]), np.concatenate([by_road.col, left.col])),
        )
        found = sparse.csr_array(both, shape=others.shape)
        found.sort_indices()
        return found
