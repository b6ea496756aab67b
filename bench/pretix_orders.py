"""The peer of the booking bench: pretix takes orders by its API, each client an item with a quota of its own.

As its makers run it but smaller: PostgreSQL, Redis, 2 gunicorn workers, background tasks in the process, no proxy. The
orders are free and firm at once, and pretix sends no mail for them, which spares it what ours write. Its tables take
minutes to make: its database, `maillage_bench_pretix`, stays on the server for the next run.
"""

import json
import os
import subprocess
import time
from collections import Counter
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from shutil import which
from threading import Thread
from typing import Any
from urllib.parse import urlparse

from scripts.launch.postgres import beside

from bench import measure, pretix, race, served
from bench.venue import Answer, Client

NAME, HOME = "maillage_bench_pretix", pretix.HOME / "orders"
DATABASE = "[database]\nbackend=postgresql\nname={name}\nuser={user}\npassword={password}\nhost={host}\nport={port}\n"
SEED = (
    pretix.SEED
    + """
import json, sys
from pretix.base.models import Team, TeamAPIToken
with scopes_disabled():
    event = organizer.events.get()
    team, _ = Team.objects.get_or_create(organizer=organizer, name="Banc", defaults={
        "all_events": True, "all_event_permissions": True, "all_organizer_permissions": True})
    token = team.tokens.filter(active=True).first() or team.tokens.create(name="banc")
    items = []
    for number in range(8):
        item = event.items.filter(internal_name=f"banc {number}").first()
        if item is None:
            item = event.items.create(name=f"Banc {number}", internal_name=f"banc {number}", default_price=0)
            event.quotas.create(name=f"Banc {number}", size=None).items.add(item)
        items.append(item.pk)
    print(json.dumps({"token": token.token, "items": items}))
"""
)


def measured(postgres: str, *, clients: int, seconds: float) -> dict[str, Any]:
    """Orders per second, and how long each took; SystemExit when pretix cannot be set up or refuses one."""
    if not postgres:
        raise SystemExit("pretix is measured on PostgreSQL: give --postgres URL")
    python = pretix._installed()
    HOME.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        port, around, redis = _configured(stack, postgres)
        _make(postgres)
        _run(python, around, "migrate", "-v0")
        told = json.loads(_run(python, around, "shell", "-c", SEED).splitlines()[-1])
        command = [str(python), "-m", "gunicorn", "pretix.wsgi", "--workers", "2", "--bind", f"127.0.0.1:{port}"]
        server = stack.enter_context(served.start(command, around, port, HOME / "serve.log", pretix.PATH))
        drive(server.port, told, clients=clients, seconds=2)
        pids = [*measure.tree(server.pid), *redis]
        before, load = _orders(postgres), measure.cpu_ms(pids)
        row = drive(server.port, told, clients=clients, seconds=seconds)
        row["cpu_ms"] = round((measure.cpu_ms(pids) - load) / max(1, row["confirmed"]), 1)
        if _orders(postgres) - before != row["confirmed"]:
            raise SystemExit("pretix holds another number of paid orders than it acknowledged: nothing is compared.")
    return row


def drive(port: int, told: dict[str, Any], *, clients: int, seconds: float) -> dict[str, Any]:
    """Each client orders its own item again and again; only paid orders count."""
    answers: Counter[str] = Counter()
    times: list[float] = []
    numbers, end = count(1), time.perf_counter() + seconds

    def work(number: int) -> None:
        client = Client(port)
        while time.perf_counter() < end:
            sent = _order(client, told["token"], told["items"][number % len(told["items"])], next(numbers))
            paid = sent.status == 201 and json.loads(sent.body)["status"] == "p"
            answers["paid" if paid else str(sent.status)] += 1
            times.append(sent.ms)
        client.close()

    started = time.perf_counter()
    crowd = [Thread(target=work, args=(number,)) for number in range(clients)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    spent = time.perf_counter() - started
    if not answers["paid"]:
        raise SystemExit(f"pretix took no order: {dict(answers)}")
    return {
        "database": "pretix, PostgreSQL",
        "by": "API",
        "confirmed": answers["paid"],
        "per_s": round(answers["paid"] / spent, 1),
        "p50_ms": round(measure.median(times), 1),
        "p99_ms": round(measure.percentile(times, 99), 1),
        "refused": sum(n for said, n in answers.items() if said.startswith("4")),
        "failed": sum(n for said, n in answers.items() if said.startswith(("5", "0"))),
    }


def _order(client: Client, token: str, item: int, number: int) -> Answer:
    position = {"positionid": 1, "item": item, "price": "0.00", "attendee_name_parts": {"full_name": f"V {number}"}}
    body = {"email": f"v{number}@example.org", "locale": "fr", "status": "p", "positions": [position]}
    where = "/api/v1/organizers/tiers-lieux/events/rencontres/orders/"
    given = {"Content_Type": "application/json", "Authorization": f"Token {token}"}
    return client.ask("POST", where, json.dumps(body | {"payment_provider": "free", "sales_channel": "web"}), **given)


def _configured(stack: ExitStack, postgres: str) -> tuple[int, dict[str, str], list[int]]:
    """A free port, the environment that names the settings, and the processes that work beside pretix."""
    port, redis_port, parts = served.free_port(), served.free_port(), urlparse(postgres)
    redis = which("redis-server")
    given = {"user": parts.username or "", "password": parts.password or "", "host": parts.hostname or ""}
    said = pretix.SETTINGS.replace("[database]\nbackend=sqlite3\n", "").format(port=port, home=HOME)
    said += DATABASE.format(name=NAME, port=parts.port or 5432, **given)
    (HOME / "pretix.cfg").write_text(said + (pretix.REDIS.format(port=redis_port) if redis else ""))
    (HOME / "data").mkdir(exist_ok=True)
    around = os.environ | {"PRETIX_CONFIG_FILE": str(HOME / "pretix.cfg"), "DJANGO_SETTINGS_MODULE": "pretix.settings"}
    for name in ("PYTHONPATH", "DATABASE_URL"):
        around.pop(name, None)
    return port, around, [pretix._start_redis(stack, redis, redis_port)] if redis else []


def _make(postgres: str) -> None:
    with race.server(postgres) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute(f'CREATE DATABASE "{NAME}"')


def _orders(postgres: str) -> int:
    import psycopg

    with psycopg.connect(beside(postgres, NAME)) as connection:
        found = connection.execute("SELECT count(*) FROM pretixbase_order WHERE status = 'p'").fetchone()
    return int(found[0]) if found else 0


def _run(python: Path, around: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [str(python), "-m", "pretix", *command], env=around, capture_output=True, text=True, timeout=900
    )
    if done.returncode:
        raise SystemExit(f"pretix {command[0]} failed:\n{done.stderr[-3000:]}")
    return done.stdout
