"""The places that the interactive map shows: read once for each question and kept until places change."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import cos, radians
from sys import intern
from threading import Lock
from typing import Any, TypeVar
from uuid import uuid4

import numpy as np
from django.db import connection

from maillage.journal.models import AuditEvent
from maillage.journal.queries import aside, once
from maillage.places.queries.matching import Near, matching, near_of
from maillage.places.queries.meaning import interpret
from maillage.places.queries.registry import registry_version
from maillage.places.rules.filters import PlaceFilter
from maillage.places.rules.nearness import exactness
from maillage.places.rules.tiles import Ints, Level, Tile
from maillage.territory import queries as territory
from maillage.territory.models import Commune
from maillage.territory.queries import ground_layers, maps
from maillage.territory.rules import mercator
from maillage.territory.rules.projection import METROPOLE

METRES_PER_MINUTE, METRES_PER_DEGREE = 1_100.0, 111_320.0
MOST_QUESTIONS, MOST_POINTS = 24, 200_000
"""What each process keeps: a place weighs some 260 bytes in each question that it answers."""

ELSEWHERE = ("accounts.", "journal.", "observatory.", "places.confirmed", "places.photos_swept")
"""Acts that move, rename, add or remove no place: what was gathered before them still stands."""

VAGUE = ("commune", "estimated", "unknown")


K = TypeVar("K")
V = TypeVar("V")
Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """The places with a point that answer one question, column by column; what is made of them is kept with them.

    `answers` are gzipped tiles; `blocks` the levels they come from, with the positions of their members.
    """

    slugs: Texts
    names: Texts
    cities: Texts
    statuses: Texts
    categories: Texts
    vague: "np.ndarray[Any, np.dtype[np.bool_]]"
    at: Ints
    unplaced: int
    blocks: "OrderedDict[tuple[int, Tile], tuple[Level, Ints]]" = field(default_factory=OrderedDict)
    answers: "OrderedDict[Tile, bytes]" = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self.slugs)


_kept: "OrderedDict[tuple[Any, ...], Points]" = OrderedDict()
_lock = Lock()


def points_version() -> int:
    """The age of the places a map shows: the last audited act that may have changed one."""
    return once("points", _points_version)


def _points_version() -> int:
    now = registry_version()
    seen, stands = aside.get("points:standing") or (0, 0)
    if now == seen:
        return stands
    if now < seen:
        seen, stands = 0, 0
    acts = AuditEvent.objects.filter(pk__gt=seen, pk__lte=now).order_by("-pk")
    for prefix in ELSEWHERE:
        acts = acts.exclude(action__startswith=prefix)
    stands = acts.values_list("pk", flat=True).first() or stands
    aside.set("points:standing", (now, stands), None)
    return stands


def epoch() -> str:
    """What is kept here is forgotten with what the process keeps aside: too large for it, it lives beside it."""
    found: str | None = aside.get("points:epoch")
    if found is None:
        found = uuid4().hex
        aside.set("points:epoch", found, None)
    return found


def last_act() -> int:
    """The last audited act of all: nothing has changed while it stays, at the cost of one look at an index."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {AuditEvent._meta.db_table}")  # noqa: S608
        return cursor.fetchone()[0] or 0


def points_of(filter: PlaceFilter, *, now: datetime) -> Points:
    """The points that answer a question, wherever they are: what the view frames is not part of it."""
    asked = PlaceFilter(**{name: getattr(filter, name) for name in _ASKED})
    stands = (epoch(), points_version(), territory.ground_version())
    key = (*stands, asked, now.strftime("%Y%m%d%H%M") if asked.open_now else "")
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    found = _read(asked, now)
    with _lock:
        for old in [kept for kept in _kept if kept[:3] != stands]:
            del _kept[old]
        _kept[key] = found
        while len(_kept) > 1 and (len(_kept) > MOST_QUESTIONS or sum(map(len, _kept.values())) > MOST_POINTS):
            _kept.popitem(last=False)
    return found


_ASKED = ("q", "intent", "activities", "services", "open_now", "status", "territory", "near", "minutes")


def keep(kept: "OrderedDict[K, V]", key: K, value: V, *, most: int) -> V:
    """Keep a value, and forget the oldest ones beyond `most`."""
    with _lock:
        kept[key] = value
        while len(kept) > most:
            kept.popitem(last=False)
    return value


COLUMNS = (
    "slug",
    "name",
    "commune__name",
    "city",
    "status",
    "category",
    "lat",
    "lon",
    "precision",
    "commune__centre_kind",
)


def _read(asked: PlaceFilter, now: datetime) -> Points:
    places = matching(interpret(asked).filter, now=now).order_by()
    rows = list(places.filter(lat__isnull=False).values_list(*COLUMNS))
    slugs, names, communes, cities, statuses, categories, lat, lon, precision, centre = (
        zip(*rows, strict=True) if rows else [()] * 10
    )
    said = list(zip(precision, centre, strict=True))
    vague = {one: _is_vague(*one) for one in set(said)}
    return Points(
        slugs,
        names,
        tuple(intern(commune or city or "") for commune, city in zip(communes, cities, strict=True)),
        tuple(map(intern, statuses)),
        tuple(map(intern, categories)),
        np.array([vague[one] for one in said], bool),
        mercator.plane(np.array(lat, float), np.array(lon, float)),
        places.filter(lat__isnull=True).count(),
    )


def _is_vague(precision: str, centre: str | None) -> bool:
    return exactness(precision, estimated_centre=centre == Commune.Centre.ESTIMATED) in VAGUE


def placed_and_not(filter: PlaceFilter, *, now: datetime) -> tuple[int, int]:
    """How many answers a map can show, and how many have no point."""
    points = points_of(filter, now=now)
    return len(points), points.unplaced


def map_version() -> str:
    """What the address of a tile carries: it changes when a place does, and with the ground."""
    return f"{points_version()}-{territory.ground_version()}"


@dataclass(frozen=True, slots=True)
class LiveMap:
    """What a page tells the interactive map: the question, where to look first, how old everything is.

    `frame` is (west, south, east, north); `mark` the (lat, lon) that was asked for.
    """

    question: str
    frame: tuple[float, float, float, float]
    mark: tuple[float, float] | None
    placed: int
    unplaced: int
    version: str
    ground: str
    ground_version: str
    has_outlines: bool


def live_map(filter: PlaceFilter, *, now: datetime) -> LiveMap:
    """The interactive map of an answer, before anything of it is loaded."""
    near = near_of(filter)
    placed, unplaced = placed_and_not(filter, now=now)
    ground = territory.current_ground()
    return LiveMap(
        question=replace(filter, bbox=None, sort="").query_string(),
        frame=_frame(filter, near),
        mark=(near.lat, near.lon) if near else None,
        placed=placed,
        unplaced=unplaced,
        version=map_version(),
        ground=str(ground) if ground else "",
        ground_version=ground_layers.version(),
        has_outlines=maps.has_outlines("dep"),
    )


def _frame(filter: PlaceFilter, near: Near | None) -> tuple[float, float, float, float]:
    if filter.bbox:
        return filter.bbox
    extent = maps.extent_of(filter.territory) if filter.territory and not near else METROPOLE
    if near:
        up = filter.minutes * METRES_PER_MINUTE / METRES_PER_DEGREE
        across = up / max(cos(radians(near.lat)), 0.1)
        return (near.lon - across, near.lat - up, near.lon + across, near.lat + up)
    extent = extent or METROPOLE
    return (extent.west, extent.south, extent.east, extent.north)
