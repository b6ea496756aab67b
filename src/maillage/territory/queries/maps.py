"""Frames of the map, and the communes that draw it; kept in memory for as long as the ground stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import cos, radians, sqrt

import numpy as np
from django.db.models import Q
from numpy.typing import ArrayLike, NDArray

from maillage.territory.models import Commune, Departement, Outline, Region
from maillage.territory.queries.find import find
from maillage.territory.queries.ground import ground_edition
from maillage.territory.rules import lettering, projection
from maillage.territory.rules.lettering import Label, Name
from maillage.territory.rules.piles import unpiled
from maillage.territory.rules.prefectures import PREFECTURES
from maillage.territory.rules.projection import INSET_NAME, WIDTH, Box, Extent, Frame

_AROUND_CENTRES_DEGREES = 0.04
_CLOSEST_UNITS = 110
_WINDOW_SHAPE = 0.8
_METRES_PER_DEGREE = 111_320.0
_AROUND_TERRITORY_DEGREES = 0.2


@dataclass(frozen=True, slots=True)
class Communes:
    """Every commune with a centre, as columns of one length; the most populated first, unknown population NaN.

    Communes whose centres were estimated at one and the same point stand side by side around it.
    """

    code: NDArray[np.str_]
    name: NDArray[np.object_]
    departement: NDArray[np.str_]
    region: NDArray[np.str_]
    epci: NDArray[np.str_]
    bv: NDArray[np.str_]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    population: NDArray[np.float64]

    def of(self, reference: str) -> NDArray[np.bool_]:
        """Which communes belong to `dep-39`, `reg-27`, `epci-…`, `bv-…` or `commune-…`; all of them for `france`."""
        kind, _, code = reference.partition("-")
        smaller = {"epci": self.epci, "bv": self.bv, "commune": self.code}
        column = ({"dep": self.departement, "reg": self.region} | smaller).get(kind)
        return np.ones(len(self.code), bool) if column is None else column == code


def edition() -> str:
    """What everything drawn from the ground is kept by: it changes with the ground, and from a database to another."""
    row = ground_edition()
    return f"{row[0]}-{row[1][:8]}" if row else "0"


def communes() -> Communes:
    """The communes of the current ground."""
    return _communes(edition())


_COLUMNS = (
    *("code", "name", "departement_id", "departement__region_id", "epci_id", "bv_code"),
    *("lat", "lon", "population"),
)


@lru_cache(maxsize=2)
def _communes(edition: str) -> Communes:
    rows = list(Commune.objects.filter(lat__isnull=False).order_by("-population", "code").values_list(*_COLUMNS))
    code, name, departement, region, epci, bv, lat, lon, population = zip(*rows, strict=True) if rows else ((),) * 9
    known = np.array([np.nan if p is None else p for p in population], float)
    order = np.argsort(-np.nan_to_num(known, nan=-1), kind="stable")
    columns = (np.array(code, str), np.array(name, object), np.array(departement, str), np.array(region, str))
    zones = (np.array([e or "" for e in epci], str), np.array(bv, str))
    numbers = (np.array(lat, float), np.array(lon, float), known)
    found = Communes(*(column[order] for column in (*columns, *zones, *numbers)))
    lats, lons = unpiled(found.lat, found.lon)
    return replace(found, lat=lats, lon=lons)


def frame(key: str) -> Frame | None:
    """The frame `france`, `reg-52` or `dep-44`; None for any other territory or when nothing locates it."""
    return _frame(edition(), key)


@lru_cache(maxsize=300)
def _frame(edition: str, key: str) -> Frame | None:
    if key == "france":
        return projection.france_frame()
    kind, _, code = key.partition("-")
    name = {"reg": names().region, "dep": names().departement}.get(kind, {}).get(code)
    extent = extent_of(key) if name else None
    return projection.territory_frame(key, name, extent) if name and extent else None


@lru_cache(maxsize=2)
def _outline_kinds(edition: str) -> frozenset[str]:
    return frozenset(Outline.objects.order_by().values_list("kind", flat=True).distinct())


def has_outlines(kind: str) -> bool:
    """Whether the current ground has outlines of that kind (`dep`, `epci`, `commune`)."""
    return kind in _outline_kinds(edition())


def extent_of(reference: str) -> Extent | None:
    """The extent of a territory: of its outlines, else of its communes' centres with a little air; None if unknown."""
    kind, _, code = reference.partition("-")
    codes = [code]
    if kind == "reg":
        kind, codes = "dep", [dep for dep, region in names().region_of.items() if region == code]
    rows = Outline.objects.filter(Q(kind=kind) & Q(code__in=codes)).values_list(
        "min_lon", "min_lat", "max_lon", "max_lat"
    )
    extents = [Extent(*row) for row in rows]
    if extents:
        return projection.union(extents)
    known = communes()
    own = known.of(reference)
    if not own.any():
        return None
    found = projection.extent_of(known.lat[own], known.lon[own])
    if reference.startswith("dep-") and code in projection.OVERSEAS:
        return projection.union([found, projection.OVERSEAS[code][1]])
    apart = sqrt((found.east - found.west) * (found.north - found.south) / own.sum())
    return found.padded(max(_AROUND_CENTRES_DEGREES, 0.6 * apart))


