"""Fingerprints of what a step was made from: the step is done again only when they change. Stdlib only."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path


def fingerprint(files: Iterable[Path], *texts: str) -> str:
    """Sum up the content of files and some texts, whatever the order in which the files come."""
    parts = [text.encode() for text in texts]
    parts += [path.name.encode() + hashlib.sha256(path.read_bytes()).digest() for path in sorted(files)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def read(path: Path) -> dict[str, str]:
    """The stamps kept in `path`; none if it is missing or unreadable."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def write(path: Path, stamps: dict[str, str]) -> None:
    """Keep stamps in `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(stamps, indent=1, sort_keys=True), encoding="utf-8")
    fresh.replace(path)
