"""What every bench shares: command line, the machine's facts, the results file, the cost of a tree of processes."""

import argparse
import json
import os
import platform
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.launch import chromium

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
PEERS = ROOT / "build" / "peers"
RESULTS = ROOT / "bench" / "results"
SEED = 20261122
CHROMIUM_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def parser(description: str, *, peers: str = "none") -> argparse.ArgumentParser:
    """The options that every bench takes."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--peers", choices=["none", "quick", "full"], default=peers, help="what to compare with")
    options.add_argument("--data", type=Path, help="folder of official files (default: MAILLAGE_DATA, else built in)")
    options.add_argument("--fresh", action="store_true", help="load territory and places again")
    options.add_argument("--note", default="", help="a word kept beside the figures")
    return options


def need(name: str, *, install: str) -> str:
    """The path of a program; stops the bench with what to install where PATH has none."""
    if path := shutil.which(name):
        return path
    raise SystemExit(f"{name} is missing: {install}")


def browser() -> str:
    """The path of Chromium, which the tests find in the same way."""
    path = chromium.find()
    if path is None:
        raise SystemExit("Chromium is missing: Debian: apt install chromium, or MAILLAGE_CHROMIUM=<path>")
    return path


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` % of the values do not exceed.

    >>> percentile([4, 1, 3, 2], 50), percentile(range(1, 101), 99), percentile([7.0], 99)
    (2, 99, 7.0)
    """
    ordered = sorted(values)
    return ordered[max(0, -(-int(percent * len(ordered)) // 100) - 1)]


def median(values: Sequence[float]) -> float:
    return percentile(values, 50)


def machine() -> dict[str, Any]:
    """What a figure depends on beside the code."""
    cpu = Path("/proc/cpuinfo").read_text()
    memory_kb = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "cpu": next((line.split(":", 1)[1].strip() for line in cpu.splitlines() if "model name" in line), ""),
        "cores": os.cpu_count(),
        "memory_gb": round(memory_kb / 1e6),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load_1min": round(os.getloadavg()[0], 2),
    }


def record(name: str, figures: dict[str, Any], *, note: str = "") -> None:
    """Add one line to `bench/results/<name>.jsonl`."""
    RESULTS.mkdir(exist_ok=True)
    line = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "--short", "HEAD"),
        "uncommitted": bool(_git("status", "--porcelain", "--", "src", "frontend", "scripts", "run", "requirements")),
        "machine": machine(),
        **({"note": note} if note else {}),
        "figures": figures,
    }
    with (RESULTS / f"{name}.jsonl").open("a", encoding="utf-8") as kept:
        kept.write(json.dumps(line, ensure_ascii=False) + "\n")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def show(title: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows as a table; the first row names the columns, None is a dash."""
    columns = list(rows[0])
    cells = [columns, *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    print(f"\n{title}")
    for line in cells:
        print("  " + "  ".join(text.ljust(w) if i == 0 else text.rjust(w) for i, (text, w) in _aligned(line, widths)))


def _aligned(line: Sequence[str], widths: Sequence[int]) -> Iterator[tuple[int, tuple[str, int]]]:
    return enumerate(zip(line, widths, strict=True))


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class Target:
    """A figure to reach: at most `bound`, or at least when `floor`."""

    what: str
    value: float
    bound: float
    floor: bool = False

    @property
    def held(self) -> bool:
        return self.value >= self.bound if self.floor else self.value <= self.bound


def judge(targets: Sequence[Target]) -> list[dict[str, Any]]:
    """Show the targets and return them for the results file."""
    rows = [
        {"target": t.what, "measured": t.value, "goal": f"{'≥' if t.floor else '≤'} {t.bound:g}", "held": t.held}
        for t in targets
    ]
    show("Targets", [row | {"held": "yes" if row["held"] else "NO"} for row in rows])
    return rows


def install(tool: str, folder: Path, *packages: str) -> float:
    """Install peers once by pip or npm into a folder that git ignores; seconds, 0 when they were there."""
    stamp = folder / ".installed"
    if stamp.exists() and stamp.read_text() == " ".join(packages):
        return 0.0
    folder.mkdir(parents=True, exist_ok=True)
    how = {
        "pip": [sys.executable, "-m", "pip", "install", "-q", "--upgrade", "--target", str(folder), *packages],
        "npm": [need("npm", install="install Node 20 or later"), "install", "--prefix", str(folder), "--silent"],
    }[tool]
    print(f"  {tool}: {' '.join(packages)}…", flush=True)
    started = time.perf_counter()
    around = os.environ | {"PUPPETEER_SKIP_DOWNLOAD": "1", "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"}
    subprocess.run([*how, *packages] if tool == "npm" else how, env=around, check=True, timeout=600)
    stamp.write_text(" ".join(packages))
    return time.perf_counter() - started


def tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def cpu_ms(pids: Sequence[int]) -> float:
    """CPU milliseconds that these processes have used, by user and by kernel."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total * TICK_MS


def machine_cpu_ms() -> float:
    """CPU milliseconds that the whole machine has used since it started, waiting aside."""
    user, nice, system, _idle, _iowait, irq, softirq, *_ = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq) * TICK_MS


def memory_mb(pids: Sequence[int]) -> dict[str, float]:
    """Resident memory of these processes: `rss` counts a shared page for each of them, `pss` once."""
    total = {"rss": 0, "pss": 0}
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name = line.partition(":")[0].lower()
            if name in total:
                total[name] += int(line.split()[1])
    return {f"{name}_mb": round(kb / 1024, 1) for name, kb in total.items()}


def born(pid: int) -> str:
    """When a process started, in clock ticks: with its number, this names it for good. Empty once it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] == "Z" else fields[19]


@contextmanager
def stopped_after(process: "subprocess.Popen[Any]") -> Iterator[None]:
    """End a process, and what it started and left behind, when the block ends."""
    try:
        yield
    finally:
        started = {pid: born(pid) for pid in tree(process.pid)}
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        left = [pid for pid, since in started.items() if since and born(pid) == since]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while any(born(pid) == started[pid] for pid in left) and time.monotonic() < deadline:
            time.sleep(0.01)
