"""Import with matching: the census, then 18,391 records of 27 sources without their author's grouping, then both again.

    MAILLAGE_DATA=<folder> python -m bench.import_places

Each import is a process of its own on SQLite: seconds, CPU seconds and the most memory it held. Then the question of
the form that adds a place ("is it already here?") is asked of the registry so filled.
"""

import csv
import gzip
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from bench import measure, served
from bench.measure import BUILD, ROOT, SEED, Target

GOAL_S, GOAL_MB, GOAL_MS = 60.0, 400.0, 50.0
QUESTIONS = 300


def ungrouped(source: Path, made: Path) -> Path:
    """The file of the 27 sources, its author's grouping left out: the matching must find what is one place."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file, made.open("w", encoding="utf-8") as out:
        rows = csv.DictReader(file)
        lines = csv.DictWriter(out, list(rows.fieldnames or ()), lineterminator="\n")
        lines.writeheader()
        lines.writerows(row | {"place_id": ""} for row in rows)
    return made


def brought(registry: served.Registry, path: Path) -> dict[str, Any]:
    """Import a file in a process of its own: time, CPU, memory, and what changed."""
    before = counts(registry)
    command = [sys.executable, "-m", "maillage", "import", str(path), "--all"]
    started = time.perf_counter()
    process = subprocess.Popen(command, env=registry.around, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    told = process.stdout.read() if process.stdout else ""
    _pid, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"import of {path.name} failed:\n{told[-2000:]}")
    after = counts(registry)
    new = {name: after[name] - before[name] for name in after}
    cost = {"seconds": round(seconds, 1), "CPU s": round(used.ru_utime + used.ru_stime, 1)}
    return {"file": path.name, **cost, "memory MB": round(used.ru_maxrss / 1024), **new}


def counts(registry: served.Registry) -> dict[str, int]:
    tables = {
        "records": "places_sourcerecord",
        "places": "places_place",
        "to ask": "exchange_candidate",
        "revisions": "places_revision",
    }
    return {name: registry.rows(f"SELECT count(*) FROM {table}")[0][0] for name, table in tables.items()}


def asked(registry: served.Registry) -> list[float]:
    """Milliseconds of each question: names of places of the registry, typed to the half, with their commune."""
    os.environ.update(registry.around)
    import django

    django.setup()
    from maillage.network.exchange.queries.candidates import candidates_for

    rows = registry.rows("SELECT name, commune_id, lat, lon FROM places_place WHERE commune_id IS NOT NULL ORDER BY id")
    paris = [row for row in rows if row[1] == "75056"]
    chance = random.Random(SEED)
    took = []
    for name, commune, lat, lon in [*chance.sample(rows, QUESTIONS), *chance.sample(paris, min(100, len(paris)))]:
        started = time.perf_counter()
        candidates_for(name=name[: max(4, len(name) // 2)], commune=commune, point=(lat, lon))
        took.append((time.perf_counter() - started) * 1000)
    return took[1:]


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0]).parse_args()
    data = Path(options.data or os.environ["MAILLAGE_DATA"]).resolve()
    home = BUILD / "importing"
    registry = served.Registry(home, {})
    empty, database = home / "empty.sqlite3", home / "maillage.sqlite3"
    home.mkdir(parents=True, exist_ok=True)
    if options.fresh or not empty.exists():
        database.unlink(missing_ok=True)
        registry.run("migrate")
        registry.run("territory", "update", "--from", str(data))
        with closing(sqlite3.connect(database)) as held:
            held.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(database, empty)
    for old in home.glob("maillage.sqlite3*"):
        old.unlink()
    shutil.copy(empty, database)
    registry.run("migrate")
    files = [data / "CGET_TiersLieux_2019.csv", ungrouped(data / "places.csv.gz", home / "places_ungrouped.csv")]
    table = [brought(registry, path) for path in (*files, *files)]
    measure.show("Imports, one after the other", table)
    took = asked(registry)
    answers = {"p50 ms": round(measure.median(took), 1), "p99 ms": round(measure.percentile(took, 99), 1)}
    measure.show("Is it already here? half a name and a point", [{"questions": len(took), **answers}])
    targets = measure.judge(
        [
            Target("18,391 records with matching, s", table[1]["seconds"], GOAL_S),
            Target("memory, MB", max(row["memory MB"] for row in table), GOAL_MB),
            Target("census: pairs to ask", table[0]["to ask"], 10),
            Target("second run: new rows of any kind", sum(sum(list(r.values())[4:]) for r in table[2:]), 0),
            Target("is it already here, p99 ms", answers["p99 ms"], GOAL_MS),
        ]
    )
    figures = {"imports": table, "questions": answers, "targets": targets}
    measure.record("import_places", figures, note=options.note)
    return 0 if all(target["held"] for target in targets) else 1


if __name__ == "__main__":
    raise SystemExit(main())
