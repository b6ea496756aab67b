"""What a raw row may show to everybody: all of it, but what speaks of a person."""

import re
from collections.abc import Mapping
from typing import Any

_PERSONAL_KEY = re.compile(
    r"mail|courriel|contact|(?<![a-zà-ÿ])t[eé]l|phone|portable|mobile(?![a-z])|fax|responsable|r[eé]f[eé]rent|g[eé]rant|pr[eé]nom|civilit[eé]"
    r"|twitter|facebook|linkedin|instagram",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+\d{2,3}|0)(?:[ .-]?\d){9}\b")
CONTACTS = ("phone", "email")
"""What reaches somebody: shown to everybody for as long as the place says it, and no longer."""
MOST = 60
LONGEST = 200


def without_personal_data(raw: Mapping[str, Any]) -> dict[str, str]:
    """Keep the cells of a raw row that say something of the place and nothing of a person, as short texts.

    >>> without_personal_data({"NOM_TL": "Anticafé", "MAIL": "x", "NOTE": "voir jean@exemple.fr", "TWITTER": ""})
    {'NOM_TL': 'Anticafé'}
    """
    shown: dict[str, str] = {}
    for key, value in raw.items():
        text = " ".join(str(value).split()) if value is not None else ""
        if not text or _PERSONAL_KEY.search(str(key)) or _EMAIL.search(text) or _PHONE.search(text):
            continue
        shown[str(key)[:80]] = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
        if len(shown) == MOST:
            break
    return shown


def without_past_contacts(
    changes: Mapping[str, list[Any]], now_shown: Mapping[str, Any], instead: str
) -> dict[str, list[Any]]:
    """The changes of a sheet with a word instead of each phone number or address that it shows no longer.

    >>> without_past_contacts({"phone": ["01", "02"], "email": ["", "a@b.fr"]}, {"phone": "02", "email": ""}, "…")
    {'phone': ['…', '02'], 'email': ['', '…']}
    """

    def told(name: str, value: Any) -> Any:
        return instead if name in CONTACTS and value and value != now_shown[name] else value

    return {name: [told(name, value) for value in pair] for name, pair in changes.items()}
