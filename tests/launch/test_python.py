import ast
import subprocess
import sys
from pathlib import Path

import pytest
from scripts.launch import python

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("name", ["run", "test", "scripts/__init__.py", "scripts/launch/__init__.py"])
def test_what_an_old_python_reads_first_has_only_old_syntax(name):
    ast.parse((ROOT / name).read_text(), feature_version=(3, 6))


def test_the_search_for_a_python_has_only_old_syntax():
    source = (ROOT / "scripts/launch/python.py").read_text()
    ast.parse(source, feature_version=(3, 6))
    assert "annotations" not in source


def test_a_python_that_does_not_start_or_is_too_old_is_passed_over(tmp_path):
    broken, old = tmp_path / "python3.13", tmp_path / "python3.12"
    for path in (broken, old):
        path.write_text("#!/bin/sh\nexit 1\n")
        path.chmod(0o755)
    known = {"python3.13": str(broken), "python3.12": str(old), "python3.11": sys.executable}
    assert python.newer(which=known.get) == sys.executable
    assert python.newer(names=("python3.13", "python3.12"), which=known.get) is None


def test_an_old_python_alone_says_what_is_missing_and_what_to_do(tmp_path):
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from scripts.launch import python;"
        "python.NEEDED = (4, 0); python.NAMES = (); python.newer = lambda: None; python.ensure('run')"
    )
    done = subprocess.run([sys.executable, "-c", script, str(ROOT)], capture_output=True, check=False)
    assert done.returncode == 1
    found = ".".join(map(str, sys.version_info[:2]))
    assert done.stderr.decode() == (
        f"Maillage a besoin de Python 3.11 ou plus récent\u202f; ce Python est le {found}, et aucun plus récent n’est "
        "installé.\nInstallez-le (Debian 12, Ubuntu 24.04\u202f: «\u202fapt install python3 python3-venv\u202f»\u202f; "
        "macOS et Windows\u202f: python.org), puis relancez ./run\n"
    )
