"""Another's calendar, asked for and read by a process of its own that has some seconds and none of our secrets."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import maillage
from maillage.management.bookings.rules.feeds import from_stamps
from maillage.management.bookings.rules.spans import Spans

SECONDS = 20.0
READER = "maillage.management.bookings.sources.reader"
PASSED_ON = ("PATH", "LANG", "TZDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT", "COVERAGE_PROCESS_START")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which calendar to read, for which days, on whose clocks; `etag` asks for it only if it changed."""

    address: str
    zone: str
    first: str
    last: str
    etag: str = ""
    loopback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a calendar blocks; or why nobody knows: `problem`; or that it is the `same`."""

    problem: str = ""
    detail: str = ""
    same: bool = False
    spans: Spans = ()
    occurrences: int = 0
    unread: int = 0
    zones: tuple[str, ...] = ()
    etag: str = ""


def ask(asked: Asked, *, seconds: float = SECONDS) -> Answer:
    """Read a calendar within some seconds, whatever it is; never raises for what it holds."""
    known = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    known["PYTHONPATH"] = str(Path(maillage.__file__).parent.parent)
    try:
        done = subprocess.run(
            [sys.executable, "-m", READER],
            input=json.dumps(asdict(asked)).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env=known,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(problem="slow", detail=str(round(seconds)))
    if done.returncode < 0:
        return Answer(problem="slow", detail=str(round(seconds)))
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return Answer(problem="heavy")
    if "spans" in told:
        told |= {"spans": from_stamps(told["spans"]), "zones": tuple(told["zones"])}
    return Answer(**told)
