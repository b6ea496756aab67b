"""Many people who book the same thing at the same moment: how many attempts, how many confirmed, how many oversold.

`--workers` processes meet at a gate `--rounds` times, in each pattern: one slot, the last seats of many, a first burst
on cold connections, a hold that ends while somebody confirms it, a cancellation while others re-book, and series that
cross single bookings. What is oversold is read from the table itself: pairs of bookings of one unit that overlap.
`--of seats` races for the seats of a session instead (`bench/race_seats.py`).
`--guard off` takes the guard off a throw-away database, and must oversell, or the harness sees nothing: the run fails.
The last line reads `attempts A, confirmed C, oversold O`. SQLite in build/bench, PostgreSQL with `--postgres URL`.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from scripts.launch.postgres import beside

from bench import measure, race_seats
from bench.measure import BUILD, ROOT

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FIRST = datetime(2026, 11, 30, 7, tzinfo=UTC)
SEATS = 3
MARK = "a-race-was-run-here"
EVERY = timedelta(days=1)


def slot(round_: int) -> tuple[datetime, datetime]:
    """Another hour each round, within the days that may be booked."""
    start = FIRST + timedelta(days=round_ // 10, hours=round_ % 10)
    return start, start + timedelta(hours=1)


def prepare(home: Path, url: str) -> None:
    """A new database with one place, its room and its seats."""
    if home.exists() and any(home.iterdir()) and not (home / MARK).exists():
        raise SystemExit(f"{home} holds something else than a race: nothing was touched. Give another --home.")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    (home / MARK).touch()
    os.environ |= {"MAILLAGE_HOME": str(home), "MAILLAGE_OFFLINE": "1", "DATABASE_URL": url}
    os.environ["DJANGO_SETTINGS_MODULE"] = "maillage.config.settings"
    sys.path.insert(0, str(ROOT / "src"))
    subprocess.run([sys.executable, "-m", "maillage", "migrate"], check=True, stdout=subprocess.DEVNULL)
    import django

    django.setup()


def furnish(rounds: int) -> dict[str, int]:
    """The spaces of each pattern, open day and night, and the events."""
    from maillage.management.bookings.models import OpeningRule, Settings, Space, Unit
    from maillage.places.models import Place

    place = Place.objects.create(slug="course", name="Course", created_at=NOW, updated_at=NOW)
    Settings.objects.create(place=place, closes_on_holidays=False)
    for weekday in range(7):
        OpeningRule.objects.create(place=place, weekday=weekday, opens_minute=0, closes_minute=1440)
    made = {}
    for name in ROOMS:
        made[name] = Space.objects.create(place=place, slug=name, name=name, kind="room", horizon_days=700).pk
        for number in range(SEATS if name == "last-seats" else 1):
            Unit.objects.create(space_id=made[name], name=f"{name} {number}")
    return made | race_seats.furnish(place, list(race_seats.PATTERNS), rounds)


def unguard() -> None:
    """Take off every guard: the constraint or the triggers, the turn, and the transaction around the choice."""
    from django.db import connection

    from maillage.management.bookings.queries import guard

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE bookings_booking DROP CONSTRAINT IF EXISTS {guard.CONSTRAINT}")
        else:
            for name in guard.ON_SQLITE:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
    race_seats.unguard()


def blind() -> None:
    """In a worker: nothing looks whether the guard is there, nobody waits for a turn."""
    from maillage.management.bookings.actions import reserving
    from maillage.management.bookings.queries import guard
    from maillage.management.bookings.queries.spaces import settings_of

    guard.require = lambda using="default": None  # type: ignore[assignment]
    reserving.lock = settings_of  # type: ignore[assignment]
    reserving.reserve = reserving.reserve.__wrapped__  # type: ignore[attr-defined]
    reserving.reserve_all = reserving.reserve_all.__wrapped__  # type: ignore[attr-defined]
    race_seats.blind()


def asked(space_id: int, start: datetime, end: datetime, **more: Any) -> Any:
    """A request for a space."""
    from maillage.management.bookings.actions.reserving import Asked
    from maillage.management.bookings.models import Space

    space = Space.objects.select_related("place__commune").get(pk=space_id)
    return Asked(space=space, start=start, end=end, **more)


def book(space_id: int, round_: int, worker: int) -> None:
    from maillage.management.bookings.actions import reserving

    reserving.reserve(asked=asked(space_id, *slot(round_)), by=f"course:{worker}", now=NOW)


def book_or_confirm(space_id: int, round_: int, worker: int) -> None:
    """The first half confirm a hold whose time is just over; the others find it over, and book."""
    from maillage.management.bookings.actions import reserving
    from maillage.management.bookings.models import Booking

    late = NOW + timedelta(hours=1)
    start, end = slot(round_)
    held = Booking.objects.filter(space_id=space_id, start=start).order_by("pk").first()
    if worker % 2 and held is not None:
        reserving.confirm(booking_id=held.pk, by=f"course:{worker}", now=late)
    else:
        reserving.reserve(asked=asked(space_id, start, end), by=f"course:{worker}", now=late)


def cancel_or_book(space_id: int, round_: int, worker: int) -> None:
    """One gives its booking back while the others want it."""
    from maillage.management.bookings.actions.freeing import cancel
    from maillage.management.bookings.models import Booking

    if worker == 0:
        first = Booking.objects.filter(space_id=space_id, start=slot(round_)[0]).order_by("pk").first()
        assert first is not None
        cancel(booking_id=first.pk, by="course:0", now=NOW)
    else:
        book(space_id, round_, worker)


def series_or_book(space_id: int, round_: int, worker: int) -> None:
    """Half of them want this hour on four days, the others on one of these days."""
    from maillage.management.bookings.actions import reserving

    start, end = slot(round_)
    # Rounds ten apart ask for the same hour of other days: each round keeps to its own weeks.
    start, end = (moment + timedelta(days=round_ // 10 * 4) for moment in (start, end))
    days = [(start + day * EVERY, end + day * EVERY) for day in range(4)]
    if worker % 2:
        reserving.reserve_all(asked=[asked(space_id, *day) for day in days], pattern={}, by=f"course:{worker}", now=NOW)
    else:
        reserving.reserve(asked=asked(space_id, *days[worker % 4]), by=f"course:{worker}", now=NOW)


def held_before(space_id: int, round_: int) -> None:
    from maillage.management.bookings.actions import reserving

    reserving.reserve(asked=asked(space_id, *slot(round_), hold=True), by="course:tenue", now=NOW)


def booked_before(space_id: int, round_: int) -> None:
    book(space_id, round_, 0)


Act = Callable[[int, int, int], str | None]
ROOMS: dict[str, tuple[Act, Callable[[int, int], None] | None]] = {
    "one-slot": (book, None),
    "last-seats": (book, None),
    "cold-burst": (book, None),
    "hold-expiry": (book_or_confirm, held_before),
    "cancel-rebook": (cancel_or_book, booked_before),
    "series-single": (series_or_book, None),
}
PATTERNS: dict[str, tuple[Act, Callable[[int, int], None] | None]] = ROOMS | race_seats.PATTERNS


def attempt(name: str, space_id: int, round_: int, worker: int) -> str:
    """What one attempt comes to: confirmed, refused, or the error that nobody should see."""
    from maillage.management.bookings.actions.reserving import Refused

    try:
        came = PATTERNS[name][0](space_id, round_, worker)
    except Refused as refused:
        return f"refused:{refused.problems[0].code}"
    except Exception as error:  # noqa: BLE001 an error of any kind is what is counted
        return f"error:{type(error).__name__}: {str(error)[:120]}"
    return came or ("cancelled" if name == "cancel-rebook" and worker == 0 else "confirmed")


def run_worker(name: str, space_id: int, rounds: range, worker: int, gate: Any, told: Any, guarded: bool) -> None:
    """Meet the others before each round, and tell what came of it."""
    from django.db import connections

    if not guarded:
        blind()
    connections.close_all()
    if name != "cold-burst":
        connections["default"].ensure_connection()
    answers: Counter[str] = Counter()
    slowest = 0.0
    for round_ in rounds:
        gate.wait()
        started = time.perf_counter()
        answers[attempt(name, space_id, round_, worker)] += 1
        slowest = max(slowest, time.perf_counter() - started)
    told.put((dict(answers), slowest))
    connections.close_all()


def race(name: str, space_id: int, workers: int, rounds: int, *, guarded: bool) -> dict[str, Any]:
    """All rounds of a pattern; a cold burst starts its processes anew for each."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    answers: Counter[str] = Counter()
    slowest, started = 0.0, time.perf_counter()
    bursts = [range(one, one + 1) for one in range(rounds)] if name == "cold-burst" else [range(rounds)]
    for burst in bursts:
        gate, told = context.Barrier(workers), context.Queue()
        crowd = [
            context.Process(target=run_worker, args=(name, space_id, burst, number, gate, told, guarded))
            for number in range(workers)
        ]
        for one in crowd:
            one.start()
        for _ in crowd:
            counted, late = told.get()
            answers.update(counted)
            slowest = max(slowest, late)
        for one in crowd:
            one.join()
    seconds = time.perf_counter() - started
    errors = {answer: count for answer, count in answers.items() if answer.startswith("error:")}
    if errors and guarded:
        print(f"{name}: {json.dumps(errors, ensure_ascii=False)}", file=sys.stderr)
    attempts = sum(answers.values())
    seats = name in race_seats.PATTERNS
    return {
        "pattern": name,
        "attempts": attempts,
        "confirmed": answers["confirmed"],
        "refused": sum(count for answer, count in answers.items() if answer.startswith("refused:")),
        "errors": sum(errors.values()) + (race_seats.left_empty(space_id) if seats else 0),
        "oversold": race_seats.oversold(space_id) if seats else oversold(space_id),
        "per s": round(attempts / seconds, 1),
        "slowest ms": round(slowest * 1000),
    }


