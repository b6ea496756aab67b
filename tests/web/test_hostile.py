"""Addresses nobody writes by hand: a clear refusal, never a failure of ours."""

import pytest
from django.test import Client

PATHS = [
    "/",
    "/lieux/",
    "/lieux",
    "/en/lieux/",
    "/observatoire/",
    "/doc/donnees/",
    "/nulle-part/",
    "/api/v1/places.csv",
]


@pytest.mark.usefixtures("small_ground")
@pytest.mark.parametrize("path", PATHS)
def test_thousands_of_parameters_are_refused(client: Client, path: str) -> None:
    client.raise_request_exception = False
    assert client.get(f"{path}?{'&'.join(f'a{n}=1' for n in range(1_500))}").status_code == 400


@pytest.mark.usefixtures("small_ground")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ed%a0%80", "%00=1", "page=-1", "page=%D9%A3", "bbox=1,2", "pres=%F0%9F%8C%8D"]
)
def test_strange_parameters_never_break_a_page(client: Client, path: str, query: str) -> None:
    client.raise_request_exception = False
    assert client.get(f"{path}?{query}", follow=True).status_code in (200, 400, 404)


@pytest.mark.usefixtures("small_ground")
def test_a_header_cannot_put_one_page_under_the_address_of_another(client: Client) -> None:
    before = client.get("/lieux/").content
    client.get("/", headers={"script-name": "/lieux"}, SCRIPT_NAME="/lieux")
    assert client.get("/lieux/").content == before
    assert b'href="/lieux/lieux/' not in client.get("/", SCRIPT_NAME="/lieux").content
