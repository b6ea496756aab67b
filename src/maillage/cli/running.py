"""Where the running site of this home is: `serve` writes it down, a command in another terminal reads it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maillage.cli import ports, stamps

PREFIX = "site-"


@contextmanager
def told(folder: Path, *, url: str, host: str, port: int) -> Iterator[None]:
    """Tell, while the block runs, the public address of the site that this process serves."""
    for left in folder.glob(f"{PREFIX}*"):
        if not _serves(left):
            left.unlink(missing_ok=True)
    starter = os.getpid()
    own = folder / f"{PREFIX}{starter}"
    stamps.write(own, {"url": url, "host": host, "port": str(port)})
    try:
        yield
    finally:
        # A web process that is told to stop leaves by here too: it was forked within.
        if os.getpid() == starter:
            own.unlink(missing_ok=True)


def running(folder: Path) -> str | None:
    """The public address of the site served from this home, the last started of several; None if none is."""
    found = sorted((path for path in folder.glob(f"{PREFIX}*") if _serves(path)), key=_age)
    return stamps.read(found[-1]).get("url") if found else None


def lives(pid: str) -> bool:
    """Whether a process of this number runs on this machine."""
    if os.name != "posix" or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _serves(path: Path) -> bool:
    if os.name == "posix":
        return lives(path.name.removeprefix(PREFIX))
    said = stamps.read(path)
    return said.get("port", "").isdigit() and ports.answers(said["host"], int(said["port"]))


def _age(path: Path) -> float:
    return path.stat().st_mtime
