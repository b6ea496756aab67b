"""Import a file and die by SIGKILL at the N-th statement, for N = 1, 2, 3… until the import completes.

Run by `test_crash.py` in a process of its own, with MAILLAGE_HOME; prints what each death left, as JSON.
"""

import json
import os
import signal
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

import django

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
WATCHED = ("places_place", "places_sourcerecord", "places_source", "exchange_importrun", "journal_auditevent")


class DieAt:
    def __init__(self, statement: int) -> None:
        self.left = statement

    def __call__(self, execute, sql, params, many, context):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)


def bring(path: Path, statement: int) -> None:
    from django.db import connection

    from maillage.network.exchange.actions import import_file

    with connection.execute_wrapper(DieAt(statement)):
        import_file(path=path, by="test:Inès", now=NOW)


def left(home: Path) -> list[int]:
    with sqlite3.connect(home / "maillage.sqlite3") as database:
        return [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in WATCHED]


def main(path: Path, home: Path) -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tests import ground

    call_command("migrate", verbosity=0, interactive=False)
    ground.load(now=NOW)
    connection.close()
    deaths = []
    for statement in range(1, 500):
        child = os.fork()
        if child == 0:
            bring(path, statement)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            print(json.dumps({"deaths": deaths, "code": os.WEXITSTATUS(status), "after": left(home)}))
            return
        deaths.append(left(home))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(os.environ["MAILLAGE_HOME"]))
