"""Hosts of this machine that answer as one must not."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.management.bookings.feeds.written import at, calendar

GOOD = calendar(at(":20261125T080000Z", ":20261125T100000Z", "RRULE:FREQ=WEEKLY"))
SECONDS = ";BYSECOND=" + ",".join(map(str, range(60)))
BOMB = calendar(
    at(
        ":19700101T000000Z",
        ":19700101T000001Z",
        f"RRULE:FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))};BYMINUTE={','.join(map(str, range(60)))}{SECONDS}",
    )
)


class Host(BaseHTTPRequestHandler):
    """`/good` and its kin; `asked` keeps the path and the headers of each request."""

    asked: list[tuple[str, dict[str, str]]]
    body = GOOD

    def do_GET(self) -> None:
        self.asked.append((self.path, dict(self.headers)))
        getattr(self, f"_{self.path.strip('/').partition('?')[0].replace('.ics', '')}")()

    def _say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **said}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def _good(self) -> None:
        if self.headers.get("If-None-Match") == '"1"':
            self._say(304)
        else:
            self._say(200, type(self).body, ETag='"1"')

    def _packed(self) -> None:
        self._say(200, gzip.compress(GOOD), Content_Encoding="gzip")

    def _bomb(self) -> None:
        self._say(200, gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")

    def _huge(self) -> None:
        self._say(200, b"", Content_Length="50000000")

    def _flood(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(800):
                self.wfile.write(bytes(1 << 16))
        except OSError:
            return

    def _moved(self) -> None:
        self._say(302, Location="/good?a=1")

    def _loop(self) -> None:
        self._say(301, Location="/loop")

    def _inside(self) -> None:
        self._say(302, Location="http://10.0.0.1/secret")

    def _metadata(self) -> None:
        self._say(302, Location="http://169.254.169.254/latest/meta-data/")

    def _file(self) -> None:
        self._say(302, Location="file:///etc/passwd")

    def _gone(self) -> None:
        self._say(404)

    def _short(self) -> None:
        self._say(200, GOOD[:-30], Content_Length=str(len(GOOD)))

    def _page(self) -> None:
        self._say(200, b"<!DOCTYPE html><title>Se connecter</title>")

    def _seconds(self) -> None:
        self._say(200, BOMB)

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"B")
                self.wfile.flush()
                time.sleep(0.3)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def host() -> Iterator[tuple[str, type[Host]]]:
    """The address of a host of this machine, and what it was asked."""
    kind = type("Asked", (Host,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    # Who asks may hang up at any moment: that is what is tested.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", kind
    finally:
        server.shutdown()
        server.server_close()
