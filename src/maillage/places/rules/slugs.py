"""Addresses of pages: readable, stable, unique."""

import re
import unicodedata
from collections.abc import Container

LENGTH = 100


def slugify(text: str) -> str:
    """Turn a name into lower-case ASCII words joined by hyphens; `lieu` when nothing is left.

    >>> slugify("L’Œuf & la Poule — Café d’été"), slugify("???")
    ('l-oeuf-la-poule-cafe-d-ete', 'lieu')
    """
    text = text.casefold().replace("œ", "oe").replace("æ", "ae").replace("ß", "ss")
    spaced = re.sub(r"[’'`]", " ", text)
    ascii_text = unicodedata.normalize("NFKD", spaced).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:LENGTH].rstrip("-") or "lieu"


def free_slug(name: str, commune: str, taken: Container[str]) -> str:
    """The first free address among name, name-commune, name-commune-2, …

    >>> free_slug("La Maille", "Chamblay", {"la-maille"})
    'la-maille-chamblay'
    """
    base = slugify(name)
    candidate = base
    if candidate in taken and commune:
        candidate = base = f"{base[: LENGTH - 30]}-{slugify(commune)[:29]}"
    number = 2
    while candidate in taken:
        candidate = f"{base}-{number}"
        number += 1
    return candidate
