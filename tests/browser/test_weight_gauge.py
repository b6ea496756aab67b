"""`bench.weight` must see what it is there to refuse: heavy files, other hosts, files that are not there."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser

from bench import weight

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><title>x</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="heavy.css"><img src="gone.png" alt="">
<script>new Image().src = "http://elsewhere.invalid/spy.gif"</script>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "heavy.css").write_text("/*" + "x" * 200_000 + "*/")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_it_sees_bytes_hosts_and_missing_files(browser: Browser, served: str) -> None:
    seen = weight.visit(browser, "trap", served, scripts=True)
    assert 200 < seen.kb < 203
    assert seen.hosts == {served.split("/")[2], "elsewhere.invalid"}
    assert f"{served}gone.png" in seen.missing
    assert "http://elsewhere.invalid/spy.gif" in seen.missing


def test_without_scripts_what_a_script_would_ask_is_not_asked(browser: Browser, served: str) -> None:
    seen = weight.visit(browser, "trap", served, scripts=False)
    assert seen.hosts == {served.split("/")[2]}
    assert 200 < seen.kb < 203
