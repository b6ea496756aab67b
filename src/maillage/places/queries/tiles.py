"""The tiles of the interactive map: nodes of places as JSON, made once and kept with the points they come from."""

import gzip
import json
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

import numpy as np

from maillage.journal.queries import one_page
from maillage.places.queries.points import Points, epoch, keep, last_act, map_version, points_of
from maillage.places.rules import tiles
from maillage.places.rules.filters import PlaceFilter
from maillage.places.rules.tiles import Ints, Level, Tile
from maillage.territory.rules import mercator

MOST_ANSWERS = 4_000
MOST_BLOCKS = 200
MOST_NAMED = 25
"""How many places of one spot are told with the spot itself; the list tells the others."""


def place_tile(filter: PlaceFilter, tile: Tile, *, now: datetime) -> bytes:
    """The nodes of one tile as gzipped JSON; see `docs/decisions/0015-interactive-map.md` for its form."""
    return _packed(points_of(filter, now=now), tile)


def tile_etag(filter: PlaceFilter, tile: Tile, version: str, minute: str = "") -> str:
    """What a browser shows to learn that a tile has not changed."""
    told = f"{version}:{minute}:{filter.query_string(bbox=None)}:{tile.z}/{tile.x}/{tile.y}"
    return f'W/"{blake2b(told.encode(), digest_size=12).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class Ready:
    """A tile of the whole registry that needs no more work."""

    packed: bytes
    etag: str
    version: str


@dataclass(frozen=True, slots=True)
class Whole:
    """The points of the whole registry and their tiles."""

    version: str
    points: Points
    tiles: dict[Tile, Ready] = field(default_factory=dict)


_whole: dict[tuple[int, str], Whole] = {}


def standing() -> tuple[int, str]:
    """What tiles of every place stand for: they are true while this stays, at the cost of one indexed query."""
    return last_act(), epoch()


def ready_tile(tile: Tile, *, now: datetime) -> Ready:
    """One tile of every place, at the cost of one indexed query when nothing was written since the last one."""
    stands = standing()
    whole = _whole.get(stands) or _read_whole(stands, now)
    found = whole.tiles.get(tile)
    if found is None:
        found = Ready(_packed(whole.points, tile), tile_etag(PlaceFilter(), tile, whole.version), whole.version)
        if len(whole.tiles) >= MOST_ANSWERS:
            whole.tiles.clear()
        whole.tiles[tile] = found
    return found


def _read_whole(stands: tuple[int, str], now: datetime) -> Whole:
    with one_page():
        whole = Whole(map_version(), points_of(PlaceFilter(), now=now))
    _whole.clear()
    _whole[stands] = whole
    return whole


def _packed(points: Points, tile: Tile) -> bytes:
    found = points.answers.get(tile)
    if found is None:
        said = json.dumps(_told(points, tile), ensure_ascii=False, separators=(",", ":"))
        found = keep(points.answers, tile, gzip.compress(said.encode(), 6, mtime=0), most=MOST_ANSWERS)
    return found


def _block(points: Points, tile: Tile) -> tuple[Level, Ints]:
    """The level a tile belongs to, and which of all the points its members are."""
    key = (tile.z, tiles.block_of(tile))
    found = points.blocks.get(key)
    if found is None:
        held = tiles.inside(points.at, key[1])
        found = keep(points.blocks, key, (tiles.level(points.at[held], tile.z), held), most=MOST_BLOCKS)
    return found


def _told(points: Points, tile: Tile) -> dict[str, list[list[Any]]]:
    """A tile in words and whole numbers: `groups` of places, and `spots` of places that stand alone or share one."""
    level, held = _block(points, tile)
    nodes = level.nodes_in(tile)
    part = slice(nodes.start, nodes.stop)
    at, low, high = (_steps(corners[part], tile) for corners in (level.at, level.low, level.high))
    one_spot = (level.low[part] == level.high[part]).all(1) | (tile.z == tiles.NEAREST_ZOOM)
    groups: list[list[Any]] = []
    spots: list[list[Any]] = []
    for i, is_spot in enumerate(one_spot.tolist()):
        members = held[level.members[level.starts[nodes[i]] : level.starts[nodes[i] + 1]]]
        told = [*at[i], len(members), int(points.vague[members].sum())]
        if is_spot:
            spots.append(told + _named(points, members))
        else:
            groups.append([*told, *low[i], *high[i]])
    return {"groups": groups, "spots": spots}


def _steps(corners: Ints, tile: Tile) -> list[list[int]]:
    """Units from the tile's corner in eighths of a pixel."""
    bits = mercator.pixel_bits(tile.z)
    corner = np.array([tile.x, tile.y]) << (bits + mercator.TILE_BITS)
    steps: list[list[int]] = ((corners - corner) >> (bits - 3)).tolist()
    return steps


def _named(points: Points, members: Ints) -> list[list[Any]]:
    """What a map says of the first places of a spot, by name."""
    first = sorted(members.tolist(), key=lambda i: (points.names[i], points.slugs[i]))[:MOST_NAMED]
    columns = (points.slugs, points.names, points.cities, points.statuses, points.categories)
    return [[*(column[i] for column in columns), int(points.vague[i])] for i in first]
