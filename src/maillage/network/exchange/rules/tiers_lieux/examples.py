"""Two example files of the schema: one that follows it, one that breaks it in every way the check tells of."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from maillage.network.exchange.rules.tiers_lieux.definition import SEVERAL, Definition, Field

_OTHERS: tuple[Mapping[str, str], ...] = (
    {
        "id": "3c1e1c62-8f0a-4a55-9c0e-3e6f0a7d2b41", "nom": "L’Atelier du Val", "statut": "projet",
        "code_insee": "39370", "commune": "Mouchard", "activites": "fablab|ateliers", "licence": "Licence Ouverte 2.0",
        "source": "Commune de Mouchard", "date_maj": "2026-10", "fictif": "true",
    },
    {
        "id": "ancienne-poste", "nom": "L’Ancienne Poste", "statut": "ferme", "date_fermeture": "2024-03",
        "cause_fermeture": "economie", "latitude": "47.2382", "longitude": "-1.5603", "precision": "estimee",
        "licence": "ODbL", "source": "Contributeurs d’OpenStreetMap", "fictif": "true",
    },
)  # fmt: skip
_BROKEN: tuple[Mapping[str, str], ...] = (
    {"id": "1", "nom": "", "code_insee": "39093", "licence": "ODbL"},
    {"id": "2", "nom": "Sans adresse", "licence": "ODbL"},
    {"id": "2", "nom": "Deux fois le même identifiant", "code_insee": "39093", "licence": "ODbL"},
    {"id": "4", "nom": "Zéro perdu", "code_insee": "1001", "code_postal": "1400", "licence": "ODbL"},
    {"id": "5", "nom": "Mots inconnus", "code_insee": "39093", "activites": "coworking|piscine", "licence": "ODbL"},
    {"id": "6", "nom": "Coordonnées échangées", "latitude": "5.7035", "longitude": "46.9915", "licence": "ODbL"},
    {"id": "7", "nom": "Fermé ou pas", "code_insee": "39093", "date_fermeture": "2024-03", "licence": "ODbL"},
    {"id": "8", "nom": "Horaires en français", "code_insee": "39093", "horaires": "lundi 9h-12h", "licence": "ODbL"},
    {"id": "9", "nom": "Sans licence", "code_insee": "39093", "siret": "73282932000075", "licence": ""},
)


def valid(schema: Definition) -> str:
    """A file that follows the schema: the example of every field, a place planned, a place closed."""
    first = {field.name: field.example for field in schema.fields} | {"fictif": "true"}
    return _table(schema, (first, *_OTHERS))


def invalid(schema: Definition) -> str:
    """A file whose every row breaks the schema in one way."""
    return _table(schema, _BROKEN)


def _table(schema: Definition, rows: Iterable[Mapping[str, str]]) -> str:
    held = io.StringIO()
    writer = csv.DictWriter(held, schema.columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return held.getvalue()


def as_json(field: Field, cell: str) -> Any:
    """A cell as the JSON of the schema writes it."""
    if field.kind == "words":
        return cell.split(SEVERAL)
    if field.kind == "links":
        return cell.split()
    if field.kind in ("number", "integer", "boolean", "records"):
        return json.loads(cell)
    return cell
