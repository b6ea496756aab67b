"""What was issued: the list, the file for a spreadsheet, one invoice as it is frozen, and what corrects it."""

import calendar
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.journal.actions import KeyReused
from maillage.management.billing.actions import drafting
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.labels import KINDS, euros
from maillage.management.billing.queries import invoices as queries
from maillage.management.billing.queries.customers import customer_of
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.rules.amounts import BadNumber, as_typed, quantity_typed, read_quantity
from maillage.management.billing.rules.documents import CREDIT
from maillage.management.billing.views.manage.controls import REFUSED, Wrongs, form_key, mistakes, number
from maillage.management.billing.views.manage.customers import page_of
from maillage.management.billing.views.manage.wording import (
    rows,
    sent_already,
    settlements,
    sheet,
    state_of,
)
from maillage.management.people.rules.tables import Table, as_sheet
from maillage.places.forms.entered import text
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.rules.text import one_line
from maillage.places.views.seat import seated
from maillage.places.views.wording import day_in_words

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@seated("run")
def invoices(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the invoices of a place, of a month, of an account, or those still to be paid."""
    asked = _asked(request)
    found = queries.search(seat.place, asked, page=page_of(request))
    today = today_at(seat.place, timezone.now())
    who = customer_of(seat.place, asked.customer_id) if asked.customer_id else None
    context = {
        "seat": seat,
        "found": found,
        "invoices": rows(found.items, today),
        "month": f"{asked.starts:%Y-%m}" if asked.starts else "",
        "month_name": day_in_words(asked.starts, "F Y") if asked.starts else "",
        "is_unpaid": asked.is_unpaid,
        "customer": who,
        "query": _query(asked),
        "newer": found.page - 1,
        "older": found.page + 1,
    }
    return render(request, "billing/manage/invoices.html", context)


@seated("run")
def invoices_csv(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Give the same list to a spreadsheet; no cell runs as a formula."""
    heads = (
        *(_("numéro"), _("genre"), _("date"), _("échéance"), _("client"), _("Siret")),
        *(_("hors taxe"), _("TVA"), _("total"), _("reste"), _("corrige")),
    )
    told = Table("invoice", _("facture"), heads, heads, tuple(_cells(seat, request)))
    answer = HttpResponse(as_sheet(told), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="factures-{seat.place.slug}.csv"'
    return answer


def _cells(seat: Seat, request: HttpRequest) -> Iterator[tuple[Any, ...]]:
    for one in queries.every(seat.place, _asked(request)):
        sums = (one.net_cents, one.vat_cents, one.total_cents, one.left)
        yield (
            str(one),
            KINDS[one.kind],
            one.issued_on.isoformat(),
            one.due_on.isoformat(),
            queries.document_of(one).buyer.name,
            one.customer.siret,
            *(as_typed(cents) for cents in sums),
            queries.document_of(one).corrects,
        )


@seated("run")
def invoice(request: HttpRequest, seat: Seat, invoice: int) -> HttpResponse:
    """Show an invoice as it was frozen, and what was paid of it; whoever would change it learns what corrects it."""
    found = _found(seat, invoice)
    wrongs: Wrongs = drafting.frozen().wrongs if request.method == "POST" else {}
    code, said = state_of(found, today_at(seat.place, timezone.now()))
    context = {
        "seat": seat,
        "invoice": found,
        "sheet": sheet(queries.document_of(found)),
        "state": code,
        "said": said,
        "credits": [{"pk": one.pk, "number": str(one), "sum": one.total_cents} for one in queries.credits_of(found)],
        "settled": settlements(found, queries.allocations_of(found)),
        "may_credit": found.kind != CREDIT and bool(_left(found)),
        **mistakes(wrongs, {}),
    }
    return render(request, "billing/manage/invoice.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def credit(request: HttpRequest, seat: Seat, invoice: int) -> HttpResponse:
    """Choose what a credit note corrects: all that remains, or so much of some lines."""
    found = _found(seat, invoice)
    left = queries.left_in(found)
    key = form_key(request)
    wrongs: Wrongs = {}
    typed = {rank: quantity_typed(one.quantity_milli) for rank, one in enumerate(left, start=1)}
    if request.method == "POST":
        typed = {rank: text(request.POST, f"quantity-{rank}")[:40] for rank in typed}
        quantities, wrongs = _quantities(typed, left)
        if not wrongs:
            try:
                made = drafting.begin_credit(
                    place=seat.place,
                    invoice_id=invoice,
                    quantities=quantities,
                    words=one_line(text(request.POST, "note"))[:500],
                    by=seat.by,
                    now=timezone.now(),
                    idempotency_key=key,
                )
            except BillingRefused as refused:
                wrongs = refused.wrongs
            except KeyReused:
                key, wrongs = "", sent_already()
            else:
                messages.success(request, _("L’avoir est prêt\u202f: relisez-le, puis émettez-le."))
                return redirect("manage_draft", seat.place.slug, made)
    context = {
        "seat": seat,
        "invoice": found,
        "key": key or form_key(request),
        "note": text(request.POST, "note")[:500],
        "lines": [_choice(rank, one, typed, wrongs) for rank, one in enumerate(left, start=1) if one.quantity_milli],
        **mistakes(wrongs, {f"quantity-{rank}": one.line.label for rank, one in enumerate(left, start=1)}),
    }
    return render(request, "billing/manage/credit.html", context, status=REFUSED if wrongs else 200)


def _quantities(typed: dict[int, str], left: list[Any]) -> tuple[dict[int, int], dict[str, tuple[str, str]]]:
    quantities, wrongs = {}, {}
    for rank, given in typed.items():
        if not left[rank - 1].quantity_milli or one_line(given) in ("", "0"):
            continue
        try:
            quantities[rank] = read_quantity(given, negative=left[rank - 1].quantity_milli < 0)
        except BadNumber as bad:
            wrongs[f"quantity-{rank}"] = (say(bad.problem), say(bad.mend))
    return quantities, wrongs


def _choice(rank: int, one: Any, typed: dict[int, str], wrongs: Wrongs) -> dict[str, Any]:
    problem, mend = wrongs.get(f"quantity-{rank}", ("", ""))
    return {
        "name": f"quantity-{rank}",
        "label": one.line.label,
        "value": typed[rank],
        "left": quantity_typed(one.quantity_milli),
        "price": euros(one.line.unit_price_cents),
        "mistake": {"problem": problem, "mend": mend} if problem else None,
    }


def _left(found: Any) -> list[Any]:
    return [one for one in queries.left_in(found) if one.quantity_milli]


def _found(seat: Seat, invoice: int) -> Any:
    found = queries.invoice_of(seat.place, invoice)
    if found is None:
        raise Http404
    return found


def _asked(request: HttpRequest) -> queries.Asked:
    """What an address asks for; anything it says wrong is as if it had not."""
    read = _MONTH.fullmatch(request.GET.get("mois", "")[:10])
    starts = date(int(read[1]), int(read[2]), 1) if read else None
    ends = starts.replace(day=calendar.monthrange(starts.year, starts.month)[1]) if starts else None
    return queries.Asked(
        starts=starts,
        ends=ends,
        is_unpaid=request.GET.get("etat") == "a-payer",
        customer_id=number(request.GET.get("client", "")),
    )


def _query(asked: queries.Asked) -> str:
    told = [f"mois={asked.starts:%Y-%m}"] if asked.starts else []
    told += ["etat=a-payer"] if asked.is_unpaid else []
    told += [f"client={asked.customer_id}"] if asked.customer_id else []
    return "&".join(told)
