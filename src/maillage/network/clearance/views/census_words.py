"""The words of censuses: how own questions are asked, what stands, what became of an answer."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from maillage.network.clearance.queries.census_forms import Form
from maillage.network.clearance.rules.campaigns import CHOICE, NUMBER, OWN, TEXT, Asked
from maillage.network.clearance.rules.census_results import ANSWERED, SEEN, UNREACHED, UNSEEN
from maillage.places.forms import Entered
from maillage.places.views.field_wording import field_label, in_french, shown
from maillage.places.views.manage.wording import TITLES, control_label
from maillage.places.views.wording import day_in_words, figure


def title_of(step: str) -> str:
    """What a step is called."""
    if step == OWN:
        return _("Quelques questions du réseau")
    return TITLES[step]()


def label_of(field: str) -> str:
    """A field as a census names it; the street stands for the whole address."""
    return _("Adresse") if field == "street" else control_label(field)


def reason_of(reason: str) -> str:
    return _("il manque") if reason == "missing" else _("date de plus d’un an")


def standing(form: Form) -> list[dict[str, Any]]:
    """What the sheet says already and that nobody need be asked."""
    values = form.desk.values
    told = ((name, shown(name, values[name])) for name in form.standing)
    return [{"label": field_label(name), "value": value, "french": in_french(name, value)} for name, value in told]


def question_controls(questions: Sequence[Asked], entered: Entered) -> list[dict[str, Any]]:
    """The own questions as controls of a form."""
    found = []
    for one in questions:
        given, name = entered.raw.get(one.code, ""), f"q_{one.code}"
        control: dict[str, Any] = {
            "name": name,
            "label": one.text,
            "value": given,
            "mistake": entered.mistakes.get(name),
            "kind": {TEXT: "area", NUMBER: "text", CHOICE: "select"}[one.kind],
            "hint": _("Un nombre\u202f; laissez vide si vous ne savez pas.") if one.kind == NUMBER else "",
            "attributes": (("rows", "3"), ("maxlength", "1000"))
            if one.kind == TEXT
            else (("inputmode", "decimal"), ("maxlength", "20"), ("autocomplete", "off")),
        }
        if one.kind == CHOICE:
            blank = {"code": "", "label": _("Sans réponse"), "on": not given}
            control["choices"] = [blank, *({"code": c, "label": c, "on": c == given} for c in one.choices)]
        found.append(control)
    return found


def mistakes_of(entered: Entered, questions: Iterable[Asked]) -> list[dict[str, str]]:
    """The summary above the own questions."""
    texts = {f"q_{one.code}": one.text for one in questions}
    return [
        {"control": control, "label": texts.get(control, ""), "problem": wrong.problem, "mend": wrong.mend}
        for control, wrong in entered.mistakes.items()
    ]


def replies(questions: Iterable[Asked], given: Mapping[str, str]) -> list[dict[str, str]]:
    """The own questions with what was answered."""
    return [{"text": one.text, "value": given.get(one.code, "")} for one in questions if given.get(one.code)]


def state_of(campaign: Any) -> str:
    """Where a census is, in words."""
    if campaign.state == "draft":
        return _("en préparation")
    last = day_in_words(campaign.closes_on, "j F Y")
    if campaign.state == "open":
        return _("ouvert jusqu’au %(day)s") % {"day": last}
    return _("clos")


def place_states() -> dict[str, str]:
    """Where a place of a census is, in words."""
    return {
        ANSWERED: _("a répondu"),
        SEEN: _("a commencé"),
        UNSEEN: _("n’a pas ouvert"),
        UNREACHED: _("n’a reçu ni courriel ni lettre"),
    }


def result_line(found: Any) -> dict[str, Any]:
    """What came of one own question, in words; hidden counts are said to be."""
    hidden = _("masqué")
    return {
        "text": found.asked.text,
        "kind": found.asked.kind,
        "said": found.said,
        "silent": found.silent,
        "cells": [
            {"label": one.label, "count": hidden if one.count is None else figure(one.count), "n": one.count or 0}
            for one in found.cells
        ],
        "total": hidden if found.total is None else _figure(found.total),
        "middle": hidden if found.middle is None else _figure(found.middle),
    }


def _figure(number: Decimal) -> str:
    return figure(float(number), 0 if number == number.to_integral_value() else 1)
