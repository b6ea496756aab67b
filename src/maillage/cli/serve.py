"""`maillage serve`: the web server, gunicorn where it runs, waitress elsewhere."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from maillage.cli import ports, schema


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "serve",
        help="sert le site",
        description="Sert le site. La base doit être à jour (maillage migrate) et le territoire chargé "
        "(maillage territory update) ; ./run fait les deux.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="adresse d’écoute (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port d’écoute (8000)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check what a server stands on, then serve until a signal stops it."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.db import connections
    from django.urls import get_resolver

    from maillage.territory import queries as territory

    if not 0 < arguments.port < 65536:
        sys.stderr.write(f"maillage serve : un port va de 1 à 65535 ; reçu : {arguments.port}.\n")
        return 2
    trouble = obstacle(arguments.host, arguments.port)
    if trouble:
        sys.stderr.write(f"maillage serve : {trouble}\n")
        return 1
    # Pages are imported and the search index built before the processes are forked: a broken page stops the start,
    # no first visitor waits, and the processes share the index's memory.
    list(get_resolver().url_patterns)
    territory.search("chamblay")
    connections.close_all()
    serve(get_wsgi_application(), host=arguments.host, port=arguments.port, workers=max(1, settings.WEB_WORKERS))
    return 0


def obstacle(host: str, port: int) -> str | None:
    """What keeps the site from being served at `host:port`, or None."""
    if not ports.is_free(host, port):
        return ports.taken(
            host,
            port,
            maillage=ports.answers(host, port),
            option=f"maillage serve --port {port + 1}",
        )
    state = schema.read()
    return state.refusal() or state.delay() or _ground()


def _ground() -> str | None:
    from maillage.territory.queries import current_ground

    if current_ground() is None:
        return "le territoire n’est pas chargé. Lancez « maillage territory update »."
    return None


def serve(application: Callable[..., Any], *, host: str, port: int, workers: int) -> None:
    """Serve a WSGI application; the processes are forked from this one, which has already loaded it."""
    if os.name == "posix":
        _gunicorn(application, host, port, workers)
    else:
        from waitress import serve as waitress

        waitress(application, host=host, port=port, threads=2 * workers)


def _gunicorn(application: Callable[..., Any], host: str, port: int, workers: int) -> None:
    from gunicorn.app.base import BaseApplication

    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": 2,
        "loglevel": "warning",
        "control_socket_disable": True,
        "forwarder_headers": "",
        "graceful_timeout": 5,
        "timeout": 60,
        "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108
    }

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Callable[..., Any]:
            return application

    Server().run()
