"""Maillage's own GeoJSON, both ways: a FeatureCollection, one feature per line, codes as text."""

import json
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from maillage.network.exchange.formats.format import Document, Format, Writing, in_chunks
from maillage.network.exchange.rules import own
from maillage.network.exchange.rules.features import features
from maillage.network.exchange.rules.own import ExportedPlace, Unreadable
from maillage.network.exchange.rules.reading import OwnReader
from maillage.network.exchange.rules.reports import FileRefused, Options, Reading, RowProblem, short
from maillage.places.rules.drafts import FIELDS

PROPERTIES = frozenset({"id", "slug", *FIELDS, *own.DERIVED, "demo", "sources"})
_POINT = ("lat", "lon")
_LOOKED_AT = 20


def write(places: Iterable[ExportedPlace], _writing: Writing) -> Iterator[str]:
    """Write places as GeoJSON, in chunks of text; a place without a point has a null geometry (RFC 7946)."""
    return in_chunks(_pieces(places))


def _pieces(places: Iterable[ExportedPlace]) -> Iterator[str]:
    yield f'{{"type":"FeatureCollection","maillage":{own.VERSION},"features":['
    separator = "\n"
    for place in places:
        yield separator + json.dumps(_feature(place), ensure_ascii=False, separators=(",", ":"))
        separator = ",\n"
    yield "\n]}\n"


def _feature(place: ExportedPlace) -> dict[str, Any]:
    properties: dict[str, Any] = {"slug": place.slug}
    properties |= {name: place.values[name] for name in FIELDS if name in place.values and name not in _POINT}
    properties |= {"category": place.category} | ({"demo": True} if place.demo else {})
    properties |= {"licence": "; ".join(place.licences), "attribution": place.attribution}
    properties["sources"] = own.sources_of(place)
    geometry = None
    if "lat" in place.values and "lon" in place.values:
        geometry = {"type": "Point", "coordinates": [place.values["lon"], place.values["lat"]]}
    return {"type": "Feature", "id": str(place.id), "geometry": geometry, "properties": properties}


def read(document: Document, options: Options) -> Reading:
    """Read our own GeoJSON back, or one whose points carry the same properties."""
    reader = OwnReader(document.name, options, ())
    unmapped: dict[str, None] = {}
    for line, found in features(document.text):
        if isinstance(found, RowProblem):
            reader.reading.refuse(found)
            continue
        properties = found.get("properties")
        if isinstance(properties, dict):
            unmapped |= dict.fromkeys(short(name) for name in properties if name not in PROPERTIES)
        reader.add(line, found, partial(_own_row, found, reader))
    reader.reading.unmapped = tuple(unmapped)
    return reader.reading


def _own_row(found: dict[str, Any], reader: OwnReader) -> own.OwnRow:
    properties = found.get("properties")
    if found.get("type") != "Feature" or not isinstance(properties, dict):
        raise Unreadable("feature", found, "ce n’est pas un objet « Feature » avec ses propriétés", "voyez la RFC 7946")
    shown = {name: properties[name] for name in FIELDS if properties.get(name) not in (None, "", [])}
    shown |= _point(found.get("geometry"))
    return own.read_row(
        identifier=found.get("id") or properties.get("id"),
        slug=properties.get("slug"),
        demo=properties.get("demo") is True,
        shown=shown,
        records=properties.get("sources"),
        fallback=reader.fallback,
    )


def _point(geometry: Any) -> dict[str, Any]:
    if geometry is None:
        return {}
    mend = 'écrivez {"type": "Point", "coordinates": [longitude, latitude]}'
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        raise Unreadable("geometry", geometry, "ce n’est pas un point", mend)
    pair = geometry.get("coordinates")
    if not isinstance(pair, list) or len(pair) not in (2, 3) or any(isinstance(x, bool) for x in pair):
        raise Unreadable("geometry", pair, "il faut deux coordonnées", mend)
    if not all(isinstance(number, int | float) for number in pair):
        raise Unreadable("geometry", pair, "les coordonnées ne sont pas des nombres", mend)
    return {"lat": pair[1], "lon": pair[0]}


def _is_ours(text: str) -> bool:
    """Whether this is JSON whose first objects have our properties, or that cannot be read: its reader says why."""
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        first = [found for _line, found in islice(features(text), _LOOKED_AT) if isinstance(found, dict)]
    except FileRefused:
        return True
    named = [properties for found in first if isinstance(properties := found.get("properties"), dict)]
    return not named or any("name" in properties for properties in named)


FORMAT = Format(
    "geojson",
    "GeoJSON de Maillage",
    read=read,
    write=write,
    recognises=_is_ours,
    extension="geojson",
    media_type="application/geo+json",
)
