from collections.abc import Iterator

import pytest

from maillage.network.observatory.queries import reach
from maillage.territory.queries import arrays, zonings


@pytest.fixture(autouse=True)
def ground_read_anew() -> Iterator[None]:
    """A test may change a commune behind the back of what is kept in memory."""
    forget_ground()
    yield
    forget_ground()


def forget_ground() -> None:
    """Forget the columns of the ground: something of it was just changed, or another one may bear its number."""
    for kept in (arrays._columns, zonings._zoning, reach._near):
        kept.cache_clear()
