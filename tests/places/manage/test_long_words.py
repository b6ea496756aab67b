"""A name longer than its field is refused in words, whatever the browser let through."""

from html import unescape

import pytest

from tests.people import People, signed_in


@pytest.mark.parametrize("name", ["x" * 201, "x" * 300, "é" * 201, "La Maille " * 30])
def test_a_name_longer_than_its_field_is_refused(people: People, name: str) -> None:
    before = people.place.name
    page = f"/gerer/{people.place.slug}/fiche/presentation/"
    answer = signed_in(people.nadine).post(page, {"name": name, "description": "", "seen": "1"})
    html = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "Dépasse 200 caractères\u202f: raccourcissez." in html
    people.place.refresh_from_db()
    assert people.place.name == before
