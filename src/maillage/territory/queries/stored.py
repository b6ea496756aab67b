"""Arrays that take seconds to compute, kept on the disk for the next process: a copy, never a source of truth."""

import json
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import crc32

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

FOLDER = "cache"
FORM = "1"
"""To be raised when the form of the files changes."""
ALIGNED = 64


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """Read-only arrays by name, and what goes beside them: texts, numbers, lists, as JSON tells them."""

    arrays: Mapping[str, NDArray[Any]]
    beside: Any = None


def stored(name: str, key: Iterable[object], makers: Iterable[str | Path], make: Callable[[], Stored]) -> Stored:
    """Take arrays from the disk, or make them and keep them for the next process.

    `key` tells the data they come from, `makers` the modules (by name, loaded) and files whose content they come from:
    where either differs, or where the file is broken, missing or another user's, they are made anew. A disk that cannot
    be written costs only time. `beside` must be worth as much after a passage through JSON.
    """
    place = folder()
    if place is None:
        return make()
    mark = blake2b(repr((FORM, np.__version__, *key)).encode("utf-8", "surrogatepass"), digest_size=16)
    for maker in makers:
        mark.update(_content(maker))
    path = place / f"{name}.arrays"
    found = _read(path, mark.hexdigest())
    if found is None:
        found = make()
        with suppress(OSError):
            _write(path, mark.hexdigest(), found)
    return found


def folder() -> Path | None:
    """Where the files are; None where nothing is kept."""
    home: Path = settings.HOME
    return home / FOLDER


@cache
def _content(maker: str | Path) -> bytes:
    """The content of a module or file, shortly."""
    module: ModuleType | None = sys.modules.get(str(maker))
    path = maker if isinstance(maker, Path) else Path(str(module and module.__file__))
    return blake2b(path.read_bytes(), digest_size=16).digest()


def _write(path: Path, mark: str, made: Stored) -> None:
    """Write a file whole or not at all: a line that tells what follows, then the arrays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pieces, listed, at = [], [], 0
    for name, array in made.arrays.items():
        piece = np.ascontiguousarray(array).tobytes()
        piece += bytes(-len(piece) % ALIGNED)
        listed.append((name, array.dtype.str, array.shape, at))
        pieces.append(piece)
        at += len(piece)
    body = b"".join(pieces)
    head = json.dumps({"mark": mark, "arrays": listed, "size": at, "beside": made.beside}, ensure_ascii=False).encode()
    check = f"{crc32(body, crc32(head)):08x}".encode()
    descriptor, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(check + b"\n" + head + b"\n" + body)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _read(path: Path, mark: str) -> Stored | None:
    """Read a file back; None where it is missing, of another mark, not whole, or of somebody else."""
    try:
        with path.open("rb") as file:
            if not _is_ours(os.fstat(file.fileno())):
                return None
            check, head = file.readline().rstrip(b"\n"), file.readline().rstrip(b"\n")
            told = json.loads(head)
            if told["mark"] != mark:
                return None
            body = file.read()
        if len(body) != told["size"] or f"{crc32(body, crc32(head)):08x}".encode() != check:
            return None
        arrays = {
            name: np.frombuffer(body, np.dtype(kind), int(np.prod(shape)), at).reshape(shape)
            for name, kind, shape, at in told["arrays"]
        }
        return Stored(arrays, told["beside"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _is_ours(told: os.stat_result) -> bool:
    """Whether only this user could have written a file."""
    if not hasattr(os, "getuid"):
        return True
    return stat.S_ISREG(told.st_mode) and told.st_uid == os.getuid() and not told.st_mode & 0o022
