"""The process that asks for a calendar and reads it, and may be killed at any moment: it holds nothing, writes nothing.

Told on its standard input what to ask, it tells on its standard output what the calendar blocks.
"""

import json
import sys
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from maillage.management.bookings.rules.feeds import MOST_BYTES, NotRead, as_stamps, read_calendar
from maillage.territory.sources.guarded import NotHad, get

ACCEPT = {"Accept": "text/calendar, */*;q=0.1"}
MOST_MEMORY = 768 * 1024 * 1024
MOST_CPU_SECONDS = 12


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What a calendar blocks, or why it cannot be read."""
    try:
        given = {"etag": asked["etag"], "loopback": asked["loopback"]}
        got = get(asked["address"], limit=MOST_BYTES, headers=ACCEPT, **given)
        if got.body is None:
            return {"same": True}
        days = (date.fromisoformat(asked[name]) for name in ("first", "last"))
        found = read_calendar(got.body, ZoneInfo(asked["zone"]), *days)
    except (NotHad, NotRead) as problem:
        return {"problem": problem.code, "detail": problem.detail}
    except (MemoryError, RecursionError):
        return {"problem": "heavy", "detail": ""}
    return {
        "spans": as_stamps(found.spans),
        "occurrences": found.occurrences,
        "unread": found.unread,
        "zones": found.zones,
        "etag": got.etag,
    }


def main() -> None:
    """Bound this process, then answer what it is asked."""
    _bound()
    json.dump(answer(json.load(sys.stdin)), sys.stdout)


def _bound() -> None:
    try:
        import resource
    except ImportError:  # not on Windows: there the time alone bounds it
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS + 1))


if __name__ == "__main__":
    main()
