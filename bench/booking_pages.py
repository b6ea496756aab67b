"""Pages of a busy place over HTTP: 30 units, 50,000 bookings, 2,000 persons; the team's day, and what visitors see.

One client asks `maillage serve` for each page on many days, on one connection: milliseconds to the last byte, the CPU
that it cost, the compressed weight of the page. The number of queries is counted in the application itself, on
the busiest day and on one with nothing: it must be the same. Goals: p95 under 120 ms on 2 cores, 60 kB compressed.
"""

import json
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench import measure, venue
from bench.measure import BUILD, Target
from bench.venue import Client, Venue

BOOKINGS, PERSONS = 50_000, 2_000
GOAL_MS, GOAL_KB = 120, 60
PACKED = "gzip, br"
QUERIES = """
import json, sys
import django
django.setup()
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
client = Client(HTTP_HOST="localhost")
name, value = sys.argv[1].split("=")
client.cookies[name] = value
counted = {}
for path in json.loads(sys.argv[2]):
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    counted[path] = len(asked)
print(json.dumps(counted))
"""


def pages(slug: str, today: date, days: int) -> dict[str, list[str]]:
    """The addresses of each page, day after day; the last of each has nothing booked."""
    coming = [today + timedelta(days=2 + n) for n in range(days)]
    empty = today + timedelta(days=600)
    here = f"/lieux/{slug}/reserver/"
    months = sorted({f"{day + timedelta(days=30 * n):%Y-%m}" for n in range(4) for day in coming})
    first = venue.tomorrow()
    free = [first + timedelta(days=n, hours=3) for n in range(days)]
    return {
        "the team's day": [f"/gerer/{slug}/jour/{day}/" for day in [*coming, empty]],
        "what is free today": [here],
        "what is free, a day": [f"{here}?jour={day}" for day in [*coming, empty]],
        "a space, its times": [f"{here}?espace=postes&jour={day}" for day in [*coming, empty]],
        "a month": [f"{here}?mois={month}" for month in [*months, f"{empty:%Y-%m}"]],
        "the form": [venue.path(slug, "postes", start, start + timedelta(hours=1)) for start in free],
    }


def measured(here: Venue, port: int, pid: int, paths: list[str], times: int) -> dict[str, Any]:
    """Ask the addresses in turn, so many times in all."""
    client, took, sizes = Client(port), [], []
    given = {"Accept_Encoding": PACKED, "Cookie": here.stands["cookie"]}
    for path in paths[:2]:
        client.ask("GET", path, **given)
    pids = measure.tree(pid)
    before = measure.cpu_ms(pids)
    for n in range(times):
        told = client.ask("GET", paths[n % len(paths)], **given)
        if told.status != 200:
            raise SystemExit(f"{told.status} {paths[n % len(paths)]}: nothing is measured.")
        took.append(told.ms)
        sizes.append(told.size)
    client.close()
    return {
        "p50_ms": round(measure.median(took), 1),
        "p95_ms": round(measure.percentile(took, 95), 1),
        "cpu_ms": round((measure.cpu_ms(pids) - before) / times, 1),
        "kb": round(max(sizes) / 1000, 1),
    }


def ours(home: Path, postgres: str, *, bookings: int, times: int) -> list[dict[str, Any]]:
    """Every page, on one database."""
    rows = []
    with ExitStack() as stack:
        given = ("--bookings", str(bookings), "--persons", str(PERSONS))
        here = stack.enter_context(venue.made(home, postgres, *given))
        held = here.rows("SELECT count(*) FROM bookings_booking")[0][0]
        if held != bookings:
            raise SystemExit(f"{held} bookings, not {bookings}: nothing is measured.")
        asked = pages(here.stands["slug"], venue.tomorrow(0).date(), days=20)
        server = stack.enter_context(venue.serving(here))
        for name, paths in asked.items():
            row = measured(here, server.port, server.pid, paths, times)
            ends = [paths[0], paths[-1]]
            counted = json.loads(here.told("-W", "ignore", "-c", QUERIES, here.stands["cookie"], json.dumps(ends)))
            queries = " or ".join(str(n) for n in sorted(set(counted.values())))
            rows.append({"page": name, "database": here.kind, **row, "queries": queries})
    return rows


def main() -> int:
    options = measure.parser((__doc__ or "").splitlines()[0])
    options.add_argument("--bookings", type=int, default=BOOKINGS)
    options.add_argument("--times", type=int, default=200, help="how often each page is asked (200)")
    options.add_argument("--postgres", metavar="URL", default="", help="a server on which a database may be made")
    options.add_argument("--home", type=Path, default=BUILD / "booking-pages", help="folder of the run, emptied first")
    options.add_argument("--record", action="store_true", help="keep the figures in bench/results")
    asked = options.parse_args()
    rows = []
    for url in ("", asked.postgres) if asked.postgres else ("",):
        home = asked.home / ("postgres" if url else "sqlite")
        rows += ours(home, url, bookings=asked.bookings, times=asked.times)
    measure.show(f"Pages of a place with {asked.bookings} bookings, one client, 2 workers", rows)
    targets = []
    for row in rows:
        what = f"{row['database']}, {row['page']}"
        targets.append(Target(f"{what}: p95 ms", row["p95_ms"], GOAL_MS))
        targets.append(Target(f"{what}: kB compressed", row["kb"], GOAL_KB))
    judged = measure.judge(targets)
    if asked.record:
        told = {"bookings": asked.bookings, "pages": rows, "targets": judged}
        measure.record("booking_pages", told, note=asked.note)
    return 0 if all(target["held"] for target in judged) else 1


if __name__ == "__main__":
    raise SystemExit(main())
