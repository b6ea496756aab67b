"""Official codes, as people and files write them."""

import re

COMMUNE = re.compile(r"(?:\d{2}|2[AB])\d{3}", re.ASCII)
DEPARTEMENT = re.compile(r"\d{2}|2[AB]|97\d", re.ASCII)
REGION = re.compile(r"\d{2}", re.ASCII)
EPCI = re.compile(r"\d{9}", re.ASCII)
POSTAL = re.compile(r"\d{5}", re.ASCII)


def commune_code(text: object) -> str | None:
    """Read a commune code (Insee, five signs) or None; a Corsican letter may be in lower case.

    >>> commune_code(" 2a004 "), commune_code("39093"), commune_code("3909"), commune_code(None)
    ('2A004', '39093', None, None)
    """
    if not isinstance(text, str) or len(text) > 20:
        return None
    code = text.strip().upper()
    return code if COMMUNE.fullmatch(code) else None
