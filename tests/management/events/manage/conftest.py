from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine

from maillage.journal.queries import aside
from tests.people import People, signed_in
from tests.web.page import Page


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    """It is Sunday, half past ten at the place; `clock.move_to` takes it elsewhere."""
    aside.clear()
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller
    aside.clear()


@pytest.fixture
def desk(people: People) -> Callable[..., Any]:
    """Ask a page of the place as somebody, Nadine unless said; every page is read strictly."""

    def asked(path: str, data: dict[str, Any] | None = None, *, by: Any = None, language: str = "", to: int = 0) -> Any:
        client = signed_in(by or people.nadine)
        address = f"{language}/gerer/{people.place.slug}/programme/{path}"
        response = client.post(address, data, follow=to == 0) if data is not None else client.get(address)
        assert response.status_code == to if to else response.status_code in (200, 422), response.status_code
        if response.status_code in (200, 422) and response["Content-Type"].startswith("text/html"):
            response.page = Page(response.content.decode())
            assert response.page.problems == []
        return response

    return asked


@pytest.fixture
def hidden() -> Callable[[Any], dict[str, Any]]:
    """What the browser sends of a page when nothing on it is touched: hidden fields, and what is ticked."""

    def sent(page: Any) -> dict[str, Any]:
        told: dict[str, Any] = {one["name"]: one["value"] for one in page.head("input", type="hidden")}
        told["weekdays"] = [one["value"] for one in page.head("input", type="hidden", name="weekdays")]
        return {**told, "pick": [one["value"] for one in page.head("input", type="checkbox", name="pick")]}

    return sent
