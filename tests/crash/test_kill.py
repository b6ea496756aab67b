"""The kills of `bench/kill.py`, two of them; and what the same run says once its database was spoilt."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")


def kill(home: Path, *options: str) -> tuple[int, str]:
    """The exit code of a run, and its last line."""
    given = ["--postgres", os.environ["DATABASE_URL"]] if connection.vendor == "postgresql" else []
    command = [sys.executable, "-m", "bench.kill", "--home", str(home), *options, *given]
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MAILLAGE_DATA")}
    ran = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=600, check=False)
    assert ran.stdout, ran.stderr[-3000:]
    return ran.returncode, ran.stdout.splitlines()[-1]


@pytest.mark.django_db
def test_a_server_killed_while_people_book_loses_nothing_it_acknowledged(tmp_path: Path):
    code, told = kill(tmp_path / "venue", "--kills", "2")
    assert told.startswith("kills 2, acknowledged ")
    assert told.endswith("lost 0, wrong in all 0")
    assert code == 0


@pytest.mark.full
@pytest.mark.django_db
def test_what_is_lost_or_half_written_is_seen(tmp_path: Path):
    code, told = kill(tmp_path / "venue", "--kills", "1", "--control")
    assert (code, told) == (0, "control: spoilt three, seen 3: lost, half written, mails missing")
