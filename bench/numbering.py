"""Many writers who issue invoices at once: are the numbers 1 to n, and are the books whole?

`--writers` processes issue `--invoices` in all, through the door that every room uses, at `--places` places. One time
in five the transaction is thrown away after its number was drawn; `--kills` times a writer is killed (kill -9) and
another goes on where it stopped. At the end, read from the tables: no gap, no number twice, dates that never go back,
each invoice in the books, what was acknowledged still there under its number, and the verifier finds nothing.
`--guard off` draws numbers as a sequence would, which never gives back: the run must then show gaps, or it fails.
The last line reads `invoices N, gaps G, duplicates D, without entry E, kills K, S s`. SQLite in build/bench, or
PostgreSQL with `--postgres URL`.
"""

import argparse
import multiprocessing
import os
import random
import signal
import sqlite3
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from bench import measure, race
from bench.measure import BUILD, SEED

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAYS = 3
ROLLED_BACK = 0.2
LOOK_S = 0.02
STUCK_S = 180.0
SELLER = {
    "regime": "franchise",
    "legal_name": "Association La Maille",
    "siret": "73282932000074",
    "street": "2 place de la Mairie",
    "postal_code": "39380",
    "city": "Chamblay",
}


class Burnt(Exception):
    """What happens to a writer after its number was drawn."""


def furnish(places: int) -> list[tuple[str, int]]:
    """Places that sell, each with a customer."""
    from maillage.management.billing.models import Customer, Seller
    from maillage.places.models import Place

    made = []
    for number in range(places):
        name = f"Étal {number}"
        place = Place.objects.create(slug=f"etal-{number}", name=name, created_at=NOW, updated_at=NOW)
        known = {"created_at": NOW, "created_by": "bench"}
        Seller.objects.create(place=place, since="2026-01-01", **SELLER, **known)
        made.append((str(place.pk), Customer.objects.create(place=place, name="Thomas Petit", **known).pk))
    return made


def unguard(home: Path, postgres: bool) -> None:
    """In a writer: numbers come from a sequence, outside the transaction, and nobody waits for a turn."""
    from django.db import connections

    from maillage.management.billing.actions import issuing

    class Drawn:
        last_on = None

        def __init__(self, name: str, number: int) -> None:
            self.name, self.last_number = name, number - 1

        def save(self, **_more: Any) -> None:
            return

    def drawn(place: Any, name: str) -> Drawn:
        if postgres:
            with connections["default"].cursor() as cursor:
                cursor.execute(f"SELECT nextval('bench_{place.slug.replace('-', '_')}')")
                return Drawn(name, int(cursor.fetchone()[0]))
        with sqlite3.connect(home / "sequence.db", timeout=60) as counter:
            asked = "INSERT INTO numbers VALUES (?, 1) ON CONFLICT (place) DO UPDATE SET last = last + 1 RETURNING last"
            return Drawn(name, int(counter.execute(asked, [place.slug]).fetchall()[0][0]))

    issuing._series = drawn  # type: ignore[assignment]


def sequences(home: Path, places: list[tuple[str, int]], postgres: bool) -> None:
    """The sequences of a run without the guard."""
    from django.db import connection

    if not postgres:
        with sqlite3.connect(home / "sequence.db") as counter:
            counter.execute("CREATE TABLE numbers (place TEXT PRIMARY KEY, last INTEGER NOT NULL)")
        return
    with connection.cursor() as cursor:
        for number in range(len(places)):
            cursor.execute(f"CREATE SEQUENCE bench_etal_{number}")


def issue(place_id: str, customer: int, key: str, draw: random.Random, *, burn: bool) -> str:
    """One invoice, or its number drawn and thrown away."""
    from django.db import transaction

    from maillage.management.billing.actions.issuing import issue_at_once
    from maillage.management.billing.rules.drafts import DraftLine
    from maillage.places.models import Place

    place = Place.objects.select_related("commune__departement").get(pk=place_id)
    lines = [
        DraftLine("Bureau partagé", draw.randint(1, 9) * 500, "half_day", draw.randint(1, 9999), subject="space:1")
    ]
    now = NOW + timedelta(seconds=draw.randrange(DAYS * 86_400))
    with transaction.atomic():
        issued = issue_at_once(place=place, customer_id=customer, lines=lines, key=key, by="bench", now=now)
        if burn:
            raise Burnt
    return str(issued)


