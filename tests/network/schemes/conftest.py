from datetime import datetime
from typing import Any

import pytest

from tests.network.schemes.valley import Valley, valley


@pytest.fixture
def perrin(people: Any, now: datetime) -> Valley:
    """M. Perrin's scheme, open."""
    return valley(people.place, now)
