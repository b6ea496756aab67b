"""Roads read once, kept as arrays: the next start takes them from the disk."""

import os
import tempfile
import zipfile
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import numpy as np

from maillage.analysis.network import Graph, NetworkError
from maillage.diagnosis.road.osm import Roads
from maillage.diagnosis.road.speeds import SPEEDS

FORM = "1"
"""To be raised when the way of reading changes: what was kept before is read again."""

MOST_KEPT = 3


def fingerprint(path: Path) -> str:
    """Name the content of an extract, the speeds and the way of reading, all three."""
    digest = blake2b(FORM.encode() + SPEEDS.read_bytes(), digest_size=16)
    with path.open("rb") as extract:
        while piece := extract.read(1 << 22):
            digest.update(piece)
    return digest.hexdigest()


def load(folder: Path, mark: str) -> Roads | None:
    """Take roads from the disk; None when they are not there, or not whole."""
    try:
        with (folder / f"{mark}.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
            graph = Graph(kept["indptr"], kept["indices"], kept["weights"])
            return Roads(kept["lat"], kept["lon"], kept["stops"], graph, kept["metres"], str(kept["dated"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, NetworkError):
        return None


def save(folder: Path, mark: str, roads: Roads) -> None:
    """Keep roads under their name: whole or not at all. The oldest beyond three go."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as kept:
            np.savez(
                kept,
                lat=roads.lat,
                lon=roads.lon,
                stops=roads.stops,
                indptr=roads.graph.indptr,
                indices=roads.graph.indices,
                weights=roads.graph.weights,
                metres=roads.metres,
                dated=np.array(roads.dated),
            )
            kept.flush()
            os.fsync(kept.fileno())
        Path(name).replace(folder / f"{mark}.npz")
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    older = sorted(folder.glob("*.npz"), key=lambda one: one.stat().st_mtime, reverse=True)[MOST_KEPT:]
    for one in older:
        with suppress(OSError):
            one.unlink()
