from datetime import datetime
from typing import Any

import pytest

from maillage.journal import actions, queries

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
