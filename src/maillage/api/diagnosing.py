"""What anybody may ask of a territory: its diagnosis, and where to open."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from maillage.api import parameters
from maillage.api.kept import Told, daily
from maillage.api.problems import ProblemRaised
from maillage.diagnosis import queries
from maillage.diagnosis.labels import refusal
from maillage.diagnosis.queries.plan import PAGE_SECONDS
from maillage.diagnosis.rules import asking
from maillage.diagnosis.rules.asking import LONGEST_MIN, MOST_CHANGES, SHORTEST_MIN, Refused
from maillage.diagnosis.rules.documents import as_data, plan_data
from maillage.diagnosis.rules.facts import DEFAULT_WITHIN_MIN, Request
from maillage.diagnosis.views.bounds import HeldBack, spent
from maillage.territory.queries import Territory

MOST_SITES = 20
NOWHERE = frozenset({"territory", "territory-proposed", "empty"})
"""Refusals that mean: no such territory."""
BLAMED: Mapping[str, str] = {
    "within": "within",
    "sites": "k",
    "sites-candidates": "k",
    "open-unknown": "open",
    "open-proposed": "open",
    "open-nowhere": "open",
    "close-unknown": "close",
    "close-shut": "close",
}
_SLUGS = {"type": "array", "items": {"type": "string", "pattern": "^[a-z0-9-]{1,120}$"}, "maxItems": MOST_CHANGES}
_CODES = {"type": "array", "items": {"type": "string", "pattern": "^[0-9][0-9AB][0-9]{3}$"}, "maxItems": MOST_CHANGES}
WITHIN = parameters.told(
    "within",
    {"type": "integer", "minimum": SHORTEST_MIN, "maximum": LONGEST_MIN, "default": DEFAULT_WITHIN_MIN},
    "Le seuil : à combien de minutes d’un lieu on en est encore près.",
)
OPEN = parameters.told("open", _CODES, "Essaie d’ouvrir un lieu dans ces communes (code Insee) ; répétable.")
CLOSE = parameters.told("close", _SLUGS, "Essaie de fermer ces lieux (leur adresse, ou « slug ») ; répétable.")
K = parameters.told(
    "k",
    {"type": "integer", "minimum": 1, "maximum": MOST_SITES},
    "Combien de lieux ouvrir ; jamais plus que de communes. Sans lui, cinq, ou moins.",
)


@daily
def territory_diagnosis(request: HttpRequest, code: str) -> Told:
    """Un territoire expliqué : qui y vit, ce qui existe, qui en est loin, une réponse franche.

    Chaque phrase de la conclusion nomme sa règle et ses chiffres. « null » : personne ne sait.
    """
    given = parameters.read_strictly(request, "within", "open", "close")
    with _computed(request, code, given):
        return Told(as_data(queries.diagnose(_asked(code, given), today=timezone.localdate())))


@daily
def territory_sites(request: HttpRequest, code: str) -> Told:
    """Les meilleures communes où ouvrir, en plus des lieux ouverts, et ce qui en est prouvé.

    « gap » : ce qui peut manquer au meilleur choix possible, 0 si rien ; deux secondes de recherche au plus.
    """
    given = parameters.read_strictly(request, "within", "open", "close", "k")
    k = parameters.read_count(given, "k", most=MOST_SITES) if "k" in given else 0
    with _computed(request, code, given) as where:
        asked = _asked(code, given, k)
        plan = queries.best_sites(asked, time_limit_s=PAGE_SECONDS)
    about = {"territory": where.reference, "name": where.name, "within_min": asked.within_min}
    return Told(about | plan_data(plan))


@contextmanager
def _computed(request: HttpRequest, code: str, given: Mapping[str, list[str]]) -> Iterator[Territory]:
    """Compute something of a territory within the bounds of its page, whoever asks; refusals become problems."""
    try:
        where = queries.territory_of(code[:40])
        with spent(request, where.reference):
            yield where
    except Refused as refused:
        raise _problem(refused, given) from refused
    except HeldBack as held:
        kind = "occupe" if held.why == "busy" else "trop"
        raise ProblemRaised(kind, headers={"Retry-After": str(held.wait_s)}) from held


def _asked(code: str, given: Mapping[str, list[str]], k: int = 0) -> Request:
    return asking.request(
        code[:40],
        within_min=given.get("within", [str(DEFAULT_WITHIN_MIN)])[0],
        opened=given.get("open", []),
        closed=given.get("close", []),
        best_sites=k,
    )


def _problem(refused: Refused, given: Mapping[str, list[str]]) -> ProblemRaised:
    if refused.rule in NOWHERE:
        return ProblemRaised("introuvable", refusal(refused))
    name = BLAMED.get(refused.rule, str(refused.figures.get("kind", "")))
    value = str(refused.figures.get("value", ", ".join(given.get(name, []))))
    error: dict[str, Any] = {"parameter": name, "value": value[:80], "reason": refusal(refused)}
    return ProblemRaised("parametres", errors=[error])
