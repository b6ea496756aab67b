"""Installs of their own, each in its folder, driven as a person would: by the `maillage` command."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from maillage.cli.archive import container

ROOT = Path(__file__).resolve().parents[2]
POSTGRES = (os.environ.get("DATABASE_URL", ""), "postgres:///postgres", "postgres://postgres@127.0.0.1:5432/postgres")
SETUP = """
import django
django.setup()
"""
CAST = """
from datetime import UTC, datetime
from io import BytesIO
from PIL import Image
from tests import ground
from tests.web import cast
from maillage.accounts import actions as accounts
from maillage.places.actions import sheet
from maillage.places.actions.photos import add_photo
from maillage.places.models import Place
NOW = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)
ground.load(now=NOW)
cast.load(now=NOW)
place = Place.objects.get(slug="la-boutique-de-nadine")
picture = BytesIO()
Image.new("RGB", (320, 240), "#c04020").save(picture, "PNG")
add_photo(place_id=place.pk, data=picture.getvalue(), alt="La façade", licence="CC0", by="essai", now=NOW)
made = accounts.invite(email="nadine@example.org", role="facilitator", scope=f"place:{place.pk}", by="essai", now=NOW)
accounts.accept(token=made.token, by=None, now=NOW)
accounts.invite(email="ines@example.org", role="operator", scope="france", by="essai", now=NOW)
seen = place.revisions.order_by("-number").first().number
sheet.edit_sheet(
    place_id=place.pk, values={"description": "Un « café » : l’été, l'hiver, 😀 & <b>"}, seen=seen,
    by="compte:1:facilitator", now=NOW,
)
"""
MONEY = """
from datetime import UTC, date, datetime
from maillage.management.billing.actions.closing import close
from maillage.management.billing.actions.paying import record_payment, undo_payment
from maillage.management.billing.actions.receipts import issue_receipt
from maillage.management.billing.actions.sellers import set_seller
from maillage.management.billing.models import Allocation
from maillage.places.models import Place
from tests.management.billing.till import SELLER, Till
from tests.network.schemes.valley import BY, morning, valley
place = Place.objects.get(slug="la-boutique-de-nadine")
perrin = valley(place, datetime(2026, 11, 2, 8, tzinfo=UTC))
first, second, lost = perrin.hand(), perrin.hand(), perrin.hand()
for day, one in ((3, first), (4, first), (5, second), (6, lost)):
    perrin.spend(one, morning(day))
from maillage.network.schemes.actions import issuing, redeeming
redeeming.undo(place=place, redemption_id=perrin.spend(second, morning(9)).pk, by=BY, now=morning(9))
issuing.replace_lost(scheme_id=perrin.scheme.pk, code=lost.of.code, by=BY, now=morning(9))
perrin.sign("2026-11", morning(2, 12))
till = Till(place, BY, morning(10))
set_seller(**till.acts, raw={**SELLER, "since": "2026-11-09", "is_general_interest": "1"})
thomas = till.customer(street="1 rue de la Gare", postal_code="39380", city="Chamblay")
till.issued(customer=thomas)
paid = {"customer_id": thomas, "method": "cash", "received_on": date(2026, 11, 10)}
wrong = record_payment(**till.acts, **paid, amount_cents=900, key="1")
undo_payment(**till.acts, payment_id=wrong.pk)
record_payment(**till.acts, **paid, amount_cents=900, key="2")
gift = record_payment(**till.acts, **paid, amount_cents=5000, key="3")
taken_back = till.issued(customer=thomas)
Allocation.objects.create(invoice=taken_back, payment=gift, amount_cents=900, at=till.now, by=BY)
Allocation.objects.create(invoice=taken_back, payment=gift, amount_cents=-900, at=till.now, by=BY)
said = {"purpose": "Un lieu pour tous", "signatory": "Nadine Roux"}
issue_receipt(**till.acts, payment_id=gift.pk, raw=said)
close(place=place, period="day", on=date(2026, 11, 10), by=BY, now=morning(3, 12))
"""


@dataclass
class Install:
    """One install: its home, its database, and the environment of its commands."""

    home: Path
    url: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @property
    def around(self) -> dict[str, str]:
        kept = {n: v for n, v in os.environ.items() if not n.startswith("MAILLAGE_") and n != "DATABASE_URL"}
        kept |= {
            "MAILLAGE_HOME": str(self.home),
            "MAILLAGE_OFFLINE": "1",
            "DJANGO_SETTINGS_MODULE": "maillage.config.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
        return kept | ({"DATABASE_URL": self.url} if self.url else {}) | self.more

    def maillage(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "maillage", *arguments)

    def python(self, code: str, *arguments: object) -> str:
        done = self.run("-c", SETUP + code, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*arguments), **self.options(), capture_output=True, text=True, check=False)

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.command(*arguments), **self.options(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, *map(str, arguments)]

    def options(self) -> dict:
        return {"env": self.around, "cwd": ROOT}

    def exports(self) -> dict[str, bytes]:
        """The registry in every open format."""
        told = {}
        for name in ("geojson", "csv", "jsonld"):
            done = self.maillage("export", self.home / f"out.{name}", "--format", name)
            assert done.returncode == 0, done.stderr
            told[name] = (self.home / f"out.{name}").read_bytes()
        return told


def copied(install: Install, home: Path) -> Install:
    """The same install in another folder (SQLite, nobody at work in it)."""
    shutil.copytree(install.home, home)
    return Install(home)


def tables(path: Path) -> dict[str, list]:
    """The rows that a backup holds, table by table, but for the line that tells of a restoration."""
    with container.read(path) as archive:
        told = {
            label: [json.loads(line) for line in archive.lines(f"tables/{label}.jsonl")]
            for label in archive.manifest.tables
        }
        told["media"] = sorted(one for one in archive.manifest.members.items() if one[0].startswith("media/"))
    told["journal.AuditEvent"] = [row for row in told["journal.AuditEvent"] if "registry.restored" not in row]
    return told


def sealed(path: Path) -> Path:
    """Give a zip that somebody made the seal of a backup, as a cunning person would."""
    with zipfile.ZipFile(path, "a") as opened:
        opened.comment = container.MARK + b"0" * container.SEAL_BYTES
    data = path.read_bytes()[: -container.SEAL_BYTES]
    path.write_bytes(data + hashlib.sha256(data).hexdigest().encode())
    return path


def postgres() -> str | None:
    """A PostgreSQL where this account may make a throw-away database, or None."""
    try:
        import psycopg
    except ImportError:
        return None
    for url in filter(None, POSTGRES):
        try:
            with psycopg.connect(url, connect_timeout=3):
                return url
        except psycopg.Error:
            continue
    return None


@contextmanager
def own_database() -> Iterator[str]:
    """An empty PostgreSQL database, dropped afterwards."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    admin = postgres()
    assert admin
    name = f"keep_{uuid4().hex[:12]}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        told = conninfo_to_dict(connection.info.dsn)
        user, host, port = connection.info.user, told.get("host", ""), connection.info.port
    try:
        where = f"{host}:{port}" if host and not host.startswith("/") else ""
        yield f"postgres://{user}@{where}/{name}" if where else f"postgres:///{name}"
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
