import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scripts.launch.children import Children

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX")

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
open(sys.argv[1], "w").write(str(child.pid))
time.sleep(120)
"""
DEAF = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(120)"


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def test_stopping_ends_a_program_and_what_it_started(tmp_path):
    children = Children(dict(os.environ), tmp_path)
    child = children.start("one", [sys.executable, "-c", PARENT, str(tmp_path / "pid")])
    assert until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
    grandchild = int((tmp_path / "pid").read_text())
    assert alive(grandchild)
    children.stop()
    assert child.poll() is not None
    assert until(lambda: not alive(grandchild))


def test_a_program_that_will_not_stop_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.launch.children.GRACE_SECONDS", 0.3)
    children = Children(dict(os.environ), tmp_path)
    child = children.start("deaf", [sys.executable, "-c", DEAF])
    time.sleep(0.3)
    children.stop()
    assert child.poll() is not None


def test_a_program_that_ends_by_itself_is_named(tmp_path):
    children = Children(dict(os.environ), tmp_path)
    children.start("short", [sys.executable, "-c", ""])
    try:
        assert until(lambda: children.stopped() == "short")
    finally:
        children.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_run_stops_all_it_started(tmp_path, number):
    """Nothing is installed here: `run` is asked to start stand-ins in place of the site and its worker."""
    script = f"""
import signal, sys, time
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "src")!r}]
from pathlib import Path
from scripts.launch import start
from scripts.launch.children import Children

def run(children, arguments, started):
    for name in ("serve", "worker"):
        children.start(name, [sys.executable, "-c", {PARENT!r}, name])
    while not (Path("serve").exists() and Path("worker").exists()):
        time.sleep(0.05)
    Path("ready").write_text("")
    time.sleep(120)

start.run = run
start.ROOT = Path.cwd()
start.environment.prepare = start.front.prepare = lambda *_: None
sys.argv = ["run", "--port", "58123"]
sys.exit(start.main())
"""
    launcher = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, stdout=subprocess.PIPE)
    try:
        assert until(lambda: (tmp_path / "ready").exists())
        time.sleep(0.2)
        started = [int((tmp_path / name).read_text()) for name in ("serve", "worker")]
        assert all(alive(pid) for pid in started)
        launcher.send_signal(number)
        said, _ = launcher.communicate(timeout=15)
    finally:
        launcher.kill()
    assert launcher.returncode == 0
    assert said.decode() == "\nMaillage s’arrête.\n"
    assert until(lambda: not any(alive(pid) for pid in started))
