"""Downloads that may be cut: resumed where they stopped, bounded, over https alone (this machine aside).

Tried against a server on this machine only: unproved until someone runs it online.
"""

import errno
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import nullcontext
from enum import StrEnum
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import maillage
from maillage.territory.rules.progress import Bar, Progress

PIECE = 1 << 16
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Cause(StrEnum):
    """What keeps a download from being had."""

    ADDRESS = "address"
    ANSWER = "answer"
    CONTENT = "content"
    CUT = "cut"
    DISK = "disk"
    SILENCE = "silence"
    SIZE = "size"


class FetchFailed(Exception):
    """A download that could not be had; the message says why and what to do, `code` what HTTP answered."""

    def __init__(self, message: str, *, cause: Cause, code: int = 0) -> None:
        super().__init__(message)
        self.cause, self.code = cause, code


def is_local(url: str) -> bool:
    """Whether an address is on this very machine."""
    return urlsplit(url).hostname in LOOPBACK


def download(
    url: str,
    path: Path,
    *,
    most_bytes: int,
    timeout_seconds: float = 20,
    attempts: int = 3,
    progress: Progress | None = None,
    check: Callable[[Path], None] | None = None,
) -> bool:
    """Bring what is at `url` to `path`; False when the server says that what is there already is the same.

    What was received of an interrupted download stays in `<path>.part`, and is gone on from when the server still
    has the same version. `path` changes only once everything is there and `check`, given the part, has not raised
    FetchFailed. The server has `timeout_seconds` to answer, the time to look up its name included.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, attempts + 1):
        try:
            received = _attempt(url, path, most_bytes, timeout_seconds, progress)
            if received:
                _settle(path, check)
            return received
        except HTTPError as error:
            raise FetchFailed(
                f"{url} répond {error.code}. L’adresse a peut-être changé : voyez official_urls.toml, "
                "ou donnez un dossier avec --from.",
                cause=Cause.ANSWER,
                code=error.code,
            ) from error
        except (OSError, HTTPException) as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise FetchFailed(
                    "Le disque est plein. Libérez de la place, puis relancez.", cause=Cause.DISK
                ) from error
            if attempt == attempts:
                raise _gave_up(url, path) from error
    return False


def forget_version(path: Path) -> None:
    """Forget which version of a file is here: one that is never asked for again."""
    _mark(path).unlink(missing_ok=True)


def _gave_up(url: str, path: Path) -> FetchFailed:
    part = _part(path)
    host = urlsplit(url).hostname
    if part.is_file() and part.stat().st_size:
        return FetchFailed(
            f"Le téléchargement depuis {host} a été interrompu. Relancez : il reprendra où il s’est arrêté.",
            cause=Cause.CUT,
        )
    return FetchFailed(
        f"{host} ne répond pas : pas de réseau, ou le serveur se tait. "
        "Le fond actuel reste en place ; réessayez plus tard, ou donnez un dossier avec --from.",
        cause=Cause.SILENCE,
    )


def _settle(path: Path, check: Callable[[Path], None] | None) -> None:
    part = _part(path)
    if check is not None:
        try:
            check(part)
        except FetchFailed:
            _throw_away(part)
            raise
    part.replace(path)
    _mark(part).replace(_mark(path))


def _attempt(url: str, path: Path, most_bytes: int, timeout_seconds: float, progress: Progress | None) -> bool:
    part = _part(path)
    held = part.stat().st_size if part.is_file() else 0
    try:
        response = _answer(url, timeout_seconds, _conditions(path, held))
    except HTTPError as error:
        if error.code == 304:
            return False
        if error.code != 416:
            raise
        _throw_away(part)
        held, response = 0, _answer(url, timeout_seconds, {})
    with response:
        resumed = response.status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {held}-")
        start = held if resumed else 0
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() and len(length) < 16 else 0
        _refuse_too_big(total, most_bytes, path)
        version = _version(response)
        _mark(part).write_text(json.dumps(version), encoding="utf-8")
        with (
            progress(total, path.name) if progress else nullcontext() as bar,
            part.open("ab" if resumed else "wb") as stream,
        ):
            written = _pour(response, stream, start, most_bytes, path, bar)
    if total and written != total:
        raise ConnectionError(f"{written} bytes of {total}")
    return True


def _pour(response: HTTPResponse, stream: IO[bytes], start: int, most_bytes: int, path: Path, bar: Bar | None) -> int:
    written = start
    if bar is not None:
        bar.step(start)
    while piece := response.read(PIECE):
        written += len(piece)
        _refuse_too_big(written, most_bytes, path)
        stream.write(piece)
        if bar is not None:
            bar.step(len(piece))
    return written


def _refuse_too_big(size: int, most_bytes: int, path: Path) -> None:
    if size > most_bytes:
        _throw_away(_part(path))
        raise FetchFailed(
            f"{path.name} dépasse {most_bytes // 1_000_000} Mo : ce n’est pas le fichier attendu. "
            "Donnez un dossier avec --from.",
            cause=Cause.SIZE,
        )


def _throw_away(part: Path) -> None:
    part.unlink(missing_ok=True)
    _mark(part).unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.version")


def _version(response: HTTPResponse) -> dict[str, str]:
    """What tells one version of a file from another: two versions must never be joined."""
    known = {name: response.headers.get(name, "") for name in ("ETag", "Last-Modified")}
    return {name: value for name, value in known.items() if value}


def _conditions(path: Path, held: int) -> dict[str, str]:
    """Ask for the rest of the same version, or for a version other than the one already here."""
    if held:
        version = _read_mark(_mark(_part(path)))
        strong = version.get("ETag", "")
        same = strong if strong and not strong.startswith("W/") else version.get("Last-Modified", "")
        return {"Range": f"bytes={held}-", "If-Range": same} if same else {}
    version = _read_mark(_mark(path)) if path.is_file() else {}
    asked = {"If-None-Match": version.get("ETag", ""), "If-Modified-Since": version.get("Last-Modified", "")}
    return {name: value for name, value in asked.items() if value}


def _read_mark(mark: Path) -> dict[str, str]:
    try:
        read = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _answer(url: str, timeout_seconds: float, headers: dict[str, str]) -> HTTPResponse:
    """Open the address in a thread of its own: a name server that hangs heeds no timeout, and is given up on too."""
    asked: Future[HTTPResponse] = Future()

    def ask() -> None:
        try:
            asked.set_result(_open(url, timeout_seconds, headers))
        except (OSError, HTTPException, ValueError, FetchFailed) as error:
            asked.set_exception(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        return asked.result(timeout_seconds + 0.5)
    except TimeoutError:
        asked.add_done_callback(_close)
        raise


def _close(asked: "Future[HTTPResponse]") -> None:
    """Close an answer that came too late."""
    if asked.exception() is None:
        asked.result().close()


def _open(url: str, timeout_seconds: float, headers: dict[str, str]) -> HTTPResponse:
    _allow(url)
    proxies = [ProxyHandler({})] if is_local(url) else []
    opener = build_opener(_SafeRedirects(), *proxies)
    named = {"User-Agent": f"maillage/{maillage.__version__}"} | headers
    try:
        response: HTTPResponse = opener.open(Request(url, headers=named), timeout=timeout_seconds)  # noqa: S310
    except HTTPError as error:
        error.close()
        raise
    return response


def _allow(url: str) -> None:
    if urlsplit(url).scheme != "https" and not (urlsplit(url).scheme == "http" and is_local(url)):
        raise FetchFailed(
            f"{url} : adresse refusée, seul https est accepté. Corrigez official_urls.toml.", cause=Cause.ADDRESS
        )


class _SafeRedirects(HTTPRedirectHandler):
    """Follows redirections over https only, and never from another machine to this one."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        try:
            _allow(newurl)
            if is_local(newurl) and not is_local(req.full_url):
                raise FetchFailed(
                    f"{req.full_url} : redirection refusée, elle mène à cette machine.", cause=Cause.ADDRESS
                )
        except FetchFailed:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)
