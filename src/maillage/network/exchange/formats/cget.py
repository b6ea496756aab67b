"""The census of the 2018 mission, as published on 13 June 2019: 1,512 rows, 30 columns, Licence Ouverte 2.0.

Codes are text; the literal `0` means "missing" in CP and INSEECOM. CONTACT and MAIL are personal data: never kept.
"""

from collections.abc import Mapping

from maillage.network.exchange.formats.format import Document, Format
from maillage.network.exchange.rules import mending
from maillage.network.exchange.rules.reading import identified
from maillage.network.exchange.rules.reports import Entry, Options, Reading, RowProblem, require_columns, short
from maillage.network.exchange.rules.tables import Row, open_table
from maillage.places.rules.drafts import Draft, SourceFacts

SOURCE = SourceFacts(
    slug="cget-2019",
    name="Recensement des tiers-lieux 2018-2019 (mission Coworking)",
    publisher="CGET, aujourd’hui ANCT",
    url="https://github.com/anct-carto/mission_coworking",
    licence="Licence Ouverte 2.0",
)
DATED = "2019-06"
COLUMNS = (
    "ID", "NOM_TL", "ADRESSE", "CP", "COMINIT", "INSEECOM", "NOMCOM", "WEB", "TWITTER", "FACEBOOK", "TYPO", "LAT",
    "LONG", "GEOCOD", "PRECISION", "METRO", "NOMMETRO", "INSEEREG", "NOMREG", "INSEEMETRO", "INSEEDEP",
    "NOMCOMMETRO", "POPCOM", "COMCLASS", "INSEE_ZE", "NOM_ZE", "CLASS_ZE", "POP_ZE",
)  # fmt: skip
PERSONAL = ("CONTACT", "MAIL")
ACTIVITIES = {"Tiers lieux à dominante coworking": ["coworking"], "Tiers lieux à dominante fablab": ["fablab"]}
FIELDS_OF = {
    "name": "NOM_TL",
    "street": "ADRESSE",
    "postal_code": "CP",
    "city": "NOMCOM",
    "commune": "INSEECOM",
    "lat": "LAT",
    "lon": "LONG",
    "website": "WEB",
    "activities": "TYPO",
}
GEOCODED = 0.6
PLACED_BY_HAND = "PLACE A LA MAIN"
_ARRONDISSEMENTS = {
    **{str(code): "75056" for code in range(75101, 75121)},
    **{str(code): "69123" for code in range(69381, 69390)},
    **{str(code): "13055" for code in range(13201, 13217)},
}


def read(document: Document, options: Options) -> Reading:
    """Read the census; every row that has an identifier, a name and a point comes in."""
    table = open_table(document.text)
    require_columns(FORMAT.title, COLUMNS, table.header)
    reading = Reading(sources={SOURCE.slug: SOURCE}, unmapped=table.unmapped({*COLUMNS, *PERSONAL}))
    reading.entries += (_entry(row) for row in identified(table, "ID", reading, kept=_raw))
    return reading


def _entry(row: Row) -> Entry:
    cells = {column: cell.strip() for column, cell in row.cells.items()}
    commune, flags = _commune(cells)
    values = {
        "name": cells["NOM_TL"],
        "status": "open",
        "street": cells["ADRESSE"],
        "postal_code": _code(cells["CP"]),
        "city": cells["NOMCOM"] or cells["NOMCOMMETRO"] or cells["COMINIT"],
        "commune": commune,
        "lat": cells["LAT"],
        "lon": cells["LONG"],
        "precision": precision(cells),
        "website": mending.address(cells["WEB"]) or "",
        "links": _links(cells),
        "activities": ACTIVITIES.get(cells["TYPO"], []),
    }
    draft = Draft(
        source=SOURCE.slug,
        ref=cells["ID"],
        values=values,
        raw=_raw(row.cells),
        licence=SOURCE.licence,
        dated=DATED,
        flags=flags,
        extra=_extra(cells, flags),
    )
    return Entry(row.line, (draft,), FIELDS_OF, warnings=tuple(_warnings(row.line, cells)))


