"""How the value of any field of a place is said: in its table of provenance and in its history."""

import re
from collections.abc import Mapping
from functools import lru_cache, reduce
from types import MappingProxyType
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from maillage.accounts.rules import COLLEAGUE, FACILITATOR, NETWORK_OFFICER, OBSERVER, OPERATOR, read_signature
from maillage.places.labels import label
from maillage.places.rules.jsonld import plain_text
from maillage.places.rules.prose import as_typed
from maillage.places.rules.vocabulary import FEATURES
from maillage.places.views.timetable_wording import timetable
from maillage.places.views.wording import figure, partial_date

_KINDS = {"status": "status", "precision": "precision", "closed_cause": "closed_cause"}
PROSE = frozenset({"description", "how_to_come", "how_to_join", "how_to_help", "prices", "opening_hours", "photos"})
"""Fields that people write in French, whatever the language of the page."""
_DATES = {"opened_on", "closed_on"}
_SHORT = 180
NO_NAMES: Mapping[str, str] = MappingProxyType({})


def word(kind: str, code: str) -> str:
    """The label of a word of the vocabulary in the language of the page."""
    return _word(get_language() or "fr", kind, code)


@lru_cache(maxsize=2048)
def _word(_language: str, kind: str, code: str) -> str:
    return str(label(kind, code))


def field_label(field: str) -> str:
    return _("Photos") if field == "photos" else word("fields", field)


def in_french(field: str, value: Any) -> bool:
    """Whether a value is shown as people wrote it, in French; hours that can be read are said in words instead."""
    return field in PROSE and not (field == "opening_hours" and timetable(str(value or "")))


def hours_in_words(oh: str) -> str:
    """« Lundi au vendredi : 9 h – 18 h ; samedi : 9 h – 12 h »; as they were written where they cannot be read."""
    lines = timetable(oh)
    if not lines:
        return oh
    told = [_("%(when)s\u202f: %(times)s") % {"when": when, "times": ", ".join(times)} for when, times in lines]
    if (get_language() or "fr").startswith("fr"):
        told[1:] = [line[:1].lower() + line[1:] for line in told[1:]]
    return reduce(lambda said, line: _("%(said)s\u202f; %(line)s") % {"said": said, "line": line}, told)


def shown(field: str, value: Any, communes: Mapping[str, str] = NO_NAMES) -> str:
    """A value in words, cut to a line or two; empty for a value that says nothing.

    `communes` gives names by INSEE code; a commune without a name is shown by its code.
    """
    if field == "description":
        return cut(plain_text(str(value or "")))
    told = whole(field, value, communes)
    return told if field in FEATURES or field in _KINDS else cut(told)


def whole(field: str, value: Any, communes: Mapping[str, str] = NO_NAMES) -> str:
    """A value in words, all of it; a description as its team types it."""
    if value is None or value in ("", []):
        return ""
    if field == "commune":
        return communes.get(value, str(value))
    if field == "opening_hours":
        return hours_in_words(str(value))
    if field in FEATURES:
        return ", ".join(word(field, code) for code in value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if field in _KINDS:
        return word(_KINDS[field], value)
    if field in _DATES:
        return partial_date(str(value))
    if field in ("lat", "lon") and isinstance(value, (int, float)):
        return figure(value, 5)
    if field == "description":
        return as_typed(str(value))
    return str(value)


def cut(text: str) -> str:
    """A text of at most 180 signs, with an ellipsis where it was cut."""
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1].rstrip()}…"


def author(by: str) -> str:
    """Who acted, in words that name nobody's account: « compte:12:facilitator » is « L’équipe du lieu »."""
    return _known_author(by) or by.removeprefix("compte:")


def by_whom(by: str) -> str:
    """Who acted, after « par »: « l’équipe du lieu »; a free name keeps its capitals."""
    known = _known_author(by)
    return known[:1].lower() + known[1:] if known else author(by)


def _known_author(by: str) -> str:
    signed = read_signature(by)
    if signed:
        return {
            OPERATOR: _("L’exploitant du site"),
            FACILITATOR: _("L’équipe du lieu"),
            COLLEAGUE: _("L’équipe du lieu"),
            NETWORK_OFFICER: _("Le réseau"),
            OBSERVER: _("Un observateur"),
        }.get(signed[1], _("Un compte du site"))
    if re.fullmatch(r"compte:[0-9]+(:.*)?", by):
        return _("Un compte du site")
    if by.startswith("cle:"):
        return _("Un programme du lieu")
    if by.startswith("instance:"):
        return _("L’instance de Maillage qui tient ce lieu")
    return {
        "affiche": _("Une personne sur place"),
        "voix": _("Les voix des voisins"),
        "courriel-du-lieu": _("L’adresse publiée du lieu"),
        "courrier-du-lieu": _("Une lettre reçue au lieu"),
        "commande:import": _("Import d’un fichier"),
        "commande:demo": _("Démonstration"),
        "commande:run": _("Mise en route"),
        "commande:invite": _("La machine du site"),
        "commande:restore": _("La machine du site"),
    }.get(by, "")
