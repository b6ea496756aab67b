"""The catalogue of the registry in DCAT-AP, as data.gouv.fr and others harvest it.

One data set per licence, wholly under it; and one of everything, whose rows each bear their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
EUROPE = "http://publications.europa.eu/resource/authority"
LICENCES = {
    "Licence Ouverte 2.0": "https://spdx.org/licenses/etalab-2.0",
    "Licence Ouverte": "https://spdx.org/licenses/etalab-2.0",
    "ODbL": "https://spdx.org/licenses/ODbL-1.0",
    "ODbL 1.0": "https://spdx.org/licenses/ODbL-1.0",
    "CC0": "https://spdx.org/licenses/CC0-1.0",
    "CC-BY-4.0": "https://spdx.org/licenses/CC-BY-4.0",
    "CC-BY-SA-4.0": "https://spdx.org/licenses/CC-BY-SA-4.0",
}
"""The addresses of licences that are known by these names; another is told in words."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One file: the title of its format, where it is, its media type; `size_bytes` where it is known."""

    title: str
    address: str
    media_type: str
    size_bytes: int | None = None
    packed: bool = False
    conforms_to: str = ""


@dataclass(frozen=True, slots=True)
class DataSet:
    """What is offered under one licence; an empty licence is that of each row."""

    licence: str
    places: int
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """Who publishes: `url` has no final slash, `contact` is an e-mail address or nothing."""

    url: str
    contact: str
    today: date
    updated_at: datetime | None


def catalogue(site: Site, sets: Iterable[DataSet]) -> dict[str, Any]:
    """The catalogue as JSON-LD."""
    told = [_data_set(site, one) for one in sets]
    return {
        "@context": CONTEXT,
        "@id": f"{site.url}/catalogue.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _said("Les tiers-lieux, en données ouvertes", "Third places as open data"),
        "dct:description": _said(
            "Le registre des tiers-lieux de cette installation : chaque ligne porte sa source et sa licence.",
            "The registry of third places of this Maillage site: each row bears its source and its licence.",
        ),
        "dct:language": [{"@id": f"{EUROPE}/language/{code}"} for code in ("FRA", "ENG")],
        "dct:publisher": _publisher(site),
        "foaf:homepage": {"@id": f"{site.url}/donnees/"},
        "dct:modified": _modified(site),
        "dcat:dataset": told,
    }


def _data_set(site: Site, one: DataSet) -> dict[str, Any]:
    mark = quote(one.licence.lower().replace(" ", "-"), safe="") or "tout"
    title = _said("Tiers-lieux", "Third places")
    about = _said(
        f"{one.places} lieux ; chaque ligne porte sa source, sa licence et ce qu’il faut citer.",
        f"{one.places} places; each row bears its source, its licence and what to cite.",
    )
    if one.licence:
        title = _said(f"Tiers-lieux sous {one.licence}", f"Third places under {one.licence}")
        about = _said(
            f"{one.places} lieux dont toutes les sources sont sous {one.licence}.",
            f"{one.places} places all of whose sources are under {one.licence}.",
        )
    told: dict[str, Any] = {
        "@id": f"{site.url}/donnees/#{mark}",
        "@type": "dcat:Dataset",
        "dct:identifier": f"{site.url}/donnees/#{mark}",
        "dct:title": title,
        "dct:description": about,
        "dct:publisher": _publisher(site),
        "dcat:keyword": ["tiers-lieux", "coworking", "fablab", "médiation numérique", "ruralité"],
        "dcat:theme": {"@id": f"{EUROPE}/data-theme/SOCI"},
        "dct:spatial": {"@id": f"{EUROPE}/country/FRA"},
        "dct:accrualPeriodicity": {"@id": f"{EUROPE}/frequency/DAILY"},
        "dct:modified": _modified(site),
        "dcat:landingPage": {"@id": f"{site.url}/donnees/"},
        "dcat:distribution": [_distribution(one, offer) for offer in one.offers],
    }
    if one.licence:
        told["dct:license"] = _licence(one.licence)
    if site.contact:
        told["dcat:contactPoint"] = {"@type": "vcard:Organization", "vcard:hasEmail": {"@id": f"mailto:{site.contact}"}}
    return told


def _distribution(one: DataSet, offer: Offer) -> dict[str, Any]:
    told: dict[str, Any] = {
        "@id": offer.address,
        "@type": "dcat:Distribution",
        "dct:title": offer.title,
        "dcat:accessURL": {"@id": offer.address},
        "dcat:downloadURL": {"@id": offer.address},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{offer.media_type}"},
        "dct:format": offer.media_type.rpartition("/")[2],
    }
    if one.licence:
        told["dct:license"] = _licence(one.licence)
    else:
        says = "Chaque ligne porte sa licence, dans la colonne « licence »."
        told["dct:rights"] = {
            "@type": "dct:RightsStatement",
            "dct:description": _said(says, "Each row bears its licence."),
        }
    if offer.packed:
        told["dcat:compressFormat"] = {"@id": "https://www.iana.org/assignments/media-types/application/gzip"}
    if offer.size_bytes is not None:
        told["dcat:byteSize"] = {"@value": str(offer.size_bytes), "@type": "xsd:nonNegativeInteger"}
    if offer.conforms_to:
        told["dct:conformsTo"] = {"@id": offer.conforms_to}
    return told


def _licence(name: str) -> dict[str, Any]:
    if name in LICENCES:
        return {"@id": LICENCES[name], "@type": "dct:LicenseDocument", "dct:title": name}
    return {"@type": "dct:LicenseDocument", "dct:title": name}


def _publisher(site: Site) -> dict[str, Any]:
    return {"@id": f"{site.url}/#editeur", "@type": "foaf:Agent", "foaf:name": f"Maillage, {site.url.split('://')[-1]}"}


def _modified(site: Site) -> dict[str, str]:
    if site.updated_at is None:
        return {"@value": site.today.isoformat(), "@type": "xsd:date"}
    return {"@value": site.updated_at.isoformat(timespec="seconds"), "@type": "xsd:dateTime"}


def _said(french: str, english: str) -> list[dict[str, str]]:
    return [{"@language": "fr", "@value": french}, {"@language": "en", "@value": english}]