@dataclass(frozen=True, slots=True)
class Names:
    """What régions and départements are called, by code, and the région of each département."""

    region: dict[str, str]
    departement: dict[str, str]
    region_of: dict[str, str]


def names() -> Names:
    """The names of the current ground."""
    return _names(edition())


@lru_cache(maxsize=2)
def _names(edition: str) -> Names:
    rows = list(Departement.objects.order_by("code").values_list("code", "name", "region_id"))
    return Names(
        region=dict(Region.objects.order_by("code").values_list("code", "name")),
        departement={code: name for code, name, _ in rows},
        region_of={code: region for code, _, region in rows},
    )


@dataclass(frozen=True, slots=True)
class Spot:
    """A point of a view, and the bounds (left, top, right, bottom) of the box it must stay in."""

    x: float
    y: float
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """A frame, or a window (left, top, width, height) of it drawn larger; always `WIDTH` units wide."""

    frame: Frame
    title: str
    window: tuple[float, float, float, float]
    reference: str

    @property
    def zoom(self) -> float:
        return WIDTH / self.window[2]

    @property
    def is_window(self) -> bool:
        return self.window != (0, 0, self.frame.width, self.frame.height)

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def height(self) -> int:
        return round(self.window[3] * self.zoom)

    @property
    def image(self) -> tuple[int, int, int, int]:
        """Where the whole drawing goes (x, y, width, height) so that the window fills the view."""
        left, top, _, _ = self.window
        edges = (-left, -top, self.frame.width, self.frame.height)
        x, y, width, height = (round(edge * self.zoom) for edge in edges)
        return x, y, width, height

    @property
    def extent(self) -> Extent:
        """What the view shows of its main box, with a little more around."""
        left, top, width, height = self.window
        x, y = np.meshgrid((left, left + width / 2, left + width), (top, top + height))
        return projection.extent_of(*self.frame.boxes[0].unproject(x.ravel(), y.ravel()))

    def project(self, lat: ArrayLike, lon: ArrayLike) -> NDArray[np.float64]:
        """Project degrees to the view's units, shape (n, 2); NaN where the frame does not reach."""
        lats, lons = np.asarray(lat, float), np.asarray(lon, float)
        xy = np.full((lats.size, 2), np.nan)
        for box in reversed(self.frame.boxes):
            inside = box.seen.holds(lats, lons)
            xy[inside] = np.column_stack(box.project(lats[inside], lons[inside]))
        return (xy - self.window[:2]) * self.zoom

    def inside(self, lat: float, lon: float) -> Spot | None:
        """Project one point, with the bounds of its box; None where the frame does not reach."""
        box = next((box for box in self.frame.boxes if box.seen.holds(lat, lon)), None)
        if box is None:
            return None
        x, y = self.project([lat], [lon])[0]
        bottom = box.y + box.height - (INSET_NAME if box is not self.frame.boxes[0] else 0)
        return Spot(float(x), float(y), (box.x, box.y, box.x + box.width, bottom))


def view(reference: str) -> View | None:
    """The view of `france`, `reg-…`, `dep-…`, or of a smaller territory inside its département; None if unknown."""
    return _view(edition(), reference)


@lru_cache(maxsize=300)
def _view(edition: str, reference: str) -> View | None:
    whole = frame(reference)
    if whole:
        return View(whole, whole.title, (0, 0, whole.width, whole.height), reference)
    named = find(reference)
    extent = extent_of(named.reference) if named and named.kind in ("epci", "bv", "commune") else None
    if named is None or extent is None:
        return None
    own = np.flatnonzero(communes().of(named.reference))
    lat, lon = (extent.south + extent.north) / 2, (extent.west + extent.east) / 2
    departement = str(communes().departement[own[0]]) if len(own) else departement_at(lat, lon)
    around = frame(f"dep-{departement}")
    return _window(around, named.name, extent, named.reference) if around else None


