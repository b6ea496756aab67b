"""A sheet as it is compared: taken apart once, then held against many."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from maillage.network.exchange.rules.matching.addresses import Address, read_address
from maillage.network.exchange.rules.matching.contacts import phone_key, siret_key, site_key
from maillage.network.exchange.rules.matching.names import Name, take_apart

PRECISE = "address"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one source says of one place; empty means not said. `town` is the name of the commune."""

    key: Hashable
    name: str
    commune: str = ""
    town: str = ""
    street: str = ""
    lat: float | None = None
    lon: float | None = None
    precision: str = "unknown"
    website: str = ""
    email: str = ""
    phone: str = ""
    siret: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """A sheet taken apart; `point` only where it is that of the address itself, `near` wherever one is known."""

    key: Hashable
    name: Name
    commune: str
    address: Address
    point: tuple[float, float] | None
    near: tuple[float, float] | None
    site: str
    email: str
    phone: str
    siret: str
    source: str


def sheet_of(values: Mapping[str, Any], *, key: Hashable, town: str = "", source: str = "") -> Sheet:
    """A sheet from the fields of a draft or of a place.

    >>> sheet_of({"name": "L’Étoile", "city": "Dole"}, key=1).town
    'Dole'
    """
    return Sheet(
        key=key,
        name=values.get("name") or "",
        commune=values.get("commune") or "",
        town=town or values.get("city") or "",
        street=values.get("street") or "",
        lat=values.get("lat"),
        lon=values.get("lon"),
        precision=values.get("precision") or ("address" if values.get("street") else "unknown"),
        website=values.get("website") or "",
        email=values.get("email") or "",
        phone=values.get("phone") or "",
        siret=values.get("siret") or "",
        source=source,
    )


def ready(sheet: Sheet) -> Ready:
    """Take a sheet apart.

    >>> ready(Sheet(1, "L’Étoile", lat=47.0, lon=5.0, precision="commune")).point is None
    True
    """
    near = (sheet.lat, sheet.lon) if sheet.lat is not None and sheet.lon is not None else None
    return Ready(
        key=sheet.key,
        name=take_apart(sheet.name, sheet.town),
        commune=sheet.commune,
        address=read_address(sheet.street),
        point=near if sheet.precision == PRECISE else None,
        near=near,
        site=site_key(sheet.website) if sheet.website else "",
        email=sheet.email.strip().lower(),
        phone=phone_key(sheet.phone),
        siret=siret_key(sheet.siret),
        source=sheet.source,
    )
