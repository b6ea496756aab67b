"""Bookings end to end over HTTP: 8 clients, each on a unit of its own in one place, on SQLite and on PostgreSQL.

By the form, as a visitor without an account: the page of the third step with its token, the form sent, 302, its
confirmation mailed. By a program: one POST with a key of the place, 201. Every answer is checked, and the rows of the
database are counted: as many firm bookings, and as many mails, as were acknowledged. `--peers full` has pretix take
orders in the same run, by its API, with as many clients, on PostgreSQL.
"""

import json
import random
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from bench import measure, venue
from bench.measure import BUILD, SEED, Target
from bench.venue import CSRF, HIDDEN, Answer, Client, Venue, Visitor

CLIENTS, SLOT = 8, timedelta(hours=1)
GOALS = {"SQLite": 40, "PostgreSQL": 60}
GOAL_MS = 250
RECORDED = "8 to 16 orders/s, recorded by the reference (reliability.md 4.1), not measured here"
ROUTES = ("form", "API")


@dataclass
class Told:
    """What one client met."""

    whole_ms: list[float] = field(default_factory=list)
    post_ms: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    confirmed: int = 0


def slots(client: int) -> list[datetime]:
    """The hours of the days to come that this client asks for, in no order; another client's unit has its own."""
    first = venue.tomorrow()
    hours = [first + timedelta(hours=n) for n in range(24 * 600)]
    random.Random(SEED + client).shuffle(hours)
    return hours


def by_form(client: Client, here: Venue, space: str, start: datetime, told: Told) -> None:
    """Read the page of the third step, send its form with its own token and key, and be led on."""
    visitor = Visitor()
    where = venue.path(here.stands["slug"], space, start, start + SLOT)
    page = client.ask("GET", where, X_Forwarded_For=visitor.address, Cookie=f"csrftoken={CSRF}")
    hidden = dict(HIDDEN.findall(page.body))
    told.answers[page.status] += 1
    if page.status != 200 or len(hidden) != 2:
        raise SystemExit(f"the form of {where} has no token: {page.status}\n{page.body[-1500:]}")
    sent = venue.post(client, where, hidden | visitor.form, address=visitor.address)
    note(told, sent, page.ms, sent.status == 302 and sent.location.startswith("/reservation/"))


def by_program(client: Client, here: Venue, space: str, start: datetime, told: Told) -> None:
    """One POST with a key; a key writes 120 times a minute, so that the clients have many."""
    visitor, keys = Visitor(), here.stands["keys"]
    body = {"space": here.stands["spaces"][space], "start": f"{start:%Y-%m-%dT%H:%MZ}"}
    body |= {"end": f"{start + SLOT:%Y-%m-%dT%H:%MZ}", **visitor.form}
    sent = client.ask(
        "POST",
        "/api/v1/bookings",
        json.dumps(body),
        Content_Type="application/json",
        Authorization=f"Bearer {keys[visitor.number % len(keys)]}",
        Idempotency_Key=f"k{visitor.number}",
        X_Forwarded_For=visitor.address,
    )
    note(told, sent, 0.0, sent.status == 201 and json.loads(sent.body)["status"] == "confirmed")


def note(told: Told, sent: Answer, before_ms: float, is_right: bool) -> None:
    told.answers[sent.status] += 1
    told.confirmed += is_right
    told.post_ms.append(sent.ms)
    told.whole_ms.append(before_ms + sent.ms)


ACTS = {"form": by_form, "API": by_program}


