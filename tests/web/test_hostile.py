"""Addresses nobody writes by hand: a clear refusal, never a failure of ours."""

from datetime import datetime

import pytest
from django.test import Client, RequestFactory

from maillage.journal.queries import aside

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


def asked(path: str, content_type: str = "") -> tuple[str, bytes]:
    """The status and body that the site's own WSGI application gives; the test client reads requests by itself."""
    from maillage.config.wsgi import application  # builds the site as it is imported

    environ = RequestFactory().get(path).environ | {"CONTENT_TYPE": content_type}
    said: list[str] = []
    body = b"".join(application(environ, lambda status, headers: said.append(status)))
    return said[0], body


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "hex", "idna", "zlib", "punycode", "latin-1", "rien"])
@pytest.mark.parametrize("path", ["/lieux/?q=Chamblay", "/api/v1/places?q=Chamblay", "/?q=%C3%A9"])
def test_no_header_changes_how_an_address_is_read(registry: datetime, path: str, charset: str) -> None:
    """Pages are kept by address: what one visitor's header changed, everybody would read."""
    strange = asked(path, f"text/plain; charset={charset}")
    aside.clear()
    plain = asked(path)
    assert plain[0].startswith(("200", "400"))
    assert strange == plain
