"""How the value of any field of a place is said: in its table of provenance and in its history."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from maillage.places.labels import LABELS, label
from maillage.places.rules.jsonld import plain_text
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
    return "\u202f; ".join([told[0], *(line[:1].lower() + line[1:] for line in told[1:])])


def shown(field: str, value: Any, communes: Mapping[str, str] = NO_NAMES) -> str:
    """A value in words, cut to a line or two; empty for a value that says nothing.

    `communes` gives names by INSEE code; a commune without a name is shown by its code.
    """
    if value is None or value in ("", []):
        return ""
    if field == "commune":
        return communes.get(value, str(value))
    if field == "opening_hours":
        return cut(hours_in_words(str(value)))
    if field in FEATURES:
        return ", ".join(word(field, code) for code in value)
    if isinstance(value, list):
        return cut(", ".join(map(str, value)))
    if field in _KINDS:
        return word(_KINDS[field], value)
    if field in _DATES:
        return partial_date(str(value))
    if field in ("lat", "lon") and isinstance(value, (int, float)):
        return figure(value, 5)
    if field == "description":
        return cut(plain_text(str(value)))
    return cut(str(value))


def cut(text: str) -> str:
    """A text of at most 180 signs, with an ellipsis where it was cut."""
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1].rstrip()}…"


def changes(
    said: Mapping[str, list[Any]], *, first: bool = False, communes: Mapping[str, str] = NO_NAMES
) -> list[dict[str, Any]]:
    """The changes of a revision, field by field, in the order of the vocabulary.

    Of a list, only what left and what came; of the first revision, only what came.
    """
    order = {field: place for place, field in enumerate([*LABELS["fields"], "photos"])}
    told = []
    for field, (before, after) in sorted(said.items(), key=lambda item: order.get(item[0], 99)):
        if isinstance(before, list) and isinstance(after, list):
            before, after = [w for w in before if w not in after], [w for w in after if w not in before]
        told.append(
            {
                "field": field_label(field),
                "before": "" if first else shown(field, before, communes),
                "before_french": in_french(field, before),
                "after": shown(field, after, communes),
                "after_french": in_french(field, after),
            }
        )
    return [change for change in told if change["before"] or change["after"]]


def author(by: str) -> str:
    """Who acted, in words: « commande:import » is « import d’un fichier »."""
    known = {
        "commande:import": _("Import d’un fichier"),
        "commande:demo": _("Démonstration"),
        "commande:run": _("Mise en route"),
    }
    return known.get(by) or by.removeprefix("compte:")
