import re

from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.slugs import free_slug, slugify


@given(st.text())
def test_a_slug_is_always_a_short_readable_address(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slugify(text))
    assert len(slugify(text)) <= 100


@given(st.lists(st.tuples(st.text(max_size=6), st.text(max_size=4)), max_size=30))
def test_no_two_places_share_an_address(names: list[tuple[str, str]]) -> None:
    taken: set[str] = set()
    for name, commune in names:
        slug = free_slug(name, commune, taken)
        assert slug not in taken
        taken.add(slug)
