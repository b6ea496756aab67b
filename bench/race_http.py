"""The races of `bench.race` over HTTP: `maillage serve` with two processes, and a crowd that sends its forms at once.

One slot; the last seats of three; a first burst of fifty, sent to a server that has only just started; an offer whose
time is over, taken by its link while others book; a series of the team against single bookings. `--rounds` of each, on
SQLite and with `--postgres URL` on PostgreSQL too. What is oversold is read from the table; every answer of 500 or
more, and every one that never came, is counted. `--guard off` serves the same site with nothing that holds a booking
back, on its throw-away database: it must oversell, or the run fails. Last line: `attempts A, confirmed C, oversold O`.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from bench import measure, venue
from bench.furnish import SEATS
from bench.measure import BUILD
from bench.venue import Answer, Client, Venue, Visitor

HOUR = timedelta(hours=1)
DAYS = 4
Act = Callable[[], Answer]


class Crowd:
    """Those who want the same thing at once, each on a connection of their own."""

    def __init__(self, here: Venue, port: int, size: int) -> None:
        self.here, self.clients = here, [Client(port) for _ in range(size)]

    def book(self, client: Client, space: str, start: datetime) -> Act:
        visitor = Visitor()
        where = venue.path(self.here.stands["slug"], space, start, start + HOUR)
        return partial(venue.book_blind, client, where, visitor, f"course-{visitor.number}")

    def take(self, client: Client, ticket: str) -> Act:
        where = f"/reservation/{ticket}/"
        return partial(venue.post, client, where, {"prendre": "1"}, address=Visitor().address)

    def series(self, client: Client, space: str, start: datetime) -> Act:
        """Four days of the same hour, confirmed by the team at once."""
        days = [start + timedelta(days=n) for n in range(DAYS)]
        picks = [f"0:{int(day.timestamp())}:{int((day + HOUR).timestamp())}" for day in days]
        form = {
            "name": f"Série {Visitor().number}",
            "what": f"s{self.here.stands['spaces'][space]}",
            "day": f"{days[0]:%Y-%m-%d}",
            "until": f"{days[-1]:%Y-%m-%d}",
            "weekdays": [str(day.weekday()) for day in days],
            "starts": "10:00",
            "ends": "11:00",
            "units": "1",
            "every_weeks": "1",
            "confirm": "1",
            "pick": picks,
        }
        where, cookie = f"/gerer/{self.here.stands['slug']}/reserver/", self.here.stands["cookie"]
        return partial(venue.post, client, where, form, address="10.250.0.1", cookie=cookie)

    def close(self) -> None:
        for client in self.clients:
            client.close()


def one_slot(crowd: Crowd, round_: int) -> Iterator[Act]:
    start = venue.tomorrow() + round_ * HOUR
    yield from (crowd.book(client, "salle-1", start) for client in crowd.clients)


def last_seats(crowd: Crowd, round_: int) -> Iterator[Act]:
    start = venue.tomorrow() + round_ * HOUR
    yield from (crowd.book(client, "bureaux", start) for client in crowd.clients)


def cold_burst(crowd: Crowd, round_: int) -> Iterator[Act]:
    start = venue.tomorrow() + round_ * HOUR
    yield from (crowd.book(client, "salle-2", start) for client in crowd.clients)


def hold_expiry(crowd: Crowd, round_: int) -> Iterator[Act]:
    held = crowd.here.stands["holds"][round_]
    start = datetime.fromisoformat(held["start"])
    for number, client in enumerate(crowd.clients):
        yield crowd.take(client, held["ticket"]) if number == 0 else crowd.book(client, "salle-0", start)


def series_single(crowd: Crowd, round_: int) -> Iterator[Act]:
    # Each round has weeks of its own; ten in the morning is nine in UTC, or eight.
    first = venue.tomorrow() + timedelta(days=7 * round_, hours=9)
    for number, client in enumerate(crowd.clients):
        day = first + timedelta(days=number % DAYS)
        yield crowd.series(client, "salle-3", first) if number % 2 else crowd.book(client, "salle-3", day)


PATTERNS: dict[str, Callable[[Crowd, int], Iterator[Act]]] = {
    "one-slot": one_slot,
    "last-seats": last_seats,
    "cold-burst": cold_burst,
    "hold-expiry": hold_expiry,
    "series-single": series_single,
}
LEAST = {"one-slot": 1, "last-seats": SEATS, "cold-burst": 1, "hold-expiry": 1, "series-single": 1}
"""Somebody always gets it: so many confirmations a round at least, or the pattern was not what it says."""
SPACES = {
    "one-slot": "salle-1",
    "last-seats": "bureaux",
    "cold-burst": "salle-2",
    "hold-expiry": "salle-0",
    "series-single": "salle-3",
}


TAKEN = "n’est plus libre"
REFUSALS = (409, 422)
"""The team's page of a series shows again what was asked, with what stands in the way."""


def came_to(answer: Answer) -> str:
    """What one answer says: led on to the page of what is done, refused because it is taken, or something else."""
    if answer.status == 302:
        return "confirmed"
    return "refused" if answer.status in REFUSALS and TAKEN in answer.body else str(answer.status)


