"""The benches of the books, small: numbers under writers that roll back and die, forgeries that are named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
POSTGRES = os.environ.get("DATABASE_URL", "")


def run(bench: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A bench in a process of its own, on a database that it makes and throws away."""
    where = ["--postgres", POSTGRES] if POSTGRES.startswith("postgres") else []
    program = [sys.executable, "-m", f"bench.{bench}", "--home", str(home / "run"), *where, *words]
    around = {**os.environ, "DATABASE_URL": "", "MAILLAGE_HOME": str(home)}
    return subprocess.run(program, cwd=ROOT, env=around, capture_output=True, text=True, check=False, timeout=900)


@pytest.mark.django_db
class TestNumbering:
    small = ("--writers", "4", "--invoices", "40", "--places", "1")

    def test_no_number_is_missing_nor_given_twice_though_writers_die(self, tmp_path: Path) -> None:
        done = run("numbering", tmp_path, *self.small, "--kills", "2")
        assert done.stdout.splitlines()[-1].startswith(
            "invoices 40, gaps 0, duplicates 0, without entry 0, kills 2, "
        ), done.stderr
        assert done.returncode == 0

    def test_a_sequence_leaves_gaps_that_the_run_sees(self, tmp_path: Path) -> None:
        done = run("numbering", tmp_path, *self.small, "--kills", "0", "--guard", "off")
        last = done.stdout.splitlines()[-1]
        assert last.startswith("invoices 40, gaps "), done.stderr
        assert ", gaps 0," not in last
        assert done.returncode == 0


@pytest.mark.django_db
def test_each_forgery_is_found_and_its_row_named(tmp_path: Path) -> None:
    done = run("forgeries", tmp_path, "--forgeries", "40", "--invoices", "12")
    assert done.stdout.splitlines()[-1] == "forgeries 40, found 40, named 40", done.stderr
    assert done.returncode == 0
