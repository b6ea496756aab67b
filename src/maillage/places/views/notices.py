"""What the list says of a question that it could not take as it was asked."""

import re
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.places.queries import Aimed, Listing
from maillage.places.rules.filters import PlaceFilter, Problem
from maillage.places.views.wording import of_name, words
from maillage.territory import queries as territory


def notices(found: Listing, asked: PlaceFilter, problems: list[Problem], base: str) -> list[dict[str, Any]]:
    """Messages with the links that mend: [{text, links: [{url, label}]}]."""
    said: list[dict[str, Any]] = [{"text": problem_text(problem), "links": []} for problem in problems]
    if found.lost:
        value = asked.near if found.lost == "near" else asked.territory
        text = _("«\u202f%(value)s\u202f» n’est le code d’aucun territoire connu\u202f: cherchez-le par son nom.")
        said.append({"text": text % {"value": value or found.filter.near}, "links": []})
    if found.near and found.near.estimated:
        text = _("Le centre %(name)s est estimé d’après ses voisines\u202f: les temps sont approximatifs.")
        said.append({"text": text % {"name": of_name(found.near.name)}, "links": []})
    if found.suggestions and found.items:
        text = _("Vouliez-vous dire\u202f?") if not found.understood else _beside(asked.q, found.suggestions)
        said.append({"text": text, "links": [_link(hit, found.filter, base) for hit in found.suggestions]})
    if found.aimed and found.items:
        said.append({"text": _("Vouliez-vous dire\u202f?"), "links": [aimed_link(found.aimed, base)]})
    if found.named and (found.items or found.understood):
        said.append({"text": _("Vous cherchiez un lieu de ce nom\u202f?"), "links": named_links(found)})
    return said


def aimed_link(aimed: Aimed, base: str) -> dict[str, str]:
    """The question that words make when they say what is looked for, and where."""
    kind, code = aimed.what
    what = words("intents" if kind == "intent" else kind)[code]
    if aimed.where.kind == "commune":
        label = _("%(what)s, autour %(of_name)s") % {"what": what, "of_name": of_name(aimed.where.name)}
    else:
        label = f"{what}, {aimed.where.name}"
    return {"url": f"{base}?{aimed.filter.query_string()}", "label": label}


def named_links(found: Listing) -> list[dict[str, str]]:
    """The places whose name is that of the words, or nearly."""
    return [
        {"url": reverse("place", args=[slug]), "label": f"{name}, {city}" if city else name}
        for slug, name, city in found.named
    ]


def _beside(words: str, others: tuple[territory.Hit, ...]) -> str:
    if not all(hit.exact for hit in others):
        return _("Vouliez-vous dire\u202f?")
    if re.fullmatch(r"[0-9]{5}", words.replace(" ", "")):
        return _("Ce code postal est aussi celui de\u202f:")
    return _("Ce nom désigne aussi\u202f:")


def there(hit: territory.Hit, filter: PlaceFilter) -> PlaceFilter:
    """The same question asked around a commune, or in a larger territory, instead of with words."""
    if hit.kind == "commune":
        return replace(filter, q="", sort="", near=hit.code, territory="")
    return replace(filter, q="", sort="", near="", territory=hit.reference)


def _link(hit: territory.Hit, filter: PlaceFilter, base: str) -> dict[str, str]:
    return {"url": f"{base}?{there(hit, filter).query_string()}", "label": f"{hit.name}, {hit.context}"}


def problem_text(problem: Problem) -> str:
    """Why a parameter was left aside, and what it accepts."""
    texts = {
        "cut": _("La recherche a été coupée à 200 caractères."),
        "number": _("Le temps «\u202f%(value)s\u202f» n’est pas un nombre de minutes\u202f: 20 minutes sont retenues."),
        "bounded": _("Le temps va de 5 à 60 minutes\u202f: la borne la plus proche est retenue."),
        "territory": _(
            "Territoire illisible\u202f: «\u202f%(value)s\u202f». Il s’écrit comme dep-39 ou commune-39093."
        ),
        "near": _(
            "Point illisible\u202f: «\u202f%(value)s\u202f». Donnez un code Insee, ou une latitude et une longitude."
        ),
        "bbox": _("Cadre illisible\u202f: «\u202f%(value)s\u202f». Il s’écrit ouest,sud,est,nord en degrés."),
        "bbox-reversed": _("Cadre retourné\u202f: «\u202f%(value)s\u202f». Il s’écrit ouest,sud,est,nord."),
    }
    unknown = _(
        "«\u202f%(value)s\u202f» n’est pas un mot connu de «\u202f%(parameter)s\u202f»\u202f: il est laissé de côté."
    )
    return texts.get(problem.code, unknown) % {"value": problem.value, "parameter": problem.parameter}
