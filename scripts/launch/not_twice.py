"""A pytest plugin for a short run after PostgreSQL's: what is attacked there is not attacked on SQLite again."""

import pytest

ON_POSTGRESQL = ("tests/hostile/test_everywhere.py::test_parameters", "tests/hostile/test_everywhere.py::test_forms")
ON_SQLITE = (
    "tests/hostile/test_everywhere.py::test_what_stands_in_an_address",
    "tests/hostile/test_everywhere.py::test_headers",
    "tests/hostile/test_everywhere.py::test_the_administration",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    dropped = [item for item in items if item.nodeid.startswith(ON_POSTGRESQL)]
    items[:] = [item for item in items if not item.nodeid.startswith(ON_POSTGRESQL)]
    config.hook.pytest_deselected(items=dropped)
