"""The road as a travel model: minutes by car between points, along the roads of an extract."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.analysis import network, sparse
from maillage.analysis.coverage import NO_SITE, Nearest
from maillage.analysis.distance import EARTH_RADIUS_M, checked_points
from maillage.analysis.network import Graph
from maillage.analysis.travel import Points, TravelError
from maillage.diagnosis.road import kept, osm
from maillage.diagnosis.road.osm import Roads
from maillage.diagnosis.road.speeds import Speeds, speeds


@dataclass(frozen=True, slots=True)
class Ends:
    """Points laid on the network: node (-1 without a road) and minutes from the point to it, per point."""

    node: NDArray[np.intp]
    minutes: NDArray[np.float64]

    @property
    def on_road(self) -> NDArray[np.bool_]:
        return self.node >= 0


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Minutes by car: overhead + point to road + along the road + road to point.

    A point joins the nearest node where one may leave the road (motorways aside) within `speeds.farthest_m`; farther,
    it has no road: none of its trips is known. `name` tells the extract and its date.
    """

    roads: Roads
    name: str
    speeds: Speeds

    @classmethod
    def read(cls, path: Path | str, *, keep_in: Path | None = None) -> "RoadNetwork":
        """Read an extract; with `keep_in`, once: its network is kept in that folder for the next time.

        Raises `RoadError` (in French) when the file is missing, empty, truncated, not OpenStreetMap's or without roads,
        and when the extra `routing` is not installed.
        """
        extract, figures = Path(path), speeds()
        mark = kept.fingerprint(extract) if keep_in and extract.is_file() else ""
        roads = kept.load(keep_in, mark) if keep_in and mark else None
        if roads is None:
            roads = osm.read(extract, figures)
            if keep_in and mark:
                kept.save(keep_in, mark, roads)
        told = extract.name.removesuffix(".pbf").removesuffix(".osm")
        return cls(
            roads, f"{figures.name} (OpenStreetMap\u202f: {', '.join(filter(None, (told, roads.dated)))})", figures
        )

    @cached_property
    def _backward(self) -> Graph:
        return self.roads.graph.reversed()

    @cached_property
    def _stops(self) -> tuple[NDArray[np.intp], Any]:
        from scipy.spatial import cKDTree

        nodes = np.flatnonzero(self.roads.stops)
        return nodes, cKDTree(_unit_vectors(self.roads.lat[nodes], self.roads.lon[nodes]))

    def lay(self, points: Points) -> Ends:
        """Join points to the network; `TravelError` for points that cannot be."""
        lat, lon = checked_points(points[0], points[1], error=TravelError)
        nodes, tree = self._stops
        if not (nodes.size and lat.size):
            return Ends(np.full(lat.size, -1, np.intp), np.zeros(lat.size))
        farthest = 2 * np.sin(self.speeds.farthest_m / EARTH_RADIUS_M / 2)
        chord, at = tree.query(_unit_vectors(lat, lon), distance_upper_bound=farthest)
        near = np.isfinite(chord)
        metres = 2 * EARTH_RADIUS_M * np.arcsin(np.where(near, chord, 0.0) / 2)
        node = np.where(near, nodes[np.where(near, at, 0)], -1)
        return Ends(node, metres / 1000 * self.speeds.end_detour / self.speeds.end_kmh * 60)

    def unsnapped(self, points: Points) -> NDArray[np.bool_]:
        """Tell the points without a road within `speeds.farthest_m`: their trips are absent, not long."""
        return ~self.lay(points).on_road

    def minutes(self, origins: Points, destinations: Points, cutoff_min: float) -> sparse.csr_array:
        """Compute minutes origins × destinations, CSR float32; a trip longer than `cutoff_min` is absent.

        So is a trip from or to a point without a road, or between parts of the network that no road joins. One bounded
        search from each node of the less numerous side. Raises `TravelError` as the other models do.
        """
        if not 0 < cutoff_min < np.inf:
            raise TravelError(f"cutoff_min must be a finite number of minutes above zero, not {cutoff_min}.")
        here, there = self.lay(origins), self.lay(destinations)
        rows, columns = np.flatnonzero(here.on_road), np.flatnonzero(there.on_road)
        shape = (here.node.size, there.node.size)
        left = cutoff_min - self.speeds.overhead_min
        if left < 0 or not (rows.size and columns.size):
            return sparse.csr_array(shape, dtype=np.float32)
        between = network.minutes(self.roads.graph, here.node[rows], there.node[columns], left).tocoo()
        row, column = rows[between.row], columns[between.col]
        total = between.data + here.minutes[row] + there.minutes[column] + self.speeds.overhead_min
        within = total <= cutoff_min
        told = (total[within].astype(np.float32), (row[within], column[within]))
        found = sparse.csr_array(told, shape=shape)
        found.sort_indices()
        return found

    def nearest(self, origins: Points, destinations: Points, cutoff_min: float = np.inf) -> Nearest:
        """Find each origin's nearest destination and the minutes to it, by one search over the whole network.

        The same as `coverage.nearest(self.minutes(...))`, to a tenth of a second, without a matrix.
        """
        if not cutoff_min > 0:
            raise TravelError(f"cutoff_min must be a number of minutes above zero, not {cutoff_min}.")
        here, there = self.lay(origins), self.lay(destinations)
        columns = np.flatnonzero(there.on_road)
        found = network.nearest(
            self._backward,
            there.node[columns],
            cutoff_min=max(0.0, cutoff_min),
            offsets_min=there.minutes[columns] + self.speeds.overhead_min,
        )
        minutes = np.where(here.on_road, found.minutes[here.node] + here.minutes, np.inf)
        reached = minutes <= cutoff_min if np.isfinite(cutoff_min) else np.isfinite(minutes)
        site = np.full(here.node.size, NO_SITE, np.intp)
        site[reached] = columns[found.site[here.node[reached]]]
        return Nearest(np.where(reached, minutes, np.inf), site)


def _unit_vectors(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    phi, lam = np.radians(lat), np.radians(lon)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
