"""An instance in a process of its own: it serves on a port, and does what it is told line by line. Run by `live`."""

import json
import sys
import threading
import traceback
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def main(port: int) -> None:
    django.setup()
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver
    from django.utils import timezone

    from maillage.journal.queries import aside

    with make_server("127.0.0.1", port, get_wsgi_application(), Threaded, Quiet) as server:
        list(get_resolver().url_patterns)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", flush=True)
        for line in sys.stdin:
            aside.clear()
            scope: dict = {"now": timezone.now(), "told": None}
            try:
                exec(json.loads(line), scope)
                answer = {"told": scope["told"]}
            except Exception:  # noqa: BLE001 — told to whoever asked
                answer = {"wrong": traceback.format_exc()}
            print(json.dumps(answer, default=str), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
