from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.text import SAFE_TAGS, clean_html, one_line

nasty = st.lists(
    st.sampled_from(
        ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<p>", "</p>", "<a href='javascript:x'>"]
    )
    | st.sampled_from(
        ["<a href='https://exemple.fr'>", "</a>", "<b>", "<em>gras</em>", "\n\n", "&lt;script&gt;", "é", "<", ">"]
    )
    | st.text(max_size=8),
    max_size=12,
).map("".join)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@given(nasty)
def test_only_safe_tags_and_addresses_survive(text: str) -> None:
    parser = Tags()
    parser.feed(clean_html(text))
    for tag, attributes in parser.seen:
        assert tag in SAFE_TAGS
        assert set(attributes) <= ({"href", "rel"} if tag == "a" else set())
        assert not (attributes.get("href") or "").lower().startswith("javascript")


@given(nasty)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean_html(clean_html(text)) == clean_html(text)


def test_a_very_long_text_is_cut_before_it_is_read() -> None:
    assert len(clean_html("<div>" * 1_000_000)) < 20_000


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    line = one_line(text)
    assert line == one_line(line)
    assert not set(line) & set("\n\r\t\x00\u202e")


@pytest.mark.parametrize(
    ("text", "shown"), [("L’été & l’hiver", "<p>L’été &amp; l’hiver</p>"), ("a\nb", "<p>a<br>b</p>")]
)
def test_plain_text_stays_readable(text: str, shown: str) -> None:
    assert clean_html(text) == shown
