"""Signs that the letters of a paper have: a name may hold any other, and a PDF refuses to be written with it."""

import unicodedata
from typing import Any

PRINTED = (
    "0020-007E 00A0-00AC 00AE-017F 0218-021B 02B0-02E4 0300-0331 0384-038A 038C-038C 038E-03A1 03A3-03CE 0401-0401 "
    "0403-040C 040F-044F 0451-0451 0453-0453 0455-0458 045C-045C 045E-045E 1E00-1E9B 1E9E-1E9E 1EA0-1EF9 2000-200A "
    "2010-2027 202F-2037 2039-203E 2044-2044 2070-2071 2074-208E 20AC-20AC 2113-2113 2116-2116 2122-2122 2153-2184 "
    "2190-2199 220F-221C 221E-221E 2248-2248 2260-2260 2264-2265 25A0-25A1 25CF-25CF"
)
"""Latin, Greek and Cyrillic letters, punctuation and a few marks that every style of Libertinus Serif draws."""
UNKNOWN = "□"
"""What stands for letters of another writing, so that a name is not taken for another one."""
_PRINTED = frozenset(
    chr(code)
    for first, last in (pair.split("-") for pair in PRINTED.split())
    for code in range(int(first, 16), int(last, 16) + 1)
)


def printable(text: str) -> str:
    """Write a text with the signs of the paper: pictures and controls are left out, letters of elsewhere are marked.

    A letter in disguise (bold of mathematics, wide) is written as the plain one. A text of which nothing is left is
    one mark, never empty; printable twice is printable once.

    >>> printable("Le Nid ✨"), printable("𝓛𝓮 Nid"), printable("字字 Nid"), printable("✨")
    ('Le Nid', 'Le Nid', '□ Nid', '□')
    """
    if all(sign in _PRINTED for sign in text):
        return text
    written: list[str] = []
    for sign in unicodedata.normalize("NFC", text):
        told = _written(sign)
        if told != UNKNOWN or written[-1:] != [UNKNOWN]:
            written.append(told)
    kept = " ".join(part for part in "".join(written).split(" ") if part)
    return kept or (UNKNOWN if text.strip() else "")


def _written(sign: str) -> str:
    if sign in _PRINTED:
        return sign
    if sign in "\t\n\r\u2028\u2029":
        return " "
    plain = unicodedata.normalize("NFKC", sign)
    if plain.isalnum() and all(one in _PRINTED for one in plain):
        return plain
    return UNKNOWN if unicodedata.category(sign)[0] in "LN" else ""


def all_printable(told: Any) -> Any:
    """The same lists and tables of words, every text printable.

    >>> all_printable({"name": "Nid\\x07", "rows": [["✨ Ici", 3]]})
    {'name': 'Nid', 'rows': [['Ici', 3]]}
    """
    if isinstance(told, str):
        return printable(told)
    if isinstance(told, dict):
        return {key: all_printable(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [all_printable(value) for value in told]
    return told
