"""A page read as its visitors get it: title, headings, links, what a strict browser would refuse."""

from collections import Counter
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img", "wbr"}


class Page(HTMLParser):
    """`text` is what people read; `problems` lists unclosed tags, doubled ids, inline styles and scripts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html, self.text, self.links, self.ids = html, "", [], Counter[str]()
        self.attributes: dict[str, list[dict[str, str]]] = {}
        self.problems: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.problems += [f"unclosed <{tag}>" for tag in self._open]
        self.problems += [f"id {name} used {n} times" for name, n in self.ids.items() if n > 1]
        self.text = " ".join(self.text.split(" ")).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        tag = "svg-title" if tag == "title" and "svg" in self._open else tag
        self.attributes.setdefault(tag, []).append(found)
        if "id" in found:
            self.ids[found["id"]] += 1
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if "style" in found or tag == "style" or any(name.startswith("on") for name in found):
            self.problems.append(f"inline style or handler on <{tag}>")
        if tag == "script" and "src" not in found and found.get("type") != "application/ld+json":
            self.problems.append("inline script")
        if tag not in VOID:
            self._open.append(tag.removeprefix("svg-"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.problems.append(f"</{tag}> closes <{self._open[-1] if self._open else 'nothing'}>")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] not in ("script", "style"):
            self.text += data

    def head(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """The elements `tag` that have all of these attributes."""
        return [found for found in self.attributes.get(tag, []) if wanted.items() <= found.items()]
