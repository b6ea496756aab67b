"""One file of another host, asked for so that nobody makes this machine ask its neighbours.

Every address that a name has must lie outside; the one checked is the one connected to, at each redirection again.
Whatever the host does, `get` is over in so many seconds and holds so many bytes.
"""

import socket
import ssl
import time
import zlib
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Lock, Thread, Timer
from types import TracebackType
from typing import Any, Self
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import maillage

LONGEST_ADDRESS = 2_000
PORTS = {"https": 443, "http": 80}
ALSO_PORTS = (8443,)
MOST_REDIRECTIONS = 5
MOST_TRIES = 3
SECONDS, SECONDS_IN_ALL = 8.0, 60.0
"""How long a host may say nothing, and how long it may take to say all."""
PIECE = 1 << 15
KEPT_HEADERS, LONGEST_HEADER = ("Content-Digest", "Signature-Input", "Signature"), 1_000
_AS_IS = "%/:=&?~+!$,;'@()*[]"
_NAT64 = IPv6Network("64:ff9b::/96")


class NotHad(ValueError):
    """A file that cannot be had: `code` says why, `detail` fills its hole.

    The codes: address, password, port, name, private, refused, certificate, silence, slow (seconds), redirected,
    answer (what HTTP answered), packed, big (megabytes), cut.
    """

    def __init__(self, code: str, detail: object = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, str(detail)[:80]


@dataclass(frozen=True, slots=True)
class Got:
    """What a host answered; no body when it is the same as last time. `headers`: those that sign the body."""

    body: bytes | None
    etag: str = ""
    last_modified: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def get(
    address: str,
    *,
    limit: int,
    seconds: float = SECONDS_IN_ALL,
    etag: str = "",
    last_modified: str = "",
    headers: Mapping[str, str] | None = None,
    loopback: bool = False,
) -> Got:
    """The file at an address, of `limit` bytes at most once unpacked, within `seconds`; `NotHad` says why not.

    `etag` and `last_modified` of last time ask for it only if it changed; `loopback`, for tests: this machine.
    """
    same = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    asked = {**(headers or {}), **{name: value for name, value in same.items() if value}}
    with _Wall(seconds) as wall:
        try:
            got = _followed(address, asked, limit, wall, loopback)
        except NotHad as problem:
            if wall.is_over:
                raise wall.slow from problem
            raise
        if wall.is_over:
            raise wall.slow
    if got.body is None and not (etag or last_modified):
        raise NotHad("answer", 304)
    return got


def _followed(address: str, asked: Mapping[str, str], limit: int, wall: "_Wall", loopback: bool) -> Got:
    for _hop in range(MOST_REDIRECTIONS + 1):
        parts = checked(address, loopback=loopback)
        connection, response = _answer(parts, asked, wall, loopback)
        try:
            if response.status in (301, 302, 303, 307, 308):
                address = _next(address, response.headers.get("Location", ""))
                continue
            etag, modified = (response.headers.get(name, "")[:200] for name in ("ETag", "Last-Modified"))
            if response.status == 304:
                return Got(None, etag, modified)
            if response.status != 200:
                raise NotHad("answer", response.status)
            kept = {name: response.headers.get(name, "")[:LONGEST_HEADER] for name in KEPT_HEADERS}
            return Got(_body(response, limit), etag, modified, kept)
        except TimeoutError as slow:
            raise NotHad("silence") from slow
        except (OSError, HTTPException) as problem:
            raise NotHad("cut") from problem
        finally:
            response.close()
            connection.close()
    raise NotHad("redirected")


class _Wall:
    """The time that a host has in all: once over, the connection of the moment is cut, whatever it was about."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.end = seconds, time.monotonic() + seconds
        self._watched: socket.socket | None = None
        self._lock = Lock()
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.end

    @property
    def slow(self) -> NotHad:
        return NotHad("slow", round(self.seconds))

    @property
    def left_s(self) -> float:
        return max(0.01, self.end - time.monotonic())

    def watch(self, opened: socket.socket) -> None:
        """Watch the newest connection: a second handle on it, for TLS takes the first one away."""
        with self._lock:
            self._forget()
            self._watched = opened.dup()
            if self.is_over:
                self._watched.shutdown(socket.SHUT_RDWR)

    def _cut(self) -> None:
        with self._lock:
            if self._watched is not None:
                try:
                    self._watched.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return

    def _forget(self) -> None:
        if self._watched is not None:
            self._watched.close()
            self._watched = None

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._forget()


def checked(address: str, *, loopback: bool = False) -> SplitResult:
    """The parts of an address that may be asked; `NotHad` for any other.

    >>> checked("https://mairie.example/agenda.ics").hostname
    'mairie.example'
    >>> checked("file:///etc/passwd")
    Traceback (most recent call last):
    maillage.territory.sources.guarded.NotHad: address
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError as problem:
        raise NotHad("address") from problem
    if len(address) > LONGEST_ADDRESS or parts.scheme not in PORTS or not host or not host.isprintable() or " " in host:
        raise NotHad("address")
    if parts.username is not None or parts.password is not None:
        raise NotHad("password")
    if port not in (None, *PORTS.values(), *ALSO_PORTS) and not loopback:
        raise NotHad("port")
    return parts


def is_outside(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public network, and not a way round to another.

    >>> [is_outside(ip_address(one)) for one in ("9.9.9.9", "127.0.0.1", "169.254.169.254", "64:ff9b::a00:1")]
    [True, False, False, False]
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_outside(address.ipv4_mapped)
        if address in _NAT64:
            return is_outside(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.sixtofour or address.teredo or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _answer(
    parts: SplitResult, asked: Mapping[str, str], wall: _Wall, loopback: bool
) -> tuple[HTTPConnection, HTTPResponse]:
    host = str(parts.hostname).encode("idna").decode()
    port = parts.port or PORTS[parts.scheme]
    target = quote(parts.path or "/", safe=_AS_IS) + (f"?{quote(parts.query, safe=_AS_IS)}" if parts.query else "")
    headers = {"User-Agent": f"maillage/{maillage.__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
    trouble: NotHad = NotHad("silence")
    for address in _addresses(host, port, wall, loopback)[:MOST_TRIES]:
        connection = _connection(parts.scheme, host, port, address, wall)
        try:
            connection.request("GET", target, headers={**headers, **asked})
            return connection, connection.getresponse()
        except ssl.SSLError as problem:
            trouble = NotHad("certificate", getattr(problem, "verify_message", ""))
        except TimeoutError:
            trouble = NotHad("silence")
        except (OSError, HTTPException, ValueError):
            trouble = NotHad("refused")
        connection.close()
        if wall.is_over:
            break
    raise trouble


def _addresses(host: str, port: int, wall: _Wall, loopback: bool) -> list[str]:
    """Where a name leads, all of it outside: one address of a private network among others refuses the name."""
    try:
        found = _looked_up(host, port).result(min(SECONDS, wall.left_s))
    except TimeoutError as slow:
        raise NotHad("silence") from slow
    except (OSError, UnicodeError) as problem:
        raise NotHad("name") from problem
    addresses = [ip_address(str(where[0]).partition("%")[0]) for *_kind, where in found]
    if not all(is_outside(one) or (loopback and one.is_loopback) for one in addresses):
        raise NotHad("private")
    return list(dict.fromkeys(str(one) for one in addresses))


def _looked_up(host: str, port: int) -> "Future[list[Any]]":
    """What a name server says, in a thread of its own: one that hangs heeds no timeout, and is given up on."""
    asked: Future[list[Any]] = Future()

    def look() -> None:
        try:
            asked.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as problem:
            asked.set_exception(problem)

    Thread(target=look, daemon=True).start()
    return asked


def _connection(scheme: str, host: str, port: int, address: str, wall: _Wall) -> HTTPConnection:
    """A connection to the address that was checked, under the name that was asked: TLS proves that name."""

    def to_address(_host_port: object, timeout: float, source: Any) -> socket.socket:
        opened = socket.create_connection((address, port), min(timeout, wall.left_s), source)
        opened.settimeout(timeout)
        wall.watch(opened)
        return opened

    kind = HTTPSConnection if scheme == "https" else HTTPConnection
    made = kind(host, port, timeout=SECONDS)
    # Both kinds open their socket by this one function; looking the name up again could lead elsewhere.
    made._create_connection = to_address  # type: ignore[attr-defined]
    return made


def _next(address: str, location: str) -> str:
    try:
        there = urljoin(address, location)
    except ValueError as problem:
        raise NotHad("address") from problem
    if not location or (address.startswith("https:") and not there.startswith("https:")):
        raise NotHad("redirected")
    return there


def _body(response: HTTPResponse, limit: int) -> bytes:
    """What comes, unpacked as it comes, and never more than is kept."""
    packed = response.headers.get("Content-Encoding", "").strip().lower()
    if packed not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise NotHad("packed")
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:20]) > limit:
        raise NotHad("big", limit // 1_000_000)
    unpack = zlib.decompressobj(47) if packed not in ("", "identity") else None
    kept = bytearray()
    while piece := response.read(PIECE):
        try:
            kept += unpack.decompress(piece, limit + 1 - len(kept)) if unpack else piece
        except zlib.error as problem:
            raise NotHad("packed") from problem
        if len(kept) > limit:
            raise NotHad("big", limit // 1_000_000)
    if response.length or (unpack and not unpack.eof):
        raise NotHad("cut")
    return bytes(kept)
