"""One byte changed behind the guards, a thousand times over: does the verifier find each, and name the row?

A place of its own issues invoices, deposits and credit notes, takes payments, gives receipts, closes its days and a
month. Then, `--forgeries` times, whoever owns the tables takes the guards off and changes one byte of one column of one
issued row (invoice, payment, line of the books, closing, receipt), the books are verified, and the byte is put back.
`found` counts those after which something is wrong, `named` those whose row is named. Between the forgeries nothing
must be found (the control). The last line reads `forgeries N, found F, named M`. SQLite in build/bench, or PostgreSQL
with `--postgres URL`.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import measure, race
from bench.measure import BUILD, SEED
from bench.numbering import NOW, SELLER

TABLES = {
    "entry": "billing_entry",
    "invoice": "billing_invoice",
    "payment": "billing_payment",
    "closing": "billing_closing",
    "receipt": "billing_receipt",
}
CONTROLS = 20
"""How often, between the forgeries, the untouched books are verified too."""


def furnish(invoices: int) -> Any:
    """A place with every kind of issued row."""
    from maillage.management.billing.actions.closing import close
    from maillage.management.billing.actions.drafting import begin_credit
    from maillage.management.billing.actions.issuing import issue, issue_at_once
    from maillage.management.billing.actions.paying import record_payment, undo_payment
    from maillage.management.billing.actions.receipts import issue_receipt
    from maillage.management.billing.models import Customer, Seller
    from maillage.management.billing.rules.drafts import DraftLine
    from maillage.places.models import Place

    place = Place.objects.create(slug="etal", name="Étal", created_at=NOW, updated_at=NOW)
    known = {"created_at": NOW, "created_by": "bench"}
    Seller.objects.create(place=place, since="2026-01-01", is_general_interest=True, **SELLER, **known)
    lives = {"street": "1 rue Haute", "postal_code": "39600", "city": "Arbois"}
    people = [
        Customer.objects.create(place=place, name=name, **lives, **known)
        for name in ("Thomas Petit", "Inès Bonnet", "Paul Roux")
    ]
    for number in range(invoices):
        now = NOW + timedelta(hours=7 * number)
        acts: dict[str, Any] = {"place": place, "by": "bench", "now": now}
        who = people[number % 3].pk
        line = DraftLine("Bureau", 1000 + 500 * (number % 4), "half_day", 900 + number, subject="space:1")
        issued = issue_at_once(**acts, customer_id=who, lines=[line], key=f"f{number}")
        paid = {"customer_id": who, "received_on": now.date(), "key": f"p{number}"}
        method = ("cash", "cheque", "transfer", "card")[number % 4]
        if number % 3:
            payment = record_payment(**acts, **paid, method=method, amount_cents=issued.total_cents, reference="vu")
        if number % 10 == 4:
            undo_payment(place=place, payment_id=payment.pk, by="bench", now=now)
        if number % 8 == 3:
            issue(**acts, draft_id=begin_credit(**acts, invoice_id=issued.pk))
        if number % 6 == 0:
            given = {**paid, "key": f"d{number}", "method": "cheque", "amount_cents": 5_000, "allocate": []}
            raw = {"purpose": "Un lieu pour tous", "signatory": "La présidente"}
            issue_receipt(**acts, payment_id=record_payment(**acts, **given).pk, raw=raw)
    later: dict[str, Any] = {"place": place, "by": "bench", "now": NOW + timedelta(days=400)}
    days = [NOW.date() + timedelta(days=n) for n in range(4)]
    for on in days:
        close(**later, period="day", on=on)
    for month in (date(2026, 11, 1), date(2026, 12, 1)):
        close(**later, period="month", on=month)
    close(**later, period="year", on=date(2026, 12, 1))
    return place


def columns(table: str) -> list[str]:
    """What may be changed of a row: every column but its own number."""
    from django.db import connection

    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
    return [one.name for one in described if one.name != "id"]


def spoilt(value: Any, draw: random.Random) -> Any:
    """The same value with one byte changed, of the same kind."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        text = str(value)
        at = draw.randrange(text.startswith("-"), len(text))
        return int(text[:at] + draw.choice("0123456789") + text[at + 1 :])
    if isinstance(value, datetime):
        return value + timedelta(microseconds=draw.choice((1, 1000, 10**6))) if draw.random() < 0.9 else None
    if isinstance(value, date):
        return value.replace(day=draw.randint(1, 28))
    text = str(value)
    if not text:
        return None
    at = draw.randrange(len(text))
    return text[:at] + chr(ord(text[at]) ^ draw.choice((1, 2, 4))) + text[at + 1 :]


