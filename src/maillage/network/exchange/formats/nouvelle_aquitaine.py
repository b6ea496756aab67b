"""The tiers-lieux of Nouvelle-Aquitaine, by the published dictionary of November 2022: unproved on the real file."""

from collections.abc import Mapping
from typing import Any

from maillage.network.exchange.formats.format import Document, Format
from maillage.network.exchange.rules import mending
from maillage.network.exchange.rules.mapping.words import code_of
from maillage.network.exchange.rules.reading import identified
from maillage.network.exchange.rules.reports import Entry, Options, Reading, RowProblem, require_columns, short
from maillage.network.exchange.rules.tables import Row, open_table
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.territory.rules.names import fold

SOURCE = SourceFacts(
    slug="nouvelle-aquitaine",
    name="Tiers-lieux de Nouvelle-Aquitaine",
    publisher="Région Nouvelle-Aquitaine et Coopérative Tiers-Lieux, par PIGMA",
    url="https://github.com/Carto-NA/tiers_lieux",
    licence="Licence Ouverte 2.0",
)
NEEDED = ("id", "nom", "code_postal", "numcom", "nomcom", "x_wgs84", "y_wgs84")
OTHERS = (
    "code_officiel", "type_code_officiel", "categorie", "typologie", "adresse", "url_web", "facebook", "twitter",
    "instagram", "geom", "date_sai",
)  # fmt: skip
PERSONAL = ("ct_nom", "ct_prenom", "ct_courriel", "ct_tel_fixe", "ct_tel_mobile")
NETWORKS = {"facebook": "www.facebook.com", "twitter": "twitter.com", "instagram": "www.instagram.com"}
TYPOLOGIES = {"5": "nourricier", "7": "ateliers", "8": "coworking", "9": "fablab"}
MANAGED = {
    "82": "universite", "83": "collectivite", "84": "autre", "85": "collectivite", "86": "collectivite", "89": "autre",
    "132": "sarl-sa-sas", "133": "sarl-sa-sas", "134": "scic", "135": "scop", "136": "association",
}  # fmt: skip
UNSAID = frozenset({"", "000", "nr"})
FIELDS_OF = {
    "name": "nom", "street": "adresse", "postal_code": "code_postal", "city": "nomcom", "commune": "numcom",
    "lat": "y_wgs84", "lon": "x_wgs84", "website": "url_web", "siret": "code_officiel", "activities": "typologie",
    "legal_forms": "categorie",
}  # fmt: skip


def read(document: Document, options: Options) -> Reading:
    """Read the dictionary's table; the contact persons it names stay out, in the original row too."""
    table = open_table(document.text)
    require_columns(FORMAT.title, NEEDED, table.header)
    reading = Reading(sources={SOURCE.slug: SOURCE}, unmapped=table.unmapped({*NEEDED, *OTHERS, *PERSONAL}))
    reading.entries += (_entry(row) for row in identified(table, "id", reading, kept=_raw))
    return reading


def _raw(cells: Mapping[str, str]) -> dict[str, str]:
    return {column: cell for column, cell in cells.items() if column not in PERSONAL}


def _entry(row: Row) -> Entry:
    cells = {column: cell.strip() for column, cell in row.cells.items()}
    told: list[RowProblem] = []
    website = mending.address(cells.get("url_web", ""))
    if cells.get("url_web") and not website:
        told.append(RowProblem(row.line, "url_web", "", "ce n’est pas une adresse de site", "écrivez https://…"))
    siret = cells.get("code_officiel", "") if fold(cells.get("type_code_officiel", "")) == "siret" else ""
    values: dict[str, Any] = {
        "name": cells["nom"],
        "status": "open",
        "street": cells.get("adresse", ""),
        "postal_code": cells["code_postal"],
        "city": cells["nomcom"],
        "commune": cells["numcom"],
        "lat": cells["y_wgs84"],
        "lon": cells["x_wgs84"],
        "website": website or "",
        "links": [
            link for name, site in NETWORKS.items() if cells.get(name) and (link := mending.social(cells[name], site))
        ],
        "siret": siret,
        "activities": _codes(row.line, cells, "typologie", "activities", TYPOLOGIES, told),
        "legal_forms": _codes(row.line, cells, "categorie", "legal_forms", MANAGED, told),
    }
    if cells["y_wgs84"]:
        values["precision"] = "address" if values["street"] else "unknown"
    dated = mending.partial_date(cells.get("date_sai", "")) or ""
    draft = Draft(SOURCE.slug, cells["id"], values, _raw(row.cells), SOURCE.licence, dated=dated)
    return Entry(row.line, (draft,), FIELDS_OF, warnings=tuple(told))


def _codes(
    line: int, cells: Mapping[str, str], column: str, field: str, numbers: Mapping[str, str], told: list[RowProblem]
) -> list[str]:
    """Our codes for a number of the dictionary, or for its label; « SAS + Association » says both.

    >>> _codes(2, {"categorie": "SCIC + Association"}, "categorie", "legal_forms", MANAGED, [])
    ['scic', 'association']
    """
    found = []
    whole = cells.get(column, "")
    words = [whole] if code_of(field, whole) else whole.replace(" / ", "+").replace(";", "+").split("+")
    for word in words[:20]:
        said = word.strip()
        if fold(said) in UNSAID:
            continue
        code = numbers.get(said) or code_of(field, said)
        if code:
            found.append(code)
        else:
            told.append(
                RowProblem(line, column, short(said), "mot inconnu du dictionnaire", "voyez sa liste de valeurs")
            )
    return list(dict.fromkeys(found))


FORMAT = Format(
    "nouvelle-aquitaine",
    "tiers-lieux de Nouvelle-Aquitaine ; lecture non encore éprouvée sur le fichier officiel",
    frozenset({*NEEDED, "code_officiel", "type_code_officiel", "categorie", "typologie", "date_sai"}),
    read,
    required=frozenset({"x_wgs84", "y_wgs84", "numcom"}),
    reference="dictionnaire de novembre 2022",
    proved=False,
)
