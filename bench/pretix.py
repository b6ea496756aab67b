"""The peer of the page bench: pretix, a Django ticket shop known for its care, with one event page.

Installed by pip into `build/peers/`, SQLite, 2 gunicorn workers, background tasks in the process, Redis for sessions
and cache when `redis-server` is on PATH (the page is slower without), no proxy in front. Its own operators do better.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import which

from bench import measure, served
from bench.measure import PEERS
from bench.served import Server

HOME = PEERS / "pretix"
PACKAGES = ("pretix==2026.8.0", "gunicorn")
PATH = "/tiers-lieux/rencontres/"
SETTINGS = """[pretix]
instance_name=bench
url=http://127.0.0.1:{port}
datadir={home}/data
trust_x_forwarded_for=off
[database]
backend=sqlite3
[django]
secret=only-for-a-bench-on-the-loopback-0123456789abcdefghij
debug=off
"""
REDIS = "[redis]\nlocation=redis://127.0.0.1:{port}/1\nsessions=true\n"
SEED = """
from datetime import timedelta
from django.utils.timezone import now
from django_scopes import scopes_disabled
from pretix.base.models import Event, Organizer
with scopes_disabled():
    organizer, _ = Organizer.objects.get_or_create(slug="tiers-lieux", defaults={"name": "Tiers-lieux"})
    if not organizer.events.exists():
        event = Event.objects.create(
            organizer=organizer, slug="rencontres", name="Rencontres des tiers-lieux", currency="EUR", live=True,
            date_from=now() + timedelta(days=60), presale_end=now() + timedelta(days=50),
            plugins="pretix.plugins.banktransfer", is_public=True)
        event.settings.set("locale", "fr")
        event.settings.set("locales", ["fr"])
        quota = event.quotas.create(name="Places", size=500)
        for number, name in enumerate(["Plein tarif", "Tarif réduit", "Repas", "Atelier", "Soirée"]):
            quota.items.add(event.items.create(name=name, default_price=5 * number, active=True))
"""


@contextmanager
def serving() -> Iterator[tuple[Server, str, list[int]]]:
    """Serve the event page: the server, the page's path, and the processes that work for it beside its own tree."""
    python = _installed()
    port, redis_port = served.free_port(), served.free_port()
    redis = which("redis-server")
    settings = SETTINGS.format(port=port, home=HOME) + (REDIS.format(port=redis_port) if redis else "")
    (HOME / "pretix.cfg").write_text(settings)
    around = os.environ | {"PRETIX_CONFIG_FILE": str(HOME / "pretix.cfg"), "DJANGO_SETTINGS_MODULE": "pretix.settings"}
    around.pop("PYTHONPATH", None)
    with ExitStack() as stack:
        helpers = []
        if redis:
            helpers.append(_start_redis(stack, redis, redis_port))
        _prepare(python, around)
        command = [str(python), "-m", "gunicorn", "pretix.wsgi", "--workers", "2", "--bind", f"127.0.0.1:{port}"]
        server = stack.enter_context(served.start(command, around, port, HOME / "serve.log", PATH))
        body = server.get(PATH)[1]
        if "Rencontres des tiers-lieux" not in body or "Tarif réduit" not in body:
            raise SystemExit("pretix does not show its event: nothing is compared.")
        yield server, PATH, helpers


def _installed() -> Path:
    python = HOME / "venv" / "bin" / "python"
    if not (HOME / ".installed").exists():
        print("  pip: pretix, about 600 MB…", flush=True)
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME / "venv")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES], check=True, timeout=900)
        (HOME / ".installed").write_text(f"{time.perf_counter() - started:.0f} s\n")
    return python


def _start_redis(stack: ExitStack, redis: str, port: int) -> int:
    command = [redis, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=HOME, start_new_session=True)
    stack.enter_context(measure.stopped_after(process))
    return process.pid


def _prepare(python: Path, around: dict[str, str]) -> None:
    stamp = HOME / ".prepared"
    if stamp.exists():
        return
    print("  pretix migrate, more than a minute…", flush=True)
    (HOME / "data").mkdir(exist_ok=True)
    for command in (["migrate", "-v0"], ["shell", "-c", SEED]):
        done = subprocess.run(
            [str(python), "-m", "pretix", *command], env=around, capture_output=True, text=True, timeout=600
        )
        if done.returncode:
            raise SystemExit(f"pretix {command[0]} failed:\n{done.stderr[-3000:]}")
    stamp.touch()
