import json
import os
import signal
import socket
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maillage.cli import running, serve, stamps


@contextmanager
def served(install):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = install.start("-m", "maillage", "serve", "--port", port)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(1200):
            try:
                urlopen(f"{address}/healthz", timeout=60).read()
                break
            except (URLError, ConnectionError):
                assert process.poll() is None, process.communicate()
                time.sleep(0.1)
        yield process, address
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)


def counted(address: str) -> float:
    text = urlopen(f"{address}/metrics", timeout=60).read().decode()
    name = 'maillage_requests_total{method="GET",status="2xx",view="healthz"}'
    found = [float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)]
    return found[0] if found else 0


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_the_figures_of_all_processes_are_added_up_and_outlive_one(install):
    install.more = {"MAILLAGE_WORKERS": "2"}
    with served(install) as (process, address):
        before = counted(address)
        for _ in range(40):
            urlopen(f"{address}/healthz", timeout=60).read()
        assert {counted(address) for _ in range(6)} == {before + 40}
        os.kill(children(process.pid)[0], signal.SIGKILL)
        time.sleep(1.5)
        assert counted(address) == before + 40
        assert json.load(urlopen(f"{address}/readyz", timeout=60))["status"] == "ok"
    assert list((install.home / "run").iterdir()) == []


INVITE = ("invite", "odile@exemple.fr", "--role", "operator")
NOWHERE = (
    "maillage invite : aucun site ne tourne ici ; ce lien suppose qu’il répondra à http://localhost:8000. S’il est "
    "ailleurs, refaites-le en donnant son adresse : MAILLAGE_URL=https://… maillage invite …\n"
)


def test_an_invitation_made_in_another_terminal_leads_to_the_site_that_runs(install):
    with served(install) as (_, address):
        made = install.maillage(*INVITE)
        link = made.stdout.splitlines()[1]
        assert (made.returncode, made.stderr) == (0, "")
        assert link.startswith(address.replace("127.0.0.1", "localhost") + "/invitation/")
        assert urlopen(link, timeout=60).status == 200
    made = install.maillage(*INVITE)
    assert (made.returncode, made.stderr) == (0, NOWHERE)
    assert made.stdout.splitlines()[1].startswith("http://localhost:8000/invitation/")
    install.more = {"MAILLAGE_URL": "https://lieux.example"}
    made = install.maillage(*INVITE)
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.splitlines()[1].startswith("https://lieux.example/invitation/")


def test_the_last_site_started_is_the_one_told_and_those_that_died_are_swept(tmp_path):
    stamps.write(tmp_path / "site-999999999", {"url": "http://localhost:1"})
    assert running.running(tmp_path) is None
    other = tmp_path / f"site-{os.getppid()}"
    stamps.write(other, {"url": "http://localhost:2"})
    os.utime(other, (1, 1))
    with running.told(tmp_path, url="http://localhost:3", host="127.0.0.1", port=3):
        assert running.running(tmp_path) == "http://localhost:3"
        assert len(list(tmp_path.iterdir())) == 2
    assert running.running(tmp_path) == "http://localhost:2"


def test_figures_of_a_server_that_died_are_swept(tmp_path, monkeypatch):
    from prometheus_client import values

    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    (tmp_path / "figures-999999999").mkdir()
    (tmp_path / f"figures-{os.getppid()}").mkdir()
    (tmp_path / "figures-strange").mkdir()
    with serve.shared_figures(tmp_path):
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
            [f"figures-{os.getpid()}", f"figures-{os.getppid()}"]
        )
    assert [path.name for path in tmp_path.iterdir()] == [f"figures-{os.getppid()}"]


BEFORE_THE_FORK = """
import argparse, gc, json
from django.db import connections
from maillage.cli import serve
from maillage.journal.queries import aside
told = {}
def stand_in(application, **_):
    told["open"] = [c.alias for c in connections.all(initialized_only=True) if c.connection is not None]
    told["frozen"] = gc.get_freeze_count() > 100_000
    told["kept"] = sum(key.startswith(":1:page:") for key in aside._cache)
serve.serve = stand_in
serve._serve(argparse.Namespace(host="127.0.0.1", port=8000), workers=2)
print(json.dumps(told))
"""


def test_before_the_fork_pages_are_drawn_and_no_connection_is_open(install):
    told = json.loads(install.python(BEFORE_THE_FORK).splitlines()[-1])
    assert told == {"open": [], "frozen": True, "kept": len(serve.DRAWN)}


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_the_process_that_forks_never_holds_the_database(install):
    install.more = {"MAILLAGE_WORKERS": "2"}
    with served(install) as (process, address):
        pages = {urlopen(f"{address}/", timeout=10).read() for _ in range(6)}
        held = [str(one.readlink()) for one in Path(f"/proc/{process.pid}/fd").iterdir() if one.exists()]
        assert [name for name in held if "sqlite3" in name] == []
    assert len(pages) == 1


@pytest.mark.usefixtures("small_ground")
@time_machine.travel("2026-11-22T09:30:00Z", tick=False)
def test_what_is_drawn_before_is_what_visitors_get(client):
    with CaptureQueriesContext(connection) as before:
        serve.draw_pages()
    with CaptureQueriesContext(connection) as after:
        pages = [client.get(path) for path in serve.DRAWN]
    assert [page.status_code for page in pages] == [200] * len(serve.DRAWN)
    assert len(before) > 20
    assert len(after) == 2 * len(serve.DRAWN)


@pytest.mark.usefixtures("small_ground")
def test_a_page_that_fails_is_told_and_keeps_no_other_from_being_drawn(monkeypatch, caplog):
    asked = []

    def broken(path):
        asked.append(path)
        raise RuntimeError("cassée")

    monkeypatch.setattr("django.urls.resolve", broken)
    serve.draw_pages()
    assert asked == list(serve.DRAWN)
    assert [record.getMessage() for record in caplog.records if record.name == "django.request"] == [
        f"Internal Server Error: {path}" for path in serve.DRAWN
    ]


def test_memory_is_given_back_where_the_system_can(monkeypatch):
    serve.give_memory_back()
    monkeypatch.setattr(serve.ctypes, "CDLL", lambda _: object())
    serve.give_memory_back()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_web_process_that_stops_takes_nothing_away_from_the_others(tmp_path, monkeypatch):
    from prometheus_client import values

    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    try:
        with serve.shared_figures(tmp_path), running.told(tmp_path, url="http://localhost", host="localhost", port=1):
            child = os.fork()
            if child == 0:
                raise SystemExit
            os.waitpid(child, 0)
            assert sorted(path.name for path in tmp_path.iterdir()) == [f"figures-{os.getpid()}", f"site-{os.getpid()}"]
    except SystemExit:
        os._exit(0)
    assert list(tmp_path.iterdir()) == []
