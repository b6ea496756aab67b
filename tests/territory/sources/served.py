"""A web server on this machine that can cut a transfer, change a file, redirect, or lie about a size."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """Files by path; `cuts` bytes after which a transfer breaks, once each; `drops` headers sent slowly."""

    files: dict[str, bytes]
    etag: str = '"one"'
    cuts: list[int] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    drops: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Stay silent."""

        def do_GET(self) -> None:
            served.asked.append((self.path, self.headers.get("Range", "")))
            if self.path in served.redirects:
                self.send_response(302)
                self.send_header("Location", served.redirects[self.path])
                self.end_headers()
            elif self.path not in served.files:
                self.send_error(404)
            elif served.etag and self.headers.get("If-None-Match") == served.etag:
                self.send_response(304)
                self.end_headers()
            else:
                self.give(served.files[self.path])

        def give(self, content: bytes) -> None:
            start, asked = 0, self.headers.get("Range", "")
            if asked and self.headers.get("If-Range") == served.etag:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start > len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            for drop in range(served.drops):
                self.send_header("X-Drop", str(drop))
                self.flush_headers()
                time.sleep(0.2)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            if served.etag:
                self.send_header("ETag", served.etag)
            self.send_header("Content-Length", str(served.length or len(content) - start))
            self.end_headers()
            end = start + served.cuts.pop(0) if served.cuts else len(content)
            with suppress(ConnectionError):
                self.wfile.write(content[start:end])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
