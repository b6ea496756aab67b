"""Write the whole registry in every format, for those who take it by night."""

import gzip
import os
import tempfile
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from maillage.network.exchange import queries
from maillage.network.exchange.formats import WRITTEN, ending
from maillage.network.exchange.formats.format import Writing
from maillage.network.exchange.rules import dumps


def write_dumps(*, folder: Path, site_url: str, today: date, now: datetime) -> int:
    """Write one compressed file per format, and send those of a week ago away; returns how many were written.

    Each file is written beside its name and takes it in one move: whoever downloads gets the old one or the new one,
    whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for known in WRITTEN.values():
        assert known.write is not None
        places = queries.exported(now=now, rows=known.rows)
        _write(folder / dumps.name_of(today, ending(known)), known.write(places, Writing(site_url, today)))
    for name in dumps.too_old((path.name for path in folder.iterdir()), today):
        (folder / name).unlink(missing_ok=True)
    return len(WRITTEN)


def _write(target: Path, pieces: Iterable[str]) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            with gzip.GzipFile("", "wb", compresslevel=6, fileobj=stream, mtime=0) as packed:
                for piece in pieces:
                    packed.write(piece.encode())
            stream.flush()
            os.fsync(stream.fileno())
        draft.chmod(0o644)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