def view_of_extent(west: float, south: float, east: float, north: float) -> View | None:
    """The view that best holds an extent: a window of a département, of a région, or France; None without a ground."""
    lat, lon = (south + north) / 2, (west + east) / 2
    departement = departement_at(lat, lon)
    region = names().region_of.get(departement, "")
    for key in (f"dep-{departement}", f"reg-{region}"):
        around = frame(key)
        if around is None:
            continue
        x, y = around.boxes[0].project([south, north], [west, east])
        if x.max() - x.min() <= around.width and y.max() - y.min() <= around.height:
            return _window(around, around.title, Extent(west, south, east, north), key)
    return view("france")


def view_around(lat: float, lon: float, *, radius_m: float) -> View | None:
    """The view of what lies within `radius_m` of a point; None without a ground."""
    up = radius_m / _METRES_PER_DEGREE
    across = up / max(cos(radians(lat)), 0.1)
    return view_of_extent(lon - across, lat - up, lon + across, lat + up)


def _window(around: Frame, title: str, extent: Extent, reference: str) -> View:
    """A window on an extent, of the shape of a screen, inside the frame where that is possible."""
    x, y = around.boxes[0].project(
        [extent.south, extent.south, extent.north, extent.north], [extent.west, extent.east] * 2
    )
    width = max((x.max() - x.min()) * 1.12, (y.max() - y.min()) * 1.12 / _WINDOW_SHAPE, _CLOSEST_UNITS)
    width = min(width, around.width, around.height / _WINDOW_SHAPE)
    height = width * _WINDOW_SHAPE
    left = min(max((x.min() + x.max()) / 2 - width / 2, 0), around.width - width)
    top = min(max((y.min() + y.max()) / 2 - height / 2, 0), around.height - height)
    return View(around, title, (round(left, 1), round(top, 1), round(width, 1), round(height, 1)), reference)


def departement_at(lat: float, lon: float) -> str:
    """The département of the commune whose centre is nearest to a point; empty without a ground."""
    known = communes()
    if not len(known.code):
        return ""
    across = cos(radians(lat))
    return str(known.departement[np.argmin((known.lat - lat) ** 2 + ((known.lon - lon) * across) ** 2)])


def middle_of(reference: str) -> tuple[float | None, float | None]:
    """The mean centre (lat, lon) of a territory's communes, weighted by nothing; (None, None) if unknown."""
    known = communes()
    own = known.of(reference)
    return (float(known.lat[own].mean()), float(known.lon[own].mean())) if own.any() else (None, None)


def holds(reference: str, lat: float, lon: float) -> bool:
    """Whether a point lies among a territory's communes, by the extent of their centres and a little around."""
    known = communes()
    own = known.of(reference)
    if not own.any():
        return False
    extent = projection.extent_of(known.lat[own], known.lon[own]).padded(_AROUND_TERRITORY_DEGREES)
    return bool(extent.holds(lat, lon))


def labels(view: View, discs: Sequence[tuple[float, float, float]], *, most: int = 9) -> list[Label]:
    """The names of the main towns of a view, clear of its discs (x, y, r): its prefecture first, then by population."""
    if view.frame.key == "france":
        return []
    known = communes()
    around = view.extent.holds(known.lat, known.lon) if view.is_window else known.of(view.frame.key)
    near = np.flatnonzero(around)
    xy = dict(zip(near.tolist(), view.project(known.lat[near], known.lon[near]).tolist(), strict=True))
    within = [i for i, (x, y) in xy.items() if 0 <= x <= view.width and 0 <= y <= view.height]
    chiefs = [i for i in within if known.code[i] in PREFECTURES]
    others = [i for i in within[: 2 * most] if known.code[i] not in PREFECTURES]
    ordered = chiefs if len(chiefs) > 3 and view.frame.key.startswith("reg-") else [*chiefs, *others]
    wanted = [Name(str(known.name[i]), xy[i][0], xy[i][1], known.code[i] in PREFECTURES) for i in ordered]
    return lettering.place(wanted, width=view.width, height=view.height, discs=discs, most=most)


def inset_names(view: View) -> list[Label]:
    """The name of each inset, along its lower edge."""
    return [_inset_name(box) for box in view.frame.boxes[1:]]


def _inset_name(box: Box) -> Label:
    return Label(box.title, box.x + box.width // 2, box.y + box.height - 8, "middle")
