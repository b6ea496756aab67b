"""Many hands that spend one pass at the same moment: how many attempts, how much was spent, how much of it twice.

`--workers` processes meet at a gate `--rounds` times, in each pattern: the last unit of a pass, one half-day of it, a
hold that one takes while the others release it, one request sent by all under one key, 200 debits of a pass of ten,
keys replayed ten times each, and two tablets that were offline, in every order in which their queues can come in. What
is spent twice is read from the table itself: units beyond those issued, half-days twice, a key with two effects.
`--guard off` takes the triggers and the lock off a throw-away database, and must spend twice, or the run fails.
The last line reads `attempts A, spent S, double D`. SQLite in build/bench, PostgreSQL with `--postgres URL`.
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

from bench import measure
from bench.measure import BUILD
from bench.race import NOW, forget, prepare, throw_away

TODAY = NOW.date()
CREDITS, DEBITS, REPLAYS, KEYS_A_ROUND = 10, 200, 10, 50
MOST_KEYS = 1_000


def furnish(name: str, rounds: int) -> list[int]:
    """The passes of a pattern, one for each round."""
    from maillage.management.passes.actions import ledger

    units = {"last-unit": 1, "one-half-day": 20, "hold-or-release": 1, "one-key": 20}.get(name, CREDITS)
    return [
        ledger.issue(
            kind="carnet",
            units=units,
            starts_on=TODAY,
            ends_on=TODAY + timedelta(days=180),
            place=the_place(),
            key=f"{name}:{number}",
            by="course",
            now=NOW,
        ).pk
        for number in range(rounds)
    ]


def the_place() -> Any:
    from maillage.places.models import Place

    return Place.objects.get_or_create(
        slug="course", defaults={"name": "Course", "created_at": NOW, "updated_at": NOW}
    )[0]


def unguard() -> None:
    """Take off the triggers of the ledger."""
    from django.db import connection

    from maillage.management.passes.queries.guard import GUARDS

    with connection.cursor() as cursor:
        for guard in GUARDS:
            on = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}{on}")


def blind() -> None:
    """In a worker: nobody waits at the pass, and no transaction holds the reading and the writing together."""
    from maillage.journal import actions as journal
    from maillage.management.passes.actions import ledger
    from maillage.management.passes.models import Pass

    journal.lock_order = lambda: None
    ledger._turn = lambda pass_id: Pass.objects.get(pk=pass_id)
    for name in ("redeem", "hold", "release", "take_held"):
        setattr(ledger, name, getattr(ledger, name).__wrapped__)


def redeem(pass_id: int, key: str, worker: int, **more: Any) -> int:
    from maillage.management.passes.actions import ledger

    asked = {"pass_id": pass_id, "place": the_place(), "day": TODAY, **more}
    return ledger.redeem(**asked, key=key, by=f"course:{worker}", now=NOW).pk


def once(pass_id: int, key: str, worker: int) -> None:
    redeem(pass_id, key, worker)


def last_unit(pass_id: int, worker: int) -> None:
    redeem(pass_id, f"u{pass_id}:{worker}", worker)


def one_half_day(pass_id: int, worker: int) -> None:
    redeem(pass_id, f"h{pass_id}:{worker}", worker, half="am")


def one_key(pass_id: int, worker: int) -> None:
    redeem(pass_id, f"k{pass_id}", worker)


def hold_or_release(pass_id: int, worker: int) -> str | None:
    """The first takes what was held, the others release it or spend it."""
    from maillage.management.passes.actions import ledger
    from maillage.management.passes.models import Movement

    held = Movement.objects.get(of=pass_id, kind="held")
    told: dict[str, Any] = {"movement_id": held.pk, "by": f"course:{worker}", "now": NOW}
    if worker % 3 == 0:
        ledger.take_held(**told, key=f"t{pass_id}:{worker}")
        return None
    if worker % 3 == 1:
        ledger.release(**told, key=f"r{pass_id}:{worker}")
        return "released"
    redeem(pass_id, f"s{pass_id}:{worker}", worker)
    return None


ROUNDS: dict[str, Callable[[int, int], str | None]] = {
    "last-unit": last_unit,
    "one-half-day": one_half_day,
    "hold-or-release": hold_or_release,
    "one-key": one_key,
}


def attempt(act: Callable[[], str | None]) -> str:
    """What one attempt comes to: spent, refused, or the error that nobody should see."""
    from maillage.management.passes.actions.ledger import PassRefused

    try:
        return act() or "spent"
    except PassRefused as refused:
        return f"refused:{refused.reason}"
    except Exception as error:  # noqa: BLE001 an error of any kind is what is counted
        return f"error:{type(error).__name__}: {str(error)[:120]}"


def work(name: str, passes: list[int], keys: int, worker: int, workers: int, gate: Any, told: Any, on: bool) -> None:
    """Meet the others at the gate of each round, or once for the two patterns that are one crowd."""
    from django.db import connections

    if not on:
        blind()
    connections.close_all()
    connections["default"].ensure_connection()
    answers: Counter[str] = Counter()
    for act in acts(name, passes, keys, worker, workers, gate):
        answers[attempt(act)] += 1
    told.put(dict(answers))
    connections.close_all()


def acts(
    name: str, passes: list[int], keys: int, worker: int, workers: int, gate: Any
) -> Iterator[Callable[[], str | None]]:
    """What one worker does in a pattern, one act after the other."""
    if name in ROUNDS:
        for pass_id in passes:
            gate.wait()
            yield partial(ROUNDS[name], pass_id, worker)
        return
    gate.wait()
    if name == "ten-of-many":
        for number in range(worker, DEBITS, workers):
            yield partial(once, passes[0], f"d{passes[0]}:{number}", worker)
    else:
        for replay in range(worker, keys * REPLAYS, workers):
            yield partial(once, passes[0], f"x{passes[0]}:{replay % keys}", worker)


def crowd(name: str, passes: list[int], keys: int, workers: int, *, guarded: bool) -> dict[str, Any]:
    """Run a pattern with all its workers, and read what came of it."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    gate, told = context.Barrier(workers), context.Queue()
    started = time.perf_counter()
    hands = [
        context.Process(target=work, args=(name, passes, keys, number, workers, gate, told, guarded))
        for number in range(workers)
    ]
    for one in hands:
        one.start()
    answers: Counter[str] = Counter()
    for _ in hands:
        answers.update(told.get())
    for one in hands:
        one.join()
    return row(name, passes, answers, time.perf_counter() - started, guarded)


