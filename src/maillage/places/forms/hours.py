"""The section of opening hours: a weekly grid, or the hours in the syntax of OpenStreetMap."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from maillage.places.forms.dates import day_of_year, of_one_year
from maillage.places.forms.entered import Entered, Mistake, Raw, several, text
from maillage.places.rules.grid import (
    CLOSED,
    CLOSURES,
    SPANS,
    BadDay,
    Closure,
    Days,
    Grid,
    Span,
    checked,
    follows,
    gridded,
    overnight,
    written,
)

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:hH. ]([0-5][0-9])?")
LOSE = "perdre"
"""The token of who agrees to lose what the grid cannot say."""
NIGHT = "nuit"
"""The token of who means hours that run until the next morning."""
CLOSED_DAY, AS_BEFORE, OPEN_DAY = "ferme", "veille", "ouvert"
GRID, TEXT = "grille", "texte"


class Hours:
    """One field, filled in two ways; hours that the grid cannot say stay as they were written."""

    fields = ("opening_hours",)
    controls = (
        "facon",
        "opening_hours",
        "feries",
        "rdv",
        "sur",
        *(f"conge{n}{end}" for n in range(CLOSURES) for end in ("du", "au")),
        *(f"jour{day}" for day in range(7)),
        *(f"h{day}{end}" for day in range(7) for end in range(2 * SPANS)),
    )

    def initial(self, values: Mapping[str, Any]) -> Raw:
        oh = values["opening_hours"]
        grid = gridded(oh)
        raw: Raw = {
            "facon": TEXT if grid is None else GRID,
            "opening_hours": oh,
            **_day_controls((grid or Grid()).days),
            **_closure_controls((grid or Grid()).closures),
            "sur": [],
        }
        fresh = not oh
        return raw | {
            "feries": "1" if fresh or (grid and grid.holidays_closed) else "",
            "rdv": "1" if grid and grid.by_appointment else "",
        }

    def entered(self, post: QueryDict) -> Raw:
        return {name: text(post, name)[:600] for name in self.controls if name != "sur"} | {"sur": several(post, "sur")}

    def read(self, post: QueryDict, values: Mapping[str, Any]) -> Entered:
        entered = Entered(self.entered(post))
        before = values["opening_hours"]
        if entered.raw["facon"] != GRID:
            given = entered.raw["opening_hours"].strip()
            if given == before:
                entered.values["opening_hours"] = before
            else:
                told = entered.read("opening_hours", given)
                if told and overnight(told) and NIGHT not in entered.raw["sur"]:
                    entered.questions.append((NIGHT, NIGHT, {"told": told}))
            return entered
        grid = _grid(entered)
        if grid is not None:
            same = before and gridded(before) == grid
            entered.read("opening_hours", before if same else written(grid))
            if before and gridded(before) is None and LOSE not in entered.raw["sur"]:
                entered.questions.append((LOSE, LOSE, {"before": before}))
        return entered


def _grid(entered: Entered) -> Grid | None:
    raw = entered.raw
    days: list[tuple[Span, ...]] = []
    for day in range(7):
        kind = raw[f"jour{day}"]
        if kind == AS_BEFORE and days:
            days.append(days[-1])
        else:
            days.append(_spans(entered, day) if kind == OPEN_DAY else ())
    if entered.mistakes:
        return None
    try:
        told = checked(tuple(_within_a_day(spans) for spans in days))
    except BadDay as bad:
        entered.mistakes[f"h{bad.day}0"] = _bad_day(str(bad))
        return None
    closures = _closures(entered)
    if closures and told == CLOSED:
        entered.mistakes["conge0du"] = Mistake(
            _("aucun jour n’est ouvert"), _("donnez les jours, ou videz cette fermeture")
        )
    if entered.mistakes:
        return None
    closed = bool(raw["feries"]) and told != CLOSED
    return Grid(told, closed, bool(raw["rdv"]), closures)


def _bad_day(problem: str) -> Mistake:
    return {
        "empty": Mistake(_("l’heure de fin est aussi celle du début"), _("corrigez l’une des deux")),
        "overlap": Mistake(_("les deux plages se chevauchent"), _("séparez-les, ou n’en gardez qu’une")),
        "backwards": Mistake(
            _("l’heure de fin est avant celle du début"),
            _("corrigez l’une des deux\u202f; une soirée peut passer minuit, jusqu’à 06:00"),
        ),
    }[problem]


def _closures(entered: Entered) -> tuple[Closure, ...]:
    """The closures of the year; a first day alone is a closure of that day."""
    told = []
    for n in range(CLOSURES):
        given = [entered.raw[f"conge{n}{end}"].strip() for end in ("du", "au")]
        if not any(given):
            continue
        if not given[0]:
            entered.mistakes[f"conge{n}du"] = Mistake(
                _("le premier jour de la fermeture manque"),
                _("donnez-le\u202f; pour un seul jour, remplissez «\u202fdu\u202f» et laissez «\u202fau\u202f» vide"),
            )
            continue
        first, last = [day_of_year(one) for one in (given[0], given[1] or given[0])]
        if first is None or last is None:
            wrong, control = (given[0], f"conge{n}du") if first is None else (given[1], f"conge{n}au")
            entered.mistakes[control] = _bad_closure(wrong)
        elif not follows((first, last)):
            entered.mistakes[f"conge{n}au"] = Mistake(_("la fin est avant le début"), _("corrigez l’un des deux jours"))
        else:
            told.append((first, last))
    return tuple(told)


def _bad_closure(given: str) -> Mistake:
    if of_one_year(given):
        return Mistake(
            _("une fermeture de la grille revient chaque année"),
            _(
                "écrivez le jour et le mois sans l’année, comme 15/08\u202f; "
                "pour une seule année, dites-le en présentation"
            ),
        )
    return Mistake(_("ce jour ne se lit pas"), _("écrivez le jour et le mois, comme 15/08 ou 15 août"))


def _closure_controls(closures: tuple[Closure, ...]) -> Raw:
    raw: Raw = {f"conge{n}{end}": "" for n in range(CLOSURES) for end in ("du", "au")}
    for n, closure in enumerate(closures):
        for end, (month, day) in zip(("du", "au"), closure, strict=True):
            raw[f"conge{n}{end}"] = f"{day:02}/{month:02}"
    return raw


def _spans(entered: Entered, day: int) -> tuple[Span, ...]:
    spans = []
    for first in range(0, 2 * SPANS, 2):
        given = [entered.raw[f"h{day}{first + end}"].strip() for end in (0, 1)]
        if not any(given):
            continue
        read = [_minutes(clock) for clock in given]
        for end, minutes in enumerate(read):
            if minutes is None:
                entered.mistakes[f"h{day}{first + end}"] = Mistake(
                    _("l’heure manque ou ne se lit pas"), _("écrivez 09:00")
                )
        if read[0] is not None and read[1] is not None:
            spans.append((read[0], read[1]))
    if not spans and not entered.mistakes:
        entered.mistakes[f"h{day}0"] = Mistake(_("le jour est ouvert, sans heures"), _("donnez-les, ou dites-le fermé"))
    return tuple(spans)


def _minutes(given: str) -> int | None:
    found = _CLOCK.fullmatch(given)
    return int(found[1]) * 60 + int(found[2] or 0) if found else None


def _within_a_day(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple((start, end % 1440) if end % 1440 != start else (start, end) for start, end in spans)


def _day_controls(days: Days) -> Raw:
    raw: Raw = {}
    for day, spans in enumerate(days):
        as_before = day > 0 and spans and spans == days[day - 1]
        raw[f"jour{day}"] = AS_BEFORE if as_before else OPEN_DAY if spans else CLOSED_DAY
        clocks = [f"{minutes % 1440 // 60:02}:{minutes % 60:02}" for span in spans for minutes in span]
        raw |= {f"h{day}{n}": clocks[n] if n < len(clocks) else "" for n in range(2 * SPANS)}
    return raw
