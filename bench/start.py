"""From a clone to the first page: `./run` on a fresh clone of HEAD, its second start, and the size of its `.venv`.

The package registries' caches of this account are used as they are; everything else is made anew in a temporary
folder, which is removed at the end.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from contextlib import AbstractContextManager
from http.client import HTTPException
from pathlib import Path
from typing import Any

from bench import measure, served
from bench.measure import BUILD, ROOT, Target
from bench.served import Server

LONGEST_S = 300.0
POLL_S = 0.05


def wait(
    server: Server, path: str, right: "re.Pattern[str] | None", process: "subprocess.Popen[Any]", until: float
) -> None:
    """Wait for a 200 whose body holds what is expected."""
    while time.monotonic() < until and process.poll() is None:
        try:
            status, body, _ = server.get(path)
        except (OSError, HTTPException):
            status, body = 0, ""
        if status == 200 and (right is None or right.search(body)):
            return
        time.sleep(POLL_S)
    said = (BUILD / "start.log").read_text()[-3000:]
    raise SystemExit(f"./run gave no {path} in {LONGEST_S:.0f} s; it said:\n{said}")


def start(clone: Path, port: int, data: Path | None) -> "subprocess.Popen[Any]":
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith("MAILLAGE_") and k not in ("DATABASE_URL", "PYTHONPATH")
    }
    command = ["./run", "--port", str(port), *(["--data", str(data.resolve())] if data else [])]
    with (BUILD / "start.log").open("a") as said:
        return subprocess.Popen(
            command, cwd=clone, env=kept | {"MAILLAGE_OFFLINE": "1"}, stdout=said, stderr=said, start_new_session=True
        )


def first_pages(clone: Path, data: Path | None, until: float) -> dict[str, float]:
    """Seconds from the command to the first page, and to the first list that shows a place; then stop."""
    port = served.free_port()
    began = time.monotonic()
    process = start(clone, port, data)
    stopping: AbstractContextManager[None] = measure.stopped_after(process)
    with stopping:
        server = Server(port, process.pid)
        wait(server, "/", None, process, until)
        page_s = time.monotonic() - began
        wait(server, "/lieux/", re.compile(r'href="/lieux/[^/"?.]+/"'), process, until)
        places_s = time.monotonic() - began
        asked = time.monotonic()
    stopped_s = time.monotonic() - asked
    return {"page_s": round(page_s, 1), "places_s": round(places_s, 1), "stop_s": round(stopped_s, 1)}


def size_mb(folder: Path) -> float:
    """What a folder takes on the disk, in MB of 10^6 bytes; a file linked twice counts once."""
    seen: dict[int, int] = {}
    for path in folder.rglob("*"):
        facts = path.lstat()
        seen[facts.st_ino] = facts.st_blocks * 512
    return round(sum(seen.values()) / 1e6)


def main() -> int:
    options = measure.parser(__doc__.splitlines()[0]).parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / "start.log").write_text("")
    folder = Path(tempfile.mkdtemp(prefix="maillage-start-"))
    until = time.monotonic() + LONGEST_S
    try:
        clone = folder / "maillage"
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(clone)], check=True)
        first = first_pages(clone, options.data, until)
        second = first_pages(clone, options.data, until)
        venv_mb = size_mb(clone / ".venv")
        kept = json.loads((clone / ".venv" / "maillage.json").read_text())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    data = "folder" if options.data else "built in, demo"
    rows = [{"start": "first"} | first, {"start": "second"} | second]
    measure.show(f"./run on a fresh clone ({data}); .venv holds {', '.join(sorted(set(kept) - {'python'}))}", rows)
    judged = measure.judge(
        [
            Target("first start, seconds to a page", first["page_s"], 90),
            Target("second start, seconds to a page", second["page_s"], 5),
            Target(".venv for running, MB", venv_mb, 600),
        ]
    )
    measure.record(
        "start",
        {"data": data, "first": first, "second": second, "venv_mb": venv_mb, "targets": judged},
        note=options.note,
    )
    return 0 if all(target["held"] for target in judged) else 1


if __name__ == "__main__":
    raise SystemExit(main())
