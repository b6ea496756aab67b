"""The second chance of `./test`: only for few failures, only once, and always told."""

import sys
from pathlib import Path

import pytest
from scripts.launch import checks, not_twice, only_database

UNSTABLE = """
from pathlib import Path

def test_steady(): pass

def test_fails_the_first_time():
    mark = Path(__file__).with_name("ran")
    seen = mark.exists()
    mark.touch()
    assert seen
"""
BROKEN = "def test_broken(): assert False\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small tree of tests, with this Python and one worker less than the real one."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    monkeypatch.setattr(checks, "LAST_FAILED", tmp_path / ".pytest_cache" / "v" / "cache" / "lastfailed")
    monkeypatch.setattr(checks.environment, "executable", lambda name: Path(sys.executable))
    return tmp_path


def run(tree: Path, **files: str) -> int:
    for name, text in files.items():
        (tree / f"test_{name}.py").write_text(text, encoding="utf-8")
    return checks.twice(["-p", "no:django", "-q"], ["."], {"PATH": "/usr/bin:/bin"})


def test_a_test_that_passes_alone_is_named_and_does_not_fail_the_run(tree, capfd):
    assert run(tree, unstable=UNSTABLE) == 0
    told = capfd.readouterr().out
    assert "INSTABLES" in told
    assert "test_unstable.py::test_fails_the_first_time" in told.split("INSTABLES")[1]


def test_a_broken_test_fails_twice(tree, capfd):
    assert run(tree, unstable=UNSTABLE, broken=BROKEN) == 1
    told = capfd.readouterr().out
    assert "INSTABLES" not in told
    assert "Seconde fois, seuls, les tests qui ont échoué (2)" in told


def test_many_failures_are_not_run_again(tree, capfd):
    many = "\n".join(f"def test_{n}(): assert False" for n in range(checks.FEW + 1))
    assert run(tree, many=many) == 1
    assert "Seconde fois" not in capfd.readouterr().out


def test_failures_of_an_earlier_run_are_not_taken_for_this_ones(tree, capfd):
    checks.LAST_FAILED.parent.mkdir(parents=True)
    checks.LAST_FAILED.write_text('{"test_gone.py::test_gone": true}', encoding="utf-8")
    assert run(tree, fine="def test_fine(): pass\n") == 0
    assert "Seconde fois" not in capfd.readouterr().out


def test_an_attack_left_to_one_database_is_made_on_the_other():
    told = Path(__file__).parents[1].joinpath("hostile/test_everywhere.py").read_text(encoding="utf-8")
    named = {one.partition("::")[2] for one in (*not_twice.ON_POSTGRESQL, *not_twice.ON_SQLITE)}
    assert not set(not_twice.ON_POSTGRESQL) & set(not_twice.ON_SQLITE)
    assert all(f"def {name}(" in told for name in named)
    assert not [one for one in not_twice.ON_POSTGRESQL if one.startswith(only_database.DECIDED_IN_PYTHON)]
