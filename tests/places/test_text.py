from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from django.utils.feedgenerator import Rss201rev2Feed
from hypothesis import example, given
from hypothesis import strategies as st

from maillage.places.rules.text import SAFE_TAGS, clean_html, invisible, one_line

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


@given(st.text())
@example("La Maille\uffff")
@example("La Maille\ufffe")
@example("La Maille\x0b\x1f\U0010ffff")
def test_every_text_that_is_kept_makes_a_feed_that_can_be_read(text: str) -> None:
    feed = Rss201rev2Feed(title="Les lieux", link="https://exemple.fr/", description="")
    feed.add_item(title=one_line(text), link="https://exemple.fr/", description=clean_html(text))
    title = ElementTree.fromstring(feed.writeString("utf-8")).findtext("channel/item/title")
    assert title == one_line(text)


@pytest.mark.parametrize("sign", ["\ufdd0", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff"])
def test_what_no_text_may_hold_is_dropped_and_named_where_an_address_holds_it(sign: str) -> None:
    assert one_line(f"La {sign}Maille{sign}") == "La Maille"
    assert one_line(sign) == ""
    assert sign not in clean_html(f"<p>Un caf&#x{ord(sign):x};é{sign}</p>")
    assert invisible(f"exa{sign}mple.fr") == f"U+{ord(sign):04X}"


@pytest.mark.parametrize(
    ("text", "shown"), [("L’été & l’hiver", "<p>L’été &amp; l’hiver</p>"), ("a\nb", "<p>a<br>b</p>")]
)
def test_plain_text_stays_readable(text: str, shown: str) -> None:
    assert clean_html(text) == shown


@pytest.mark.parametrize("entity", ["&#x202e;", "&#8238;", "\u202e", "&#x2066;", "\u200b", "&#xad;"])
def test_a_description_holds_no_direction_override(entity: str) -> None:
    assert clean_html(f"<p>Un {entity}café</p>") == "<p>Un café</p>"
    assert "\u202e" not in clean_html(f"<p><a href='https://exemple.fr/{entity}x'>Un café</a></p>")


@pytest.mark.parametrize(
    "href", ["javascript\\x00:alert(1)", "/connexion/?next=x", "//ailleurs.example", "#x", "x.html", ""]
)
def test_a_link_of_a_description_leads_to_a_whole_address(href: str) -> None:
    assert "href" not in clean_html(f'<p><a href="{href}">ici</a></p>')
    assert 'href="https://exemple.fr/"' in clean_html('<p><a href="https://exemple.fr/">ici</a></p>')
