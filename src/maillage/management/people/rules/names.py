"""Names as they are compared: without capitals, accents, hyphens, nor the order of their words."""

import re
import unicodedata

LONGEST_FOLDED = 240
_TOGETHER = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "’": "'"})
_BETWEEN = re.compile(r"[^\w]+|_+")


def folded(name: str) -> str:
    """A name as it is searched and compared.

    >>> folded("Anne-Éloïse  D’ŒUVRE"), folded("<b>Ève</b>")
    ('anne eloise d oeuvre', 'b eve b')
    """
    apart = unicodedata.normalize("NFKD", name.casefold().translate(_TOGETHER))
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return " ".join(_BETWEEN.sub(" ", plain.casefold()).split())[:LONGEST_FOLDED].strip()


def sorted_words(name: str) -> str:
    """The words of a folded name in one order, so that « Dupont Marie » is « Marie Dupont ».

    >>> sorted_words("marie dupont"), sorted_words("dupont marie")
    ('dupont marie', 'dupont marie')
    """
    return " ".join(sorted(name.split()))


def one_slip(one: str, other: str) -> bool:
    """Whether one letter more, less, changed, or two neighbours exchanged make one text the other.

    >>> one_slip("martin", "martine"), one_slip("marie", "maire"), one_slip("marie", "mairie"), one_slip("paul", "jean")
    (True, True, True, False)
    """
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    return short[start + 1 :] == long[start + 1 :] or (
        short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
    )


def slips(text: str) -> set[str]:
    """A text and all that it is without one letter: two texts one slip apart share one of these."""
    return {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))}
