"""Where real places come from when nobody names a file: a folder of official files, or the published census.

The download was tested against a server on this machine only: unproved until someone runs it online.
"""

import tomllib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from maillage.network.exchange import formats
from maillage.network.exchange.rules.decoding import decode
from maillage.network.exchange.rules.reports import FileRefused, Progress
from maillage.territory.rules.progress import Bar
from maillage.territory.sources.fetch import Cause, FetchFailed, download, forget_version

ADDRESSES = Path(__file__).with_suffix(".toml")
FOLDER_FILES = ("CGET_TiersLieux_2019.csv", "places.csv.gz")
MAX_BYTES = 50_000_000
_REASONS = {
    Cause.ADDRESS: "adresse refusée : seul https est accepté.",
    Cause.ANSWER: "l’adresse répond {code}.",
    Cause.CUT: "téléchargement interrompu ; relancez, il reprendra où il s’est arrêté.",
    Cause.DISK: "le disque est plein. Libérez de la place, puis relancez.",
    Cause.SIZE: "le fichier dépasse {most} Mo : ce n’est pas le recensement attendu.",
    Cause.SILENCE: "pas de réponse : pas de réseau, ou le serveur se tait.",
}
_AN_OLDER_ONE_MAY_ANSWER = frozenset({Cause.ADDRESS, Cause.ANSWER, Cause.CONTENT, Cause.SIZE})


@dataclass(frozen=True, slots=True)
class Address:
    """One published census: its year, what it is, the file it becomes here, where it is."""

    year: str
    title: str
    file: str
    url: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """The census on this machine, or the reason why it is not (`path` None)."""

    path: Path | None
    title: str = ""
    reason: str = ""


def places_from_folder(data: Path) -> list[Path]:
    """The files of places that a data folder holds, in the order in which to import them."""
    return [data / name for name in FOLDER_FILES if (data / name).is_file()]


def addresses() -> list[Address]:
    """The published censuses, the newest first."""
    return [Address(**row) for row in tomllib.loads(ADDRESSES.read_text(encoding="utf-8"))["census"]]


def fetch(
    *,
    home: Path,
    timeout: float = 4,
    progress: Progress | None = None,
    known: Sequence[Address] | None = None,
    limit: int = MAX_BYTES,
) -> Fetched:
    """Fetch the newest census that answers into `home/downloads`, going on where an interrupted download stopped.

    Each host has `timeout` seconds to answer. MAILLAGE_OFFLINE=1 asks nobody. A file already here is not asked again.
    """
    wanted = addresses() if known is None else list(known)
    for address in wanted:
        path = home / "downloads" / address.file
        if path.is_file():
            return Fetched(path, address.title)
    if settings.OFFLINE:
        return Fetched(None, reason="MAILLAGE_OFFLINE=1 : aucune demande ne part de cette machine.")
    reason = "Aucune adresse de recensement n’est connue."
    for address in wanted:
        try:
            return Fetched(_download(address, home / "downloads", timeout, progress, limit), address.title)
        except FetchFailed as failed:
            reason = f"{address.title} : {_said(failed, limit)}"
            if failed.cause not in _AN_OLDER_ONE_MAY_ANSWER:
                break
    return Fetched(None, reason=reason)


def _said(failed: FetchFailed, limit: int) -> str:
    """The reason in the words of a census; what `_is_census` refused has them already."""
    if failed.cause == Cause.CONTENT:
        return str(failed)
    return _REASONS[failed.cause].format(code=failed.code, most=limit // 1_000_000)


def _download(address: Address, folder: Path, timeout: float, progress: Progress | None, limit: int) -> Path:
    path = folder / address.file
    download(
        address.url,
        path,
        most_bytes=limit,
        timeout_seconds=timeout,
        attempts=1,
        progress=_without_label(progress) if progress else None,
        check=_is_census,
    )
    forget_version(path)
    return path


def _without_label(progress: Progress) -> Callable[[int, str], AbstractContextManager[Bar]]:
    return lambda total, _label: progress(total)


def _is_census(part: Path) -> None:
    try:
        formats.detect(decode(part.read_bytes()))
    except FileRefused as refusal:
        raise FetchFailed(f"ce qui a été reçu n’est pas le recensement. {refusal}", cause=Cause.CONTENT) from refusal
