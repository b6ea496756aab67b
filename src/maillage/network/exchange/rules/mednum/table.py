"""The columns of the standard and the values that it lists, as transcribed in `schema.json`."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from maillage.territory.rules.names import normalise

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent / "schema.json").read_text(encoding="utf-8"))
VERSION: str = SCHEMA["version"]
REFERENCE: str = SCHEMA["uri"]
FIELDS: tuple[dict[str, Any], ...] = tuple(SCHEMA["fields"])
COLUMNS: tuple[str, ...] = tuple(field["name"] for field in FIELDS)
VALUES: dict[str, tuple[str, ...]] = {field["name"]: tuple(field["values"]) for field in FIELDS if "values" in field}
PATTERNS = {
    field["name"]: re.compile(field["constraints"]["pattern"])
    for field in FIELDS
    if "pattern" in field["constraints"] and "values" not in field
}
TYPOLOGIES: dict[str, str] = tomllib.loads((Path(__file__).parent / "typologies.toml").read_text(encoding="utf-8"))[
    "typologies"
]
NO_PIVOT = "00000000000000"
RESUME_LENGTH: int = next(f["constraints"]["maxLength"] for f in FIELDS if f["name"] == "presentation_resume")
_BEFORE_AN_ADDRESS = re.compile(r"[|;]\s*(?=https?://|www\.)", re.IGNORECASE)
_KNOWN = {name: {normalise(value): value for value in values} for name, values in VALUES.items()}


def split(cell: str) -> list[str]:
    """The values of a cell, joined by `|` as the schema has it, or by `;` as its read-me says.

    >>> split("Jeunes|Femmes"), split("Jeunes; Femmes;")
    (['Jeunes', 'Femmes'], ['Jeunes', 'Femmes'])
    """
    return [value for part in re.split(r"[|;]", cell) if (value := part.strip())]


def split_addresses(cell: str) -> list[str]:
    """The web addresses of a cell: a separator counts only before another address, since one may hold it.

    >>> split_addresses("https://a.fr/?x=1;2|http://b.fr")
    ['https://a.fr/?x=1;2', 'http://b.fr']
    """
    return [value for part in _BEFORE_AN_ADDRESS.split(cell) if (value := part.strip(" |;"))]


def recognised(column: str, value: str) -> str:
    """The listed value that a text means, accents, case and spaces apart; empty when it means none.

    >>> recognised("services", "Comprehension du monde numérique")
    'Compréhension du monde numérique'
    >>> recognised("formations_labels", "Étapes numériques (La Poste)"), recognised("itinerance", "Mobile")
    ('Étapes numériques(La Poste)', '')
    """
    return _KNOWN[column].get(normalise(value[:200]), "")
