"""Desks a day as a range, how they are counted, and what pays for a place: one chart and its tables."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from maillage.analysis import viability
from maillage.diagnosis import labels
from maillage.diagnosis.rules.facts import BreakEven, Demand, Diagnosis, Step
from maillage.diagnosis.views import charts, vocabulary, words
from maillage.diagnosis.views.charts import Axis
from maillage.diagnosis.views.vocabulary import word
from maillage.places.views.wording import figure, partial_date

FIRST_RANGE, BETWEEN_RANGES = 48, 64
FIRST_NEED, BETWEEN_NEEDS = 176, 34
MANY_DESKS = 1_000
"""No small place has as many: what even they do not pay is said without a number."""


def demand(diagnosis: Diagnosis) -> dict[str, Any] | None:
    """Desks a day as a range, beside what pays for a place; None when nobody can tell."""
    found = diagnosis.demand
    if found is None:
        return None
    needs = [row for row in diagnosis.break_even if row.desks_needed is not None]
    axis = charts.axis([found.desks.p90, *(float(row.desks_needed or 0) for row in needs)])
    return {
        "axis": axis,
        "ranges": _ranges(found, axis),
        "needs": [
            {
                "x": axis.at(row.desks_needed or 0),
                "n": row.desks_needed,
                "title": word(vocabulary.COSTS, row.slug),
                "y": FIRST_NEED + BETWEEN_NEEDS * n,
            }
            for n, row in enumerate(needs)
        ],
        "height": FIRST_NEED - 16 + BETWEEN_NEEDS * (max(1, len(needs)) + 1),
        "costs": [_cost(row) for row in diagnosis.break_even],
        "room": room(),
        "steps": [_step(step) for step in found.steps],
        "centre": found.centre_name,
        "within": found.within_min,
        "population": words.people(found.population),
        "employed": words.people(found.employed),
        "estimated": words.percent(found.estimated) if found.estimated > 0 else "",
        "says": capfirst(words.between(found.desks)),
        "middle": words.few(found.desks.p50),
    }


def _ranges(found: Demand, axis: Axis) -> list[dict[str, Any]]:
    rows = [("all", _("Toute la demande"), found.desks), ("beyond", _("Dont loin de tout lieu"), found.desks_beyond)]
    return [
        {
            "kind": kind,
            "title": title,
            "band": axis.band(desks),
            "y": FIRST_RANGE + BETWEEN_RANGES * n,
            "p10": words.few(desks.p10),
            "p50": words.few(desks.p50),
            "p90": words.few(desks.p90),
        }
        for n, (kind, title, desks) in enumerate(rows)
    ]


def _cost(row: BreakEven) -> dict[str, str]:
    return {
        "title": labels.cost(row.slug),
        "cost": words.euros(row.cost_cents),
        "income": words.euros_between(row.income_cents),
        "desks": _needed(row),
    }


def room() -> str:
    """The small room that the amounts of the table stand for: its desks, its price, its open days."""
    told = viability.parameters()
    return _("salle de %(desks)s postes, %(price)s la journée, %(days)s jours par an") % {
        "desks": figure(told.desks),
        "price": words.euros(told.desk_day_cents),
        "days": figure(told.open_days),
    }


def _needed(row: BreakEven) -> str:
    """How many desks would pay; where the room holds fewer, both numbers."""
    if row.desks_needed is not None:
        return figure(row.desks_needed)
    told = viability.parameters()
    per_desk = viability.income_by_day(1, told.desk_day_cents, open_days=told.open_days)
    needed = viability.desks_needed(row.cost_cents, income_per_desk_cents=per_desk, capacity=MANY_DESKS)
    if needed is None or needed <= told.desks:
        return _("plus que les %(room)s d’une petite salle") % {"room": figure(told.desks)}
    return _("%(n)s\u202f: plus que les %(room)s d’une petite salle") % {
        "n": figure(needed),
        "room": figure(told.desks),
    }


def _step(step: Step) -> dict[str, str]:
    return {
        "title": labels.step(step.slug),
        "share": words.percent_between(step.share),
        "people": words.between(step.people),
        "kind": step.kind,
        "source": str(vocabulary.STEP_SOURCES.get(step.slug, step.source)),
        "dated": partial_date(step.dated),
    }
