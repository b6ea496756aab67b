"""What a map shows of an answer: discs that are links, on the drawing of a territory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

import numpy as np
from django.db.models import Avg, Count
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from numpy.typing import NDArray

from maillage.journal.queries import aside
from maillage.places.models import Place
from maillage.places.queries.matching import matching, near_of
from maillage.places.queries.registry import registry_version
from maillage.places.rules import clusters
from maillage.places.rules.clusters import Disc
from maillage.places.rules.filters import PlaceFilter
from maillage.territory import queries as territory
from maillage.territory.queries import base_maps, maps
from maillage.territory.queries.maps import Spot, View
from maillage.territory.rules.lettering import Label

Floats = NDArray[np.float64]
CACHED_S = 600
MOST_ROWS = 40
FINE = 20.0
"""Smallest radius of the discs shown only on a wide map, in units of a map 1,000 wide."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One link of the map. `kind`: `territory`, `group` of places, or a single `place`."""

    x: int
    y: int
    r: int
    count: int
    label: str
    href: str
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table that says in words what the map draws."""

    name: str
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class MapView:
    """A map ready to be written. `fine` replaces `clusters` where the map is wide; both are never shown together.

    What is drawn, `unplaced` (no point), `nowhere` (no commune, on a map of territories) and `outside` make `total`.
    """

    key: str
    cache_key: str
    title: str
    base_url: str
    width: int
    height: int
    image: tuple[int, int, int, int]
    clusters: tuple[Cluster, ...]
    fine: tuple[Cluster, ...]
    labels: tuple[Label, ...]
    insets: tuple[Label, ...]
    mark: tuple[int, int] | None
    parent: Row | None
    rows: tuple[Row, ...]
    total: int
    unplaced: int
    outside: int
    nowhere: int
    ground: str
    estimated_centres: int
    has_outlines: bool


def map_for(filter: PlaceFilter, *, now: datetime, light: bool = False) -> MapView | None:
    """Draw the answer to a filter; `light` on a page where the map is not the main thing. None without a ground.

    Kept aside until the registry or the ground changes (or the minute, for what is open now).
    """
    minute = now.strftime("%Y%m%d%H%M") if filter.open_now else ""
    key = f"map:{registry_version()}:{base_maps.version()}:{get_language()}:{light}:{hash(filter)}:{minute}"
    kept: tuple[PlaceFilter, MapView | None] | None = aside.get(key)
    if kept and kept[0] == filter:
        return kept[1]
    drawn = _map_for(filter, now, light)
    if drawn:
        drawn = replace(drawn, cache_key=f"{key}:{filter.query_string()}")
    aside.set(key, (filter, drawn), CACHED_S)
    return drawn


def map_of_place(place: Place) -> MapView | None:
    """Show where one place stands in its département; None when its position is unknown."""
    if place.lat is None or place.lon is None:
        return None
    key = f"map-of:{base_maps.version()}:{get_language()}:{place.pk}:{place.commune_id}:{place.lat}:{place.lon}"
    kept: tuple[MapView | None] | None = aside.get(key)
    if kept:
        return kept[0]
    code = place.commune.departement_id if place.commune else maps.departement_at(place.lat, place.lon)
    view = maps.view(f"dep-{code}") if code else None
    drawn = None
    if view:
        parent = Row(view.title, 0, _address(PlaceFilter(territory=view.frame.key)))
        mark = _mark(view, place.lat, place.lon)
        drawn = replace(_drawn(view, [], mark=mark, parent=parent), cache_key=key)
    aside.set(key, (drawn,), CACHED_S)
    return drawn


def _map_for(filter: PlaceFilter, now: datetime, light: bool) -> MapView | None:
    near = near_of(filter)
    view = _view(filter, (near.lat, near.lon) if near else None)
    if view is None:
        return None
    if not view.is_window and view.frame.key == "france":
        return _france(view, filter, now, light)
    if not view.is_window and view.frame.key.startswith("reg-"):
        return _region(view, filter, now)
    return _points(view, filter, now, (near.lat, near.lon) if near else None)


def _view(filter: PlaceFilter, near: tuple[float, float] | None) -> View | None:
    if filter.bbox:
        return maps.view_of_extent(*filter.bbox)
    if near:
        return maps.view_around(*near, radius_m=filter.minutes * 1_100.0)
    return (maps.view(filter.territory) if filter.territory else None) or maps.view("france")


def _france(view: View, filter: PlaceFilter, now: datetime, light: bool) -> MapView:
    found = _by_departement(filter, now)
    names = maps.names()
    regions: dict[str, list[_Sum]] = {}
    for row in found.sums:
        regions.setdefault(names.region_of[row.code], []).append(row)
    sums = [_added(code, rows) for code, rows in sorted(regions.items())]
    coarse = _territories(view, filter, sums, "reg", names.region, smallest=clusters.SMALLEST)
    fine = [] if light else _territories(view, filter, found.sums, "dep", names.departement, smallest=FINE)
    rows = _rows(filter, sums, "reg", names.region)
    return _drawn(view, coarse, fine=fine, rows=rows, light=light, found=found)


def _region(view: View, filter: PlaceFilter, now: datetime) -> MapView:
    found = _by_departement(filter, now)
    names = maps.names()
    discs = _territories(view, filter, found.sums, "dep", names.departement, smallest=clusters.SMALLEST)
    rows = _rows(filter, found.sums, "dep", names.departement)
    parent = Row(gettext("France"), 0, _address(replace(filter, territory="")))
    return _drawn(view, discs, rows=rows, parent=parent, found=found)


@dataclass(frozen=True, slots=True)
class _Sum:
    code: str
    count: int
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class _Found:
    sums: list[_Sum]
    total: int
    unplaced: int
    nowhere: int

    def outside(self, discs: Sequence[Cluster]) -> int:
        """How many places are in territories that the map does not reach."""
        return self.total - self.unplaced - self.nowhere - sum(disc.count for disc in discs)


def _by_departement(filter: PlaceFilter, now: datetime) -> _Found:
    rows = (
        matching(filter, now=now)
        .order_by("commune__departement")
        .values_list("commune__departement")
        .annotate(Count("pk"), Count("lat"), Avg("lat"), Avg("lon"))
    )
    sums, total, unplaced, nowhere = [], 0, 0, 0
    for code, count, located, lat, lon in rows:
        total += count
        if code:
            sums.append(_Sum(code, count, lat, lon))
        else:
            unplaced, nowhere = unplaced + count - located, nowhere + located
    return _Found(sums, total, unplaced, nowhere)


def _added(code: str, rows: Sequence[_Sum]) -> _Sum:
    placed = [(row.count, row.lat, row.lon) for row in rows if row.lat is not None and row.lon is not None]
    weight = sum(count for count, _, _ in placed) or 1
    total = sum(row.count for row in rows)
    if not placed:
        return _Sum(code, total, None, None)
    lat = sum(count * lat for count, lat, _ in placed) / weight
    return _Sum(code, total, lat, sum(count * lon for count, _, lon in placed) / weight)


def _territories(
    view: View, filter: PlaceFilter, sums: Sequence[_Sum], kind: str, names: dict[str, str], *, smallest: float
) -> list[Cluster]:
    """One disc for each territory, near the middle of its places, none over another."""
    placed, discs, bounds = [], [], []
    largest = max((row.count for row in sums), default=1)
    biggest = clusters.biggest_for(largest, smallest=smallest)
    for row in sums:
        point = _spot(view, f"{kind}-{row.code}", row)
        if point is None:
            continue
        size = clusters.radius(row.count, largest, smallest=smallest, biggest=biggest)
        placed.append(row)
        discs.append(Disc(point.x, point.y, size, row.count))
        bounds.append(point.bounds)
    return [
        _knot(
            d,
            _label(d.count, names[row.code]),
            _address(replace(filter, territory=f"{kind}-{row.code}")),
            "territory",
        )
        for row, d in zip(placed, clusters.spread(discs, bounds), strict=True)
    ]


def _spot(view: View, reference: str, row: _Sum) -> Spot | None:
    """Where the disc of a territory goes: amid its places, or in its own middle when that is elsewhere."""
    if row.lat is not None and row.lon is not None and maps.holds(reference, row.lat, row.lon):
        point = view.inside(row.lat, row.lon)
        if point:
            return point
    lat, lon = maps.middle_of(reference)
    return None if lat is None or lon is None else view.inside(lat, lon)


def _rows(filter: PlaceFilter, sums: Sequence[_Sum], kind: str, names: dict[str, str]) -> list[Row]:
    rows = [Row(names[row.code], row.count, _address(replace(filter, territory=f"{kind}-{row.code}"))) for row in sums]
    return sorted(rows, key=lambda row: (-row.count, row.name))


def _points(view: View, filter: PlaceFilter, now: datetime, near: tuple[float, float] | None) -> MapView:
    rows = list(
        matching(filter, now=now)
        .order_by("slug")
        .values_list("lat", "lon", "slug", "name", "commune_id", "commune__name")
    )
    return _points_of(view, filter, rows, near)


def map_of_chosen(territory: str, rows: Sequence[tuple[Any, ...]]) -> MapView | None:
    """Draw some places on the map of a territory such as « dep-39 »; a row is lat, lon, slug, name, commune's code
    and name. None without a ground.
    """
    view = maps.view(territory) or maps.view("france")
    if view is None:
        return None
    told = blake2b(repr((territory, rows)).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    key = f"map-chosen:{base_maps.version()}:{get_language()}:{told}"
    return replace(_points_of(view, PlaceFilter(territory=territory), rows, None), cache_key=key)


def _points_of(
    view: View, filter: PlaceFilter, rows: Sequence[tuple[Any, ...]], near: tuple[float, float] | None
) -> MapView:
    placed = sum(row[0] is not None for row in rows)
    xy = view.project(
        [np.nan if row[0] is None else row[0] for row in rows], [np.nan if row[1] is None else row[1] for row in rows]
    )
    within = ((xy >= 0) & (xy <= (view.width, view.height))).all(1)
    seen = [rows[int(i)] for i in np.flatnonzero(within)]
    links = []
    for disc in clusters.cluster(np.rint(xy[within]).astype(np.int64)):
        members = [seen[i] for i in disc.members]
        links.append(_knot(disc, *_group(filter, members)))
    communes = Counter((row[4], row[5]) for row in rows if row[4])
    table = [
        Row(name, count, _address(replace(filter, territory=f"commune-{code}", near="", bbox=None)))
        for (code, name), count in sorted(communes.items(), key=lambda item: (-item[1], item[0][1]))
    ]
    return _drawn(
        view,
        links,
        rows=table[:MOST_ROWS],
        found=_Found([], len(rows), len(rows) - placed, 0),
        parent=_parent(view, filter),
        mark=_mark(view, *near) if near else None,
    )


def _mark(view: View, lat: float, lon: float) -> tuple[int, int] | None:
    x, y = view.project([lat], [lon])[0]
    return (round(float(x)), round(float(y))) if np.isfinite(x) else None


def _knot(disc: Disc, label: str, href: str, kind: str) -> Cluster:
    return Cluster(round(disc.x), round(disc.y), round(disc.r), disc.count, label, href, kind)


def _group(filter: PlaceFilter, members: Sequence[tuple]) -> tuple[str, str, str]:
    """Label, address and kind of a disc: a place's page, a commune's list, or the list of a smaller extent."""
    if len(members) == 1:
        return members[0][3], reverse("place", args=[members[0][2]]), "place"
    communes = Counter(row[5] for row in members if row[5])
    names = [name for name, _ in sorted(communes.items(), key=lambda item: (-item[1], item[0]))]
    about = names[0] if names else ""
    if len(names) > 1:
        about = gettext("%(town)s et alentours") % {"town": about}
    codes = {row[4] for row in members}
    lats, lons = [row[0] for row in members], [row[1] for row in members]
    if len(codes) == 1 and None not in codes and filter.territory != f"commune-{min(codes)}":
        asked = replace(filter, territory=f"commune-{min(codes)}", bbox=None)
    else:
        asked = replace(
            filter,
            bbox=(
                round(min(lons) - 0.003, 4),
                round(min(lats) - 0.003, 4),
                round(max(lons) + 0.003, 4),
                round(max(lats) + 0.003, 4),
            ),
        )
    return _label(len(members), about), _address(asked), "group"


def _parent(view: View, filter: PlaceFilter) -> Row:
    kind, _, code = filter.territory.partition("-")
    if filter.bbox:
        return Row(gettext("Vue d’ensemble"), 0, _address(replace(filter, bbox=None)))
    if kind == "dep" and not filter.near:
        region = maps.names().region_of[code]
        return Row(maps.names().region[region], 0, _address(replace(filter, territory=f"reg-{region}")))
    wider = replace(filter, near="", territory=view.frame.key if view.frame.key != "france" else "")
    return Row(view.frame.title, 0, _address(wider))


def _label(count: int, name: str) -> str:
    text = ngettext("%(count)s lieu, %(name)s", "%(count)s lieux, %(name)s", count)
    return text % {"count": count, "name": name}


def _address(filter: PlaceFilter) -> str:
    query = filter.query_string()
    return reverse("place_list") + (f"?{query}" if query else "")


def _drawn(
    view: View,
    links: Sequence[Cluster],
    *,
    fine: Sequence[Cluster] = (),
    rows: Sequence[Row] = (),
    found: _Found | None = None,
    parent: Row | None = None,
    mark: tuple[int, int] | None = None,
    light: bool = False,
) -> MapView:
    ground = territory.current_ground()
    drawing = base_maps.SMALL if light and view.frame.key == "france" else view.frame.key
    obstacles = [(c.x, c.y, c.r) for c in links] + ([(*mark, 26.0)] if mark else [])
    return MapView(
        key=view.frame.key,
        cache_key="",
        title=view.title,
        base_url=f"{reverse('base_map', args=[drawing])}?v={base_maps.version()}",
        width=view.width,
        height=view.height,
        image=view.image,
        clusters=tuple(links),
        fine=tuple(fine),
        labels=tuple(maps.labels(view, obstacles)),
        insets=tuple(maps.inset_names(view)),
        mark=mark,
        parent=parent,
        rows=tuple(rows),
        total=found.total if found else 1,
        unplaced=found.unplaced if found else 0,
        outside=found.outside(links) if found else 0,
        nowhere=found.nowhere if found else 0,
        ground=str(ground) if ground else "",
        estimated_centres=ground.estimated_centres if ground else 0,
        has_outlines=maps.has_outlines("dep"),
    )
