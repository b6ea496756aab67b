"""Text written by people or files, made safe to keep: bounded first, then cleaned."""

import html
import re

import nh3

DESCRIPTION_LENGTH = 5_000
SAFE_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\u202a-\u202e\u2066-\u2069]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


def one_line(text: str) -> str:
    """Fold all white space to single spaces and drop control characters, direction overrides included.

    >>> one_line("  La \\n Maille\\x00 ")
    'La Maille'
    """
    return " ".join(_CONTROLS.sub("", text).split())


def clean_html(text: str) -> str:
    """Cut a description to the safe subset; plain text becomes paragraphs. Longer than 5,000 characters is cut first.

    >>> clean_html("Un <b>café</b> <script>alert(1)</script>\\n\\nOuvert à tous")
    '<p>Un café</p><p>Ouvert à tous</p>'
    """
    bounded = _CONTROLS.sub("", text[:DESCRIPTION_LENGTH])
    readable = bounded if _TAG.search(bounded) else html.escape(bounded, quote=False)
    cleaned = _safe(readable).strip()
    if "<p>" in cleaned or "<li>" in cleaned:
        return cleaned
    blocks = (block.strip().replace("\n", "<br>") for block in re.split(r"\n\s*\n", cleaned))
    return _safe("".join(f"<p>{block}</p>" for block in blocks if block))


def _safe(text: str) -> str:
    return nh3.clean(
        text,
        tags=SAFE_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener ugc",
    )
