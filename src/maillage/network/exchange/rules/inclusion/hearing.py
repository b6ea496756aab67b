"""A structure of data·inclusion and its services in our fields; what cannot be read is left out and told."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from maillage.network.exchange.rules import mending
from maillage.network.exchange.rules.inclusion import table, words
from maillage.network.exchange.rules.mednum.hearing import paragraphs
from maillage.places.rules.phones import in_words

FIELDS_OF = {
    "name": "nom",
    "street": "adresse",
    "how_to_come": "complement_adresse",
    "postal_code": "code_postal",
    "city": "commune",
    "commune": "code_insee",
    "lat": "latitude",
    "lon": "longitude",
    "phone": "telephone",
    "email": "courriel",
    "website": "site_web",
    "opening_hours": "horaires_accueil",
    "description": "description",
    "siret": "siret",
    "activities": "reseaux_porteurs",
    "labels": "reseaux_porteurs",
    "services": "service.thematiques",
    "prices": "service.frais",
}
"""Our field, and the one that tells it."""
PERSONAL = ("contact_nom_prenom",)
"""A person's name: never kept."""
_THIRD_PLACE = re.compile(r"tiers[\s-]?lieu|cowork|fab\s?lab", re.IGNORECASE)


def hear(structure: Mapping[str, Any], services: Iterable[Mapping[str, Any]], *, ours: bool) -> dict[str, Any]:
    """The values of a place; `ours` says that a Maillage site wrote it: its texts are plain."""
    listed = list(services)
    networks = _several(structure, "reseaux_porteurs")
    themes = [theme for service in listed for theme in _several(service, "thematiques")]
    description = _one(structure, "description")
    return {
        "status": "open",
        **{field: structure.get(name) for field, name in FIELDS_OF.items() if name in _AS_THEY_ARE},
        "phone": in_words(_one(structure, "telephone")),
        "website": mending.address(_one(structure, "site_web")) or "",
        "description": paragraphs(description) if ours else description,
        "activities": words.mapped(networks, words.ACTIVITIES),
        "labels": words.mapped(networks, words.LABELS),
        "services": words.mapped(themes, words.SERVICES),
        "prices": _prices(listed),
    }


_AS_THEY_ARE = frozenset(
    {
        "nom", "adresse", "complement_adresse", "code_postal", "commune", "code_insee", "latitude", "longitude",
        "courriel", "horaires_accueil", "siret",
    }
)  # fmt: skip


def is_third_place(structure: Mapping[str, Any]) -> bool:
    """Whether a structure may be of this registry: a network or its name says so.

    >>> is_third_place({"nom": "CCAS"}), is_third_place({"nom": "Le Tiers-lieu"})
    (False, True)
    """
    named = _THIRD_PLACE.search(_one(structure, "nom")[:400]) is not None
    return named or bool(set(_several(structure, "reseaux_porteurs")) & words.THIRD_PLACES)


def kept(found: Mapping[str, Any]) -> dict[str, Any]:
    """An object as it came, without the names of persons."""
    return {name: value for name, value in found.items() if name not in PERSONAL}


def _one(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _several(found: Mapping[str, Any], name: str) -> list[str]:
    value = found.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _prices(services: list[Mapping[str, Any]]) -> str:
    told = (_one(service, "frais_precisions") or words.PRICES.get(_one(service, "frais"), "") for service in services)
    return ", ".join(dict.fromkeys(price for price in told if price))[:500]


def from_cells(kind: str, cells: Mapping[str, str]) -> dict[str, Any]:
    """An object of a CSV row: empty cells are left out, lists are JSON or values joined by `|` or `,`.

    >>> from_cells("structures", {"id": "a", "latitude": "46.9", "reseaux_porteurs": "caf|mjc", "siret": ""})
    {'id': 'a', 'latitude': 46.9, 'reseaux_porteurs': ['caf', 'mjc']}
    """
    rules = table.KINDS[kind]
    return {name: _read(rules.get(name, {}).get("type", ""), cell) for name, cell in cells.items() if cell.strip()}


def _read(kind: str, cell: str) -> Any:
    if kind == "list":
        return [one for part in re.split(r"[|,;]", cell.strip().strip("[]{}")) if (one := part.strip(" \"'"))]
    if kind in ("number", "integer") and re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,20})?", cell.strip()):
        return float(cell) if "." in cell or kind == "number" else int(cell)
    return cell
