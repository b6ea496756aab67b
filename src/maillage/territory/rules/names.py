"""Names of places as they are compared: what people type and what registers print meet here."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

ARTICLES = frozenset({"le", "la", "les", "l"})
LONGEST_TEXT = 200
LONGEST_DEPARTEMENT = 5
"""Words: « Territoire de Belfort » has three, « Alpes de Haute-Provence » four, « Saint-Pierre et Miquelon » four."""

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_SUR = re.compile(r"\bs/\s*")
_BREAKS = re.compile(r"[\W_]+")
_LINK = r"(?:(?:du|de la|de l|des|de|d|la|le|les|l) )?"
_EPCI_BEFORE = re.compile(
    r"(?:communautes? de communes|communautes? d agglomerations?|communaute urbaine|agglomeration|agglo|metropole"
    rf"|cc|ca|cu) {_LINK}(?=\w)"
)
_EPCI_AFTER = re.compile(r"(?<=\w) (?:communaute|agglomeration|agglo|metropole)$")
_BEFORE_A_DEPARTEMENT = re.compile(r"(?<=\w) (?:du|de la|de l|des|de|d|en|dans le|dans la|dans l|dans les|a la)$")
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


def without_epci_kind(normalised: str) -> str:
    """Drop what says that a normalised name is an EPCI's: communauté de communes, CC, agglo, métropole…

    >>> without_epci_kind("communaute de communes du val d amour"), without_epci_kind("nantes metropole")
    ('val d amour', 'nantes')
    >>> without_epci_kind("ca"), without_epci_kind("caen"), without_epci_kind("metropole")
    ('ca', 'caen', 'metropole')
    """
    before = _EPCI_BEFORE.match(normalised)
    left = normalised[before.end() :] if before else normalised
    return _EPCI_AFTER.sub("", left)


def begins_as_epci(normalised: str) -> bool:
    """Whether a normalised text begins with the kind of an EPCI, and names something after it.

    >>> begins_as_epci("cc du val d amour"), begins_as_epci("cafe"), begins_as_epci("nantes metropole")
    (True, False, False)
    """
    return _EPCI_BEFORE.match(normalised) is not None


def name_and_tail(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each way to read folded words as a name and, behind it, a département's; the longest départements first.

    >>> list(name_and_tail(["saint", "leu", "de", "la", "reunion"]))[-2:]
    [('saint leu', 'la reunion'), ('saint leu', 'reunion')]
    """
    for cut in range(max(1, len(words) - LONGEST_DEPARTEMENT), len(words)):
        yield _BEFORE_A_DEPARTEMENT.sub("", " ".join(words[:cut])), " ".join(words[cut:])
