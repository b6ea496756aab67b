"""What the tests and the examples of docstrings share."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    """A page asked in English leaves its language behind: every test starts in French again."""
    with translation.override("fr"):
        yield
