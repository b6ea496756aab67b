"""Where real places come from when nobody names a file: a folder of official files, or the published census.

The download was tested against a server on this machine only: unproved until someone runs it online.
"""

import errno
import threading
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from django.conf import settings

import maillage
from maillage.network.exchange import formats
from maillage.network.exchange.rules.decoding import decode
from maillage.network.exchange.rules.reports import FileRefused, Progress, Stepper

ADDRESSES = Path(__file__).with_suffix(".toml")
FOLDER_FILES = ("CGET_TiersLieux_2019.csv", "places.csv.gz")
MAX_BYTES = 50_000_000
PIECE = 65_536
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


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


class _Failed(Exception):
    """This census could not be had; `next_one` when an older one may still answer."""

    def __init__(self, reason: str, *, next_one: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.next_one = reason, next_one


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
        except _Failed as failed:
            reason = f"{address.title} : {failed.reason}"
            if not failed.next_one:
                break
    return Fetched(None, reason=reason)


def _download(address: Address, folder: Path, timeout: float, progress: Progress | None, limit: int) -> Path:
    _allowed(address.url)
    folder.mkdir(parents=True, exist_ok=True)
    part, path = folder / f"{address.file}.part", folder / address.file
    with _told(part):
        _probe(address.url, timeout)
        _receive(address.url, part, timeout, progress, limit)
    try:
        formats.detect(decode(part.read_bytes()))
    except FileRefused as refusal:
        _forget(part)
        raise _Failed(f"ce qui a été reçu n’est pas le recensement. {refusal}", next_one=True) from refusal
    part.replace(path)
    _mark_of(part).unlink(missing_ok=True)
    return path


@contextmanager
def _told(part: Path) -> Iterator[None]:
    """Turn what a network or a disk may do into a reason; what was received stays for the next time."""
    try:
        yield
    except HTTPError as error:
        raise _Failed(f"l’adresse répond {error.code}.", next_one=True) from error
    except (OSError, HTTPException) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise _Failed("le disque est plein. Libérez de la place, puis relancez.") from error
        if part.is_file() and part.stat().st_size:
            raise _Failed("téléchargement interrompu ; relancez, il reprendra où il s’est arrêté.") from error
        raise _Failed("pas de réponse : pas de réseau, ou le serveur se tait.") from error


def _allowed(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise _Failed("adresse refusée : seul https est accepté.", next_one=True)


class _SafeRedirects(HTTPRedirectHandler):
    """Follows redirections, but never away from https."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> Request | None:
        try:
            _allowed(newurl)
            if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
                raise _Failed("redirection refusée : elle quitte https.", next_one=True)
        except _Failed:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _open(url: str, timeout: float, headers: dict[str, str], method: str = "GET") -> HTTPResponse:
    proxies = [ProxyHandler({})] if urlsplit(url).hostname in _LOOPBACK else []
    opener = build_opener(_SafeRedirects(), *proxies)
    agent = {"User-Agent": f"maillage/{maillage.__version__}"}
    try:
        response: HTTPResponse = opener.open(Request(url, headers=agent | headers, method=method), timeout=timeout)  # noqa: S310
    except HTTPError as error:
        error.close()
        raise
    return response


def _probe(url: str, timeout: float) -> None:
    """Ask once whether the address answers; a name server that hangs is given up on as well."""
    outcome: list[BaseException | None] = []

    def ask() -> None:
        try:
            _open(url, timeout, {}, method="HEAD").close()
            outcome.append(None)
        except (OSError, HTTPException, _Failed) as error:
            outcome.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout + 0.5)
    if not outcome:
        raise URLError("no answer in time")
    if isinstance(outcome[0], HTTPError) and outcome[0].code in (403, 405, 501):
        return
    if outcome[0] is not None:
        raise outcome[0]


def _mark_of(part: Path) -> Path:
    return part.with_suffix(".mark")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _mark_of(part).unlink(missing_ok=True)


def _receive(url: str, part: Path, timeout: float, progress: Progress | None, limit: int) -> None:
    """Download to `part`, from where it stopped if the server still has the same file."""
    held, mark = part.stat().st_size if part.is_file() else 0, _mark_of(part)
    headers = {}
    if held and mark.is_file():
        headers = {"Range": f"bytes={held}-", "If-Range": mark.read_text(encoding="utf-8")}
    try:
        response = _open(url, timeout, headers)
    except HTTPError as error:
        if error.code != 416:
            raise
        _forget(part)
        response = _open(url, timeout, {})
    with response:
        resumed = response.status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {held}-")
        start = held if resumed else 0
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() else 0
        _keep_mark(response, mark)
        bar: AbstractContextManager[Stepper | None] = progress(total) if progress else nullcontext()
        with bar as steps, part.open("ab" if resumed else "wb") as stream:
            if steps is not None:
                steps.step(start)
            written = _pour(response, stream, steps, start, limit, total)
    if total and written != total:
        raise ConnectionError(f"{written} bytes of {total}")


def _keep_mark(response: HTTPResponse, mark: Path) -> None:
    """Remember which version of the file this is, so that two versions are never joined."""
    known = response.headers.get("ETag", "")
    known = "" if known.startswith("W/") else known
    known = known or response.headers.get("Last-Modified", "")
    if known:
        mark.write_text(known, encoding="utf-8")
    else:
        mark.unlink(missing_ok=True)


def _pour(response: HTTPResponse, stream: IO[bytes], steps: Stepper | None, start: int, limit: int, total: int) -> int:
    written = start
    too_big = f"le fichier dépasse {limit // 1_000_000} Mo : ce n’est pas le recensement attendu."
    if total > limit:
        raise _Failed(too_big, next_one=True)
    while piece := response.read(PIECE):
        written += len(piece)
        if written > limit:
            raise _Failed(too_big, next_one=True)
        stream.write(piece)
        if steps is not None:
            steps.step(len(piece))
    return written
