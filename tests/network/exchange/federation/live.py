"""Instances of Maillage as real processes, each with its home, its database, its secret and its port."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).resolve().parents[4]
PLACE = """
from maillage.places.actions import record_many
from maillage.places.rules.drafts import Draft, SourceFacts
def write(source, rows, licence="Licence Ouverte 2.0", rank=1, demo=False):
    facts = {source: SourceFacts(source, source.title(), licence, rank=rank)}
    drafts = [
        Draft(source, ref, {"name": name, "commune": commune, **more}, {}, licence, dated="2026-01", demo=demo)
        for ref, name, commune, more in rows
    ]
    return [str(pk) for pk in record_many(drafts=drafts, sources=facts, by="essai", now=now).place_ids]
"""
SHOWN = """
from maillage.places.models import Place, SourceRecord
from maillage.places.rules.drafts import SINGLE_FIELDS
told = {}
for place in Place.objects.order_by("pk").prefetch_related("features", "records"):
    values = {name: getattr(place, "commune_id" if name == "commune" else name) for name in SINGLE_FIELDS}
    values["words"] = sorted(str(one) for one in place.features.all())
    values["licences"] = sorted({one.licence for one in place.records.all()})
    left = [place.removed_at is not None, str(place.replaced_by_id or "")]
    told[str(place.pk)] = [values, left, place.is_demo, str(place.confirmed_at or "")]
"""


class Live:
    """One instance. `do` runs lines in its process and returns what they put in `told`."""

    def __init__(self, home: Path, name: str) -> None:
        self.home, self.name, self.port = home, name, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.site = f"127-0-0-1-{self.port}"
        self.process: subprocess.Popen[str] | None = None

    @property
    def around(self) -> dict[str, str]:
        kept = {n: v for n, v in os.environ.items() if not n.startswith("MAILLAGE_") and n != "DATABASE_URL"}
        return kept | {
            "MAILLAGE_HOME": str(self.home),
            "MAILLAGE_URL": self.url,
            "MAILLAGE_SECRET": f"secret de {self.name}, long de cinquante signes au moins, et seul",
            "DJANGO_SETTINGS_MODULE": "tests.network.exchange.federation.loopback",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }

    def start(self) -> "Live":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.network.exchange.federation.driven", str(self.port)],
            env=self.around,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == "ready\n"
        self.do("from tests import ground\nground.load(now=now)")
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def do(self, code: str) -> Any:
        assert self.process
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "wrong" not in answer, answer["wrong"]
        return answer["told"]

    def maillage(self, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "maillage", *map(str, arguments)],
            env=self.around | more,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def write(self, source: str, *rows: tuple[str, str, str, dict]) -> list[str]:
        return self.do(f"{PLACE}\ntold = write({source!r}, {list(rows)!r})")

    def follow(self, other: "Live") -> None:
        self.do(
            "from maillage.network.exchange.actions import federation as acts\n"
            f"acts.follow(card=acts.look_at({other.url!r}), name={other.name!r}, by='essai', now=now)"
        )

    def pull(self, *others: "Live") -> list[dict]:
        """Read what they tell, in this process; what each reading did."""
        return self.do(
            "from dataclasses import asdict\n"
            "from maillage.network.exchange.actions.federation import pull\n"
            "from maillage.network.exchange.queries.federation import peer_named\n"
            f"peers = [peer_named(site) for site in {[one.site for one in others]!r}]\n"
            "told = [asdict(pull(peer_id=peer.pk, now=now)) for peer in peers]"
        )

    def shown(self) -> dict[str, list]:
        return self.do(SHOWN)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def template(home: Path) -> Path:
    """A home with empty tables, to be copied: those of the tests where they are SQLite's, else made anew."""
    (home / "static").mkdir(parents=True)
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(home / "maillage.sqlite3")) as there:
            connection.ensure_connection()
            connection.connection.backup(there)
        return home
    made = [sys.executable, "-m", "maillage", "migrate"]
    subprocess.run(made, env=Live(home, "modèle").around, cwd=ROOT, check=True, capture_output=True)
    return home


def copied(model: Path, home: Path, name: str) -> Live:
    shutil.copytree(model, home)
    return Live(home, name)
