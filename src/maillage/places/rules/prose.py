"""A description as people type it: paragraphs, lists with dashes, **strong** and *stressed* words, bare addresses."""

import html
import re
from collections.abc import Iterator

from maillage.places.rules.text import clean_html

_ITEM = re.compile(r"^[-•*–] +")
_NUMBERED = re.compile(r"^[0-9]{1,3}[.)] +")
_FIRST = re.compile(r"^1[.)] +")
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\((https?://[^\s()<>\"]{1,500}|mailto:[^\s()<>\"]{1,200})\)")
_BARE = re.compile(r"(?<![\"'>/\w=])(https?://[^\s<>\"()]{1,500}[^\s<>\"().,;:!?»])")
_STRONG = re.compile(r"\*\*(?=\S)([^*\n]{1,400}?)(?<=\S)\*\*")
_STRESSED = re.compile(r"(?<![*\w])\*(?=\S)([^*\n]{1,400}?)(?<=\S)\*(?![*\w])")


def as_html(text: str) -> str:
    """Turn what a person typed into the safe HTML that is kept.

    >>> as_html("Un **four** à pain.\\n\\n- le mardi\\n- le jeudi")
    '<p>Un <strong>four</strong> à pain.</p><ul><li>le mardi</li><li>le jeudi</li></ul>'
    """
    blocks = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    return clean_html("".join(_block(block.strip()) for block in blocks if block.strip()))


def as_typed(kept: str) -> str:
    """The text a person may edit, from kept HTML.

    >>> as_typed("<p>Un <strong>four</strong> &amp; un jardin<br>ouverts</p><p>À tous</p>")
    'Un **four** & un jardin\\nouverts\\n\\nÀ tous'
    """
    text = re.sub(r"\s+", " ", kept)
    text = re.sub(r'<a href="([^"]*)"[^>]*>(.*?)</a>', _typed_link, text)
    text = re.sub(r"</?strong>", "**", text)
    text = re.sub(r"</?em>", "*", text)
    text = re.sub(r" ?<br ?/?> ?", "\n", text)
    text = re.sub(r"<ol>(.*?)</ol>", lambda found: _typed_items(found[1], numbered=True), text)
    text = re.sub(r"<ul>(.*?)</ul>", lambda found: _typed_items(found[1], numbered=False), text)
    text = re.sub(r"</p>|<p>", "\n\n", text)
    text = html.unescape(re.sub(r"<[^>]*>", "", text))
    lines = [line.strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _block(block: str) -> str:
    return "".join(_part(tag, lines) for tag, lines in _parts([line.strip() for line in block.split("\n")]))


def _parts(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Lines in a row that make one list or one paragraph; inside a text, numbers count from 1."""
    parts: list[tuple[str, list[str]]] = []
    numbered = all(map(_NUMBERED.match, lines))
    for line in lines:
        tag = parts[-1][0] if parts else ""
        if _ITEM.match(line):
            kind = "ul"
        elif _NUMBERED.match(line) and (numbered or tag == "ol" or _FIRST.match(line)):
            kind = "ol"
        else:
            kind = "p"
        if kind == tag:
            parts[-1][1].append(line)
        else:
            parts.append((kind, [line]))
    return parts


def _part(tag: str, lines: list[str]) -> str:
    if tag == "p":
        return f"<p>{'<br>'.join(map(_inline, lines))}</p>"
    mark = _ITEM if tag == "ul" else _NUMBERED
    items = "".join(f"<li>{_inline(mark.sub('', line))}</li>" for line in lines)
    return f"<{tag}>{items}</{tag}>"


def _inline(text: str) -> str:
    """Mark up one line; addresses first, so that a star inside one marks nothing."""
    pieces = []
    position = 0
    for found in _links(text):
        pieces.append(_marked(text[position : found.start()]))
        label, target = (found[1], found[2]) if found.re is _LINK else (found[1], found[1])
        pieces.append(f'<a href="{html.escape(target)}">{html.escape(label, quote=False)}</a>')
        position = found.end()
    return "".join([*pieces, _marked(text[position:])])


def _links(text: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(text):
        found = min(
            (match for pattern in (_LINK, _BARE) if (match := pattern.search(text, position))),
            key=lambda match: match.start(),
            default=None,
        )
        if found is None:
            return
        yield found
        position = found.end()


def _marked(text: str) -> str:
    escaped = html.escape(text, quote=False)
    return _STRESSED.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", escaped))


def _typed_link(found: re.Match[str]) -> str:
    target, label = html.unescape(found[1]), found[2]
    return target if html.unescape(label) == target else f"[{label}]({target})"


def _typed_items(inside: str, *, numbered: bool) -> str:
    items = re.findall(r"<li>(.*?)</li>", inside)
    marks = (f"{n}. " if numbered else "- " for n in range(1, len(items) + 1))
    return "\n\n" + "\n".join(mark + item.strip() for mark, item in zip(marks, items, strict=True)) + "\n\n"
