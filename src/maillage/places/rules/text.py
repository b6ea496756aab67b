"""Text written by people or files, made safe to keep: bounded first, then cleaned."""

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
    '<p>Un café </p><p>Ouvert à tous</p>'
    """
    bounded = _CONTROLS.sub("", text[:DESCRIPTION_LENGTH])
    if not _TAG.search(bounded):
        blocks = (nh3.clean_text(block.strip()).replace("\n", "<br>") for block in re.split(r"\n\s*\n", bounded))
        return "".join(f"<p>{_readable(block)}</p>" for block in blocks if block)
    cleaned = nh3.clean(
        bounded,
        tags=SAFE_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener ugc",
    )
    if "<p>" in cleaned:
        return cleaned
    return "".join(f"<p>{block}</p>" for block in re.split(r"\n\s*\n", cleaned) if block.strip())


def _readable(escaped: str) -> str:
    return escaped.replace("&#32;", " ").replace("&#47;", "/").replace("&#x27;", "’").replace("&#39;", "’")
