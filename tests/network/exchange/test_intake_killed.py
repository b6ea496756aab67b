import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.network.exchange.breaking import HEADER, row

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def test_a_killed_worker_leaves_nothing_and_the_next_brings_the_same_registry(tmp_path: Path):
    path = tmp_path / "cget.csv"
    rows = [row(ID=str(number), NOM_TL=f"Lieu {number}", ADRESSE=f"{number} rue") for number in range(12)]
    path.write_text("\n".join([",".join(HEADER), *rows, row(ID="x", NOM_TL=""), ""]), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MAILLAGE_DATA")}
    environment = kept | {
        "MAILLAGE_HOME": str(tmp_path / "var"),
        "MAILLAGE_OFFLINE": "1",
        "DJANGO_SETTINGS_MODULE": "maillage.config.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    command = [sys.executable, str(Path(__file__).with_name("killing.py")), str(path)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    deaths, after = told["sure"]["deaths"], told["sure"]["after"]
    assert len(deaths) >= 4
    assert [left for left in deaths if left not in ([[0, 0, 0, 0], "applying", 0], after)] == []
    assert after == [[12, 12, 1, 12], "done", 1]
    # written apart, a death between the two leaves places that no page can undo
    assert told["loose"]["deaths"] == [[[12, 12, 2, 24], "applying", 0]]
    assert told["loose"]["after"] == [[12, 12, 2, 24], "done", 0]
