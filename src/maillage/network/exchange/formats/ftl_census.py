"""The official census of France Tiers-Lieux, 2023 and 2026, file « fiche identité »: unproved on the real file.

Written from the columns seen in public code; the file itself was never at hand. CSV with `;`, decimal comma.
"""

from collections.abc import Mapping
from typing import Any

from maillage.network.exchange.formats.format import Document, Format
from maillage.network.exchange.rules import mending
from maillage.network.exchange.rules.reading import identified
from maillage.network.exchange.rules.reports import Entry, Options, Reading, RowProblem, require_columns, short
from maillage.network.exchange.rules.tables import Row, open_table
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.territory.rules.names import normalise

COLUMNS = ("ID_UNIQUE", "NOM", "ADRESSE", "CODPOST", "VILLE")
LOCATING = ("LATITUDE", "LONGITUDE", "Insee")
OTHERS = (
    "REGION_TL", "DESCRI_COU", "DATE_OUV", "TYPE_STRUCTURE_GEST", "NOM_STRC_GEST", "NOM_STRC_PORT", "INTERNET", "EMAIL",
    "TELEPHONE", "RS_FACEBOOK", "RS_X", "RS_INSTAGRAM", "RS_LINKEDIN", "RS_MASTODON", "RS_MOVILAB", "LIEN_OSM_GOOGLE",
)  # fmt: skip
NETWORKS = {
    "RS_FACEBOOK": "www.facebook.com",
    "RS_X": "x.com",
    "RS_INSTAGRAM": "www.instagram.com",
    "RS_LINKEDIN": "www.linkedin.com",
    "RS_MASTODON": "",
    "RS_MOVILAB": "",
}
LICENCE = "ODbL 1.0 (présumée, à vérifier sur data.gouv.fr)"
LEGAL_FORMS = {
    "association": "association",
    "collectif citoyen": "collectif",
    "universites": "universite",
    "etablissements scolaires": "etablissement-scolaire",
    "collectivites": "collectivite",
    "collectivite": "collectivite",
    "sarl sa sas": "sarl-sa-sas",
    "sarl": "sarl-sa-sas",
    "sas": "sarl-sa-sas",
    "sa": "sarl-sa-sas",
    "scic": "scic",
    "scop": "scop",
    "autre": "autre",
}
FIELDS_OF = {
    "name": "NOM", "street": "ADRESSE", "postal_code": "CODPOST", "city": "VILLE", "commune": "Insee",
    "lat": "LATITUDE", "lon": "LONGITUDE", "description": "DESCRI_COU", "opened_on": "DATE_OUV",
    "legal_forms": "TYPE_STRUCTURE_GEST", "operator": "NOM_STRC_GEST", "website": "INTERNET", "email": "EMAIL",
    "phone": "TELEPHONE",
}  # fmt: skip


def read(document: Document, options: Options) -> Reading:
    """Read a « fiche identité »: the year is told by its columns (2023 has `Insee` and no coordinates)."""
    table = open_table(document.text)
    require_columns(FORMAT.title, COLUMNS, table.header)
    year = "2023" if "NOM_STRC_PORT" in table.header or "LATITUDE" not in table.header else "2026"
    facts = SourceFacts(
        slug=f"recensement-{year}",
        name=f"Recensement des tiers-lieux {year}",
        publisher="France Tiers-Lieux",
        url=f"https://www.data.gouv.fr/datasets/recensement-des-tiers-lieux-en-france-{year}",
        licence=options.licence or LICENCE,
    )
    reading = Reading(sources={facts.slug: facts}, unmapped=table.unmapped({*COLUMNS, *LOCATING, *OTHERS}))
    for row in identified(table, "ID_UNIQUE", reading):
        reading.entries.append(_entry(row, row.cells["ID_UNIQUE"].strip(), facts, year))
    return reading


def _entry(row: Row, ref: str, facts: SourceFacts, year: str) -> Entry:
    cells = {column: cell.strip() for column, cell in row.cells.items()}
    warnings: list[RowProblem] = []
    values: dict[str, Any] = {field: cells[column] for field, column in FIELDS_OF.items() if cells.get(column)}
    values |= {
        "status": "open",
        "operator": cells.get("NOM_STRC_GEST") or cells.get("NOM_STRC_PORT") or "",
        "website": mending.address(cells.get("INTERNET", "")) or "",
        "opened_on": _date(row.line, cells, warnings),
        "legal_forms": _legal_forms(row.line, cells, warnings),
        "links": [
            link for column, site in NETWORKS.items() if cells.get(column) and (link := _link(cells[column], site))
        ],
    }
    if cells.get("LATITUDE"):
        values["precision"] = "address" if cells["ADRESSE"] else "unknown"
    draft = Draft(facts.slug, ref, values, dict(row.cells), facts.licence, dated=year)
    return Entry(row.line, (draft,), FIELDS_OF, warnings=tuple(warnings))


def _link(cell: str, site: str) -> str | None:
    return mending.social(cell, site) if site else mending.address(cell)


def _date(line: int, cells: Mapping[str, str], warnings: list[RowProblem]) -> str:
    dated = mending.partial_date(cells.get("DATE_OUV", ""))
    if dated is None:
        problem = RowProblem(line, "DATE_OUV", short(cells["DATE_OUV"]), "date illisible", "écrivez 2019 ou 06/2019")
        warnings.append(problem)
    return dated or ""


def _legal_forms(line: int, cells: Mapping[str, str], warnings: list[RowProblem]) -> list[str]:
    """Our words for what the census calls the managing structure; unknown wordings are told, not guessed."""
    said = cells.get("TYPE_STRUCTURE_GEST", "")
    if not said:
        return []
    words = normalise(said)
    for wording, code in LEGAL_FORMS.items():
        if words == wording or words.startswith(f"{wording} "):
            return [code]
    mend = "une des formes du recensement : Association, SCIC, SCOP, Collectivités…"
    warnings.append(RowProblem(line, "TYPE_STRUCTURE_GEST", short(said), "forme juridique inconnue", mend))
    return []


FORMAT = Format(
    "recensement",
    "recensement France Tiers-Lieux 2023 ou 2026, fiche identité ; lecture non encore éprouvée sur le fichier officiel",
    frozenset(COLUMNS),
    read,
    proved=False,
)
