"""Places as GPX 1.1 waypoints, for GPS receivers and walkers' applications; written only."""

from collections.abc import Iterable, Iterator

from maillage.network.exchange.formats.format import Format, Loss, Writing, in_chunks
from maillage.network.exchange.rules.own import ExportedPlace
from maillage.network.exchange.rules.xml import attribute, element
from maillage.places.rules.drafts import FIELDS
from maillage.places.rules.jsonld import plain_text
from maillage.places.rules.sentences import sentence as _

WHOLE = frozenset({"name", "lat", "lon"})
IN_WORDS = {
    "street": _("dans la description, en texte"),
    "postal_code": _("dans la description, en texte"),
    "city": _("dans la description, en texte"),
    "opening_hours": _("dans la description, en texte"),
    "phone": _("dans la description, en texte"),
    "email": _("dans la description, en texte"),
    "website": _("dans la description, en texte"),
    "description": _("en texte, sans mise en forme"),
}
"""What is told to people, and that no program could read back."""
WITHOUT_POINT = _("Un point de passage a des coordonnées\u202f: un lieu qui n’en a pas n’est pas écrit.")


def leaves_out(place: ExportedPlace) -> str:
    """Why a place is not written."""
    return "" if "lat" in place.values else WITHOUT_POINT


def write(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    """Write the places that have a point as GPX, in chunks of text."""
    return in_chunks(_pieces(places, writing))


def _pieces(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    link = f"<link href={attribute(f'{writing.site_url}/')}/>"
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="Maillage" xmlns="http://www.topografix.com/GPX/1/1">\n'
        f"<metadata><name>Tiers-lieux</name>{link}<time>{writing.today.isoformat()}T00:00:00Z</time></metadata>\n"
    )
    for place in places:
        if not leaves_out(place):
            yield _waypoint(place, writing.site_url)
    yield "</gpx>\n"


def _waypoint(place: ExportedPlace, site_url: str) -> str:
    values = place.values
    told = "".join(
        [
            element("name", values["name"]),
            element("desc", _description(place)),
            element("src", place.attribution),
            f"<link href={attribute(f'{site_url}/lieux/{place.slug}/')}/>",
        ]
    )
    return f'<wpt lat="{_degrees(values["lat"])}" lon="{_degrees(values["lon"])}">{told}</wpt>\n'


def _degrees(number: float) -> str:
    """A coordinate as XML Schema's decimal, which knows no exponent; a hundredth of a millimetre is enough.

    >>> _degrees(46.9915), _degrees(1e-7), _degrees(-5.0)
    ('46.9915', '0.0000001', '-5')
    """
    return f"{number:.10f}".rstrip("0").rstrip(".")


def _description(place: ExportedPlace) -> str:
    values = place.values
    town = " ".join(part for part in (values.get("postal_code"), values.get("city")) if part)
    lines = [", ".join(part for part in (values.get("street"), town) if part)]
    lines += [str(values.get(name, "")) for name in ("opening_hours", "phone", "email", "website")]
    lines.append(plain_text(values.get("description", "")))
    return "\n".join(line for line in lines if line)


NOT_CARRIED = _("n’est pas écrit")
LOSSES = tuple(Loss(name, IN_WORDS.get(name, NOT_CARRIED)) for name in FIELDS if name not in WHOLE)
FORMAT = Format(
    "gpx",
    "GPX",
    write=write,
    losses=LOSSES,
    leaves_out=leaves_out,
    extension="gpx",
    media_type="application/gpx+xml",
    version="1.1",
    reference="https://www.topografix.com/GPX/1/1/",
)
