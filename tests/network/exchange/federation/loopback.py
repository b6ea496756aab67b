"""The settings of an instance on this very machine, which may ask its neighbours; it dies at a page when told to."""

import os
import signal
from typing import Any

from django.db.backends.signals import connection_created

from maillage.config.settings import *  # noqa: F403
from maillage.territory.sources import guarded

FEEDS_FROM_LOOPBACK = True
OFFLINE = False
API_RATE = 0
guarded.SECONDS = 60.0
PAGE_TAKEN = 'UPDATE "exchange_peer"'
left = [int(os.environ.get("DIE_AT_PAGE", "0"))]


def die_in_time(execute: Any, sql: str, *rest: Any) -> Any:
    """Die by SIGKILL once the n-th page is copied, and before the position after it is written."""
    if sql.startswith(PAGE_TAKEN):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, *rest)


def watch(connection: Any, **_: Any) -> None:
    connection.execute_wrappers.append(die_in_time)


if left[0]:
    connection_created.connect(watch, weak=False)
