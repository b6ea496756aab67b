"""The races of `bench/double_spend.py`, small: nothing spent twice, and without the guard the same harness sees it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).parents[3]
LAST = re.compile(r"attempts (\d+), spent (\d+), double (\d+)")


def race(home: Path, *options: str) -> tuple[int, int, int, int]:
    """The exit code of a run, and the three numbers of its last line."""
    given = ["--postgres", os.environ["DATABASE_URL"]] if connection.vendor == "postgresql" else []
    command = [sys.executable, "-m", "bench.double_spend", "--home", str(home), *options, *given]
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MAILLAGE_DATA")}
    ran = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=900, check=False)
    told = LAST.fullmatch(ran.stdout.splitlines()[-1]) if ran.stdout else None
    assert told, ran.stderr[-3000:]
    attempts, spent, double = (int(number) for number in told.groups())
    return ran.returncode, attempts, spent, double


@pytest.mark.django_db
def test_nothing_is_spent_twice_and_without_the_guard_it_is(tmp_path: Path) -> None:
    code, attempts, _, double = race(tmp_path / "on", "--workers", "4", "--rounds", "2")
    assert (code, double) == (0, 0)
    assert attempts == 4 * 4 * 2 + 200 + 100 * 10 + 20 * 6 * 2
    code, _, _, double = race(tmp_path / "off", "--workers", "4", "--rounds", "5", "--guard", "off")
    assert code == 0
    assert double > 0
