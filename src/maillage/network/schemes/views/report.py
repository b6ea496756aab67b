"""A scheme's report: counts that point at nobody, and a file of the same."""

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.management.people.rules.tables import BOM, cell
from maillage.network.schemes.labels import AGES, HALVES
from maillage.network.schemes.permissions import Funder
from maillage.network.schemes.queries.ground import today_in
from maillage.network.schemes.queries.report import Report, report_of
from maillage.network.schemes.rules.reports import LEAST_PLACES, LEAST_SHOWN, total_shown
from maillage.network.schemes.views.desk import funding
from maillage.network.schemes.views.wording import day, month


@funding
def report(request: HttpRequest, funder: Funder, found: Any) -> HttpResponse:
    """Show what came of a scheme."""
    made = report_of(found, today=today_in(found.scope, timezone.now()))
    known = total_shown(made.regulars.known)
    context = {
        "scheme": found,
        "report": made,
        "totals": [
            (_("Passes remis"), made.passes, False),
            (_("Demi-journées passées"), made.halves, False),
            (_("Dépensé"), made.spent_cents, True),
            (_("Facturé par les lieux"), made.paid_cents, True),
        ],
        "months": [(month(text), count) for text, count in made.months or ()],
        "ages": [(AGES.get(one.label, one.label), one.count) for one in made.ages],
        "known": known,
        "is_known": bool(made.regulars.known),
        "regular": made.regulars.regular if known and not made.has_few_places else None,
        "none_stayed": bool(known) and made.regulars.regular == 0,
        "each": made.regulars.cents_each if known else None,
        "samples": [(month(text), [_called(one) for one in rows]) for text, rows in made.samples],
        "least": LEAST_SHOWN,
        "least_places": LEAST_PLACES,
    }
    return render(request, "schemes/report.html", context)


@funding
def report_csv(request: HttpRequest, funder: Funder, found: Any) -> HttpResponse:
    """The same for a spreadsheet; no cell runs as a formula."""
    made = report_of(found, today=today_in(found.scope, timezone.now()))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("mesure"), _("détail"), _("valeur")])
    for row in _rows(found, made):
        writer.writerow([cell(value) for value in row])
    headers = {"Content-Disposition": f'attachment; filename="dispositif-{found.pk}.csv"'}
    return HttpResponse(BOM + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _rows(found: Any, made: Report) -> list[tuple[str, str, str]]:
    hidden, unknown = _("masqué"), _("inconnu")
    known = total_shown(made.regulars.known)
    each = made.regulars.cents_each if known else None
    rows = [
        (_("budget, en euros"), "", _euros(found.budget_cents)),
        (_("dépensé, en euros"), "", _money(made.spent_cents, hidden)),
        (_("facturé, en euros"), "", _money(made.paid_cents, hidden)),
        (_("passes remis"), "", _count(made.passes, hidden)),
        (_("demi-journées passées"), "", _count(made.halves, hidden)),
        (_("coût par nouvel habitué, en euros"), "", unknown if each is None else _euros(each)),
    ]
    rows += [(_("demi-journées par lieu"), one.label, _count(one.count, hidden)) for one in made.places]
    rows += [(_("passes par commune"), one.label, _count(one.count, hidden)) for one in made.communes]
    rows += [(_("passes par âge"), one.label, _count(one.count, hidden)) for one in made.ages]
    return rows + [(_("demi-journées par mois"), text, str(count)) for text, count in made.months or ()]


def _count(count: int | None, hidden: str) -> str:
    return hidden if count is None else str(count)


def _money(cents: int | None, hidden: str) -> str:
    return hidden if cents is None else _euros(cents)


def _euros(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02}"


def _called(one: Any) -> dict[str, Any]:
    return {
        "code": one.issue.of.code,
        "day": day(one.day),
        "half": HALVES[one.half],
        "place": one.place.name,
        "referrer": one.issue.referrer.name if one.issue.referrer else "",
    }
