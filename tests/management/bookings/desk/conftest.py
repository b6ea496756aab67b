from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine

from maillage.accounts.rules import signature
from maillage.journal.queries import aside
from tests.people import People, signed_in
from tests.web.page import Page


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    """It is Sunday, half past ten at the place."""
    aside.clear()
    with time_machine.travel(now, tick=False):
        yield
    aside.clear()


@pytest.fixture
def chief(people: People) -> str:
    return signature(people.nadine.user.pk, "facilitator")


@pytest.fixture
def desk(people: People) -> Callable[..., Any]:
    """Ask a page of the place as somebody, Nadine unless said; every page is read strictly."""

    def asked(path: str, data: dict[str, Any] | None = None, *, by: Any = None, language: str = "", to: int = 0) -> Any:
        client = signed_in(by or people.nadine)
        address = f"{language}/gerer/{people.place.slug}/{path}"
        response = client.post(address, data, follow=to == 0) if data is not None else client.get(address)
        assert response.status_code == to if to else response.status_code in (200, 422), response.status_code
        if response.status_code in (200, 422):
            response.page = Page(response.content.decode())
            assert response.page.problems == []
        return response

    return asked
