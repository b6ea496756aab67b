"""The forms of a page, as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

SENT_BY = {"submit", "image", "button", "reset"}


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def names(self) -> list[str]:
        return [name for name in self.fields if name != "csrfmiddlewaretoken"]

    def filled(self, **others: str) -> dict[str, list[str] | str]:
        return {**self.fields, **others}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.current: Form | None = None
        self.area: str | None = None
        self.choice: str | None = None

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in given}
        if tag == "form":
            self.current = Form(found.get("action", ""), found.get("method", "get").lower())
            self.forms.append(self.current)
            self.by_id[found.get("id", "")] = self.current
            return
        form = self.by_id.get(found.get("form", "")) if "form" in found else self.current
        name = found.get("name", "")
        if form is None:
            return
        if tag == "option" and self.choice is not None:
            if "selected" in found or not form.fields[self.choice]:
                form.fields[self.choice] = [found.get("value", "")]
        elif not name:
            return
        elif tag == "button" or (tag == "input" and found.get("type") in SENT_BY):
            form.buttons.append((name, found.get("value", "")))
        elif tag == "input":
            self._input(form, name, found)
        elif tag == "textarea":
            self.area = name
            form.fields[name] = [""]
            form.texts.append(name)
        elif tag == "select":
            self.choice = name
            form.fields[name] = []

    @staticmethod
    def _input(form: Form, name: str, found: dict[str, str]) -> None:
        kind = found.get("type", "text")
        if kind == "file":
            form.files.append(name)
        elif kind in ("checkbox", "radio"):
            form.fields.setdefault(name, [])
            if "checked" in found:
                form.fields[name].append(found.get("value", "on"))
        else:
            form.fields.setdefault(name, []).append(found.get("value", ""))
            if kind != "hidden":
                form.texts.append(name)

    def handle_data(self, data: str) -> None:
        if self.area and self.current:
            self.current.fields[self.area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.choice = None
        elif tag == "form":
            self.current = None


def forms(html: str) -> list[Form]:
    """Every form of a page.

    >>> forms('<form method=post><input name=a value=1><textarea name=b>x</textarea></form>')[0].fields
    {'a': ['1'], 'b': ['x']}
    """
    reader = _Reader()
    reader.feed(html)
    return reader.forms
