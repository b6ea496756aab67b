"""Places as KML 2.2, for globes and mapping software; every field beside its name, written only."""

from collections.abc import Iterable, Iterator
from typing import Any

from maillage.network.exchange.formats.format import Format, Loss, Writing, in_chunks
from maillage.network.exchange.rules.own import ExportedPlace
from maillage.network.exchange.rules.tiers_lieux.definition import definition
from maillage.network.exchange.rules.xml import attribute, element, text
from maillage.places.rules.jsonld import plain_text
from maillage.places.rules.sentences import sentence as _

NATIVE = frozenset({"name", "lat", "lon", "description"})
"""What KML has an element of its own for; the rest goes to ExtendedData, under the names of our schema."""


def write(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    """Write places as KML, in chunks of text; a place without a point is a placemark without geometry."""
    return in_chunks(_pieces(places, writing))


def _pieces(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:atom="http://www.w3.org/2005/Atom">\n<Document>'
        f"<name>Tiers-lieux</name><atom:link href={attribute(f'{writing.site_url}/')}/>\n"
    )
    for place in places:
        yield _placemark(place, writing.site_url)
    yield "</Document>\n</kml>\n"


def _placemark(place: ExportedPlace, site_url: str) -> str:
    values = place.values
    town = " ".join(part for part in (values.get("postal_code"), values.get("city")) if part)
    parts = [
        element("name", values["name"]),
        f"<atom:link href={attribute(f'{site_url}/lieux/{place.slug}/')}/>",
        element("address", ", ".join(part for part in (values.get("street"), town) if part)),
        element("phoneNumber", f"tel:{values['phone']}" if "phone" in values else ""),
        element("description", plain_text(values.get("description", ""))),
        f"<ExtendedData>{''.join(_data(name, value) for name, value in _extended(place))}</ExtendedData>",
    ]
    if "lat" in values:
        parts.append(f"<Point><coordinates>{values['lon']!r},{values['lat']!r}</coordinates></Point>")
    return f"<Placemark id={attribute(f'lieu-{place.id}')}>{''.join(parts)}</Placemark>\n"


def _extended(place: ExportedPlace) -> Iterator[tuple[str, str]]:
    for field in definition().fields:
        if field.ours and field.ours not in NATIVE and field.ours in place.values:
            yield field.name, _said(place.values[field.ours])
    yield "licence", " | ".join(place.licences)
    yield "attribution", place.attribution
    if place.demo:
        yield "fictif", "true"


def _said(value: Any) -> str:
    return " | ".join(value) if isinstance(value, list) else str(value)


def _data(name: str, value: str) -> str:
    return f"<Data name={attribute(name)}><value>{text(value)}</value></Data>"


FORMAT = Format(
    "kml",
    "KML",
    write=write,
    losses=(Loss("description", _("en texte, sans mise en forme")),),
    extension="kml",
    media_type="application/vnd.google-earth.kml+xml",
    version="2.2",
    reference="https://www.ogc.org/standard/kml/",
)
