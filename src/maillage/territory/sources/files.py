"""Reading files that other people made: sizes are capped before anything is parsed."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from maillage.territory.rules.draft import GroundRefused

MOST_BYTES_ON_DISK = 200_000_000
MOST_BYTES = 400_000_000


def refuse(path: Path, what: str, line: int | None = None) -> NoReturn:
    """Refuse a file: its name, the line where there is one, what is wrong, what to do."""
    where = f"{path.name}, ligne {line}" if line else path.name
    raise GroundRefused(
        f"{where} : {what}. Le fond actuel reste en place. "
        "Reprenez ce fichier à sa source, puis relancez la même commande."
    )


def fingerprint(reader: str, paths: Iterable[Path]) -> str:
    """One fingerprint of a reader's version and of the contents of its files (5 MB in some 10 ms)."""
    digest = hashlib.sha256(reader.encode())
    for path in paths:
        if path.is_file():
            _cap(path)
            digest.update(f"\n{path.name} ".encode())
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def read_bytes(path: Path) -> bytes:
    """The contents of a file, unpacked if its name ends in .gz, refused when too big or broken."""
    _cap(path)
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as stream:
            content = stream.read(MOST_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        refuse(path, "l’archive gzip est coupée ou abîmée")
    if len(content) > MOST_BYTES:
        refuse(path, f"le contenu dépasse {MOST_BYTES // 1_000_000} Mo")
    return content


def read_text(path: Path) -> str:
    """The contents of a UTF-8 file as text, without its byte order mark."""
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        refuse(path, "le texte n’est pas en UTF-8", line)


def read_json(path: Path) -> Any:
    """A parsed JSON file; NaN and infinities are refused."""

    def not_a_number(name: str) -> NoReturn:
        refuse(path, f"« {name} » n’est pas un nombre")

    text = read_text(path)
    try:
        return json.loads(text, parse_constant=not_a_number)
    except json.JSONDecodeError as error:
        refuse(path, "le JSON est coupé ou abîmé", error.lineno)
    except (RecursionError, ValueError):
        refuse(path, "le JSON est trop profond, ou un de ses nombres trop long")


def _cap(path: Path) -> None:
    if path.stat().st_size > MOST_BYTES_ON_DISK:
        refuse(path, f"le fichier dépasse {MOST_BYTES_ON_DISK // 1_000_000} Mo")
