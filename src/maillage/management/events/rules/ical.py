"""Calendars as files (RFC 5545): written by hand because a year of a place is a thousand events within a tenth of a
second, which the library takes a second for; tests read back with the library what this writes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

PRODUCT = "-//Maillage//FR"
LONGEST_LINE = 75
"""Bytes, without the end of the line."""
CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a calendar. `sequence` grows with each change that people must know of, under the same `uid`."""

    uid: str
    start: datetime
    end: datetime
    changed_at: datetime
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    status: str = CONFIRMED
    sequence: int = 0
    category: str = ""
    point: tuple[float, float] | None = None


def written(name: str, entries: Iterable[Entry]) -> bytes:
    """A whole calendar, in UTC."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}"]
    lines += ["REFRESH-INTERVAL;VALUE=DURATION:PT6H", "X-PUBLISHED-TTL:PT6H"]
    for entry in entries:
        lines += _event(entry)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(one: Entry) -> list[str]:
    changed = _moment(one.changed_at)
    lines = [
        "BEGIN:VEVENT",
        f"UID:{one.uid}",
        f"DTSTAMP:{changed}",
        f"LAST-MODIFIED:{changed}",
        f"DTSTART:{_moment(one.start)}",
        f"DTEND:{_moment(one.end)}",
        f"SEQUENCE:{one.sequence}",
        f"STATUS:{one.status}",
        f"SUMMARY:{escaped(one.summary)}",
    ]
    texts = (("DESCRIPTION", one.description), ("LOCATION", one.location), ("CATEGORIES", one.category))
    lines += [f"{key}:{escaped(text)}" for key, text in texts if text]
    if one.url:
        lines.append(f"URL:{one.url}")
    if one.point:
        lines.append(f"GEO:{one.point[0]:.5f};{one.point[1]:.5f}")
    lines.append("END:VEVENT")
    return lines


def _moment(at: datetime) -> str:
    at = at if at.tzinfo is UTC else at.astimezone(UTC)
    return f"{at.year:04}{at.month:02}{at.day:02}T{at.hour:02}{at.minute:02}{at.second:02}Z"


@lru_cache(maxsize=512)
def escaped(text: str) -> str:
    r"""A text as a value: no line of it can begin another property.

    >>> escaped("Café, thé; gâteaux\r\nEND:VEVENT")
    'Café\\, thé\\; gâteaux\\nEND:VEVENT'
    """
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    text = "\\n".join(text.splitlines())
    if text.isprintable():
        return text
    return "".join(sign for sign in text if sign.isprintable() or sign in "\u00a0\u202f")


def _folded(line: str) -> bytes:
    """A line cut every 75 bytes, never inside a letter."""
    whole = line.encode("utf-8", "replace")
    if len(whole) <= LONGEST_LINE:
        return whole + b"\r\n"
    parts: list[bytes] = []
    most = LONGEST_LINE
    while len(whole) > most:
        cut = most
        while whole[cut] & 0xC0 == 0x80:
            cut -= 1
        parts.append(whole[:cut])
        whole, most = whole[cut:], LONGEST_LINE - 1
    parts.append(whole)
    return b"\r\n ".join(parts) + b"\r\n"
