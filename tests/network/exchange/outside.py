"""A host of this machine that plays the one where a source is published, well or badly."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

BODY = "id,nom\n1,Café du Val\n".encode()


@dataclass
class Outside:
    """Where the host is, what it gives at `/lieux.csv`, what it answers instead (`code`), what it was asked."""

    url: str = ""
    body: bytes = BODY
    code: int = 200
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def etag(self) -> str:
        return f'"{sha256(self.body).hexdigest()[:12]}"'


def handler(told: Outside) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            told.asked.append((self.path, dict(self.headers)))
            path = self.path.strip("/").partition("?")[0].replace(".", "_")
            with suppress(OSError):
                getattr(self, f"_{path}")()

        def say(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            said = {name.replace("_", "-"): value for name, value in headers.items()}
            for name, value in {"Content-Length": str(len(body)), **said}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _lieux_csv(self) -> None:
            if told.code != 200:
                self.say(told.code)
            elif self.headers.get("If-None-Match") == told.etag:
                self.say(304)
            else:
                self.say(200, told.body, ETag=told.etag, Last_Modified="Mon, 23 Nov 2026 08:00:00 GMT")

        def _packed(self) -> None:
            self.say(200, gzip.compress(told.body), Content_Encoding="gzip")

        def _moved(self) -> None:
            self.say(302, Location="/lieux.csv")

        def _bomb(self) -> None:
            self.say(200, gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")

        def _huge(self) -> None:
            self.say(200, b"", Content_Length="900000000000")

        def _flood(self) -> None:
            self.send_response(200)
            self.end_headers()
            for _ in range(200):
                self.wfile.write(bytes(1 << 16))

        def _loop(self) -> None:
            self.say(301, Location="/loop")

        def _inside(self) -> None:
            self.say(302, Location="http://10.0.0.1/secret")

        def _metadata(self) -> None:
            self.say(302, Location="http://169.254.169.254/latest/meta-data/")

        def _file(self) -> None:
            self.say(302, Location="file:///etc/passwd")

        def _userinfo(self) -> None:
            self.say(302, Location="http://moi:secret@10.0.0.1/")

        def _nowhere(self) -> None:
            self.say(302)

        def _gone(self) -> None:
            self.say(404)

        def _never(self) -> None:
            self.say(304)

        def _short(self) -> None:
            self.say(200, told.body[:-3], Content_Length=str(len(told.body)))

        def _brotli(self) -> None:
            self.say(200, b"x", Content_Encoding="br")

        def _rotten(self) -> None:
            self.say(200, b"\x1f\x8bnon", Content_Encoding="gzip")

        def _silent(self) -> None:
            time.sleep(3)

        def _drip(self) -> None:
            self.send_response(200)
            self.end_headers()
            self._forever(b"a", 0.1)

        def _heads(self) -> None:
            self.send_response(200)
            self.flush_headers()
            self._forever(b"x", 0.1)

        def _endless(self) -> None:
            self.send_response(200)
            self.end_headers()
            self._forever(b"", 0.2)

        def _continues(self) -> None:
            self._forever(b"HTTP/1.1 100 Continue\r\n\r\n", 0.02)

        def _forever(self, piece: bytes, wait_s: float) -> None:
            for _ in range(round(3 / wait_s)):
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(wait_s)

    return Handler


@pytest.fixture
def outside() -> Iterator[Outside]:
    """A host that answers on this machine."""
    told = Outside()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(told))
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()