def drive(here: Venue, port: int, route: str, *, seconds: float, skip: int) -> dict[str, Any]:
    """Eight clients book for some seconds, each in its own room; figures of what came of it."""
    told, end = [Told() for _ in range(CLIENTS)], time.perf_counter() + seconds

    def work(number: int) -> None:
        client = Client(port)
        for start in slots(number)[skip:]:
            if time.perf_counter() >= end:
                break
            ACTS[route](client, here, f"salle-{number}", start, told[number])
        client.close()

    started = time.perf_counter()
    crowd = [Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    spent = time.perf_counter() - started
    answers = sum((one.answers for one in told), Counter[int]())
    whole = [ms for one in told for ms in one.whole_ms]
    sent = [ms for one in told for ms in one.post_ms]
    return {
        "by": route,
        "confirmed": sum(one.confirmed for one in told),
        "per_s": round(sum(one.confirmed for one in told) / spent, 1),
        "p50_ms": round(measure.median(whole), 1),
        "p99_ms": round(measure.percentile(whole, 99), 1),
        "post_p99_ms": round(measure.percentile(sent, 99), 1),
        "refused": sum(n for status, n in answers.items() if status in range(400, 500)),
        "failed": sum(n for status, n in answers.items() if status >= 500 or not status),
    }


def ours(home: Path, postgres: str, *, seconds: float) -> list[dict[str, Any]]:
    """A site on one database: both routes, then what the database holds against what was acknowledged."""
    rows = []
    with ExitStack() as stack:
        here = stack.enter_context(venue.made(home, postgres, "--keys", "100"))
        server = stack.enter_context(venue.serving(here))
        for number, route in enumerate(ROUTES):
            skip = 7_000 * number
            drive(here, server.port, route, seconds=2, skip=skip)
            before = counted(here)
            load = measure.machine_cpu_ms(), measure.cpu_ms(measure.tree(server.pid))
            row = {"database": here.kind} | drive(here, server.port, route, seconds=seconds, skip=skip + 2_000)
            spent = measure.cpu_ms(measure.tree(server.pid)) - load[1]
            after = counted(here)
            if (after[0] - before[0], after[1] - before[1]) != (row["confirmed"], row["confirmed"]):
                raise SystemExit(f"{row['confirmed']} acknowledged, but {before} became {after}: nothing is measured.")
            row["cpu_ms"] = round(spent / max(1, row["confirmed"]), 1)
            rows.append(row)
    return rows


def counted(here: Venue) -> tuple[int, int]:
    """Firm bookings, and mails."""
    return (
        here.rows("SELECT count(*) FROM bookings_booking WHERE status = 'confirmed' AND part_of_id IS NULL")[0][0],
        here.rows("SELECT count(*) FROM journal_mail")[0][0],
    )


def main() -> int:
    options = measure.parser((__doc__ or "").splitlines()[0])
    options.add_argument("--seconds", type=float, default=12.0, help="how long each is asked (12)")
    options.add_argument("--postgres", metavar="URL", default="", help="a server on which a database may be made")
    options.add_argument("--home", type=Path, default=BUILD / "bookings", help="folder of the run, emptied first")
    options.add_argument("--record", action="store_true", help="keep the figures in bench/results")
    asked = options.parse_args()
    rows = []
    for url in ("", asked.postgres) if asked.postgres else ("",):
        rows += ours(asked.home / ("postgres" if url else "sqlite"), url, seconds=asked.seconds)
    peer = beside(asked)
    shown = rows + ([peer] if peer else [])
    measure.show(f"Bookings over HTTP, {CLIENTS} clients, 2 workers, each on a unit of its own", shown)
    if not peer:
        print(f"\npretix: {RECORDED}.")
    targets = []
    for row in rows:
        what = f"{row['database']}, by {row['by']}"
        targets.append(Target(f"{what}: confirmed per second", row["per_s"], GOALS[row["database"]], floor=True))
        targets.append(Target(f"{what}: p99 ms of the whole", row["p99_ms"], GOAL_MS))
        targets.append(Target(f"{what}: answers ≥ 500", row["failed"], 0))
        targets.append(Target(f"{what}: refused", row["refused"], 0))
    judged = measure.judge(targets)
    if asked.record:
        told = {"rows": rows, "pretix": peer or RECORDED, "targets": judged}
        measure.record("bookings_http", told, note=asked.note)
    return 0 if all(target["held"] for target in judged) else 1


def beside(asked: Any) -> dict[str, Any] | None:
    """What pretix does in the same run; None where it is not asked for, or cannot be set up."""
    if asked.peers == "none":
        return None
    from bench import pretix_orders

    try:
        return pretix_orders.measured(asked.postgres, clients=CLIENTS, seconds=asked.seconds)
    except (SystemExit, OSError) as trouble:
        print(f"\npretix could not be measured here: {str(trouble)[-1500:]}")
        return None


if __name__ == "__main__":
    raise SystemExit(main())
