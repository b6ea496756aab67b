"""Kill -9 of the whole server, again and again, while eight clients book: what was acknowledged is there, and whole.

A client books a room, or a floor whose three units go together; after each kill the server is started again on what is
left, and the clients send what was not answered once more, under the same key. At the end: every acknowledged booking
is in the database, once; none is half written (a floor without its parts, parts without their lead, no word in the
journal, a key without its answer, a person, a mail); and once the mails in waiting are tried, as the worker does every
few minutes, each booking's mail is in the outbox at least once. SQLite, or PostgreSQL with `--postgres URL`.
`--control` takes a booking, a part and a mail away behind the server's back: the run must see all three, or it fails.
"""

import argparse
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from bench import measure, served, venue
from bench.furnish import FLOOR
from bench.measure import BUILD, SEED
from bench.venue import Client, Venue, Visitor

CLIENTS = 8
HOUR = timedelta(hours=1)
LOAD_S = (0.3, 2.5)
"""How long the clients book before a kill, drawn between the two."""
TOO_MANY = 429
"""Five requests a day for one address of mail: whoever was cut off five times has used them, and is told so."""
MAILS = """
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from maillage.journal.actions import send_mails
print(sum(send_mails(now=timezone.now() + timedelta(days=n)) for n in range(1, 4)))
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """One booking that somebody wants, and will ask for until it is answered."""

    visitor: Visitor
    where: str
    units: int

    @property
    def key(self) -> str:
        return f"course-{self.visitor.number}"


@dataclass
class Story:
    """What the clients were told."""

    acknowledged: dict[str, Wish] = field(default_factory=dict)
    open: list[Wish] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unanswered: int = 0
    again: int = 0
    held_back: int = 0
    lock: Lock = field(default_factory=Lock)


def wishes(slug: str, number: int) -> Iterator[Wish]:
    """The hours to come, in the room of this client, or on the floor of the first two by turns."""
    start = venue.tomorrow()
    for n in range(24 * 600):
        begins: datetime = start + n * HOUR
        floor = number == n % 3 == 0
        visitor = Visitor()
        where = venue.path(slug, "tout" if floor else f"salle-{number}", begins, begins + HOUR)
        yield Wish(visitor, where, FLOOR if floor else 1)


def work(port: int, todo: Iterator[Wish], story: Story, stop: Event) -> None:
    """Book one after another; the first thing asked for is what the last server left without an answer."""
    client = Client(port)
    while not stop.is_set():
        with story.lock:
            old = story.open.pop() if story.open else None
        wish = old or next(todo)
        told = venue.book_blind(client, wish.where, wish.visitor, wish.key)
        with story.lock:
            story.again += old is not None
            if told.status == 302:
                story.acknowledged[wish.visitor.email] = wish
            elif told.status == 0:
                story.unanswered += 1
                story.open.append(wish)
            elif told.status == TOO_MANY:
                story.held_back += 1
            else:
                story.wrong.append(f"{told.status} {wish.where}")
                story.open += [wish] if told.status >= 500 else []
        if told.status != 302:
            stop.wait(0.05)
    client.close()


def kill(here: Venue, kills: int, draw: random.Random, *, minutes: float) -> tuple[Story, list[float]]:
    """Serve, book, kill: so many times, or as often as fits; then serve until nothing is left without an answer."""
    story, starts = Story(), list[float]()
    todo = [wishes(here.stands["slug"], number) for number in range(CLIENTS)]
    port = served.free_port()
    end, is_last = time.monotonic() + 60 * minutes, False
    while not is_last:
        turn = len(starts)
        is_last = turn == kills or (turn > 0 and time.monotonic() > end)
        began = time.perf_counter()
        with venue.serving(here, port=port) as server:
            starts.append(time.perf_counter() - began)
            stop = Event()
            crowd = [Thread(target=work, args=(port, one, story, stop)) for one in todo]
            for one in crowd:
                one.start()
            if not is_last:
                time.sleep(draw.uniform(*LOAD_S))
                os.killpg(server.pid, signal.SIGKILL)
            else:
                deadline = time.monotonic() + 60
                while story.open and time.monotonic() < deadline:
                    time.sleep(0.1)
            stop.set()
            for one in crowd:
                one.join()
        if turn % 10 == 9:
            print(f"  {turn + 1} kills, {len(story.acknowledged)} acknowledged", flush=True)
    return story, starts


HALF = {
    "parts without their lead": "SELECT count(*) FROM bookings_booking p LEFT JOIN bookings_booking b "
    "ON b.id = p.part_of_id WHERE p.part_of_id IS NOT NULL AND (b.id IS NULL OR b.part_of_id IS NOT NULL "
    'OR b.status <> p.status OR b."start" <> p."start" OR b."end" <> p."end")',
    "floors without all their parts": "SELECT count(*) FROM bookings_booking b JOIN bookings_space s "
    "ON s.id = b.space_id WHERE s.slug = 'tout' AND b.part_of_id IS NULL "
    f"AND (SELECT count(*) FROM bookings_booking p WHERE p.part_of_id = b.id) <> {FLOOR - 1}",
    "without a person": "SELECT count(*) FROM bookings_booking WHERE part_of_id IS NULL AND person_id IS NULL",
    "without a word in the journal": "SELECT count(*) FROM bookings_booking b WHERE part_of_id IS NULL AND NOT EXISTS "
    "(SELECT 1 FROM journal_auditevent e WHERE e.action = 'bookings.made' "
    "AND e.subject = 'booking:' || CAST(b.id AS varchar))",
    "keys without an answer": "SELECT count(*) FROM journal_idempotencykey WHERE answer IS NULL",
    "without a mail": "SELECT count(*) FROM bookings_booking b JOIN people_person p ON p.id = b.person_id "
    "WHERE b.status = 'confirmed' AND p.email <> '' "
    'AND NOT EXISTS (SELECT 1 FROM journal_mail m WHERE m."to" = p.email)',
    "mails without a booking": "SELECT count(*) FROM journal_mail m WHERE substr(m.\"to\", 1, 1) = 'v' "
    "AND NOT EXISTS (SELECT 1 FROM bookings_booking b JOIN people_person p ON p.id = b.person_id "
    'WHERE p.email = m."to")',
}


def spoil(here: Venue) -> None:
    """Undo what was acknowledged: a room is lost, a part of a floor too, and a mail that had left."""
    for sql in (
        "DELETE FROM bookings_booking WHERE id = (SELECT min(b.id) FROM bookings_booking b JOIN bookings_space s "
        "ON s.id = b.space_id WHERE s.slug <> 'tout')",
        "DELETE FROM bookings_booking WHERE id = (SELECT max(id) FROM bookings_booking WHERE part_of_id IS NOT NULL)",
    ):
        here.write(sql)
    max((here.home / "outbox").glob("*.txt")).unlink()


def judge(here: Venue, story: Story) -> dict[str, Any]:
    """What is lost, twice, or half written; and whose mail never left."""
    held = Counter(
        email
        for (email,) in here.rows(
            "SELECT p.email FROM bookings_booking b JOIN people_person p ON p.id = b.person_id "
            "WHERE b.part_of_id IS NULL AND b.status = 'confirmed'"
        )
    )
    here.told("-c", MAILS)
    said = [path.read_text(encoding="utf-8") for path in sorted((here.home / "outbox").glob("*.txt"))]
    mailed = {line.removeprefix("À : ") for text in said for line in text.split("\n")[:4] if line.startswith("À : ")}
    half = {what: here.rows(sql)[0][0] for what, sql in HALF.items()}
    return {
        "acknowledged": len(story.acknowledged),
        "unanswered": story.unanswered,
        "asked again": story.again,
        "held back": story.held_back,
        "bookings": sum(held.values()),
        "lost": sum(not held[email] for email in story.acknowledged),
        "twice": sum(times > 1 for times in held.values()),
        "half written": sum(half.values()),
        "mails missing": sum(email not in mailed for email in held),
        "wrong answers": len(story.wrong),
        "never answered": len(story.open),
        "details": {what: n for what, n in half.items() if n} | {"wrong": story.wrong[:5]},
    }


BAD = ("lost", "twice", "half written", "mails missing", "wrong answers", "never answered")


def tell_control(told: dict[str, Any]) -> int:
    """Whether what was spoilt was seen."""
    seen = [name for name in ("lost", "half written", "mails missing") if told[name]]
    print(f"control: spoilt three, seen {len(seen)}: {', '.join(seen)}")
    return int(len(seen) != 3)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--minutes", type=float, default=60, help="stop after as many as fit (60)")
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--postgres", metavar="URL", default="", help="a server on which a database may be made")
    options.add_argument("--home", type=Path, default=BUILD / "kill", help="folder of the run, emptied first")
    options.add_argument("--control", action="store_true", help="spoil what was kept: it must be seen")
    options.add_argument("--record", action="store_true", help="keep the figures in bench/results")
    asked = options.parse_args()
    if not 1 <= asked.kills <= 2_000:
        options.error("--kills 1 to 2000")
    with venue.made(asked.home, asked.postgres) as here:
        story, starts = kill(here, asked.kills, random.Random(asked.seed), minutes=asked.minutes)
        if asked.control:
            spoil(here)
        told: dict[str, Any] = {"database": here.kind, "kills": len(starts) - 1, "starts": len(starts)} | judge(
            here, story
        )
    told["slowest start s"] = round(max(starts), 1)
    details = told.pop("details")
    measure.show("Kill -9 of the server while eight clients book", [told])
    if asked.control:
        return tell_control(told)
    if any(told[name] for name in BAD):
        print(details)
    if asked.record:
        measure.record("kill", told)
    bad = sum(told[name] for name in BAD)
    print(f"kills {told['kills']}, acknowledged {told['acknowledged']}, lost {told['lost']}, wrong in all {bad}")
    return int(bool(bad) or told["acknowledged"] < told["kills"])


if __name__ == "__main__":
    raise SystemExit(main())
