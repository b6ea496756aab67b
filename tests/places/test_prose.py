import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.prose import as_html, as_typed
from maillage.places.rules.text import clean_html

LINES = st.lists(
    st.sampled_from(
        ["Un four", "**à pain**", "*partagé*", "- mardi", "1. venir", "", "https://example.org/a", "a < b & c"]
    )
    | st.text(alphabet="ab *-<>&\n[]().é", max_size=12),
    max_size=8,
).map("\n".join)


@given(LINES)
def test_what_is_kept_is_safe_and_stays_when_saved_again(text: str) -> None:
    kept = as_html(text)
    assert clean_html(kept) == kept
    assert as_html(as_typed(as_html(as_typed(kept)))) == as_html(as_typed(kept))


def test_people_type_plain_text() -> None:
    assert as_html("Un café <script>alert(1)</script>\nà deux pas") == (
        "<p>Un café &lt;script&gt;alert(1)&lt;/script&gt;<br>à deux pas</p>"
    )
    assert as_html("") == as_html(" \n\n ") == ""
    assert as_html("Voir https://example.org/a.") == (
        '<p>Voir <a href="https://example.org/a" rel="nofollow noopener ugc">https://example.org/a</a>.</p>'
    )
    assert as_html("[le site](javascript:alert(1))") == "<p>[le site](javascript:alert(1))</p>"


def test_every_mark_comes_back_as_it_was_typed() -> None:
    text = "Un **four** et un *jardin*\nouverts\n\n- mardi\n- jeudi\n\n1. venir\n2. goûter\n\n[le site](https://example.org)"
    assert as_typed(as_html(text)) == text


LISTED = "<ul><li>un</li><li>deux</li></ul>"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Nous proposons :\n- un\n- deux", f"<p>Nous proposons :</p>{LISTED}"),
        ("- un\n- deux\nVenez !", f"{LISTED}<p>Venez !</p>"),
        (
            "Nous\nproposons :\n- un\n- deux\nVenez !\nMerci",
            f"<p>Nous<br>proposons :</p>{LISTED}<p>Venez !<br>Merci</p>",
        ),
        ("* un\n* deux", LISTED),
        ("– un\n– deux", LISTED),
        ("• un\n- deux", LISTED),
        ("- un\n\n- deux", "<ul><li>un</li></ul><ul><li>deux</li></ul>"),
        (
            "D’abord :\n1. un\n2. deux\n- trois",
            "<p>D’abord :</p><ol><li>un</li><li>deux</li></ol><ul><li>trois</li></ul>",
        ),
        ("Ouvert depuis\n12. un nombre", "<p>Ouvert depuis<br>12. un nombre</p>"),
        ("*un mot* et\n-5 degrés\n-- ", "<p><em>un mot</em> et<br>-5 degrés<br>--</p>"),
    ],
)
def test_a_dash_at_the_head_of_a_line_makes_a_list(typed: str, kept: str) -> None:
    assert as_html(typed) == kept
    assert as_html(as_typed(kept)) == kept
