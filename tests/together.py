"""Several threads that do one thing at the same moment, on whichever database the tests run."""

import threading
import time
from collections.abc import Callable, Sequence

from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, transaction

from maillage.journal import actions as journal

MAY_SET = "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"


def together(acts: Sequence[Callable[[], str]]) -> list[str]:
    """Run each act in a thread of its own, all at once; what each answered, sorted.

    SQLite in memory, as tests have it, refuses at once where the file of a site makes one wait: the act is tried again.
    """
    start, told = threading.Barrier(len(acts)), []

    def one(act: Callable[[], str]) -> None:
        start.wait()
        for _ in range(2000):
            try:
                told.append(act())
                break
            except OperationalError as busy:
                if "locked" not in str(busy):
                    told.append(str(busy))
                    break
                time.sleep(0.005)
        connection.close()

    threads = [threading.Thread(target=one, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def meanwhile(
    act: Callable[[], object], other: Callable[[], object], turn: Callable[[], object] = journal.lock_order
) -> set[str]:
    """Let an act begin while another has its turn and goes on only once the first waits; what went wrong.

    PostgreSQL only: there, acts take their turns by a lock that a test can watch; `turn` takes it.
    """
    told: set[str] = set()

    def said(one: Callable[[], object]) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('deadlock_timeout', '100ms', true) WHERE " + MAY_SET)
                one()
        except (OperationalError, PermissionDenied, ValueError) as failed:
            told.add(str(failed).split("\n")[0] or type(failed).__name__)

    def second() -> None:
        said(act)
        connection.close()

    thread = threading.Thread(target=second)

    def first() -> None:
        turn()
        thread.start()
        wait_for_a_waiter()
        other()

    said(first)
    thread.join(20)
    assert not thread.is_alive()
    return told


def wait_for_a_waiter() -> None:
    """Return once somebody waits for a lock that this connection has."""
    ends = time.monotonic() + 20
    asked = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            cursor.execute(asked)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("the act never asked for its turn")
