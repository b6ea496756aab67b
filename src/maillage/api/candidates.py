"""Places that may already be what somebody is about to add: asked before anything is created."""

import math
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from maillage.api import parameters
from maillage.api.kept import Told, public
from maillage.network.exchange.queries.candidates import Found, candidates_for

TEXTS = {
    "name": (200, "Le nom, entier ou en train d’être tapé."),
    "commune": (5, "Le code Insee de la commune."),
    "street": (200, "La rue et le numéro."),
    "website": (500, "Le site."),
    "email": (254, "Le courriel."),
    "phone": (40, "Le téléphone."),
    "siret": (14, "Le Siret."),
}
_DEGREES = {"lat": 90, "lon": 180}
PARAMETERS = [
    *(
        parameters.told(name, {"type": "string", "minLength": 1, "maxLength": most}, text, required=name == "name")
        for name, (most, text) in TEXTS.items()
    ),
    *(
        parameters.told(name, {"type": "number", "minimum": -most, "maximum": most}, "En degrés ; les deux ou aucun.")
        for name, most in _DEGREES.items()
    ),
]


@public
def list_candidates(request: HttpRequest) -> Told:
    """Les lieux qui sont peut-être déjà celui que l’on s’apprête à ajouter, les plus sûrs d’abord.

    Chacun dit ce qui parle pour et contre, en points. « link » : c’est lui ; « ask » : à regarder ; « ignore » : son
    nom contient ce qui est tapé.
    """
    given = parameters.read_strictly(request, *TEXTS, *_DEGREES)
    if "name" not in given:
        raise parameters.refused("name", "", "missing")
    texts = {name: given[name][0].replace("\x00", "") for name in TEXTS if name in given}
    for name, text in texts.items():
        if len(text) > TEXTS[name][0]:
            raise parameters.refused(name, text, "cut")
    return Told({"candidates": [said(found) for found in candidates_for(**texts, point=_point(given))]})


def _point(given: Mapping[str, list[str]]) -> tuple[float, float] | None:
    if "lat" not in given and "lon" not in given:
        return None
    lat, lon = (_degrees(given, name, most) for name, most in _DEGREES.items())
    return lat, lon


def _degrees(given: Mapping[str, list[str]], name: str, most: int) -> float:
    if name not in given:
        raise parameters.refused(name, "", "missing")
    text = given[name][0]
    try:
        value = float(text[:40])
    except ValueError:
        value = math.nan
    if not abs(value) <= most:
        raise parameters.refused(name, text, "nowhere")
    return value


def said(found: Found) -> dict[str, Any]:
    """A place that may be the one described, with what speaks for it and against."""
    return {
        "slug": found.slug,
        "name": found.name,
        "street": found.street,
        "city": found.city,
        "status": found.status,
        "band": found.verdict.band.value,
        "points": found.verdict.points,
        "reasons": [
            {"what": reason.what, "points": reason.points, "measured": float(reason.measured)}
            for reason in found.verdict.evidence
        ],
    }
