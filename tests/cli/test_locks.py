import subprocess
import sys
from pathlib import Path

from maillage.cli import locks

SRC = str(Path(locks.__file__).resolve().parents[2])
HOLDER = f"""
import sys; sys.path.insert(0, {SRC!r})
from pathlib import Path
from maillage.cli import locks
with locks.held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path):
    child = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"held\n"
    return child


def test_a_lock_held_by_another_process_is_not_free_and_dies_with_it(tmp_path):
    path = tmp_path / "a.lock"
    assert locks.is_free(path)
    child = holder(path)
    assert not locks.is_free(path)
    child.kill()
    child.communicate()
    assert locks.is_free(path)


def test_who_waits_is_told_once_then_gets_the_lock(tmp_path):
    path = tmp_path / "a.lock"
    child = holder(path)
    told = []

    def waiting():
        told.append("attente")
        child.kill()
        child.communicate()

    with locks.held(path, waiting=waiting):
        assert not locks.is_free(path)
    assert told == ["attente"]


def test_several_may_share_a_lock(tmp_path):
    path = tmp_path / "a.lock"
    with locks.held(path, shared=True), locks.held(path, shared=True):
        assert not locks.is_free(path)
    assert locks.is_free(path)
