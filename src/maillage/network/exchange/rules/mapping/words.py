"""The dictionary of `words.toml`: which field a column's name means, which of our words a cell means."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from maillage.places.rules.drafts import FEATURE_FIELDS, FIELDS
from maillage.territory.rules.names import fold

_READ = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
OTHERS = ("ref", "dated", "point")
"""What a column may tell beside our fields: the source's own reference, its date, both coordinates in one cell."""
FIELD_NAMES = tuple(name for name in (*FIELDS, *OTHERS) if name in _READ["fields"])
"""All that a column may be said to tell."""
SEVERAL = frozenset({"street", "links", "description", *FEATURE_FIELDS})
"""Fields that several columns may feed at once; of the columns of another field, the first that is filled tells it."""
TITLES: Mapping[str, str] = {name: said[0] for name, said in _READ["fields"].items()}
"""The French name of each field that a column may feed."""
SYNONYMS: Mapping[str, frozenset[str]] = {
    name: frozenset({fold(word) for word in said} | {fold(name)}) for name, said in _READ["fields"].items()
}
CODED = ("status", *FEATURE_FIELDS)
"""Fields that hold codes of a vocabulary."""
WORDS: Mapping[str, Mapping[str, str]] = {
    field: {fold(said): code for code, words in known.items() for said in (code, *words)}
    for field, known in _READ["words"].items()
}
YES, NO = frozenset(_READ["cells"]["yes"]), frozenset(_READ["cells"]["no"])
_BREAKS = (re.compile(r"[|;\n]"), re.compile(r","), re.compile(r"\s/\s|/"))


def field_named(said: str) -> str | None:
    """The field that a person names, in our words or in French; None if there is none.

    >>> field_named("Code postal"), field_named("postal_code"), field_named("latitude"), field_named("couleur")
    ('postal_code', 'postal_code', 'lat', None)
    """
    wanted = fold(said[:120])
    exact = next((name for name in FIELD_NAMES if wanted in (fold(name), fold(TITLES[name]))), None)
    return exact or next((name for name in FIELD_NAMES if wanted in SYNONYMS[name]), None)


def code_of(field: str, said: str, own: Mapping[str, str] | None = None) -> str | None:
    """Our code for a word of a source, "" for one that was put aside by hand; None if it means nothing here.

    >>> code_of("activities", "Bureaux partagés / Coworking"), code_of("activities", "Pétanque")
    ('coworking', None)
    >>> code_of("activities", "Pétanque", {"petanque": "culture"})
    'culture'
    """
    wanted = fold(said[:400])
    return own[wanted] if own and wanted in own else WORDS[field].get(wanted)


def pieces(field: str, cell: str, own: Mapping[str, str] | None = None) -> list[str]:
    """The words of a cell: one that is known is not cut; the others are cut at `|`, `;`, then commas, then strokes.

    >>> pieces("activities", "Fablab, Bureaux partagés / Coworking; Pétanque")
    ['Fablab', 'Bureaux partagés / Coworking', 'Pétanque']
    """
    found = [cell]
    for breaks in _BREAKS:
        found = [
            piece.strip()
            for word in found
            for piece in ([word] if code_of(field, word, own) is not None else breaks.split(word))
            if piece.strip()
        ]
    return found[:100]


def is_yes(cell: str) -> bool | None:
    """Yes, no, or neither.

    >>> is_yes("OUI"), is_yes("non"), is_yes("un peu")
    (True, False, None)
    """
    said = fold(cell[:40])
    return True if said in YES else False if said in NO else None