def row(name: str, passes: list[int], answers: Counter[str], seconds: float, guarded: bool) -> dict[str, Any]:
    errors = {answer: count for answer, count in answers.items() if answer.startswith("error:")}
    if errors and guarded:
        print(f"{name}: {json.dumps(errors, ensure_ascii=False)}", file=sys.stderr)
    attempts = sum(answers.values())
    return {
        "pattern": name,
        "attempts": attempts,
        "spent": spent(passes),
        "refused": sum(count for answer, count in answers.items() if answer.startswith("refused:")),
        "errors": sum(errors.values()),
        "double": double(passes),
        "per s": round(attempts / max(seconds, 0.001), 1),
    }


def spent(passes: list[int]) -> int:
    """Redemptions that stand on these passes."""
    from maillage.management.passes.models import Movement

    rows = Movement.objects.filter(of__in=passes, kind="redeemed")
    return rows.exclude(undone_by__kind="restored").count()


def double(passes: list[int]) -> int:
    """Units spent beyond those issued, and half-days spent more than once: none, or the guard does not hold."""
    from django.db.models import Count, Sum

    from maillage.management.passes.models import Movement

    sums = Movement.objects.filter(of__in=passes).values("of").annotate(left=Sum("amount")).order_by()
    beyond = sum(max(-one["left"], 0) for one in sums)
    halves = (
        Movement.objects.filter(of__in=passes, kind="redeemed").exclude(half="").exclude(undone_by__kind="restored")
    )
    times = halves.values("of", "day", "half").annotate(times=Count("pk")).order_by()
    return beyond + sum(one["times"] - 1 for one in times)


def tablets() -> dict[str, Any]:
    """Two tablets offline, the same three half-days on both; every order in which their queues come in, each twice."""
    from maillage.management.passes.models import Movement

    queue = [(TODAY, "am"), (TODAY, "pm"), (TODAY - timedelta(days=1), "am")]
    answers: Counter[str] = Counter()
    orders = list(combinations(range(2 * len(queue)), len(queue)))
    passes = furnish_tablets(len(orders))
    started, wrong = time.perf_counter(), 0
    for pass_id, firsts in zip(passes, orders, strict=True):
        for nonce in _settled(firsts, len(queue)):
            day, half = queue[nonce[1]]
            key = f"o{pass_id}:{nonce[0]}:{nonce[1]}"
            for _again in range(2):
                answers[attempt(partial(_said, pass_id, key, day, half))] += 1
        wrong += Movement.objects.filter(of=pass_id, kind="redeemed").count() != len(queue)
    told = row("two-tablets", passes, answers, time.perf_counter() - started, True)
    return told | {"double": told["double"] + wrong}


