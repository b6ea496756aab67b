"""Reading the roads of an OpenStreetMap extract, in two passes: the ways that cars take, then where their nodes are."""

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from maillage.analysis import sparse
from maillage.analysis.distance import great_circle_m
from maillage.analysis.network import Graph, curve
from maillage.diagnosis.road.errors import RoadError
from maillage.diagnosis.road.speeds import Speeds, blocks

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Roads:
    """The network of an extract: nodes in degrees, along a space-filling curve; arcs with their minutes.

    `metres` is the length of each arc, in the order of `graph`; `stops` tells where one may leave the road.
    """

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    stops: NDArray[np.bool_]
    graph: Graph
    metres: NDArray[np.float32]
    dated: str


@dataclass(slots=True)
class _Ways:
    """Nodes of all ways one after the other, how many each has, and how a car goes along it."""

    nodes: Any
    sizes: Any
    forward: Any
    backward: Any
    stops: Any


def read(path: Path, speeds: Speeds) -> Roads:
    """Read the roads that a car takes and comes back on; RoadError when there are none, or when this is no extract."""
    osmium = library()
    if not path.is_file():
        raise RoadError(
            _("l’extrait de routes «\u202f%(path)s\u202f» n’existe pas. Vérifiez MAILLAGE_ROADS.") % {"path": path}
        )
    with _explained(path):
        dated = _dated(osmium, path)
        ways = _ways(osmium, path, speeds)
        ids, at = np.unique(np.frombuffer(ways.nodes, dtype=np.int64), return_inverse=True)
        lat, lon, closed = _places(osmium, path, ids)
    roads = _network(ways, at, lat, lon, closed, dated)
    kept = _joined(roads, speeds.least_part_km)
    if not kept.any():
        raise RoadError(
            _(
                "l’extrait «\u202f%(path)s\u202f» ne contient aucune route pour les voitures. Prenez un extrait "
                "entier du "
                "territoire (.osm.pbf), les routes comprises."
            )
            % {"path": path}
        )
    return _part(roads, kept)


def library() -> ModuleType:
    """The reader of OpenStreetMap files, or how to install it."""
    try:
        return import_module("osmium")
    except ImportError as missing:
        raise RoadError(
            _(
                "lire des routes demande la bibliothèque «\u202fosmium\u202f», qui manque ici. Installez-la\u202f: "
                'pip install "maillage[routing]"\u202f; ou retirez MAILLAGE_ROADS pour mesurer à vol d’oiseau.'
            )
        ) from missing


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, UnicodeDecodeError) as refused:
        raise RoadError(
            _(
                "«\u202f%(path)s\u202f» n’est pas un extrait OpenStreetMap lisible, ou il est tronqué (%(said)s). "
                "Téléchargez-le "
                "de nouveau, en entier, au format .osm.pbf."
            )
            % {"path": path, "said": refused}
        ) from refused


def _dated(osmium: ModuleType, path: Path) -> str:
    """The date of the data in ISO form: what the header tells, else the latest change of a road, else nothing."""
    header = osmium.FileProcessor(str(path), osmium.osm.WAY).header
    told = header.get("osmosis_replication_timestamp")[:10]
    if told:
        return str(told)
    changes = (way.timestamp for way in _highways(osmium, path))
    latest = max(changes, default=None)
    return f"{latest:%Y-%m-%d}" if latest and latest.year > 2000 else ""


def _highways(osmium: ModuleType, path: Path) -> Any:
    return osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway"))


def _ways(osmium: ModuleType, path: Path, speeds: Speeds) -> _Ways:
    found = _Ways(array("q"), array("q"), array("d"), array("d"), array("b"))
    for way in _highways(osmium, path):
        drive = speeds.drive({tag.k: tag.v for tag in way.tags})
        refs = [node.ref for node in way.nodes] if drive else []
        if drive is None or len(refs) < 2:
            continue
        found.nodes.extend(refs)
        found.sizes.append(len(refs))
        found.forward.append(drive.forward_kmh)
        found.backward.append(drive.backward_kmh)
        found.stops.append(drive.stops)
    return found


