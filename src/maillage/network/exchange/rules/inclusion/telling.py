"""A place as a structure of data·inclusion, and as a service where it helps with digital tools."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from maillage.network.exchange.rules import identity
from maillage.network.exchange.rules.inclusion import table, values, words
from maillage.network.exchange.rules.mednum import telling as mednum
from maillage.network.exchange.rules.mednum.table import split, split_addresses
from maillage.network.exchange.rules.own import ExportedPlace
from maillage.places.rules.phones import dialled

SUFFIX = "mediation-numerique"
SHORT_NAME = f"lieux au nom de moins de {table.SHORTEST_NAME} signes"


def leaves_out(place: ExportedPlace) -> str:
    """Why data·inclusion cannot tell this place; empty when it can."""
    status = place.values.get("status", "open")
    if status != "open":
        return mednum.STATES[status]
    return "" if name_of(place.values.get("name", "")) else SHORT_NAME


def name_of(name: str) -> str:
    """A name between 3 and 150 signs, without a final point; empty when it cannot be.

    >>> name_of("La Maille."), name_of("Pains, fromages, etc."), name_of("A.")
    ('La Maille', 'Pains, fromages, etc.', '')
    """
    kept = mednum.shortened(name, table.LONGEST_NAME)
    kept = kept if kept.endswith("etc.") else kept.rstrip(". ")
    return kept if len(kept) >= table.SHORTEST_NAME else ""


def tell(place: ExportedPlace, site_url: str, today: date) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The structure of a place that is not left out, and its service where it has one; what is not known is absent."""
    cells = mednum.cells(place, identity.site_name(site_url), today)
    whole = _structure(place, cells, site_url)
    return whole, _service(place, cells, whole)


def _structure(place: ExportedPlace, cells: Mapping[str, str], site_url: str) -> dict[str, Any]:
    networks = {*words.mapped(split(cells["dispositif_programmes_nationaux"]), words.NETWORKS)}
    networks |= {*words.mapped(split(cells["formations_labels"]), words.NETWORKS)}
    networks |= {*words.mapped(split(cells["typologie"]), words.TYPOLOGY_NETWORKS)}
    told = {
        "source": identity.site_name(site_url),
        "id": cells["id"],
        "nom": name_of(place.values.get("name", "")),
        "date_maj": max(cells["date_maj"], table.EARLIEST),
        "description": _long(cells["presentation_detail"]),
        "lien_source": f"{site_url}/lieux/{place.slug}/",
        "siret": place.values.get("siret", ""),
        **_where(place.values),
        "telephone": dialled(place.values.get("phone", "")),
        "courriel": _fit(values.is_email, place.values.get("email", "")),
        "site_web": _fit(values.is_web, place.values.get("website", "")),
        "horaires_accueil": cells["horaires"],
        "accessibilite_lieu": _first_address(cells["fiche_acces_libre"]),
        "reseaux_porteurs": sorted(networks),
    }
    return {name: value for name, value in told.items() if value not in ("", None, [])}


def _service(place: ExportedPlace, cells: Mapping[str, str], whole: Mapping[str, Any]) -> dict[str, Any] | None:
    """The digital help that a place gives, as data·inclusion itself draws it from the standard; None without any."""
    given = split(cells["services"])
    if not given:
        return None
    ways, fees = split(cells["modalites_accompagnement"]), split(cells["frais_a_charge"])
    kinds = words.mapped(ways, words.TYPES)
    publics = words.mapped(split(cells["publics_specifiquement_adresses"]), words.PUBLICS)
    publics += words.mapped(split(cells["prise_en_charge_specifique"]), words.CARE)
    charged = words.mapped(fees, words.FEES)
    told = {
        "source": whole["source"],
        "structure_id": whole["id"],
        "id": f"{whole['id']}--{SUFFIX}",
        "nom": words.SERVICE_NAME,
        "description": whole.get("description", words.SERVICE_NAME),
        "lien_source": whole["lien_source"],
        "date_maj": whole["date_maj"],
        "type": kinds[0] if kinds else "",
        "thematiques": sorted({theme for value in given for theme in words.THEMES[value]}),
        "frais": charged[-1] if charged else "",
        "frais_precisions": place.values.get("prices", ""),
        "publics": sorted(set(publics)),
        "modes_accueil": _reception(ways),
        "modes_mobilisation": words.mapped(split(cells["modalites_acces"]), words.MOBILISATION),
        "lien_mobilisation": _first_address(cells["prise_rdv"]),
    }
    shared = {name: whole[name] for name in (*_WHERE, "telephone", "courriel", "horaires_accueil") if name in whole}
    return {name: value for name, value in told.items() if value not in ("", None, [])} | shared


_WHERE = {
    "commune": "city",
    "code_postal": "postal_code",
    "code_insee": "commune",
    "adresse": "street",
    "complement_adresse": "how_to_come",
    "longitude": "lon",
    "latitude": "lat",
}


def _where(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said.get(field) for name, field in _WHERE.items()}


def _reception(ways: list[str]) -> list[str]:
    """Whether one is received there, from afar, or both; nothing where no way of helping is told."""
    near = ["en-presentiel"] if set(ways) - {words.AT_A_DISTANCE} else []
    return (["a-distance"] if words.AT_A_DISTANCE in ways else []) + near


def _long(text: str) -> str:
    longest, shortest = table.STRUCTURE["description"]["maxLength"], table.STRUCTURE["description"]["minLength"]
    return text[:longest] if len(text) >= shortest else ""


def _fit(fits: Any, text: str) -> str:
    return text if text and fits(text) else ""


def _first_address(cell: str) -> str:
    return next((address for address in split_addresses(cell) if values.is_web(address)), "")
