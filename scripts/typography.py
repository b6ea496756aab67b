"""Give French texts their narrow no-break spaces: `.venv/bin/python -m scripts.typography [--check]`.

Messages of templates and of Python code are changed where they stand, and their entries of the English catalogue with
them, so that no translation is lost.
"""

import re
import sys
from pathlib import Path

NARROW = "\u202f"
ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "maillage"
BEFORE = re.compile(r"[ \u00a0](?=[;:!?»](?:[\s.,;)…»\u202f\"'<%{]|$))")
AFTER = re.compile(r"(?<=«)[ \u00a0]")
TAGS = re.compile(
    r"""{%\s*translate\s+"(?P<text>[^"]*)"|{%\s*blocktranslate\b[^%]*%}(?P<block>.*?){%\s*endblocktranslate\s*%}""",
    re.DOTALL,
)
CALLS = re.compile(r"""(?:\b_|gettext(?:_lazy|_noop)?)\(\s*(?P<text>(?:[rf]?"(?:[^"\\]|\\.)*"\s*)+)""")


def mended(text: str) -> str:
    """Put a narrow no-break space where French wants one.

    >>> mended("Démonstration : « fictif » !") == "Démonstration\\u202f: «\\u202ffictif\\u202f»\\u202f!"
    True
    >>> mended("http://exemple.org:80 12:30 a:b")
    'http://exemple.org:80 12:30 a:b'
    """
    return AFTER.sub(NARROW, BEFORE.sub(NARROW, text))


def mended_file(source: str, messages: re.Pattern[str]) -> str:
    """Mend the messages of one file, and nothing else of it."""

    def one(found: re.Match[str]) -> str:
        inside = next(text for text in found.groupdict().values() if text is not None)
        return found[0].replace(inside, mended(inside))

    return messages.sub(one, source)


def mend_catalogue(path: Path) -> str:
    """Mend the French side of a catalogue."""
    import polib

    catalogue = polib.pofile(str(path))
    for entry in catalogue:
        entry.msgid, entry.msgid_plural = mended(entry.msgid), mended(entry.msgid_plural)
    return str(catalogue)


def main() -> int:
    """Mend every file, or with --check only name those to mend; 1 if there were any."""
    changed = 0
    for path in sorted(SRC.rglob("*")):
        if path.suffix == ".po":
            before, after = path.read_text(encoding="utf-8"), mend_catalogue(path)
            if mended(before) == before:
                continue
        elif path.suffix in (".html", ".py") and "migrations" not in path.parts:
            before = path.read_text(encoding="utf-8")
            after = mended_file(before, TAGS if path.suffix == ".html" else CALLS)
        else:
            continue
        if after != before:
            changed += 1
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
            if "--check" not in sys.argv:
                path.write_text(after, encoding="utf-8")
    return 1 if changed else 0


if __name__ == "__main__":
    raise SystemExit(main())
