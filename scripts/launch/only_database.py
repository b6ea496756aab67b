"""A pytest plugin: keep the tests that touch the database, for the run on PostgreSQL."""

import pytest

FIXTURES = {"db", "transactional_db", "django_db_setup"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        touches = item.get_closest_marker("django_db") or FIXTURES & set(getattr(item, "fixturenames", ()))
        (kept if touches and not item.get_closest_marker("browser") else dropped).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=dropped)
