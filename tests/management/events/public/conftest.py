from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine


@pytest.fixture(autouse=True)
def today(now: datetime) -> Iterator[None]:
    """Pages ask what time it is: it is `now`, a Sunday at 10:30 in Paris."""
    with time_machine.travel(now, tick=False):
        yield
