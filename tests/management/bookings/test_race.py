"""The races of `bench/race.py`, small: nothing oversold, and without the guard the same harness sees it oversold."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).parents[3]
LAST = re.compile(r"attempts (\d+), confirmed (\d+), oversold (\d+)")


def race(home: Path, *options: str) -> tuple[int, int, int, int]:
    """The exit code of a run, and the three numbers of its last line."""
    given = ["--postgres", os.environ["DATABASE_URL"]] if connection.vendor == "postgresql" else []
    command = [sys.executable, "-m", "bench.race", "--home", str(home), *options, *given]
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MAILLAGE_DATA")}
    ran = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=900, check=False)
    told = LAST.fullmatch(ran.stdout.splitlines()[-1]) if ran.stdout else None
    assert told, ran.stderr[-3000:]
    attempts, confirmed, oversold = (int(number) for number in told.groups())
    return ran.returncode, attempts, confirmed, oversold


@pytest.mark.django_db
def test_nothing_is_oversold_and_without_the_guard_it_is(tmp_path: Path):
    code, attempts, confirmed, oversold = race(tmp_path / "on", "--workers", "4", "--rounds", "3")
    assert (code, attempts, oversold) == (0, 6 * 4 * 3, 0)
    assert 3 * (1 + 3 + 1 + 1 + 1) <= confirmed < attempts
    code, _, _, oversold = race(
        tmp_path / "off", "--workers", "4", "--rounds", "5", "--only", "last-seats", "--guard", "off"
    )
    assert code == 0
    assert oversold > 0
