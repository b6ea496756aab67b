"""The maps of a diagnosis: minutes to the nearest place by commune, places, what is tried; and that of priorities."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.diagnosis.rules.facts import BANDS_MIN, Diagnosis, Town
from maillage.diagnosis.views.asking import Asked
from maillage.diagnosis.views.words import minutes_in_words
from maillage.territory.queries import maps as territory_maps
from maillage.territory.queries import mosaics
from maillage.territory.queries.mosaics import Mosaic
from maillage.territory.rules.lettering import Label

UNKNOWN = len(BANDS_MIN) + 1
"""Class of the communes whose minutes nobody knows; the others are 0 (at most 10 min) to 4 (more than 30)."""
STEPS = 5
PRIORITIES = (0.05, 0.2, 0.5)
"""Upper bounds of the classes of priority, 1 being the first commune: few communes come near it."""
_MOST_MARKS = 400
_DOT = {"france": 7.4, "reg": 9.0}


@dataclass(frozen=True, slots=True)
class Shape:
    """A commune: an outline, or a disc where there is none; a link that tries to open there."""

    kind: int
    path: str
    x: int
    y: int
    r: int
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Area:
    """All the communes of a class: areas, or dots of a `width`."""

    kind: int
    path: str
    width: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the map. `kind`: open, shut (a closure that is tried), tried (an opening), or best (with its rank)."""

    kind: str
    x: int
    y: int
    label: str
    href: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map ready to be written. `far`: what lies beyond the threshold, to be hatched."""

    width: int
    height: int
    base_url: str
    near: str
    hair: str
    edge: str
    shapes: tuple[Shape, ...]
    areas: tuple[Area, ...]
    far: str
    far_width: float
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]
    insets: tuple[Label, ...]
    outlined: bool


def band_of(minutes: float | None) -> int:
    """The class of a commune by its minutes.

    >>> [band_of(minutes) for minutes in (0, 10, 10.1, 30, 31, float("inf"), None)]
    [0, 0, 1, 3, 4, 4, 5]
    """
    if minutes is None or minutes != minutes:
        return UNKNOWN
    return next((n for n, most in enumerate(BANDS_MIN) if minutes <= most), len(BANDS_MIN))


def minutes_map(diagnosis: Diagnosis, asked: Asked, names: Sequence[str] = ()) -> Drawing | None:
    """Draw the minutes by commune; None when no commune of the territory has a known centre."""
    mosaic = _mosaic(diagnosis)
    if mosaic is None:
        return None
    within = diagnosis.request.within_min
    shapes = tuple(_shape(mosaic, town, asked) for town in diagnosis.towns if town.code in mosaic.tiles)
    areas: tuple[Area, ...] = ()
    far, width = "", 0.0
    if mosaic.is_fine:
        is_far = {t.code: int(t.minutes is not None and t.minutes > within) for t in diagnosis.towns}
        far = mosaic.merged(is_far).get(1, "") if mosaic.outlined else ""
    else:
        areas, far, width = _areas(mosaic, diagnosis.towns, within)
    marks = _marks(mosaic, diagnosis)
    discs = [(float(mark.x), float(mark.y), 16.0) for mark in marks]
    return Drawing(
        width=mosaic.frame.width,
        height=mosaic.frame.height,
        base_url=_base_url(mosaic),
        near=mosaic.near,
        hair=mosaic.hair,
        edge=mosaic.edge,
        shapes=shapes,
        areas=areas,
        far=far,
        far_width=width,
        marks=tuple(marks),
        labels=tuple(mosaic.names(discs)),
        insets=_insets(mosaic),
        outlined=mosaic.outlined,
    )


def priority_map(diagnosis: Diagnosis) -> Drawing | None:
    """Draw where a place is needed first, in five steps; None without any known priority, or for all of France."""
    mosaic = _mosaic(diagnosis)
    known = {t.code: t.priority for t in diagnosis.towns if t.priority is not None}
    if mosaic is None or diagnosis.kind == "france" or not any(known.values()):
        return None
    kinds = {t.code: step_of(known.get(t.code)) for t in diagnosis.towns}
    width = 0.0 if mosaic.outlined else _dot(mosaic)
    areas = tuple(Area(kind, path, width) for kind, path in sorted(mosaic.merged(kinds).items()) if kind >= 0)
    return Drawing(
        width=mosaic.frame.width,
        height=mosaic.frame.height,
        base_url=_base_url(mosaic),
        near=mosaic.near,
        hair=mosaic.hair,
        edge=mosaic.edge,
        shapes=(),
        areas=areas,
        far="",
        far_width=0,
        marks=(),
        labels=tuple(mosaic.names([])),
        insets=(),
        outlined=mosaic.outlined,
    )


def step_of(priority: float | None) -> int:
    """The class of a priority: 0 for none (nobody is too far), 1 to 4 by `PRIORITIES`, 5 where unknown.

    >>> [step_of(priority) for priority in (None, 0, 0.01, 0.05, 0.06, 1)]
    [5, 0, 1, 1, 2, 4]
    """
    if priority is None or priority != priority:
        return STEPS
    return 0 if priority <= 0 else 1 + sum(priority > bound for bound in PRIORITIES)


def _mosaic(diagnosis: Diagnosis) -> Mosaic | None:
    codes = [town.code for town in diagnosis.towns if town.lat is not None]
    return mosaics.mosaic_of(diagnosis.reference, diagnosis.name, codes)


def _base_url(mosaic: Mosaic) -> str:
    key, version = mosaic.base_url_key
    return f"{reverse('base_map', args=[key])}?v={version}" if key else ""


def _shape(mosaic: Mosaic, town: Town, asked: Asked) -> Shape:
    tile = mosaic.tiles[town.code]
    opened = asked.request.opened
    label = f"{town.name}\u202f: {minutes_in_words(town.minutes)}"
    href = "" if town.code in opened else asked.but(opened=tuple(sorted((*opened, town.code)))).url()
    return Shape(band_of(town.minutes), tile.path, tile.x, tile.y, tile.r, label, href)


def _areas(mosaic: Mosaic, towns: Sequence[Town], within: int) -> tuple[tuple[Area, ...], str, float]:
    """The classes of thousands of communes, and what lies beyond the threshold."""
    width = _dot(mosaic)
    if mosaic.frame.key == "france":
        values = {t.code: t.minutes for t in towns if t.minutes is not None}
        weights = {t.code: float(t.population) for t in towns if t.population is not None}
        points, mean = mosaic.lattice(values, weights)
        kinds = [band_of(None if value != value else value) for value in mean.tolist()]
        return tuple(Area(kind, path, width) for kind, path in mosaic.dots(points, kinds).items()), "", width
    classes = {t.code: band_of(t.minutes) for t in towns}
    found = mosaic.merged(classes)
    width = 0.0 if mosaic.outlined else width
    far = {t.code: int(t.minutes is not None and t.minutes > within) for t in towns}
    hatched = mosaic.merged(far).get(1, "") if mosaic.outlined else ""
    return tuple(Area(kind, path, width) for kind, path in sorted(found.items()) if kind >= 0), hatched, width


def _dot(mosaic: Mosaic) -> float:
    return _DOT.get(mosaic.frame.key.partition("-")[0], 12.0)


def _marks(mosaic: Mosaic, diagnosis: Diagnosis) -> list[Mark]:
    """The places that the frame holds, what is tried above them; on the map of France only what is tried or best."""
    marks: list[Mark] = []
    if diagnosis.kind != "france":
        for place in diagnosis.places[:_MOST_MARKS]:
            at = mosaic.project(place.lat, place.lon)
            kind = "shut" if place.slug in diagnosis.request.closed else "open"
            if at and (place.status == "open" or kind == "shut"):
                marks.append(Mark(kind, *at, place.name, reverse("place", args=[place.slug])))
    towns = {town.code: town for town in diagnosis.towns}
    for code in diagnosis.request.opened:
        marks += _mark_of(mosaic, towns.get(code), "tried", _("Lieu essayé"))
    for site in diagnosis.plan.sites if diagnosis.plan else ():
        marks += _mark_of(mosaic, towns.get(site.code), "best", _("Site proposé"), site.rank)
    return marks


def _mark_of(mosaic: Mosaic, town: Town | None, kind: str, said: str, rank: int = 0) -> list[Mark]:
    if town is None or town.lat is None or town.lon is None or not isfinite(town.lat):
        return []
    at = mosaic.project(town.lat, town.lon)
    return [Mark(kind, *at, f"{said}\u202f: {town.name}", "", rank)] if at else []


def _insets(mosaic: Mosaic) -> tuple[Label, ...]:
    view = territory_maps.view("france") if mosaic.frame.key == "france" else None
    return tuple(territory_maps.inset_names(view)) if view else ()
