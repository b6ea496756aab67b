"""A registry built once in `build/bench/`, served by `maillage serve` on the loopback, asked by wrk or one client."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from scripts.launch import front

from bench import measure
from bench.measure import BUILD, ROOT

CLIENTS = 8
WRK_SCRIPT = Path(__file__).with_name("rotate.lua")
ACCEPTED = {"Accept-Encoding": "gzip, br", "Accept-Language": "fr"}


@dataclass(frozen=True, slots=True)
class Registry:
    """A MAILLAGE_HOME with territory and places; `about` is kept with the figures."""

    home: Path
    about: dict[str, Any]

    @property
    def around(self) -> dict[str, str]:
        """The environment of a command of ours that works on it; nothing the person has set leaks in."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MAILLAGE_") and k != "DATABASE_URL"}
        own = {"MAILLAGE_HOME": str(self.home), "MAILLAGE_OFFLINE": "1", "PYTHONPATH": str(ROOT / "src")}
        return kept | own | {"DJANGO_SETTINGS_MODULE": "maillage.config.settings"}

    def run(self, *arguments: str, module: str = "maillage") -> None:
        """Run one of our commands to its end; stop the bench if it fails."""
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, env=self.around, cwd=ROOT, capture_output=True, text=True, timeout=900)
        if done.returncode:
            raise SystemExit(f"{module} {' '.join(arguments)} failed:\n{(done.stdout + done.stderr)[-3000:]}")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read the database without the application."""
        with closing(sqlite3.connect(f"file:{self.home}/maillage.sqlite3?mode=ro", uri=True)) as database:
            return database.execute(sql, values).fetchall()


def registry(given: Path | None, *, fresh: bool = False, places: bool = True) -> Registry:
    """Build the registry where it is missing: all places of the folder's `places.csv.gz`, else the demo."""
    named = given or os.environ.get("MAILLAGE_DATA")
    data = Path(named).resolve() if named else None
    home = BUILD / ("folder" if data else "builtin")
    if fresh:
        for old in [*home.glob("maillage.sqlite3*"), *home.glob("bench.json")]:
            old.unlink()
    home.mkdir(parents=True, exist_ok=True)
    built = Registry(home, {"ground": "folder" if data else "built in"})
    front.prepare()
    built.run("prepare", "--only-translations")
    built.run("migrate")
    built.run("collectstatic", "--no-input", "-v0", module="django")
    built.run("territory", "update", *(["--from", str(data)] if data else ["--builtin"]))
    return replace(built, about=built.about | _places(built, data)) if places else built


def _places(built: Registry, data: Path | None) -> dict[str, Any]:
    stamp = built.home / "bench.json"
    if stamp.exists():
        return json.loads(stamp.read_text())
    print("  loading places…", flush=True)
    started = time.perf_counter()
    if data and (data / "places.csv.gz").exists():
        built.run("import", str(data / "places.csv.gz"), "--all")
    else:
        built.run("demo")
    count = built.rows("SELECT count(*) FROM places_place WHERE removed_at IS NULL")[0][0]
    about = {"places": count, "load_s": round(time.perf_counter() - started, 1)}
    stamp.write_text(json.dumps(about))
    return about


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers on a port of the loopback."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> tuple[int, str, float]:
        """Ask once on a new connection: status, body, milliseconds to its last byte."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        started = time.perf_counter()
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{self.port}", "Accept-Language": "fr"})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        return response.status, body.decode("utf-8", "replace"), (time.perf_counter() - started) * 1000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(registry: Registry, *, workers: int = 2) -> Iterator[Server]:
    """Serve the registry on a free port of the loopback."""
    port = free_port()
    around = registry.around | {"MAILLAGE_WORKERS": str(workers), "MAILLAGE_URL": f"http://localhost:{port}"}
    command = [sys.executable, "-m", "maillage", "serve", "--port", str(port)]
    with start(command, around, port, BUILD / "serve.log", "/healthz") as server:
        yield server


@contextmanager
def start(command: Sequence[str], around: dict[str, str], port: int, log: Path, path: str) -> Iterator[Server]:
    """Start a server, wait until `path` answers 200, stop it when the block ends."""
    with log.open("w") as said:
        process = subprocess.Popen(command, env=around, cwd=ROOT, stdout=said, stderr=said, start_new_session=True)
    with measure.stopped_after(process):
        server = Server(port, process.pid)
        wait(server, path, process, seconds=60, log=log)
        yield server


def wait(server: Server, path: str, process: "subprocess.Popen[Any]", *, seconds: float, log: Path) -> None:
    """Wait for a 200; stop the bench with the server's own words when there is none."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if server.get(path)[0] == 200:
                return
        except (OSError, HTTPException):
            pass
        time.sleep(0.02)
    raise SystemExit(f"no answer from {server.url}{path}; it said:\n{log.read_text()[-3000:]}")


def drive(server: Server, paths: Sequence[str], *, seconds: float, watched: Sequence[int] = ()) -> dict[str, Any]:
    """Ask the paths in turn with wrk, 8 clients; figures of the answers, and of what they cost the server.

    `watched` are other processes that work for the server, as a database does. `other_load` is the share of the machine
    that went neither to the server nor to wrk: above 0.03 the times are upper bounds.
    """
    wrk = measure.need("wrk", install="Debian: apt install wrk")
    listed = BUILD / "paths.txt"
    listed.write_text("\n".join(paths) + "\n")
    pids = [*measure.tree(server.pid), *watched]
    command = [wrk, "-t1", f"-c{CLIENTS}", f"-d{seconds:g}s", "--timeout", "30s", "-s", str(WRK_SCRIPT)]
    command += [flag for name, value in ACCEPTED.items() for flag in ("-H", f"{name}: {value}")]
    usage, all_before, before = os.times(), measure.machine_cpu_ms(), measure.cpu_ms(pids)
    said = subprocess.run(
        [*command, server.url],
        env=os.environ | {"BENCH_PATHS": str(listed)},
        capture_output=True,
        text=True,
        timeout=seconds + 60,
    )
    if said.returncode:
        raise SystemExit(f"wrk failed: {said.stderr}{said.stdout}")
    spent, everything, after = measure.cpu_ms(pids) - before, measure.machine_cpu_ms() - all_before, os.times()
    own = 1000 * sum(after[i] - usage[i] for i in range(4))
    told = json.loads(said.stdout.splitlines()[-1])
    if told["bad"] or not told["requests"]:
        raise SystemExit(
            f"{told['bad']} of {told['requests']} answers were errors, {paths[0]} and others: nothing is measured."
        )
    return {
        "urls": len(paths),
        "requests": told["requests"],
        "per_s": round(told["requests"] / told["seconds"], 1),
        "p50_ms": told["p50_ms"],
        "p99_ms": told["p99_ms"],
        "cpu_ms": round(spent / told["requests"], 2),
        **measure.memory_mb(pids),
        "other_load": round(max(0.0, everything - spent - own) / (told["seconds"] * 1000 * (os.cpu_count() or 1)), 3),
    }
