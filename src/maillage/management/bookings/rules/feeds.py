"""Another's calendar (.ics), read as the time that it blocks; no word of its events is kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Calendar
from recurring_ical_events import of

from maillage.management.bookings.rules.clock import boundary, day_span
from maillage.management.bookings.rules.spans import Span, Spans, in_utc, intersect, overlaps, union

MOST_BYTES = 2_000_000
HORIZON = timedelta(days=366)
MOST_OCCURRENCES = 5_000
"""Within the horizon; a room that is used more than that is no room's calendar."""
MOST_ZONES = 3
TOO_OFTEN = ("SECONDLY", "MINUTELY")
SERIES = ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
NEEDED = ("DTSTART", "DTEND", "DURATION", *SERIES)
EXACT = "X-MAILLAGE-SECONDS"
_UNREADABLE = (ValueError, LookupError, ArithmeticError, TypeError, AttributeError)

Entry = Any
"""A component of a calendar: what its properties are depends on who wrote it."""


class NotRead(ValueError):
    """A calendar that cannot be had or read: `code` is one of `labels.FEED_PROBLEMS`, `detail` fills its hole."""

    def __init__(self, code: str, detail: object = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, str(detail)[:80]


@dataclass(frozen=True, slots=True)
class Blocked:
    """The time that a calendar blocks, by how many occurrences; the events left out, the zones that nobody knows."""

    spans: Spans
    occurrences: int
    unread: int
    zones: tuple[str, ...]


def read_calendar(data: bytes, zone: ZoneInfo, first: date, last: date) -> Blocked:
    """What a file blocks from a day to another, both whole; raises `NotRead` for one that is no calendar, or too much.

    What is called off or leaves its owner free blocks nothing. A time without a zone, or in an unknown one, is on the
    clocks of the place. An event that cannot be read is left out and counted; a file cut short is refused whole.
    """
    whole = Span(day_span(first, zone).start, day_span(last, zone).end)
    spans: list[Span] = []
    unread, zones = 0, dict[str, None]()
    for calendar in _calendars(data):
        groups, lost = _groups(calendar, zones)
        named = _zone_at_head(calendar)
        unread += lost
        for group in groups:
            try:
                found = [span for span in _blocked(group, named, zone, whole) if overlaps(span, whole)]
            except NotRead:
                raise
            except _UNREADABLE:
                unread += 1
                continue
            spans += found
            if len(spans) > MOST_OCCURRENCES:
                raise NotRead("often", MOST_OCCURRENCES)
    return Blocked(intersect(union(spans), (whole,)), len(spans), unread, tuple(zones)[:MOST_ZONES])


def _calendars(data: bytes) -> list[Entry]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    text = text.strip().replace("\x00", "")
    if text[:200].lstrip().lower().startswith(("<!doctype html", "<html")):
        raise NotRead("page")
    ends = text[:15].upper() == "BEGIN:VCALENDAR", text[-13:].upper() == "END:VCALENDAR"
    if ends != (True, True):
        raise NotRead("cut" if ends[0] else "broken")
    try:
        found = list(Calendar.from_ical(text, multiple=True))
    except (*_UNREADABLE, RecursionError) as problem:
        raise NotRead("broken") from problem
    # Where components are not closed the library finds none: nothing there would open all that was closed.
    if not found or any(one.name != "VCALENDAR" for one in found):
        raise NotRead("broken")
    return found


def _zone_at_head(calendar: Entry) -> str:
    """The zone that many calendars name once for all their times; empty when nobody knows it."""
    named = str(calendar.get("X-WR-TIMEZONE", ""))
    try:
        return named and ZoneInfo(named).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def _groups(calendar: Entry, zones: dict[str, None]) -> tuple[list[list[Entry]], int]:
    """The events that can be read, a series together; how many cannot. Unknown zones are added to `zones`."""
    groups: dict[str, list[Entry]] = {}
    unread = 0
    for number, event in enumerate(calendar.walk("VEVENT")):
        wrong = {name for name, _problem in event.errors}
        if "DTSTART" not in event or wrong & set(NEEDED):
            unread += 1
            continue
        _refuse_too_often(event)
        start = event["DTSTART"]
        named = str(getattr(start, "params", {}).get("TZID", ""))
        moment = getattr(start, "dt", None)
        if named and isinstance(moment, datetime) and moment.tzinfo is None:
            zones[named[:40]] = None
        _mark_exact(event)
        groups.setdefault(str(event.get("UID") or f" {number}"), []).append(event)
    return list(groups.values()), unread


def _refuse_too_often(event: Entry) -> None:
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if any(str(freq).upper() in TOO_OFTEN for freq in rule.get("FREQ", [])):
            raise NotRead("endless")


def _mark_exact(event: Entry) -> None:
    """Keep a length told in hours: on the night the clocks change it is so many hours, not so far on the clock."""
    event.pop(EXACT, None)
    length = getattr(event.get("DURATION"), "dt", None)
    if isinstance(length, timedelta) and length % timedelta(days=1):
        event.add(EXACT, str(int(length.total_seconds())))


def _blocked(events: list[Entry], named: str, zone: ZoneInfo, whole: Span) -> Iterator[Span]:
    """What events of one series block; `named` is the zone at the head of their calendar."""
    if len(events) == 1 and not set(events[0]) & set(SERIES):
        yield from _spans(_alone(events[0]), ZoneInfo(named) if named else zone, zone)
        return
    calendar = Calendar()
    if named:
        calendar.add("x-wr-timezone", named)
    for event in events:
        calendar.add_component(event)
    # A floating time is compared with these as if it were theirs: a day on each side holds every zone.
    day = timedelta(days=1)
    for occurrence in of(calendar).between(whole.start - day, whole.end + day):
        yield from _spans(occurrence, zone, zone)


def _alone(event: Entry) -> Entry:
    """An event that comes once, with its end; without one, a day lasts a day, and a moment no time."""
    if "DTEND" not in event:
        start, length = event["DTSTART"].dt, getattr(event.get("DURATION"), "dt", None)
        usual = timedelta(0) if isinstance(start, datetime) else timedelta(days=1)
        event.add("DTEND", start + (usual if length is None else length))
    return event


def _spans(occurrence: Entry, clock: ZoneInfo, zone: ZoneInfo) -> Iterator[Span]:
    if not _blocks(occurrence):
        return
    start, end = (_moment(occurrence[name].dt, clock, zone) for name in ("DTSTART", "DTEND"))
    if EXACT in occurrence:
        end = start + timedelta(seconds=int(occurrence[EXACT]))
    if start != end:
        yield Span(min(start, end), max(start, end))


def _blocks(occurrence: Entry) -> bool:
    told = {name: str(occurrence.get(name, "")).upper() for name in ("STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS")}
    return told["STATUS"] != "CANCELLED" and told["TRANSP"] != "TRANSPARENT" and "FREE" not in told.values()


def _moment(when: date | datetime, clock: ZoneInfo, zone: ZoneInfo) -> datetime:
    """The instant of a time of a calendar: a day is one of the place, a time without a zone is on `clock`."""
    if not isinstance(when, datetime):
        return boundary(when, 0, zone)
    if when.tzinfo is not None:
        return in_utc(when)
    return boundary(when.date(), when.hour * 60 + when.minute, clock) + timedelta(seconds=when.second)


def as_stamps(spans: Spans) -> list[list[int]]:
    """Spans as whole seconds, for another process."""
    return [[int(span.start.timestamp()), int(span.end.timestamp())] for span in spans]


def from_stamps(stamps: Iterable[Iterable[int]]) -> Spans:
    """The spans that another process told.

    >>> from_stamps(as_stamps((Span(datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC)),)))
    (Span(start=datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.timezone.utc), \
end=datetime.datetime(2026, 11, 23, 9, 0, tzinfo=datetime.timezone.utc)),)
    """
    return tuple(Span(*(datetime.fromtimestamp(stamp, UTC) for stamp in pair)) for pair in stamps)