class Forger:
    """Who owns the tables: no guard, no foreign key, no check stands in the way."""

    def __init__(self, draw: random.Random) -> None:
        from django.db import connection

        from maillage.journal import guards

        self.draw, self.connection = draw, connection
        self.is_postgres = connection.vendor == "postgresql"
        self.columns = {name: columns(table) for name, table in TABLES.items()}
        with connection.cursor() as cursor:
            self.ids = {name: self._ids(cursor, table) for name, table in TABLES.items()}
            for guard in guards.declared():
                cursor.execute(
                    f"DROP TRIGGER IF EXISTS {guard.name}" + (f" ON {guard.table}" if self.is_postgres else "")
                )
            cursor.execute(
                "SET session_replication_role = replica" if self.is_postgres else "PRAGMA foreign_keys = OFF"
            )
            if not self.is_postgres:
                cursor.execute("PRAGMA ignore_check_constraints = ON")

    @staticmethod
    def _ids(cursor: Any, table: str) -> list[int]:
        cursor.execute(f"SELECT id FROM {table}")
        return [row[0] for row in cursor.fetchall()]

    def forge(self) -> tuple[str, int, str, Any] | None:
        """Change one byte somewhere; None where the table could not hold it. Says where, and what stood there."""
        from django.db import Error

        name = self.draw.choice(list(TABLES))
        row, column = self.draw.choice(self.ids[name]), self.draw.choice(self.columns[name])
        held = self.read(name, row, column)
        value = spoilt(held, self.draw)
        if value is None or value == held:
            return None
        try:
            self.write(name, row, column, value)
        except Error:
            return None
        return (name, row, column, held) if self.read(name, row, column) != held else None

    def read(self, name: str, row: int, column: str) -> Any:
        with self.connection.cursor() as cursor:
            asked = f'"{column}"' if self.is_postgres else f'"{column}" || \'\', typeof("{column}")'
            cursor.execute(f"SELECT {asked} FROM {TABLES[name]} WHERE id = %s", [row])
            found = cursor.fetchone()
        if self.is_postgres:
            return found[0]
        return int(found[0]) if found[1] == "integer" else found[0]

    def write(self, name: str, row: int, column: str, value: Any) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'UPDATE {TABLES[name]} SET "{column}" = %s WHERE id = %s', [value, row])


def names(place: Any) -> dict[tuple[str, int], str]:
    """How the verifier calls each row."""
    from maillage.management.billing.models import Closing, Entry, Invoice, Payment, Receipt

    told = {("entry", one.pk): str(one.position) for one in Entry.objects.filter(place=place)}
    told |= {("invoice", one.pk): str(one) for one in Invoice.objects.filter(place=place)}
    told |= {("payment", one.pk): f"E{one.pk}" for one in Payment.objects.filter(place=place)}
    told |= {("closing", one.pk): f"{one.starts_on} – {one.ends_on}" for one in Closing.objects.filter(place=place)}
    return told | {("receipt", one.pk): str(one) for one in Receipt.objects.filter(place=place)}


def run(asked: argparse.Namespace, place: Any) -> Iterator[dict[str, Any]]:
    """Forge, verify, put back; one told for each forgery, and for each control."""
    from maillage.management.billing.queries.verify import verify

    draw = random.Random(asked.seed)
    called, forger = names(place), Forger(draw)
    done = 0
    while done < asked.forgeries:
        if done % max(asked.forgeries // CONTROLS, 1) == 0:
            yield {"control": [str(one) for one in verify(place).faults]}
        made = forger.forge()
        if made is None:
            continue
        name, row, column, held = made
        found = verify(place).faults
        forger.write(name, row, column, held)
        # A row that left the place, or whose own name changed, is named by the hole that it leaves.
        named = [one for one in found if (one.table, one.name) == (name, called[name, row])]
        apart = column in ("starts_on", "ends_on", "series", "number", "place_id")
        named = named or [one for one in found if one.table == name and apart]
        done += 1
        yield {
            "table": name,
            "column": column,
            "found": bool(found),
            "named": bool(named),
            "said": any(one.column == column for one in named),
        }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--forgeries", type=int, default=1000)
    options.add_argument("--invoices", type=int, default=30, help="how many the place issues")
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--postgres", metavar="URL", default="", help="a server on which a database may be made")
    options.add_argument("--home", type=Path, default=BUILD / "forgeries", help="folder of the run, emptied first")
    options.add_argument("--record", action="store_true", help="keep the figures in bench/results")
    asked = options.parse_args()
    if asked.forgeries < 1 or not 8 <= asked.invoices <= 500:
        options.error("--forgeries 1 or more, --invoices 8 to 500")
    made = race.throw_away(asked.postgres) if asked.postgres else ""
    try:
        race.prepare(asked.home, made)
        return tell(asked)
    finally:
        if made:
            race.forget(asked.postgres, made)


def tell(asked: argparse.Namespace) -> int:
    """Run and count; 1 when a forgery is not named, or when something is found where nothing was changed."""
    place = furnish(asked.invoices)
    started = time.perf_counter()
    rows = list(run(asked, place))
    seconds = time.perf_counter() - started
    wrong = [fault for row in rows for fault in row.get("control", [])]
    forged = [row for row in rows if "control" not in row]
    found, named, said = (sum(row[key] for row in forged) for key in ("found", "named", "said"))
    kind = "PostgreSQL" if asked.postgres else "SQLite"
    by_table = [
        {
            "table": name,
            "forged": sum(row["table"] == name for row in forged),
            "found": sum(row["found"] for row in forged if row["table"] == name),
            "named": sum(row["named"] for row in forged if row["table"] == name),
            "column named too": sum(row["said"] for row in forged if row["table"] == name),
        }
        for name in TABLES
    ]
    measure.show(f"{kind}: one byte changed behind the guards, {seconds:.0f} s", by_table)
    missed = Counter(f"{row['table']}.{row['column']}" for row in forged if not row["named"])
    if missed:
        print(f"not named: {dict(missed)}", file=sys.stderr)
    if wrong:
        print(f"found where nothing was changed: {wrong[:3]}", file=sys.stderr)
    if asked.record:
        figures = {"forgeries": len(forged), "found": found, "named": named, "column named too": said}
        measure.record("forgeries", {"database": kind, **figures, "s": round(seconds, 1)})
    print(f"forgeries {len(forged)}, found {found}, named {named}")
    return int(bool(wrong) or not found == named == len(forged))


if __name__ == "__main__":
    raise SystemExit(main())
