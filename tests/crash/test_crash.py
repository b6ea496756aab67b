"""Nothing acknowledged is lost, nothing is half written, wherever the process dies."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from scripts.launch.postgres import beside

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("child.py")
WRONG = {"acknowledged_before_the_commit": "acknowledged, and lost", "in_two_transactions": "half done"}
MAIN = ("edit_sheet", "take_back", "accept", "add_photo", "book_the_whole", "cancel_and_offer", "withdraw_and_move_up")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def reports(home: Path, every: int, *names: str, url: str = "") -> dict[str, dict[str, Any]]:
    """What the deaths of each flow left, from a process that stands on its own database."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MAILLAGE_DATA")}
    environment = (
        kept
        | ({"DATABASE_URL": url} if url else {})
        | {
            "MAILLAGE_HOME": str(home),
            "MAILLAGE_OFFLINE": "1",
            "DJANGO_SETTINGS_MODULE": "maillage.config.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
    )
    command = [sys.executable, "-W", "ignore", str(CHILD), str(every), *names]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert ran.returncode == 0, ran.stderr[-3_000:]
    return {told["name"]: told for told in map(json.loads, ran.stdout.splitlines())}


@pytest.mark.parametrize(
    "every", [pytest.param(5, id="every-fifth"), pytest.param(1, id="every-one", marks=pytest.mark.full)]
)
def test_a_kill_anywhere_leaves_each_act_whole_or_undone(tmp_path: Path, every: int):
    told = reports(tmp_path / "var", every)
    judge(told)
    assert len(told) >= 25
    assert sum(report["points"] for report in told.values()) >= 300 / every


def judge(told: dict[str, dict[str, Any]]) -> None:
    """Every flow is whole or undone wherever it died; those that are wrong on purpose, killed everywhere, are seen."""
    wrong = {name: told.pop(name)["problems"] for name in WRONG if name in told}
    assert wrong
    for name, problems in wrong.items():
        assert any(WRONG[name] in problem for problem in problems), f"{name}: the harness did not see it"
    assert {name: report["problems"] for name, report in told.items() if report["problems"]} == {}
    assert all(report["completed"] for report in told.values())


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: DATABASE_URL=postgres://…")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("every", "names"),
    [
        pytest.param(11, (*MAIN, "in_two_transactions"), id="main-sampled"),
        pytest.param(1, (), id="all-of-them", marks=pytest.mark.full),
    ],
)
def test_the_same_on_postgresql(tmp_path: Path, every: int, names: tuple[str, ...]):
    url = beside(os.environ["DATABASE_URL"], f"maillage_crash_{os.getpid()}")
    told = reports(tmp_path / "var", every, *names, url=url)
    judge(told)
    assert all(report["absent"] and report["whole"] for report in told.values())
