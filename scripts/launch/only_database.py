"""A pytest plugin: keep the tests that touch the database, for the run on PostgreSQL.

A short run leaves out what Python decides alone, and what only reads: SQLite's run holds it, `--full` runs it here too.
"""

import pytest

from scripts.launch.not_twice import ON_SQLITE

FIXTURES = {"db", "transactional_db", "django_db_setup"}
DECIDED_IN_PYTHON = (
    "tests/authorisation/",
    "tests/accounts/test_signin",
    "tests/api/test_schema.py",
    "tests/cli/test_invite.py",
    "tests/diagnosis/",
    *ON_SQLITE,
    "tests/launch/",
    "tests/network/observatory/",
    "tests/territory/sources/",
    "tests/web/",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = DECIDED_IN_PYTHON if config.getoption("markexpr") == "not full" else ()
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        touches = item.get_closest_marker("django_db") or FIXTURES & set(getattr(item, "fixturenames", ()))
        here = touches and not item.get_closest_marker("browser") and not item.nodeid.startswith(left_out)
        (kept if here else dropped).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=dropped)
