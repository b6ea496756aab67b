"""One module per format, and the table of them all: how a file is recognised, read and written.

To add a format: write its module with a `FORMAT`, then add it to `FORMATS`.
"""

from maillage.network.exchange.formats import cget, csv, ftl_census, geojson, merged
from maillage.network.exchange.formats.format import Format
from maillage.network.exchange.rules.reports import FileRefused, short
from maillage.network.exchange.rules.tables import open_table

FORMATS: dict[str, Format] = {
    known.name: known for known in (cget.FORMAT, merged.FORMAT, ftl_census.FORMAT, csv.FORMAT, geojson.FORMAT)
}
ENOUGH = 0.5


def detect(text: str) -> Format:
    """Recognise the format of a file by what it starts with, or by the columns it names.

    >>> detect('{"type": "FeatureCollection"}').name, detect("name,lat,lon\\n").name
    ('geojson', 'csv')
    """
    if text.lstrip()[:1] in "{[":
        return geojson.FORMAT
    header = set(open_table(text).header)
    scored = [(len(header & f.signature) / len(f.signature), f) for f in FORMATS.values() if f.signature]
    best, found = max(scored, key=lambda pair: pair[0])
    if best < ENOUGH:
        raise FileRefused(
            f"Format inconnu : aucune des colonnes attendues n’est là (colonnes trouvées : "
            f"{', '.join(short(name) for name in sorted(header))[:400]}). {known_formats()}"
        )
    return found


def named(name: str) -> Format:
    """The format of that name, or a refusal that lists them all."""
    if name not in FORMATS:
        raise FileRefused(f"Format inconnu : « {short(name)} ». {known_formats()}")
    return FORMATS[name]


def known_formats() -> str:
    lines = [f"{known.name} ({known.title})" for known in FORMATS.values()]
    return f"Formats lus : {' ; '.join(lines)}. Précisez-en un avec --format."
