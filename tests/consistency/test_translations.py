"""French is what the code says; English is complete, and both keep the same placeholders."""

import re
from functools import cache

import polib
import pytest
from django.utils.translation import ngettext, override
from scripts import catalogues

from tests.consistency import told

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*[^}]*\}")


@cache
def messages() -> dict[catalogues.Key, tuple[str | None, str]]:
    return catalogues.messages()


@cache
def catalogue(language: str = "en") -> dict[catalogues.Key, polib.POEntry]:
    path = catalogues.catalogue(language)
    entries = polib.pofile(path.read_text(encoding="utf-8")) if path.exists() else []
    return {(entry.msgctxt, entry.msgid): entry for entry in entries if not entry.obsolete}


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_the_extraction_sees_templates_and_code():
    places = {where.split("/")[-1] for _, where in messages().values()}
    assert {"base.html", "settings.py"} <= places


def test_every_message_is_translated():
    known = catalogue()
    assert known, f"{told(catalogues.catalogue('en'))} is missing"
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


def test_translations_keep_the_spaces_around():
    wrong = []
    for entry in catalogue().values():
        before, after = re.fullmatch(r"(\s*).*?(\s*)", entry.msgid, re.DOTALL).groups()
        wrong += [
            text
            for text in translations(entry)
            if re.fullmatch(r"(\s*).*?(\s*)", text, re.DOTALL).groups() != (before, after)
        ]
    assert wrong == []


def test_english_is_written_as_english():
    """No space before a colon, no French quotation marks, no straight apostrophe."""
    french = re.compile(r"[\s\u202f][;:!?%](?!\(|d\b)|[«»]|\w'\w")
    assert [text for entry in catalogue().values() for text in translations(entry) if french.search(text)] == []


def test_french_has_its_plurals_and_nothing_else():
    """Without them Django would count in French as in English, and write « 0 lieux »."""
    plurals = {key: [key[1], plural] for key, (plural, _) in messages().items() if plural}
    assert {key: translations(entry) for key, entry in catalogue("fr").items()} == plurals


def test_zero_is_singular_in_french_and_plural_in_english():
    counted = {}
    for language in ("fr", "en"):
        with override(language):
            counted[language] = [ngettext("lieu", "lieux", count) for count in (0, 1, 2)]
    assert counted == {"fr": ["lieu", "lieu", "lieux"], "en": ["places", "place", "places"]}


STRAIGHT = re.compile(r"\w'\w")
PLAIN_SPACE = re.compile(r"[ \u00a0][;:!?»]|«[ \u00a0]")


@pytest.mark.parametrize("rule", [STRAIGHT, PLAIN_SPACE], ids=["apostrophe", "narrow no-break space"])
def test_french_typography(rule):
    """What fails here is mended by `.venv/bin/python -m scripts.typography`, the English catalogue included."""
    assert [f"{where}: {text!r}" for (_, text), (_, where) in messages().items() if rule.search(text)] == []
