"""The controls of the forms of money, and what is wrong with them, as their templates draw them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from django.http import HttpRequest

from maillage.places.forms.entered import text

REFUSED = 422
LONGEST_NUMBER, LONGEST_KEY = 18, 100
Wrongs = Mapping[str, tuple[str, str]]


def posted(request: HttpRequest, names: Iterable[str]) -> dict[str, str]:
    """The values of a form, bounded; empty when absent."""
    return {name: text(request.POST, name) for name in names}


def form_key(request: HttpRequest) -> str:
    """The key under which a form is written once, however often it comes; a new one for a new form."""
    given = text(request.POST, "jeton").replace("\x00", "")  # PostgreSQL keeps none.
    return given[:LONGEST_KEY] or str(uuid4())


def number(given: str) -> int | None:
    """A number that a page gave out, or None."""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= LONGEST_NUMBER else None


def control(
    name: str, value: Any, wrongs: Wrongs, *, label: Any, kind: str = "text", hint: str = "", **more: Any
) -> dict[str, Any]:
    """One control; `choices` are (value, label) of a list, other words are attributes of the input."""
    problem, mend = wrongs.get(name, ("", ""))
    choices = [
        {"code": str(code), "label": said, "on": str(code) == str(value)} for code, said in more.pop("choices", ())
    ]
    return {
        "name": name,
        "label": label,
        "kind": kind,
        "value": "" if value is None else value,
        "hint": hint,
        "choices": choices,
        "mistake": {"problem": problem, "mend": mend} if problem else None,
        "attributes": list(more.items()),
    }


def mistakes(wrongs: Wrongs, labels: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the way, for the summary above a form; what is of no control has no link."""
    told = [
        {"control": name if name in labels else "", "label": labels.get(name, ""), "problem": problem, "mend": mend}
        for name, (problem, mend) in wrongs.items()
    ]
    return {"wrong": bool(told), "mistakes": told}
