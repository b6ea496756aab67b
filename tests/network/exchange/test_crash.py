import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.network.exchange.breaking import HEADER, row

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_kill_at_any_statement_leaves_nothing_and_the_next_run_completes(tmp_path):
    path = tmp_path / "cget.csv"
    rows = [row(ID=str(number), NOM_TL=f"Lieu {number}") for number in range(40)]
    path.write_text("\n".join([",".join(HEADER), *rows, row(ID="x", NOM_TL=""), ""]), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MAILLAGE_DATA")}
    environment = kept | {
        "MAILLAGE_HOME": str(tmp_path / "var"),
        "MAILLAGE_OFFLINE": "1",
        "DJANGO_SETTINGS_MODULE": "maillage.config.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    command = [sys.executable, str(Path(__file__).with_name("crash.py")), str(path)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert len(told["deaths"]) > 10
    assert all(left == [0, 0, 0, 0, 0] for left in told["deaths"]), told["deaths"]
    assert (told["code"], told["after"]) == (0, [40, 40, 1, 1, 2])