def _places(osmium: ModuleType, path: Path, ids: Ints) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Where the nodes are, NaN for those that the extract lacks; and which of them stop cars."""
    number, lat, lon, closed = array("q"), array("d"), array("d"), array("q")
    nodes = osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(osmium.filter.IdFilter(ids.tolist()))
    for node in nodes:
        if not node.location.valid():
            continue
        number.append(node.id)
        lat.append(node.lat)
        lon.append(node.lon)
        if node.tags and blocks({tag.k: tag.v for tag in node.tags}):
            closed.append(node.id)
    at = np.searchsorted(ids, np.frombuffer(number, dtype=np.int64))
    degrees = np.full((2, ids.size), np.nan)
    degrees[0, at], degrees[1, at] = np.frombuffer(lat), np.frombuffer(lon)
    return degrees[0], degrees[1], np.isin(ids, np.frombuffer(closed, dtype=np.int64))


def _network(ways: _Ways, at: Ints, lat: Floats, lon: Floats, closed: NDArray[np.bool_], dated: str) -> Roads:
    """Lay the pieces of all ways as arcs, with and against their direction; a piece with a closed end is left out."""
    sizes = np.frombuffer(ways.sizes, dtype=np.int64)
    way = np.repeat(np.arange(sizes.size), sizes)
    here = np.flatnonzero(way[:-1] == way[1:]) if way.size else np.zeros(0, np.int64)
    tail, head, way = at[here], at[here + 1], way[here]
    usable = np.isfinite(lat) & ~closed
    kept = usable[tail] & usable[head] & (tail != head)
    tail, head, way = tail[kept], head[kept], way[kept]
    metres = great_circle_m(lat[tail], lon[tail], lat[head], lon[head])
    forward, backward = (np.frombuffer(kmh)[way] for kmh in (ways.forward, ways.backward))
    stops = np.zeros(lat.size, bool)
    leave = np.frombuffer(ways.stops, dtype=np.int8)[way] > 0
    stops[tail[leave]] = stops[head[leave]] = True
    there, back = forward > 0, backward > 0
    tails, heads = np.concatenate([tail[there], head[back]]), np.concatenate([head[there], tail[back]])
    length = np.concatenate([metres[there], metres[back]])
    kmh = np.concatenate([forward[there], backward[back]])
    order, new = _along_curve(lat, lon)
    tails, heads = new[tails], new[heads]
    graph = Graph.of(lat.size, tails, heads, length / 1000 / kmh * 60)
    return Roads(
        lat[order], lon[order], stops[order], graph, length[np.argsort(tails, kind="stable")].astype(np.float32), dated
    )


def _along_curve(lat: Floats, lon: Floats) -> tuple[Ints, Ints]:
    """In which order nodes are kept, so that neighbours on the ground are neighbours in memory; and its inverse."""
    x, y = (np.nan_to_num((degrees + shift) * 1e6).astype(np.int64) for degrees, shift in ((lon, 180), (lat, 90)))
    order = np.argsort(curve(x, y), kind="stable")
    new = np.empty(order.size, np.int64)
    new[order] = np.arange(order.size)
    return order, new


def _joined(roads: Roads, least_km: float) -> NDArray[np.bool_]:
    """Nodes of the largest part of the network where each leads to each, and of others at least so long."""
    graph = roads.graph
    if not graph.arcs:
        return np.zeros(graph.nodes, bool)
    laid = sparse.csr_array((roads.metres, graph.indices, graph.indptr), shape=(graph.nodes, graph.nodes))
    count, part = sparse.csgraph.connected_components(laid, connection="strong")
    tail = np.repeat(np.arange(graph.nodes), np.diff(graph.indptr))
    inside = part[tail] == part[graph.indices]
    km = np.bincount(part[tail[inside]], weights=roads.metres[inside], minlength=count) / 2000
    kept: NDArray[np.bool_] = (km >= least_km) | ((km == km.max()) & (km > 0))
    return kept[part]


def _part(roads: Roads, kept: NDArray[np.bool_]) -> Roads:
    graph = roads.graph
    tail = np.repeat(np.arange(graph.nodes), np.diff(graph.indptr))
    arcs = kept[tail] & kept[graph.indices]
    new = np.cumsum(kept) - 1
    indptr = np.concatenate([[0], np.cumsum(np.bincount(new[tail[arcs]], minlength=int(kept.sum())))])
    inside = Graph(indptr.astype(np.int32), new[graph.indices[arcs]].astype(np.int32), graph.weights[arcs])
    return Roads(roads.lat[kept], roads.lon[kept], roads.stops[kept], inside, roads.metres[arcs], roads.dated)