def write(asked: argparse.Namespace, place: tuple[str, int], writer: int, quota: int, life: int) -> None:
    """Issue what is left of a writer's share; what was acknowledged is told to a file of its own."""
    from django.db import OperationalError, connections

    from maillage.management.billing.models import Invoice

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connections.close_all()
    if asked.guard == "off":
        unguard(asked.home, bool(asked.postgres))
    draw = random.Random(f"{asked.seed}:{writer}:{life}")
    told = os.open(asked.home / f"told-{writer}", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    done = set(Invoice.objects.filter(place_id=place[0], key__startswith=f"{writer}:").values_list("key", flat=True))
    for turn in range(quota):
        key = f"{writer}:{turn}"
        is_first = True
        while key not in done:
            try:
                number = issue(*place, key, draw, burn=is_first and draw.random() < ROLLED_BACK)
            except Burnt:
                is_first = False
                os.write(told, b"-\n")
            except OperationalError as busy:
                os.write(told, f"! {str(busy).splitlines()[0]}\n".encode())
                connections.close_all()
            else:
                done.add(key)
                os.write(told, f"{key} {number}\n".encode())
    connections.close_all()


def run(asked: argparse.Namespace, places: list[tuple[str, int]]) -> int:
    """Start the writers, kill some on the way, start others in their place; says how many were killed."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    draw = random.Random(asked.seed)
    lives = [0] * asked.writers
    share = [asked.invoices // asked.writers + (n < asked.invoices % asked.writers) for n in range(asked.writers)]

    def start(writer: int) -> BaseProcess:
        place = places[writer % len(places)]
        one = context.Process(target=write, args=(asked, place, writer, share[writer], lives[writer]))
        one.start()
        return one

    crowd = [start(writer) for writer in range(asked.writers)]
    kills, moved, last = 0, time.monotonic(), -1
    while any(one.is_alive() for one in crowd) or any(one.exitcode for one in crowd):
        time.sleep(LOOK_S)
        written = acknowledged(asked.home)
        if written != last:
            last, moved = written, time.monotonic()
        elif time.monotonic() - moved > STUCK_S:
            for one in crowd:
                one.kill()
            raise SystemExit(f"nothing was issued for {STUCK_S:.0f} s, after {written} invoices")
        alive = [n for n, one in enumerate(crowd) if one.is_alive()]
        if alive and kills < asked.kills and written >= asked.invoices * (kills + 0.5) / (asked.kills + 1):
            victim = draw.choice(alive)
            os.kill(crowd[victim].pid or 0, signal.SIGKILL)
            crowd[victim].join()
            kills += 1
        for number, one in enumerate(crowd):
            if one.exitcode:
                lives[number] += 1
                crowd[number] = start(number)
    return kills


def acknowledged(home: Path) -> int:
    """About how many invoices were told so far, by the size of the files that tell."""
    return sum(path.stat().st_size for path in home.glob("told-*")) // 17


def judge(asked: argparse.Namespace, places: list[tuple[str, int]]) -> dict[str, Any]:
    """What the tables say of the numbers, and the verifier of the books."""
    from maillage.management.billing.models import Entry, Invoice
    from maillage.management.billing.queries.verify import verify
    from maillage.places.models import Place

    told = [line for path in asked.home.glob("told-*") for line in path.read_text().splitlines()]
    kept = {line.partition(" ")[0]: line.partition(" ")[2] for line in told if line[:1] not in "-!"}
    sums = dict.fromkeys(("invoices", "gaps", "duplicates", "without entry", "dates back", "lost", "faults"), 0)
    seconds, held = 0.0, dict[str, str]()
    for place_id, _customer in places:
        rows = list(
            Invoice.objects.filter(place_id=place_id)
            .order_by("series", "number")
            .values_list("series", "number", "issued_on", "key")
        )
        pieces = set(Entry.objects.filter(place_id=place_id, journal="VE").values_list("piece", flat=True))
        for series in {row[0] for row in rows}:
            own = [row for row in rows if row[0] == series]
            numbers = [row[1] for row in own]
            sums["gaps"] += max(numbers) - len(set(numbers))
            sums["duplicates"] += len(numbers) - len(set(numbers))
            sums["dates back"] += sum(a[2] > b[2] for a, b in pairwise(own))
        sums["invoices"] += len(rows)
        sums["without entry"] += sum(f"{series}-{number:05}" not in pieces for series, number, *_ in rows)
        held |= {key: f"{series}-{number:05}" for series, number, _on, key in rows}
        started = time.perf_counter()
        checked = verify(Place.objects.get(pk=place_id))
        seconds += time.perf_counter() - started
        sums["faults"] += len(checked.faults)
        for fault in checked.faults[:3]:
            print(f"  {fault}", file=sys.stderr)
    sums["lost"] = sum(held.get(key) != number for key, number in kept.items())
    busy = sum(line.startswith("!") for line in told)
    rolled = told.count("-")
    return sums | {"rolled back": rolled, "waited too long": busy, "verified in s": round(seconds, 1)}


BAD = ("gaps", "duplicates", "without entry", "dates back", "lost", "faults")


def tell(asked: argparse.Namespace) -> int:
    """Run, then say what the tables hold; 1 when something is wrong, or when nothing is with the guard off."""
    places = furnish(asked.places)
    if asked.guard == "off":
        sequences(asked.home, places, bool(asked.postgres))
    started = time.perf_counter()
    kills = run(asked, places)
    seconds = time.perf_counter() - started
    found = judge(asked, places)
    kind = "PostgreSQL" if asked.postgres else "SQLite"
    row = {"database": kind, "guard": asked.guard, "writers": asked.writers, "kills": kills, **found}
    row["per s"] = round(found["invoices"] / seconds, 1)
    measure.show("Invoices issued at once, one in five rolled back, writers killed", [row])
    if asked.record:
        measure.record("numbering", row | {"s": round(seconds, 1)})
    wrong = sum(found[name] for name in BAD)
    if asked.guard == "off" and not found["gaps"] + found["duplicates"]:
        print("Numbers came from a sequence and no gap shows: this run proves nothing.", file=sys.stderr)
    print(
        f"invoices {found['invoices']}, gaps {found['gaps']}, duplicates {found['duplicates']}, "
        f"without entry {found['without entry']}, kills {kills}, {seconds:.1f} s"
    )
    if asked.guard == "off":
        return int(not found["gaps"] + found["duplicates"])
    return int(bool(wrong) or found["invoices"] != asked.invoices or kills < asked.kills)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--writers", type=int, default=32)
    options.add_argument("--invoices", type=int, default=2000)
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--places", type=int, default=2)
    options.add_argument("--guard", choices=["on", "off"], default="on")
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--postgres", metavar="URL", default="", help="a server on which a database may be made")
    options.add_argument("--home", type=Path, default=BUILD / "numbering", help="folder of the run, emptied first")
    options.add_argument("--record", action="store_true", help="keep the figures in bench/results")
    asked = options.parse_args()
    if not (1 <= asked.writers <= 200 and 1 <= asked.places <= asked.writers <= asked.invoices and asked.kills >= 0):
        options.error("--places 1 to --writers, --writers 1 to 200 and no more than --invoices, --kills 0 or more")
    made = race.throw_away(asked.postgres) if asked.postgres else ""
    try:
        race.prepare(asked.home, made)
        return tell(asked)
    finally:
        if made:
            race.forget(asked.postgres, made)


if __name__ == "__main__":
    raise SystemExit(main())
