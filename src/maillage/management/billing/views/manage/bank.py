"""The statement of the bank: read from a file, each line matched by somebody, or the sure ones at once."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from maillage.journal.actions import KeyReused
from maillage.management.billing.actions import banking
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.labels import METHODS
from maillage.management.billing.queries import payments as payment_queries
from maillage.management.billing.queries import statements as queries
from maillage.management.billing.rules.bank import ALL_OWED, AMOUNT, CERTAIN, NAME, NUMBER, RECORDED, Bad, Proposal
from maillage.management.billing.views.manage.controls import REFUSED, Wrongs, mistakes, number
from maillage.places.forms.entered import several, text
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated
from maillage.places.views.uploads import too_heavy

REASONS = {
    NUMBER: gettext_lazy("le numéro de la facture est dans le libellé"),
    AMOUNT: gettext_lazy("le montant est exact"),
    ALL_OWED: gettext_lazy("c’est tout ce que ce compte doit"),
    NAME: gettext_lazy("le nom est dans le libellé"),
    RECORDED: gettext_lazy("cet encaissement est déjà noté"),
}
MOST_TOLD = 100
SURE = (gettext_lazy("possible"), gettext_lazy("probable"), gettext_lazy("sûr"))


@seated("run")
def bank(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the lines that wait, each with what it may be, and read a file."""
    wrongs: Wrongs = {}
    told: Any = None
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                wrongs = _no_file("file" in too_heavy(request))
            else:
                told = banking.read_statement(place=seat.place, raw=file.read(), by=seat.by, now=timezone.now())
        except BillingRefused as refused:
            wrongs = refused.wrongs
    lines = queries.lines_of(seat.place)
    proposals = queries.proposals_of(seat.place, lines)
    said = _said(seat, proposals)
    rows = [_line(line, proposals[line.pk], said[line.pk]) for line in lines]
    context = {
        "seat": seat,
        "told": told,
        "bad": [_bad(one) for one in told.bad[:MOST_TOLD]] if told else [],
        "lines": rows,
        "certain": [row["line"].pk for row in rows if row["is_certain"]],
        "settled": queries.settled_lines(seat.place),
        **mistakes(wrongs, {"file": _("Le fichier de la banque")}),
    }
    return render(request, "billing/manage/bank.html", context, status=REFUSED if wrongs else 200)


def _bad(one: Bad) -> dict[str, Any]:
    where = {"line": one.line, "column": one.column, "value": one.value}
    return where | {"why": say(one.problem), "mend": say(one.mend)}


def _no_file(is_too_heavy: bool) -> dict[str, tuple[str, str]]:
    if is_too_heavy:
        return {"file": (_("ce fichier dépasse 4\u202fMo"), _("demandez à la banque une période plus courte"))}
    return {"file": (_("aucun fichier n’est arrivé"), _("choisissez le CSV ou le CAMT.053 de la banque"))}


def _line(line: Any, found: list[Proposal], said: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "line": line,
        "proposals": said,
        "is_certain": bool(found) and found[0].certainty == CERTAIN,
    }


def _said(seat: Seat, proposals: Mapping[int, list[Proposal]]) -> dict[int, list[dict[str, Any]]]:
    """What each line may be, in words, all of them read at once."""
    everyone = {one.customer for found in proposals.values() for one in found}
    names = {one.pk: one.name for one in payment_queries.customers_named(seat.place, list(everyone))}
    opens = {row.pk: row for row in payment_queries.all_open(seat.place)} if everyone else {}
    return {line: [_proposal(one, names, opens) for one in found] for line, found in proposals.items()}


def _proposal(one: Proposal, names: Mapping[int, str], opens: Mapping[int, Any]) -> dict[str, Any]:
    """What a line may be, in words; `code` is what the button says."""
    due = sorted((opens[pk] for pk in one.invoices if pk in opens), key=lambda row: (row.due_on, row.pk))
    return {
        "code": f"p{one.payment}" if one.payment else f"c{one.customer}",
        "invoices": [row.pk for row in due],
        "name": names.get(one.customer, ""),
        "numbers": ", ".join(str(row) for row in due),
        "left": sum(payment_queries.left_of(row) for row in due),
        "is_recorded": bool(one.payment),
        "sure": SURE[one.certainty],
        "why": ", ".join(str(REASONS[reason]) for reason in one.reasons),
    }


@seated("run")
def line(request: HttpRequest, seat: Seat, line: int) -> HttpResponse:
    """Say what a line of the bank is: a proposal, an account, a payment, or nothing of ours."""
    found = queries.line_of(seat.place, line)
    if found is None:
        raise Http404
    if request.method == "POST":
        act = _act(request, seat, line)
        if act is None:
            messages.error(request, _("Choisissez un compte, ou mettez la ligne de côté."))
        elif _done(request, act):
            return redirect("manage_bank", seat.place.slug)
    proposals = {line: []} if found.payment_id else queries.proposals_of(seat.place, [found])
    context = {
        "seat": seat,
        "line": found,
        "method": METHODS[found.payment.method] if found.payment else "",
        "proposals": _said(seat, proposals)[line],
        "customers": payment_queries.customers_named(seat.place),
    }
    return render(request, "billing/manage/bank_line.html", context)


def _act(request: HttpRequest, seat: Seat, line: int) -> Callable[[], object] | None:
    """What the button that was pressed does."""
    code = text(request.POST, "est")[:24]
    told: dict[str, Any] = {"place": seat.place, "line_id": line, "by": seat.by, "now": timezone.now()}
    if code in ("cote", "reprise"):
        return lambda: banking.set_aside(**told, is_aside=code == "cote")
    given = number(code[1:]) if code[:1] in ("p", "c") else number(text(request.POST, "customer"))
    if given is None:
        return None
    if code.startswith("p"):
        return lambda: banking.link(**told, payment_id=given)
    chosen = [one for each in several(request.POST, "facture") if (one := number(each)) is not None]
    return lambda: banking.match(**told, customer_id=given, invoices=chosen or None)


def _done(request: HttpRequest, act: Callable[[], object]) -> bool:
    try:
        act()
    except BillingRefused as refused:
        messages.error(request, str(refused))
        return False
    except KeyReused:
        messages.error(request, _("Cette ligne est déjà rapprochée."))
        return False
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, _("C’est noté."))
    return True


@seated("run")
def certain(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Match at once every line shown as sure."""
    if request.method == "POST":
        shown = [one for each in several(request.POST, "ligne") if (one := number(each)) is not None]
        done = banking.match_certain(place=seat.place, lines=shown, by=seat.by, now=timezone.now())
        said = ngettext("%(n)d ligne rapprochée.", "%(n)d lignes rapprochées.", done) % {"n": done}
        messages.success(request, said if done else _("Aucune ligne n’est plus sûre\u202f: regardez-les une par une."))
    return redirect("manage_bank", seat.place.slug)