def _said(pass_id: int, key: str, day: Any, half: str) -> None:
    redeem(pass_id, key, 0, day=day, half=half)


def furnish_tablets(count: int) -> list[int]:
    from maillage.management.passes.actions import ledger

    dates: dict[str, Any] = {"starts_on": TODAY - timedelta(days=7), "ends_on": TODAY + timedelta(days=7)}
    told: dict[str, Any] = {"kind": "carnet", "units": 4, "place": the_place(), "by": "course", "now": NOW}
    return [ledger.issue(**told, **dates, key=f"tablets:{number}").pk for number in range(count)]


def _settled(firsts: tuple[int, ...], each: int) -> Iterator[tuple[str, int]]:
    """The order in which two queues come in, when the first tablet has these turns."""
    queues = {"a": iter(range(each)), "b": iter(range(each))}
    for turn in range(2 * each):
        tablet = "a" if turn in firsts else "b"
        yield tablet, next(queues[tablet])


def prepared(name: str, rounds: int) -> list[int]:
    """The passes of a pattern as its workers find them."""
    from maillage.management.passes.actions import ledger

    if name in ROUNDS:
        passes = furnish(name, rounds)
        for pass_id in passes if name == "hold-or-release" else ():
            told: dict[str, Any] = {"place": the_place(), "by": "course", "now": NOW}
            ledger.hold(**told, pass_id=pass_id, day=TODAY, key=f"held:{pass_id}")
        return passes
    if name == "ten-of-many":
        return furnish(name, 1)
    dates: dict[str, Any] = {"starts_on": TODAY, "ends_on": TODAY}
    issued: dict[str, Any] = {
        "kind": "carnet",
        "units": MOST_KEYS * 2,
        "place": the_place(),
        "by": "course",
        "now": NOW,
    }
    return [ledger.issue(**issued, **dates, key="replays").pk]


def tell(asked: argparse.Namespace) -> int:
    """Run the patterns and say what came of them; 1 when spent twice, or when nothing was with the guard off."""
    guarded, keys = asked.guard == "on", min(KEYS_A_ROUND * asked.rounds, MOST_KEYS)
    names = [*ROUNDS, "ten-of-many", "replays"] if guarded else ["last-unit", "one-half-day", "ten-of-many"]
    passes = {name: prepared(name, asked.rounds) for name in names}
    if not guarded:
        unguard()
    rows = [crowd(name, passes[name], keys, asked.workers, guarded=guarded) for name in names]
    rows += [tablets()] if guarded else []
    kind = "PostgreSQL" if asked.postgres else "SQLite"
    measure.show(f"{kind}, {asked.workers} workers × {asked.rounds} rounds, guard {asked.guard}", rows)
    if asked.record:
        measure.record("double_spend", {"database": kind, "guard": asked.guard, "workers": asked.workers, "rows": rows})
    due = {"last-unit": asked.rounds, "one-half-day": asked.rounds, "one-key": asked.rounds}
    due |= {"ten-of-many": CREDITS, "replays": keys}
    missed = [one["pattern"] for one in rows if guarded and one["spent"] != due.get(one["pattern"], one["spent"])]
    if missed:
        print(f"Not exactly what was due was spent: {', '.join(missed)}.", file=sys.stderr)
    attempts, total, twice, errors = (
        sum(one[key] for one in rows) for key in ("attempts", "spent", "double", "errors")
    )
    if not guarded and not twice:
        print("The guard was off and nothing was spent twice: this run proves nothing.", file=sys.stderr)
    print(f"attempts {attempts}, spent {total}, double {twice}")
    return int(bool(twice or errors or missed) if guarded else not twice)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--workers", type=int, default=8)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--guard", choices=["on", "off"], default="on")
    options.add_argument("--postgres", metavar="URL", default="", help="a server on which a database may be made")
    options.add_argument("--home", type=Path, default=BUILD / "double_spend", help="folder of the run, emptied first")
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


if __name__ == "__main__":
    raise SystemExit(main())
