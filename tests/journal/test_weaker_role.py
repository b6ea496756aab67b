"""The second PostgreSQL role of the guide writes like the site, and cannot take a guard off."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from maillage.journal import guards

GUIDE = Path(__file__).parents[2] / "docs/guide/servir.md"
pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: DATABASE_URL=postgres://…"),
    pytest.mark.django_db,
]


@pytest.fixture
def weaker() -> Iterator[None]:
    """Grant as the guide says, within the test's transaction, then act as that role."""
    granted = re.findall(r"^GRANT .*;$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(granted) == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            pytest.skip("needs a role that creates roles")
        cursor.execute("CREATE ROLE maillage_site")
        for statement in granted:
            cursor.execute(statement)
        cursor.execute("SET LOCAL ROLE maillage_site")
        yield
        cursor.execute("RESET ROLE")


def refused(sql: str) -> str:
    with pytest.raises(DatabaseError) as why, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    return str(why.value)


def test_it_reads_and_writes_what_the_site_does(weaker: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO journal_use (name, day, times) VALUES ('essai', '2026-11-22', 1)")
        cursor.execute("UPDATE journal_use SET times = 2")
        cursor.execute("DELETE FROM journal_use")
    assert guards.missing() == []


@pytest.mark.parametrize(
    "guard", ["billing_invoice_stays_update", "passes_movement_stays_delete", "passes_balance_stays"]
)
def test_it_takes_no_guard_off(weaker: None, guard: str) -> None:
    table = next(one.table for one in guards.declared() if one.name == guard)
    assert "must be owner of" in refused(f"DROP TRIGGER {guard} ON {table}")
    assert "must be owner of" in refused(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    assert "must be owner of" in refused(f"DROP FUNCTION {guard}()")
    assert "permission denied" in refused(f"TRUNCATE {table}")
    assert "permission denied" in refused("SET session_replication_role = replica")


def test_the_owner_could(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER billing_invoice_stays_update ON billing_invoice")
    assert guards.missing() == ["billing_invoice_stays_update"]