def _extra(cells: Mapping[str, str], flags: tuple[str, ...]) -> dict[str, str]:
    if "insee-conflict" in flags:
        return {"instead": _code(cells["INSEEMETRO"])}
    return {"proposed": "INSEEMETRO"} if "insee-missing" in flags else {}


def _code(cell: str) -> str:
    return "" if cell == "0" else cell


def _commune(cells: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The commune code of a row and why it is doubtful.

    INSEEMETRO is the README's "code of the métropole", in fact a commune code with whole cities for arrondissements.
    Where INSEECOM is missing it is only a proposal: overseas it names Bonifacio or Maripasoula.

    >>> _commune({"INSEECOM": "0", "INSEEMETRO": "39093"}), _commune({"INSEECOM": "75110", "INSEEMETRO": "75056"})
    (('39093', ('insee-missing',)), ('75110', ()))
    """
    declared, fallback = _code(cells["INSEECOM"]), _code(cells["INSEEMETRO"])
    if not declared:
        return fallback, ("insee-missing",)
    if fallback and _ARRONDISSEMENTS.get(declared, declared) != fallback:
        return declared, ("insee-conflict",)
    return declared, ()


def precision(cells: Mapping[str, str]) -> str:
    """How close the point is, from the geocoder's score: 0 to 1; 4, 6, 8, 9 belong to another scale and say nothing.

    >>> precision({"PRECISION": "0.94", "GEOCOD": "9 Rue X", "ADRESSE": "9 Rue X"})
    'address'
    >>> precision({"PRECISION": "9", "GEOCOD": "9 Rue X", "ADRESSE": "9 Rue X"})
    'unknown'
    """
    if cells["GEOCOD"] == PLACED_BY_HAND:
        return "address"
    try:
        score = float(cells["PRECISION"][:10].replace(",", "."))
    except ValueError:
        return "unknown"
    if not 0 <= score <= 1:
        return "unknown"
    if score < GEOCODED:
        return "estimated"
    return "address" if cells["ADRESSE"] else "commune"


def _links(cells: Mapping[str, str]) -> list[str]:
    said = (
        mending.social(cells["TWITTER"], "twitter.com") if cells["TWITTER"] else None,
        mending.social(cells["FACEBOOK"], "www.facebook.com") if cells["FACEBOOK"] else None,
    )
    return [link for link in said if link]


def _warnings(line: int, cells: Mapping[str, str]) -> list[RowProblem]:
    """Cells that hold something we could not read: left out, and told without repeating what may be a person's name."""
    found = []
    if cells["WEB"] and not mending.address(cells["WEB"]):
        found.append(RowProblem(line, "WEB", "", "ce n’est pas une adresse de site", "écrivez https://…"))
    for column, site in (("TWITTER", "twitter.com"), ("FACEBOOK", "www.facebook.com")):
        if cells[column] and not mending.social(cells[column], site):
            found.append(
                RowProblem(line, column, short(cells[column]), "compte illisible", f"écrivez https://{site}/…")
            )
    if cells["TYPO"] and cells["TYPO"] not in ACTIVITIES:
        mend = " ou ".join(f"« {known} »" for known in ACTIVITIES)
        found.append(RowProblem(line, "TYPO", short(cells["TYPO"]), "type inconnu", f"écrivez {mend}"))
    return found


def _raw(cells: Mapping[str, str]) -> dict[str, str]:
    """The row as it came, without persons: a WEB cell that is no address holds a name or an e-mail."""
    kept = {column: cell for column, cell in cells.items() if column not in PERSONAL}
    if kept.get("WEB") and not mending.address(kept["WEB"]):
        kept["WEB"] = ""
    return kept


FORMAT = Format("cget", "recensement CGET 2019", frozenset(COLUMNS), read)
