from datetime import datetime
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from maillage.journal import actions, queries
from maillage.journal.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_the_version_grows_with_every_event(now: datetime) -> None:
    before = queries.version()
    actions.write(action="test.done", by="test:Paul", now=now)
    assert queries.version() > before


def test_a_page_reads_the_version_once_and_again_after_a_write(now: datetime, django_assert_num_queries: Any) -> None:
    with queries.one_page():
        with django_assert_num_queries(1):
            before = queries.version(), queries.version()
        assert before[0] == before[1]
        actions.write(action="test.done", by="test:Paul", now=now)
        assert queries.version() > before[0]
    with django_assert_num_queries(2):
        queries.version(), queries.version()


def test_what_shows_nowhere_in_public_ages_nothing(now: datetime) -> None:
    actions.write(action="places.confirmed", by="essai", now=now)
    before = queries.version()
    actions.write(action="accounts.invited", by="essai", now=now)
    assert queries.version() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite writers wait for each other")
@pytest.mark.parametrize("in_order", [True, False])
def test_events_are_seen_in_the_order_of_their_numbers(
    now: datetime, in_order: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow transaction takes a number first, a quick one the next: nobody sees the second number before the first."""
    if not in_order:
        monkeypatch.setattr(actions, "lock_order", lambda: None)
    written, leave = Event(), Event()

    def slow() -> None:
        with transaction.atomic():
            actions.write(action="test.slow", by="essai", now=now)
            written.set()
            leave.wait(1.0)
        connection.close()

    def quick() -> None:
        actions.write(action="test.quick", by="essai", now=now)
        connection.close()

    threads = [Thread(target=slow), Thread(target=quick)]
    threads[0].start()
    written.wait(5)
    threads[1].start()
    threads[1].join(0.5)
    seen = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    leave.set()
    for thread in threads:
        thread.join(5)
    assert seen == ([] if in_order else ["test.quick"])
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == ["test.slow", "test.quick"]
