"""One module per format, and the table of them all: how a file is recognised, read, written and checked.

To add a format: write its module with a `FORMAT`, then add it to `FORMATS`.
"""

from maillage.network.exchange.formats import (
    cget,
    columns,
    communecter,
    csv,
    data_inclusion,
    ftl_census,
    geojson,
    gpx,
    jsonld,
    kml,
    mednum,
    merged,
    murmurations,
    nouvelle_aquitaine,
    osm,
    tiers_lieux,
)
from maillage.network.exchange.formats.format import Document, Format
from maillage.network.exchange.rules.reports import FileRefused, Options, Reading, short

FORMATS: dict[str, Format] = {
    known.name: known
    for known in (
        cget.FORMAT,
        merged.FORMAT,
        ftl_census.FORMAT,
        mednum.FORMAT,
        data_inclusion.FORMAT,
        csv.FORMAT,
        tiers_lieux.FORMAT,
        nouvelle_aquitaine.FORMAT,
        communecter.FORMAT,
        osm.FORMAT,
        geojson.FORMAT,
        jsonld.FORMAT,
        murmurations.FORMAT,
        gpx.FORMAT,
        kml.FORMAT,
        columns.FORMAT,
    )
}
"""In the order in which a file is recognised."""
READ = {name: known for name, known in FORMATS.items() if known.read}
WRITTEN = {name: known for name, known in FORMATS.items() if known.write}
CHECKED = {name: known for name, known in FORMATS.items() if known.check}
ENOUGH = 0.5


class UnknownFormat(FileRefused):
    """No format that is read has these columns: a person may say which one tells what."""


def ending(known: Format) -> str:
    """How the file of a format ends: its extension, after its name where that says more.

    >>> ending(FORMATS["gpx"]), ending(FORMATS["tiers-lieux"])
    ('gpx', 'tiers-lieux.csv')
    """
    return known.extension if known.name == known.extension else f"{known.name}.{known.extension}"


def detect(text: str) -> Format:
    """Recognise the format of a file by what it starts with, or by the columns it names; `UnknownFormat` if none does.

    >>> detect('{"type": "FeatureCollection"}').name, detect("name,lat,lon\\n").name
    ('geojson', 'csv')
    """
    for known in READ.values():
        if known.recognises and known.recognises(text):
            return known
    header = set(columns.header_of(Document("", text)))
    is_table = text.lstrip()[:1] not in ("{", "[")
    tables = [f for f in READ.values() if is_table and f.signature and f.required <= header]
    scored = [(len(header & f.signature) / len(f.signature), f) for f in tables]
    best, found = max(scored, key=lambda pair: pair[0], default=(0.0, csv.FORMAT))
    if best < ENOUGH:
        raise UnknownFormat(
            f"Format inconnu : aucune des colonnes attendues n’est là (colonnes trouvées : "
            f"{', '.join(short(name) for name in sorted(header))[:400]}). {known_formats()}"
        )
    return found


def named(name: str) -> Format:
    """The format of that name that is read, or a refusal that lists them all."""
    if name not in READ:
        raise FileRefused(f"Format inconnu : « {short(name)} ». {known_formats()}")
    return READ[name]


def read(chosen: Format, document: Document, options: Options) -> Reading:
    """Read a file in one format; one that is only written is refused."""
    if chosen.read is None:
        raise FileRefused(f"Le format « {chosen.name} » ne se lit pas. {known_formats()}")
    return chosen.read(document, options)


def known_formats() -> str:
    lines = [f"{known.name} ({known.title})" for known in READ.values()]
    return f"Formats lus : {' ; '.join(lines)}. Précisez-en un avec --format."
