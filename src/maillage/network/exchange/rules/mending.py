"""Small repairs of what people type in public files; what cannot be repaired is left out and told."""

import html
import re

from maillage.places.rules.fields import BadValue, read_url

_HTTP = re.compile(r"https?://\S+", re.IGNORECASE)
_ISO = re.compile(r"([0-9]{4})(?:[-/]([0-9]{2})(?:[-/]([0-9]{2}))?)?(?:[ T].*)?")
_FRENCH = re.compile(r"(?:([0-9]{1,2})/)?([0-9]{1,2})/([0-9]{4})(?: .*)?")
_HANDLE = re.compile(r"@?([A-Za-z0-9_]{1,30})")
_PAGE = re.compile(r"/?[^\s/@][^\s@]{1,200}")


def address(text: str) -> str | None:
    """The web address in a cell, scheme added where it is missing; None when there is none.

    An e-mail address or a person's name typed there is not a web address.

    >>> address("www.ade-coworking.net"), address("Studio http://theschoolab.com/"), address("moi@laposte.fr")
    ('https://www.ade-coworking.net', 'http://theschoolab.com/', None)
    """
    said = " ".join(text[:1000].split())
    inside = _HTTP.search(said)
    candidate = inside[0] if inside else said
    if not inside and ("." not in candidate or " " in candidate or "@" in candidate):
        return None
    try:
        return read_url(candidate)
    except BadValue:
        return None


def social(text: str, site: str) -> str | None:
    """The address of a page on a network (`twitter.com`), from an address, a handle or a page name.

    >>> social("@collectif_poc", "twitter.com"), social("/groups/wigwam.lannion", "www.facebook.com")
    ('https://twitter.com/collectif_poc', 'https://www.facebook.com/groups/wigwam.lannion')
    """
    said = " ".join(text[:500].split())
    if _HTTP.search(said) or site.removeprefix("www.") in said:
        return address(said)
    handle = _HANDLE.fullmatch(said)
    if handle:
        return address(f"https://{site}/{handle[1]}")
    return address(f"https://{site}/{said.lstrip('/')}") if _PAGE.fullmatch(said) else None


def partial_date(text: str) -> str | None:
    """An ISO date, cut where the source stops, from the ways French files write it; "" if empty, None if unreadable.

    >>> partial_date("04/11/2021 15:15:13"), partial_date("06/2019"), partial_date("?")
    ('2021-11-04', '2019-06', None)
    """
    said = text.strip()[:40]
    if not said:
        return ""
    iso, french = _ISO.fullmatch(said), _FRENCH.fullmatch(said)
    if iso:
        year, month, day = iso[1], iso[2], iso[3]
    elif french:
        year, month, day = french[3], f"{int(french[2]):02}", f"{int(french[1]):02}" if french[1] else None
    else:
        return None
    if not 1800 <= int(year) <= 2100 or (month and not 1 <= int(month) <= 12) or (day and not 1 <= int(day) <= 31):
        return None
    return "-".join(part for part in (year, month, day) if part)


def plain(text: str) -> str:
    """Text whose HTML entities are characters again, as in « Vert&amp;Co ».

    >>> plain("Vert&amp;Co"), plain("A & B; C")
    ('Vert&Co', 'A & B; C')
    """
    return html.unescape(text) if "&" in text and ";" in text else text
