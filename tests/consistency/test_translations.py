"""French is what the code says; English is complete, and both keep the same placeholders."""

import io
import re
from functools import cache

import polib
import pytest
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

from tests.consistency import SRC, python_files, told

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
CATALOGUE = SRC / "locale" / "en" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*[^}]*\}")


def extracted(source: str):
    """Yield (context, singular, plural) of every message of some Python text."""
    options = {"encoding": "utf-8"}
    for _, function, messages, _ in extract_python(io.BytesIO(source.encode()), list(KEYWORDS), [], options):
        texts = [messages] if isinstance(messages, str) else list(messages)
        context = texts.pop(0) if function.startswith(("pgettext", "npgettext")) else None
        if texts and texts[0]:
            plural = texts[1] if function.startswith(("ngettext", "npgettext")) else None
            yield context, texts[0], plural


@cache
def messages() -> dict[tuple[str | None, str], tuple[str | None, str]]:
    """Every message of the product: (context, singular) to (plural, where)."""
    found = {}
    for path in python_files():
        if path.is_relative_to(SRC / "cli"):
            continue
        for context, singular, plural in extracted(path.read_text(encoding="utf-8")):
            found[context, singular] = (plural, told(path))
    for path in sorted(SRC.rglob("templates/**/*")):
        if path.is_file():
            for context, singular, plural in extracted(templatize(path.read_text(encoding="utf-8"), origin=str(path))):
                found[context, singular] = (plural, told(path))
    return found


@cache
def catalogue() -> dict[tuple[str | None, str], polib.POEntry]:
    entries = polib.pofile(CATALOGUE.read_text(encoding="utf-8")) if CATALOGUE.exists() else []
    return {(entry.msgctxt, entry.msgid): entry for entry in entries if not entry.obsolete}


def test_the_extraction_sees_templates_and_code():
    places = {where.split("/")[-1] for _, where in messages().values()}
    assert {"base.html", "settings.py"} <= places


def test_every_message_is_translated():
    known = catalogue()
    assert known, f"{told(CATALOGUE)} is missing"
    missing = [
        f"{where}: {singular!r}"
        for (context, singular), (_, where) in messages().items()
        if (context, singular) not in known or not known[context, singular].translated()
    ]
    assert missing == []


def test_no_translation_is_a_guess_or_left_over():
    assert [entry.msgid for entry in catalogue().values() if entry.fuzzy] == []
    assert sorted(set(catalogue()) - set(messages()), key=str) == []


def test_translations_keep_the_placeholders():
    wrong = []
    for entry in catalogue().values():
        asked = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural or ""))
        given = [entry.msgstr] if not entry.msgid_plural else list(entry.msgstr_plural.values())
        for text in filter(None, given):
            unknown = set(PLACEHOLDER.findall(text)) - asked
            lost = set() if entry.msgid_plural else asked - set(PLACEHOLDER.findall(text))
            if unknown or lost:
                wrong.append(f"{entry.msgid!r} → {text!r}")
    assert wrong == []


STRAIGHT = re.compile(r"\w'\w")
PLAIN_SPACE = re.compile(r"[ \u00a0][;:!?»]|«[ \u00a0]")


@pytest.mark.parametrize("rule", [STRAIGHT, PLAIN_SPACE], ids=["apostrophe", "narrow no-break space"])
def test_french_typography(rule):
    """What fails here is mended by `.venv/bin/python -m scripts.typography`, the English catalogue included."""
    assert [f"{where}: {text!r}" for (_, text), (_, where) in messages().items() if rule.search(text)] == []