def oversold(space_id: int) -> int:
    """Pairs of bookings of one unit that overlap: none, or the guard does not hold."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bookings_booking a JOIN bookings_booking b ON a.unit_id = b.unit_id AND a.id < b.id "
            'AND a."start" < b."end" AND b."start" < a."end" WHERE a.space_id = %s '
            "AND a.status IN ('held', 'confirmed') AND b.status IN ('held', 'confirmed')",
            [space_id],
        )
        return int(cursor.fetchone()[0])


def server(url: str) -> Any:
    """The server of an address, at the database that each has: the one named need not be there."""
    import psycopg

    return psycopg.connect(beside(url, "postgres"), autocommit=True)


def throw_away(url: str) -> str:
    """Make a database of our own beside the one named, and say its address."""
    name = f"maillage_race_{os.getpid()}"
    with server(url) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return beside(url, name)


def forget(url: str, made: str) -> None:
    """Drop the database that was made."""
    from django.db import connections

    connections.close_all()
    with server(url) as connection:
        connection.execute(f'DROP DATABASE "{urlparse(made).path.lstrip("/")}" WITH (FORCE)')


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--workers", type=int, default=8)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--guard", choices=["on", "off"], default="on")
    options.add_argument("--of", choices=["rooms", "seats"], default="rooms")
    options.add_argument("--only", choices=list(PATTERNS), help="one pattern")
    options.add_argument("--postgres", metavar="URL", default="", help="a server on which a database may be made")
    options.add_argument("--home", type=Path, default=BUILD / "race", help="folder of the run, emptied first")
    options.add_argument("--record", action="store_true", help="keep the figures in bench/results")
    asked = options.parse_args()
    if asked.workers < 2 or not 1 <= asked.rounds <= 400:
        options.error("--workers 2 or more, --rounds 1 to 400")
    made = throw_away(asked.postgres) if asked.postgres else ""
    try:
        prepare(asked.home, made)
        return tell(asked)
    finally:
        if made:
            forget(asked.postgres, made)


def tell(asked: argparse.Namespace) -> int:
    """Run the patterns and say what came of them; 1 when oversold, or when nothing was with the guard off."""
    guarded = asked.guard == "on"
    spaces = furnish(asked.rounds)
    for name, (_, before) in PATTERNS.items():
        for round_ in range(asked.rounds) if before else ():
            before(spaces[name], round_)  # type: ignore[misc]
    if not guarded:
        unguard()
    names = [asked.only] if asked.only else list(race_seats.PATTERNS if asked.of == "seats" else ROOMS)
    rows = [race(name, spaces[name], asked.workers, asked.rounds, guarded=guarded) for name in names]
    kind = "PostgreSQL" if asked.postgres else "SQLite"
    measure.show(f"{kind}, {asked.workers} workers × {asked.rounds} rounds, guard {asked.guard}", rows)
    over, errors = (sum(row[key] for row in rows) for key in ("oversold", "errors"))
    if asked.record:
        measure.record("race", {"database": kind, "guard": asked.guard, "workers": asked.workers, "rows": rows})
    attempts, confirmed = (sum(row[key] for row in rows) for key in ("attempts", "confirmed"))
    if not guarded and not over:
        print("The guard was off and nothing was oversold: this run proves nothing.", file=sys.stderr)
    print(f"attempts {attempts}, confirmed {confirmed}, oversold {over}")
    return int(bool(over or errors) if guarded else not over)


if __name__ == "__main__":
    raise SystemExit(main())
