"""Bring the catalogues up to date with the French texts of the code: `scripts/messages`.

English keeps every translation whose French text still stands, and lists the others empty. French holds only the
plurals, so that zero is singular (« 0 lieu »); it needs no translator.
"""

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "maillage"
PLURALS = {"en": "nplurals=2; plural=(n != 1);", "fr": "nplurals=2; plural=(n > 1);"}
KEYWORDS: dict[str, tuple | None] = {
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

Key = tuple[str | None, str]


def extracted(source: str) -> Iterator[tuple[str | None, str, str | None]]:
    r"""Yield (context, singular, plural) of every message of some Python text, as Python itself reads it.

    xgettext 0.21 drops `\xa0` and does not read `\u202f`: what it writes, no page would find.

    >>> list(extracted('_("20\\xa0min"); ngettext("lieu", "lieux", n); pgettext("champ", "État")'))
    [(None, '20\xa0min', None), (None, 'lieu', 'lieux'), ('champ', 'État', None)]
    """
    for _, function, said, _ in extract_python(io.BytesIO(source.encode()), KEYWORDS, [], {"encoding": "utf-8"}):
        texts = [said] if isinstance(said, str) else list(said or ())
        name = str(function)
        context = texts.pop(0) if name.startswith(("pgettext", "npgettext")) else None
        if texts and texts[0]:
            yield context, texts[0], texts[1] if name.startswith(("ngettext", "npgettext")) else None


def messages() -> dict[Key, tuple[str | None, str]]:
    """Every message of the product: (context, singular) to (plural, the first file that says it).

    The commands speak plain French only.
    """
    found: dict[Key, tuple[str | None, str]] = {}
    for path in sorted(SRC.rglob("*")):
        inside = path.relative_to(SRC).parts
        if not path.is_file() or inside[0] == "cli" or "migrations" in inside:
            continue
        if path.suffix == ".py":
            source = path.read_text(encoding="utf-8")
        elif "templates" in inside:
            source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        else:
            continue
        for context, singular, plural in extracted(source):
            told = found.get((context, singular), (None, str(path.relative_to(ROOT))))
            found[context, singular] = (told[0] or plural, told[1])
    return found


def catalogue(language: str) -> Path:
    return SRC / "locale" / language / "LC_MESSAGES" / "django.po"


def plain(key: Key) -> Key:
    """A message with its no-break spaces made plain: changing a space is no reason to lose a translation."""
    return key[0], " ".join(key[1].replace("\u202f", " ").split())


def english(found: dict[Key, tuple[str | None, str]]) -> polib.POFile:
    path = catalogue("en")
    kept = {plain((entry.msgctxt, entry.msgid)): entry for entry in polib.pofile(str(path))} if path.exists() else {}
    written = _empty("en")
    for (context, singular), (plural, _) in found.items():
        entry = _entry(context, singular, plural)
        known = kept.get(plain((context, singular)))
        if known and bool(known.msgid_plural) == bool(plural):
            entry.msgstr, entry.msgstr_plural = known.msgstr, known.msgstr_plural
        written.append(entry)
    return written


def french(found: dict[Key, tuple[str | None, str]]) -> polib.POFile:
    written = _empty("fr")
    for (context, singular), (plural, _) in found.items():
        if plural:
            entry = _entry(context, singular, plural)
            entry.msgstr_plural = {0: singular, 1: plural}
            written.append(entry)
    return written


def _empty(language: str) -> polib.POFile:
    file = polib.POFile(wrapwidth=0)
    file.metadata = {
        "Project-Id-Version": "Maillage",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    return file


def _entry(context: str | None, singular: str, plural: str | None) -> polib.POEntry:
    entry = polib.POEntry(msgctxt=context, msgid=singular, msgid_plural=plural or "")
    if plural:
        entry.msgstr_plural = {0: "", 1: ""}
    if "%(" in singular + (plural or ""):
        entry.flags.append("python-format")
    return entry


def main() -> int:
    """Write both catalogues; 1 if English lacks a translation."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.config.settings")
    found = messages()
    written = {"en": english(found), "fr": french(found)}
    for language, file in written.items():
        path = catalogue(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        file.save(str(path), newline="\n")
    missing = written["en"].untranslated_entries()
    for entry in missing:
        sys.stdout.write(f"à traduire : {entry.msgid}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
