"""Bring a file in by an intake and die by SIGKILL at the N-th statement of the work, for chosen N; then take it up.

Run by `test_intake_killed.py` in a process of its own, with MAILLAGE_HOME; prints what each death left, as JSON.
`loose` is the negative control: the word that the file came in is written apart from what came in.
"""

import json
import os
import signal
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
BY = "commande:essai"
WATCHED = ("places_place", "places_sourcerecord", "exchange_importrun", "exchange_importstep")


def work(intake_id: int, statement: int, now: datetime) -> None:
    from django.db import connection

    from maillage.network.exchange.actions.working import carry_out
    from tests.network.exchange.crash import DieAt

    with connection.execute_wrapper(DieAt(statement)):
        carry_out(intake_id=intake_id, now=now)


def killed(intake_id: int, statement: int, now: datetime) -> bool:
    child = os.fork()
    if child == 0:
        work(intake_id, statement, now)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def left(home: Path) -> list[object]:
    with sqlite3.connect(home / "maillage.sqlite3") as database:
        counts = [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in WATCHED]
        state = database.execute("SELECT state, run_id IS NOT NULL FROM exchange_intake ORDER BY id DESC").fetchone()
        return [counts, *state]


def loosen() -> None:
    """Take the word that the file came in out of the transaction of the import, and die between the two, once."""
    from maillage.network.exchange.actions import working

    bring = working.import_file

    def apart(*, then, **given):
        report = bring(**given)
        if report.run is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        if not given["dry_run"]:
            then(report)
        return report

    working.import_file = apart


def bring_in(path: Path, home: Path, begun: datetime, step: int) -> dict[str, list]:
    """Ask for the file, kill its workers one after the other, each at a later statement, until one completes."""
    from django.db import connection

    from maillage.network.exchange.actions.intake import ask, open_intake
    from maillage.network.exchange.actions.working import carry_out
    from maillage.network.exchange.models import Intake

    opened = open_intake(name=path.name, data=path, source="", licence="", by=BY, now=begun)
    ask(intake_id=opened.pk, wish="try", by=BY, now=begun)
    carry_out(intake_id=opened.pk, now=begun)
    ask(intake_id=opened.pk, wish="apply", by=BY, now=begun)
    deaths, now, statement = [], begun, step
    while True:
        Intake.objects.filter(pk=opened.pk).update(attempts=0)
        connection.close()
        if not killed(opened.pk, statement, now):
            return {"deaths": deaths, "after": left(home)}
        deaths.append(left(home))
        statement += step
        now += timedelta(minutes=7)


def main(path: Path, home: Path) -> None:
    django.setup()
    from django.core.management import call_command

    from maillage.network.exchange.actions.undoing import undo_import
    from maillage.network.exchange.models import ImportRun
    from tests import ground

    call_command("migrate", verbosity=0, interactive=False)
    ground.load(now=NOW)
    sure = bring_in(path, home, NOW, step=9)
    undo_import(run_id=ImportRun.objects.get().pk, by=BY, now=NOW + timedelta(days=1))
    loosen()
    print(json.dumps({"sure": sure, "loose": bring_in(path, home, NOW + timedelta(days=2), step=10_000)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(os.environ["MAILLAGE_HOME"]))
