"""`maillage serve`: the web server, gunicorn where it runs, waitress elsewhere."""

import argparse
import ctypes
import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from maillage.cli import ports, running, schema


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

    if not 0 < arguments.port < 65536:
        sys.stderr.write(f"maillage serve : un port va de 1 à 65535 ; reçu : {arguments.port}.\n")
        return 2
    trouble = obstacle(arguments.host, arguments.port)
    if trouble:
        sys.stderr.write(f"maillage serve : {trouble}\n")
        return 1
    if "MAILLAGE_URL" not in os.environ:
        settings.SITE_URL = ports.address(arguments.host, arguments.port).rstrip("/")
    folder = settings.HOME / "run"
    here = running.told(folder, url=settings.SITE_URL, host=arguments.host, port=arguments.port)
    with shared_figures(folder), here:
        return _serve(arguments, workers=max(1, settings.WEB_WORKERS))


def _serve(arguments: argparse.Namespace, *, workers: int) -> int:
    from django.conf import settings
    from django.db import connections
    from django.urls import get_resolver
    from django.utils import timezone
    from django.utils.module_loading import import_string

    from maillage.cli import demo
    from maillage.territory import queries as territory
    from maillage.territory.queries import ground_layers

    # Pages are imported, the search index built and the first pages drawn before the processes are forked: code that
    # cannot be imported stops the start, no first visitor waits, and the processes share the memory of all that.
    list(get_resolver().url_patterns)
    territory.search("chamblay")
    ground_layers.layer("france")
    demo.keep_people_away_from_real_places(now=timezone.now())
    draw_pages()
    connections.close_all()
    application = import_string(settings.WSGI_APPLICATION)
    # What is loaded stays shared: the collector of a forked process would write to it, and so copy it.
    gc.collect()
    give_memory_back()
    gc.freeze()
    serve(application, host=arguments.host, port=arguments.port, workers=workers)
    return 0


DRAWN = ("/", "/lieux/", "/observatoire/")


def draw_pages() -> None:
    """Draw the pages that people ask for first: what this imports, reads and keeps is shared by the processes to come.

    Each view is called alone, without what surrounds a request: no visitor is counted, no session is read. What a
    page keeps is kept under the versions of the data, so it is as true in the next process as in this one. A page that
    fails is told in the log, as it would be to a visitor, and keeps none of the others from being served.
    """
    from django.core.handlers.exception import convert_exception_to_response
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.test import RequestFactory
    from django.urls import resolve

    def drawn(request: HttpRequest) -> HttpResponseBase:
        match = request.resolver_match = resolve(request.path_info)
        return match.func(request, *match.args, **match.kwargs)

    for path in DRAWN:
        convert_exception_to_response(drawn)(RequestFactory().get(path))


def give_memory_back() -> None:
    """Return to the system what the start has freed: a process that is forked would copy it, page by page, for nothing.

    The GNU C library can; elsewhere nothing happens.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


@contextmanager
def shared_figures(folder: Path) -> Iterator[None]:
    """Give the web processes a folder where `/metrics` adds up what each has counted; its name is this process's."""
    from prometheus_client import values

    for left in folder.glob("figures-*"):
        if not running.lives(left.name.removeprefix("figures-")):
            shutil.rmtree(left, ignore_errors=True)
    own = folder / f"figures-{os.getpid()}"
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(own)
    values.ValueClass = values.get_value_class()  # chosen once, on import, which may have been before
    starter = os.getpid()
    try:
        yield
    finally:
        if os.getpid() == starter:
            shutil.rmtree(own, ignore_errors=True)


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
    return state.refusal() or state.delay() or _guard() or _ground()


def _guard() -> str | None:
    from maillage.journal import guards
    from maillage.management.bookings.queries import guard

    try:
        guard.require()
        guards.require()
    except (guard.GuardMissing, guards.GuardMissing) as missing:
        return str(missing)
    return None


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
        "child_exit": lambda _server, worker: _forget_gauges(worker.pid),
        "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108
    }

    def _forget_gauges(pid: int) -> None:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Callable[..., Any]:
            return application

    Server().run()
