from collections.abc import Iterator

import pytest

from maillage.journal.queries import aside


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Tests undo what they write, and pages kept by the process would outlive it."""
    aside.clear()
    yield
    aside.clear()
