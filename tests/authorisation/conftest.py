import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings

from maillage.journal.queries import aside
from tests.authorisation.world import World, build
from tests.conftest import NOW


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for a whole module, in one transaction that is never committed; the clock stands still."""
    media: Path = tmp_path_factory.mktemp("media")
    aside.clear()
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=media, API_RATE=0),
        time_machine.travel(NOW, tick=False),
        transaction.atomic(),
    ):
        yield build(NOW)
        transaction.set_rollback(True)
    aside.clear()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals are expected: none is logged."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
