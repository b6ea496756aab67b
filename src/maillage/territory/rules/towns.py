"""A commune as a draw among communes sees it, and when it counts as rural."""

from dataclasses import dataclass

RURAL_DENSITY = 5
"""INSEE's seven-level density grid: levels 5, 6 and 7 are rural."""
RURAL_POPULATION = 2_000
METROPOLIS_KINDS = ("METRO", "MET69")


@dataclass(frozen=True, slots=True)
class Town:
    code: str
    name: str
    departement: str
    region: str
    postal_code: str
    lat: float
    lon: float
    estimated: bool
    population: int
    rural: bool
    metropole: bool


def is_rural(density: int | None, population: int) -> bool:
    """Whether a commune is rural by INSEE's grid; where the ground has no grid, under 2,000 inhabitants.

    >>> is_rural(6, 3_000), is_rural(2, 900), is_rural(None, 900)
    (True, False, True)
    """
    return density >= RURAL_DENSITY if density else population < RURAL_POPULATION


def is_in_metropole(listed: bool | None, epci_kind: str | None) -> bool:
    """Whether a commune is in a métropole: by the ground's list, else by the kind of its EPCI.

    >>> is_in_metropole(None, "METRO"), is_in_metropole(False, "METRO")
    (True, False)
    """
    return epci_kind in METROPOLIS_KINDS if listed is None else listed
