"""Names of places as they are compared: what people type and what registers print meet here."""

import re
import unicodedata

ARTICLES = frozenset({"le", "la", "les", "l"})
LONGEST_TEXT = 200

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_SUR = re.compile(r"\bs/\s*")
_BREAKS = re.compile(r"[\W_]+")
_SAINTS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}


def fold(text: str) -> str:
    """Lower the case, drop accents and ligatures, turn hyphens, apostrophes and other signs into single spaces.

    >>> fold("  L’Haÿ-les-Roses "), fold("St-Brevin"), fold("CHALON S/ SAONE")
    ('l hay les roses', 'st brevin', 'chalon sur saone')
    """
    lowered = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES))
    plain = "".join(character for character in lowered if not unicodedata.combining(character))
    return _BREAKS.sub(" ", _SUR.sub("sur ", plain)).strip()


def normalise(text: str) -> str:
    """Fold a name and write its abbreviated saints in full, so that two spellings of one name are equal.

    >>> normalise("St-Brevin-les-Pins") == normalise("SAINT BREVIN LES PINS")
    True
    >>> normalise("Ste-Œuilly d'Arc"), normalise("Ḧ\\x00🎈")
    ('sainte oeuilly d arc', 'h')
    """
    return " ".join(_SAINTS.get(word, word) for word in fold(text).split())


def without_articles(normalised: str) -> str:
    """Drop le, la, les, l' from a normalised name, unless nothing else would be left.

    >>> without_articles("la baule escoublac"), without_articles("l hay les roses"), without_articles("les")
    ('baule escoublac', 'hay roses', 'les')
    """
    words = [word for word in normalised.split() if word not in ARTICLES]
    return " ".join(words) or normalised