def run(here: Venue, port: int, name: str, rounds: range, size: int) -> tuple[Counter[str], list[float]]:
    """Rounds of a pattern against one server; what came of the attempts, and how long each took."""
    answers, times = Counter[str](), []
    crowd = Crowd(here, port, size)
    for round_ in rounds:
        # Idle for two seconds, a connection is closed by the server: each round has its own.
        crowd.close()
        told = venue.at_once(list(PATTERNS[name](crowd, round_)))
        answers.update(map(came_to, told))
        times += [one.ms for one in told]
    crowd.close()
    return answers, times


def race(here: Venue, name: str, asked: argparse.Namespace) -> dict[str, Any]:
    """All rounds of a pattern; a cold burst has a new server for each."""
    guarded, all_rounds = asked.guard == "on", range(asked.rounds)
    is_cold = name == "cold-burst"
    bursts = [range(one, one + 1) for one in all_rounds] if is_cold else [all_rounds]
    size = asked.burst if is_cold else asked.clients
    answers, times = Counter[str](), []
    for burst in bursts:
        with venue.serving(here, guarded=guarded) as server:
            counted, took = run(here, server.port, name, burst, size)
        answers.update(counted)
        times += took
    return {
        "database": here.kind,
        "pattern": name,
        "rounds": asked.rounds,
        "attempts": sum(answers.values()),
        "confirmed": answers["confirmed"],
        "refused": answers["refused"],
        "other 4xx": sum(n for said, n in answers.items() if said.startswith("4")),
        "≥ 500": sum(n for said, n in answers.items() if said.startswith("5")),
        "no answer": answers["0"],
        "oversold": oversold(here, here.stands["spaces"][SPACES[name]]),
        "p50 ms": round(measure.median(times)),
        "slowest ms": round(max(times)),
    }


def oversold(here: Venue, space: int) -> int:
    """Pairs of bookings of one unit that overlap."""
    return int(
        here.rows(
            "SELECT count(*) FROM bookings_booking a JOIN bookings_booking b ON a.unit_id = b.unit_id AND a.id < b.id "
            'AND a."start" < b."end" AND b."start" < a."end" WHERE a.space_id = ? '
            "AND a.status IN ('held', 'confirmed') AND b.status IN ('held', 'confirmed')",
            space,
        )[0][0]
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clients", type=int, default=8)
    options.add_argument("--burst", type=int, default=50, help="clients of the first burst (50)")
    options.add_argument("--rounds", type=int, default=10, help="of each of the five patterns, on each database (10)")
    options.add_argument("--guard", choices=["on", "off"], default="on")
    options.add_argument("--only", choices=list(PATTERNS), help="one pattern")
    options.add_argument("--postgres", metavar="URL", default="", help="a server on which a database may be made")
    options.add_argument("--skip-sqlite", action="store_true", help="PostgreSQL alone")
    options.add_argument("--home", type=Path, default=BUILD / "race-http", help="folder of the run, emptied first")
    options.add_argument("--record", action="store_true", help="keep the figures in bench/results")
    asked = options.parse_args()
    if asked.clients < 4 or asked.burst < 2 or not 1 <= asked.rounds <= 80:
        options.error("--clients 4 or more, --burst 2 or more, --rounds 1 to 80")
    urls = [*([] if asked.skip_sqlite else [""]), *([asked.postgres] if asked.postgres else [])]
    return tell(asked, list(chain.from_iterable(on(url, asked) for url in urls)))


def on(url: str, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Every pattern on one database."""
    home = asked.home / ("postgres" if url else "sqlite")
    with venue.made(home, url, "--holds", str(asked.rounds), "--guard", asked.guard) as here:
        return [race(here, name, asked) for name in ([asked.only] if asked.only else PATTERNS)]


def tell(asked: argparse.Namespace, rows: list[dict[str, Any]]) -> int:
    """Say what came of it; 1 when oversold or failed, or when nothing was oversold with the guard off."""
    measure.show(f"Races over HTTP, guard {asked.guard}", rows)
    over, *bad = (sum(row[key] for row in rows) for key in ("oversold", "≥ 500", "no answer"))
    failed = sum(bad)
    odd = [row for row in rows if row["other 4xx"] or row["confirmed"] < LEAST[row["pattern"]] * row["rounds"]]
    if asked.record:
        measure.record("race_http", {"guard": asked.guard, "clients": asked.clients, "rows": rows})
    if asked.guard == "on":
        for row in odd:
            print(
                f"{row['database']}, {row['pattern']}: not what the pattern says, so nothing is proved.",
                file=sys.stderr,
            )
    elif not over:
        print("The guard was off and nothing was oversold: this run proves nothing.", file=sys.stderr)
    attempts, done = (sum(row[key] for row in rows) for key in ("attempts", "confirmed"))
    print(f"failed {failed}\nattempts {attempts}, confirmed {done}, oversold {over}")
    return int(bool(over or failed or odd)) if asked.guard == "on" else int(not over)


if __name__ == "__main__":
    raise SystemExit(main())
