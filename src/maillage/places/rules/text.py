"""Text written by people or files, made safe to keep: bounded first, then cleaned."""

import html
import re
import unicodedata

import nh3

DESCRIPTION_LENGTH = 5_000
SAFE_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}
_NO_SIGNS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
"""What Unicode keeps for no sign at all, and XML refuses in part."""
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u180e\u200b\u202a-\u202e\u2060-\u206f\ud800-\udfff"
    f"\ufeff\ufff9-\ufffb\U000e0000-\U000e007f{_NO_SIGNS}]"
)
"""Signs that nobody sees and no writing needs; the joiners and marks of Arabic, Hebrew or Persian are none."""
_BLANKS = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


def bare(text: str) -> str:
    """A text without the white space and the invisible signs around it, which come with a copy.

    >>> bare("\\u200bexemple.fr \\ufeff")
    'exemple.fr'
    """
    return text.strip("".join(sign for sign in set(text) if sign.isspace() or _unseen(sign)))


def invisible(text: str) -> str:
    """The first sign of a text that nobody would see, as « U+202E »; empty where there is none.

    >>> invisible("exa\\u202emple.fr"), invisible("exemple.fr")
    ('U+202E', '')
    """
    return next((f"U+{ord(sign):04X}" for sign in text if _unseen(sign) and not sign.isspace()), "")


def _unseen(sign: str) -> bool:
    return sign in _BLANKS or _CONTROLS.match(sign) is not None or unicodedata.category(sign) in ("Cc", "Cf", "Cs")


def one_line(text: str) -> str:
    """Fold all white space to single spaces and drop control characters, direction overrides included.

    A text in which nothing can be seen is empty.

    >>> one_line("  La \\n Maille\\x00 ")
    'La Maille'
    """
    line = " ".join(_CONTROLS.sub("", text).split())
    return line if bare(line) else ""


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


def _whole(tag: str, attribute: str, value: str) -> str | None:
    """A link of a description leads to a whole address: a piece of one would lead into our own pages."""
    return value if attribute != "href" or value.lower().startswith(("http://", "https://", "mailto:")) else None


def _safe(text: str) -> str:
    cleaned = nh3.clean(
        text,
        tags=SAFE_TAGS,
        attributes={"a": {"href"}},
        attribute_filter=_whole,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener ugc",
    )
    return _CONTROLS.sub("", cleaned)  # entities such as &#x202e; are signs by now
