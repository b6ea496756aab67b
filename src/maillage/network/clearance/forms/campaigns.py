"""A census as its officer writes it down, and the network's own questions as a place answers them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from maillage.network.clearance.actions.campaigns import Prepared
from maillage.network.clearance.rules.campaigns import (
    ASKABLE,
    CHOICE,
    KINDS,
    LONGEST_TEXT,
    MOST_CHOICES,
    MOST_QUESTIONS,
    NUMBER,
    TEXT,
    Asked,
    number,
)
from maillage.places.forms import Entered, Mistake
from maillage.places.forms.entered import several, text
from maillage.places.rules.slugs import slugify
from maillage.places.rules.text import one_line

SPARE = 2
"""Empty rows shown for more questions."""
LONGEST_LETTER = 1_500


@dataclass(slots=True)
class Written:
    """A census on its way in: `raw` as it was typed, the own questions as rows, `given` once it can be read."""

    raw: dict[str, Any]
    rows: list[dict[str, str]]
    mistakes: dict[str, Mistake] = field(default_factory=dict)
    given: Prepared | None = None


def rows_of(questions: Sequence[Asked]) -> list[dict[str, str]]:
    """Own questions as they are typed."""
    return [
        {"code": one.code, "text": one.text, "kind": one.kind, "choices": "\n".join(one.choices)} for one in questions
    ]


def with_spare(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Rows with some empty ones after them, ten at most."""
    empty = {"code": "", "text": "", "kind": TEXT, "choices": ""}
    return [*rows, *(dict(empty) for _row in range(SPARE))][:MOST_QUESTIONS]


def initial(given: Prepared) -> Written:
    """The controls as a census fills them."""
    raw = {
        "name": given.name,
        "edition": given.edition,
        "letter": given.letter,
        "closes_on": given.closes_on.isoformat(),
        "fields": list(given.fields),
    }
    return Written(raw, rows_of(given.questions))


def read(post: QueryDict, *, edition: str = "") -> Written:
    """Read what an officer typed; `edition` stands where it can no longer change."""
    raw: dict[str, Any] = {name: _clean(text(post, name)) for name in ("name", "edition", "closes_on")}
    raw |= {"letter": _clean(text(post, "letter"))[: LONGEST_LETTER * 2], "fields": several(post, "fields")}
    raw["edition"] = edition or raw["edition"][:60]
    written = Written(raw, _rows(post))
    questions = _questions(written)
    slug = slugify(raw["edition"])[:20].strip("-") if raw["edition"].strip() else ""
    if not one_line(raw["name"]):
        written.mistakes["name"] = Mistake(_("le nom manque"), _("par exemple «\u202fRecensement 2026\u202f»"))
    if not slug:
        written.mistakes["edition"] = Mistake(_("l’édition manque"), _("l’année suffit, par exemple 2026"))
    if len(raw["letter"]) > LONGEST_LETTER:
        written.mistakes["letter"] = Mistake(_("la lettre est trop longue"), _("quinze cents signes au plus"))
    last = _day(written)
    if last is not None and not written.mistakes:
        fields = [name for name in raw["fields"] if name in ASKABLE]
        written.given = Prepared(
            name=one_line(raw["name"])[:120],
            edition=slug,
            fields=fields,
            questions=questions,
            letter=raw["letter"].strip(),
            closes_on=last,
        )
    return written


def read_replies(post: QueryDict, questions: Sequence[Asked]) -> Entered:
    """Read what a place answers to the own questions; none has to be answered."""
    entered = Entered({one.code: _clean(text(post, f"q_{one.code}"))[: LONGEST_TEXT * 2] for one in questions})
    for one in questions:
        given, control = entered.raw[one.code].strip(), f"q_{one.code}"
        if one.kind == NUMBER and given:
            read_number = number(given)
            if read_number is None:
                entered.mistakes[control] = Mistake(
                    _("ce n’est pas un nombre"), _("écrivez des chiffres, ou laissez vide si vous ne savez pas")
                )
                continue
            given = f"{read_number.normalize():f}"
        elif one.kind == CHOICE and given and given not in one.choices:
            entered.mistakes[control] = Mistake(_("cette réponse n’est pas proposée"), _("choisissez-en une autre"))
            continue
        elif len(given) > LONGEST_TEXT:
            entered.mistakes[control] = Mistake(_("la réponse est trop longue"), _("mille signes au plus"))
            continue
        entered.values[one.code] = given
    return entered


def _rows(post: QueryDict) -> list[dict[str, str]]:
    found = []
    for rank in range(MOST_QUESTIONS):
        asked = re.sub(r" (?=[?!:;])", "\u202f", one_line(_clean(text(post, f"q{rank}_texte"))))
        if asked:
            kind = text(post, f"q{rank}_nature")
            found.append(
                {
                    "code": _clean(text(post, f"q{rank}_repere"))[:40],
                    "text": asked[:400],
                    "kind": kind if kind in KINDS else TEXT,
                    "choices": _clean(text(post, f"q{rank}_choix"))[:2_000],
                }
            )
    return found


def _questions(written: Written) -> list[Asked]:
    found: list[Asked] = []
    for rank, row in enumerate(written.rows):
        given = (one_line(line)[:120] for line in row["choices"].splitlines())
        choices = tuple(dict.fromkeys(line for line in given if line))
        if len(row["text"]) > 300:
            written.mistakes[f"q{rank}_texte"] = Mistake(
                _("la question est trop longue"), _("trois cents signes au plus")
            )
        if row["kind"] == CHOICE and not 2 <= len(choices) <= MOST_CHOICES:
            written.mistakes[f"q{rank}_choix"] = Mistake(
                _("les réponses possibles manquent, ou sont trop nombreuses"),
                _("une par ligne, de deux à %(n)d") % {"n": MOST_CHOICES},
            )
        taken = {one.code for one in found}
        found.append(Asked(_code(row, taken), row["text"], row["kind"], choices if row["kind"] == CHOICE else ()))
    return found


def _code(row: dict[str, str], taken: set[str]) -> str:
    """The code of a question: the one it had in a former edition, else drawn from its first words."""
    base = slugify(row["code"] or row["text"])[:36].strip("-") or "question"
    code, rank = base, 2
    while code in taken:
        code, rank = f"{base}-{rank}", rank + 1
    return code


def _day(written: Written) -> date | None:
    try:
        return date.fromisoformat(written.raw["closes_on"].strip()[:10])
    except ValueError:
        written.mistakes["closes_on"] = Mistake(
            _("le dernier jour manque, ou n’est pas une date"), _("choisissez-le dans le calendrier")
        )
        return None


def _clean(given: str) -> str:
    return given.replace("\x00", "").replace("\r\n", "\n")
