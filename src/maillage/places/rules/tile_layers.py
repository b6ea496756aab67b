"""The optional layer under the live map: what the setting means, and pieces of a file asked for by range."""

import re
from urllib.parse import urlsplit

MOST_BYTES = 4_000_000
"""The longest piece that is sent at once."""

_HOST = r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}(?::[0-9]{1,5})?"
_SITE = re.compile(rf"https?://{_HOST}/[^\s;,'\"<>\\@]{{1,500}}")
_FILE = re.compile(r"/?[\w][\w ./-]{0,400}\.pmtiles")
_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{1,15})")


def refusal(address: str) -> str:
    """Why a setting names no layer, and what to write; empty for none, for a file, and for a site in plain letters.

    >>> [refusal(one) for one in ("", "fond.pmtiles", "https://tiles.example.org:8080/{z}/{x}/{y}.png")]
    ['', '', '']
    >>> refusal("https://{s}.tile.example.org/{z}/{x}/{y}.png")[:52]
    'MAILLAGE_TILES : « {s} » ne se remplace pas ici : éc'
    """
    if "{s}" in address:
        return (
            "MAILLAGE_TILES : « {s} » ne se remplace pas ici : écrivez le nom d’un seul serveur, "
            "comme https://tuiles.exemple.fr/{z}/{x}/{y}.png."
        )
    images = all(sign in address for sign in ("{z}", "{x}", "{y}"))
    if not address or _FILE.fullmatch(address) or (_SITE.fullmatch(address) and (images or _is_pmtiles(address))):
        return ""
    return (
        f"MAILLAGE_TILES : « {address[:100]} » ne se lit pas. Écrivez une adresse simple, sans nom ni mot de passe, "
        "comme https://tuiles.exemple.fr/{z}/{x}/{y}.png, ou un fichier en .pmtiles (minuscules) du dossier "
        "MAILLAGE_HOME, comme fond.pmtiles."
    )


def _is_pmtiles(address: str) -> bool:
    return address.endswith(".pmtiles")


def host_of(address: str) -> str:
    """The host that pages may ask for a layer, as a policy names it; empty for a file of ours or no layer.

    >>> host_of("https://tiles.example.org/{z}/{x}/{y}.png"), host_of("fond.pmtiles"), host_of("")
    ('https://tiles.example.org', '', '')
    """
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""


def is_own_file(address: str) -> bool:
    """Whether the setting names a PMTiles file that this site serves.

    >>> is_own_file("fond.pmtiles"), is_own_file("https://example.org/fond.pmtiles"), is_own_file("")
    (True, False, False)
    """
    return _is_pmtiles(address) and not host_of(address)


def piece(header: str, size: int) -> tuple[int, int] | None:
    """The first and last byte of a piece of a file of `size` bytes; None when there is no such piece.

    >>> piece("bytes=0-99", 1_000), piece("bytes=990-2000", 1_000), piece("bytes=1000-1001", 1_000)
    ((0, 99), (990, 999), None)
    >>> piece("bytes=5-1", 1_000), piece("bytes=-5", 1_000), piece("bytes=0-99999999", 10_000_000)
    (None, None, (0, 3999999))
    """
    found = _RANGE.fullmatch(header)
    if found is None:
        return None
    first, last = int(found[1]), min(int(found[2]), size - 1)
    return (first, min(last, first + MOST_BYTES - 1)) if first <= last else None
