"""Many places at once that may already be here: asked by a program before it adds any of them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from maillage.api import limits
from maillage.api.bodies import read_object
from maillage.api.candidates import TEXTS, said
from maillage.api.kept import told_in_problems
from maillage.api.problems import ProblemRaised
from maillage.api.writing import as_json
from maillage.network.exchange.queries.candidates import candidates_for

JSON = ("application/json",)
MOST = 100
DEGREES = {"lat": 90, "lon": 180}
BODY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["places"],
    "properties": {
        "places": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "dependentRequired": {"lat": ["lon"], "lon": ["lat"]},
                "properties": {
                    **{
                        name: {"type": "string", "maxLength": most, "description": text}
                        for name, (most, text) in TEXTS.items()
                    },
                    "name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"},
                    **{name: {"type": "number", "minimum": -most, "maximum": most} for name, most in DEGREES.items()},
                },
            },
        }
    },
}


@told_in_problems
def list_candidates_of_many(request: HttpRequest) -> HttpResponse:
    """Jusqu’à cent lieux à la fois, et pour chacun ceux qui sont peut-être déjà lui.

    Les réponses sont dans l’ordre des demandes. Rien n’est écrit. Un lot compte comme un calcul : vingt fois moins
    souvent que les autres lectures.
    """
    counted = limits.allow_batch(request)
    places = read_object(request, types=JSON)
    wrong = _wrongs(places)
    if wrong:
        raise ProblemRaised("champs", errors=wrong[:MOST])
    found = [_candidates(one) for one in places["places"]]
    response = as_json({"results": [{"candidates": [said(each) for each in one]} for one in found]}, 200)
    for name, value in counted.items():
        response.headers.setdefault(name, value)
    return response


def _candidates(one: dict[str, Any]) -> list[Any]:
    texts = {name: one[name] for name in TEXTS if name in one}
    point = (float(one["lat"]), float(one["lon"])) if "lat" in one else None
    return candidates_for(**texts, point=point)


def _wrongs(body: dict[str, Any]) -> list[dict[str, str]]:
    """What a body says otherwise than `BODY`, each with where it is."""
    wrong = [_wrong(f"/{name}", _("champ inconnu")) for name in body if name != "places"]
    places = body.get("places")
    if not isinstance(places, list) or not 1 <= len(places) <= MOST:
        return [*wrong, _wrong("/places", _("une liste de 1 à %(n)d lieux") % {"n": MOST})]
    for number, one in enumerate(places):
        wrong += _wrongs_of(f"/places/{number}", one)
    return wrong


def _wrongs_of(where: str, one: Any) -> list[dict[str, str]]:
    if not isinstance(one, dict):
        return [_wrong(where, _("un objet, avec au moins «\u202fname\u202f»"))]
    wrong = [_wrong(f"{where}/{name[:80]}", _("champ inconnu")) for name in one if name not in (*TEXTS, *DEGREES)]
    if not (isinstance(one.get("name"), str) and one["name"].strip()):
        wrong.append(_wrong(f"{where}/name", _("à donner")))
    for name, (most, _text) in TEXTS.items():
        if name in one and (not isinstance(one[name], str) or len(one[name]) > most):
            wrong.append(_wrong(f"{where}/{name}", _("un texte de %(n)d signes au plus") % {"n": most}))
    for name, farthest in DEGREES.items():
        if ("lat" in one or "lon" in one) and not _is_degrees(one.get(name), farthest):
            wrong.append(_wrong(f"{where}/{name}", _("un nombre de degrés\u202f; les deux ou aucun")))
    return wrong


def _is_degrees(value: Any, farthest: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= farthest


def _wrong(pointer: str, reason: str) -> dict[str, str]:
    return {"pointer": pointer, "reason": reason}
