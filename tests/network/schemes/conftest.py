from datetime import datetime
from typing import Any

import pytest

from tests.network.schemes.jura import Jura, jura
from tests.network.schemes.valley import Valley, valley


@pytest.fixture
def perrin(people: Any, now: datetime) -> Valley:
    """M. Perrin's scheme, open."""
    return valley(people.place, now)


@pytest.fixture
def bureaux(people: Any, now: datetime) -> Jura:
    """Three places of the Jura that honour one another's carnets."""
    return jura(people, now)
