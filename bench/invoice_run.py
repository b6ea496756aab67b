"""An invoice run: so many members, one invoice each, one Factur-X each, on two processors.

`python -m bench.invoice_run [--members 1000] [--kills 0] [--home build/bench/invoice-run]`. The database is made anew
in a folder of its own; making the members is not counted. `--kills N` stops the command N times on its way (SIGKILL)
and starts it again: at the end every member has one invoice, numbers are 1..n, and each has its paper.
The last line reads `invoices N, seconds S`.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import BUILD, ROOT

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MARK = "an-invoice-run-was-made-here"
COMMAND = ["invoices", "tirage", "--name", "Cotisation 2027", "--label", "Cotisation annuelle", "--price", "12"]


def prepare(home: Path) -> None:
    """A new SQLite database in a folder that holds nothing else."""
    if home.exists() and any(home.iterdir()) and not (home / MARK).exists():
        raise SystemExit(f"{home} holds something else than a run: nothing was touched. Give another --home.")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    (home / MARK).touch()
    os.environ |= {"MAILLAGE_HOME": str(home), "MAILLAGE_OFFLINE": "1", "DATABASE_URL": ""}
    os.environ["DJANGO_SETTINGS_MODULE"] = "maillage.config.settings"
    sys.path.insert(0, str(ROOT / "src"))
    subprocess.run([sys.executable, "-m", "maillage", "migrate"], check=True, stdout=subprocess.DEVNULL)
    import django

    django.setup()


def furnish(members: int) -> None:
    """A place that sells, and its members."""
    from maillage.management.billing.actions.sellers import set_seller
    from maillage.management.people.models import Membership, Person
    from maillage.places.models import Place

    place = Place.objects.create(slug="tirage", name="Tirage", created_at=NOW, updated_at=NOW)
    raw = {"since": "2026-01-01", "regime": "franchise", "legal_name": "La Maille", "siret": "73282932000074"}
    raw |= {"street": "3 rue du Four", "postal_code": "39600", "city": "Chamblay"}
    raw |= {"iban": "FR7630006000011234567890189", "bic": "AGRIFRPP"}
    set_seller(place=place, raw=raw, by="commande:bench", now=NOW)
    persons = [Person(place=place, name=f"Membre {n:05}", created_at=NOW) for n in range(members)]
    made = Person.objects.bulk_create(persons)
    given = {"kind": "member", "fee_class": "full", "starts_on": "2026-01-01"}
    Membership.objects.bulk_create([Membership(person=person, **given) for person in made])


def run(folder: Path, kills: int) -> float:
    """The command as a person types it, killed on its way so many times; the seconds of all its lives."""
    started = time.monotonic()
    for _ in range(kills):
        child = subprocess.Popen(
            [sys.executable, "-m", "maillage", *COMMAND, "--to", str(folder)],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(random.uniform(2, 6))
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    subprocess.run([sys.executable, "-m", "maillage", *COMMAND, "--to", str(folder)], check=True)
    return time.monotonic() - started


def check(members: int, folder: Path) -> int:
    """How many invoices there are, once every number and every paper was seen."""
    from facturx import get_facturx_xml_from_pdf

    from maillage.management.billing.models import Invoice

    numbers = list(Invoice.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, members + 1)), "the numbers have a gap or a double"
    assert Invoice.objects.values("customer").distinct().count() == members, "somebody has two"
    papers = sorted(folder.glob("*.pdf"))
    assert len(papers) == members, f"{len(papers)} papers"
    for path in random.sample(papers, min(20, members)):
        name, _ = get_facturx_xml_from_pdf(path.read_bytes(), check_xsd=True)
        assert name == "factur-x.xml", path
    return len(numbers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--home", type=Path, default=BUILD / "invoice-run")
    asked = parser.parse_args()
    prepare(asked.home)
    furnish(asked.members)
    folder = asked.home / "papers"
    seconds = run(folder, asked.kills)
    count = check(asked.members, folder)
    print(f"{sum(path.stat().st_size for path in folder.glob('*.pdf')) // count} bytes a paper, {asked.kills} kills")
    print(f"invoices {count}, seconds {seconds:.1f}")


if __name__ == "__main__":
    main()
