"""One file of another host, asked for so that nobody makes this machine ask its neighbours.

Every address that a name has must lie outside; the one checked is the one connected to, at each redirection again.
"""

import socket
import ssl
import zlib
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import maillage
from maillage.management.bookings.rules.entries import LONGEST_ADDRESS
from maillage.management.bookings.rules.feeds import MOST_BYTES, NotRead

PORTS = {"https": 443, "http": 80}
ALSO_PORTS = (8443,)
MOST_REDIRECTIONS = 5
MOST_TRIES = 3
SECONDS = 8.0
PIECE = 1 << 15
_AS_IS = "%/:=&?~+!$,;'@()*[]"
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Got:
    """What a host answered; no body when it is the same as last time."""

    body: bytes | None
    etag: str


def get(address: str, *, etag: str = "", loopback: bool = False) -> Got:
    """The file at an address, of `MOST_BYTES` at most; `NotRead` says why not. `loopback`, for tests: this machine."""
    for _hop in range(MOST_REDIRECTIONS + 1):
        parts = checked(address, loopback=loopback)
        connection, response = _answer(parts, etag, loopback)
        try:
            if response.status in (301, 302, 303, 307, 308):
                address = _next(address, response.headers.get("Location", ""))
                continue
            if response.status == 304 and etag:
                return Got(None, etag)
            if response.status != 200:
                raise NotRead("answer", response.status)
            return Got(_body(response), response.headers.get("ETag", "")[:200])
        except TimeoutError as slow:
            raise NotRead("silence") from slow
        except (OSError, HTTPException) as problem:
            raise NotRead("cut") from problem
        finally:
            response.close()
            connection.close()
    raise NotRead("redirected")


def checked(address: str, *, loopback: bool = False) -> SplitResult:
    """The parts of an address that may be asked; `NotRead` for any other.

    >>> checked("https://mairie.example/agenda.ics").hostname
    'mairie.example'
    >>> checked("file:///etc/passwd")
    Traceback (most recent call last):
    maillage.management.bookings.rules.feeds.NotRead: address
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError as problem:
        raise NotRead("address") from problem
    if len(address) > LONGEST_ADDRESS or parts.scheme not in PORTS or not host:
        raise NotRead("address")
    if parts.username is not None or parts.password is not None:
        raise NotRead("password")
    if port not in (None, *PORTS.values(), *ALSO_PORTS) and not loopback:
        raise NotRead("port")
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


def _answer(parts: SplitResult, etag: str, loopback: bool) -> tuple[HTTPConnection, HTTPResponse]:
    host = str(parts.hostname).encode("idna").decode()
    port = parts.port or PORTS[parts.scheme]
    target = quote(parts.path or "/", safe=_AS_IS) + (f"?{quote(parts.query, safe=_AS_IS)}" if parts.query else "")
    headers = {"User-Agent": f"maillage/{maillage.__version__}", "Accept": "text/calendar, */*;q=0.1"}
    headers |= {"Accept-Encoding": "identity"} | ({"If-None-Match": etag} if etag else {})
    trouble: NotRead = NotRead("silence")
    for address in _addresses(host, port, loopback)[:MOST_TRIES]:
        connection = _connection(parts.scheme, host, port, address)
        try:
            connection.request("GET", target, headers=headers)
            return connection, connection.getresponse()
        except ssl.SSLError as problem:
            trouble = NotRead("certificate", getattr(problem, "verify_message", ""))
        except TimeoutError:
            trouble = NotRead("silence")
        except (OSError, HTTPException, ValueError):
            trouble = NotRead("refused")
        connection.close()
    raise trouble


def _addresses(host: str, port: int, loopback: bool) -> list[str]:
    """Where a name leads, all of it outside: one address of a private network among others refuses the name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise NotRead("name") from problem
    addresses = [ip_address(str(where[0]).partition("%")[0]) for *_kind, where in found]
    if not all(is_outside(one) or (loopback and one.is_loopback) for one in addresses):
        raise NotRead("private")
    return list(dict.fromkeys(str(one) for one in addresses))


def _connection(scheme: str, host: str, port: int, address: str) -> HTTPConnection:
    """A connection to the address that was checked, under the name that was asked: TLS proves that name."""

    def to_address(_host_port: object, timeout: float, source: Any) -> socket.socket:
        return socket.create_connection((address, port), timeout, source)

    kind = HTTPSConnection if scheme == "https" else HTTPConnection
    made = kind(host, port, timeout=SECONDS)
    # Both kinds open their socket by this one function; looking the name up again could lead elsewhere.
    made._create_connection = to_address  # type: ignore[attr-defined]
    return made


def _next(address: str, location: str) -> str:
    try:
        there = urljoin(address, location)
    except ValueError as problem:
        raise NotRead("address") from problem
    if not location or (address.startswith("https:") and not there.startswith("https:")):
        raise NotRead("redirected")
    return there


def _body(response: HTTPResponse) -> bytes:
    """What comes, unpacked as it comes, and never more than is kept."""
    packed = response.headers.get("Content-Encoding", "").strip().lower()
    if packed not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise NotRead("packed")
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:20]) > MOST_BYTES:
        raise NotRead("big", MOST_BYTES // 1_000_000)
    unpack = zlib.decompressobj(47) if packed not in ("", "identity") else None
    kept = bytearray()
    while piece := response.read(PIECE):
        try:
            kept += unpack.decompress(piece, MOST_BYTES + 1 - len(kept)) if unpack else piece
        except zlib.error as problem:
            raise NotRead("packed") from problem
        if len(kept) > MOST_BYTES:
            raise NotRead("big", MOST_BYTES // 1_000_000)
    if response.length or (unpack and not unpack.eof):
        raise NotRead("cut")
    return bytes(kept)
