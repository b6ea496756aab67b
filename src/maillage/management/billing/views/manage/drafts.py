"""An invoice being written: begun for an account, line by line, then issued for good or thrown away."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from maillage.journal.actions import KeyReused
from maillage.management.billing.actions import drafting, issuing
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.forms import LINE, read_line
from maillage.management.billing.labels import FIELDS, KINDS, UNITS, euros
from maillage.management.billing.queries import invoices as queries
from maillage.management.billing.queries.customers import to_choose
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.previews import preview
from maillage.management.billing.queries.prices import current, price_of
from maillage.management.billing.queries.sellers import departement_of, seller_on
from maillage.management.billing.rules.documents import CREDIT, DEPOSIT, INVOICE
from maillage.management.billing.rules.vat import LIABLE, rates
from maillage.management.billing.views.manage.controls import (
    REFUSED,
    Wrongs,
    control,
    form_key,
    mistakes,
    number,
    posted,
)
from maillage.management.billing.views.manage.wording import sent_already, sheet, vat_choices
from maillage.management.people.rules.entries import read_day
from maillage.places.forms.entered import text
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

ABOUT = ("note", "delivered_from", "delivered_to", "engagement", "service_code")
LABELS = {**FIELDS, "tariff": FIELDS["label"]}
NO_CONTROL = ("lines", "invoice", "draft", "credit", "seller")


@seated("run")
def begin(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Begin an invoice or a deposit for an account; a form sent twice begins one."""
    wrongs: Wrongs = {}
    key = form_key(request)
    chosen, kind = number(request.GET.get("client", "")), INVOICE
    if request.method == "POST":
        chosen, kind = number(text(request.POST, "customer")), text(request.POST, "kind")[:20] or INVOICE
        try:
            made = drafting.begin_draft(
                place=seat.place,
                customer_id=chosen or 0,
                kind=kind,
                by=seat.by,
                now=timezone.now(),
                idempotency_key=key,
            )
        except BillingRefused as refused:
            wrongs = refused.wrongs
        except ObjectDoesNotExist:
            wrongs = {"customer": (_("ce client n’est pas de ce lieu"), _("choisissez-en un de la liste"))}
        except KeyReused:
            key, wrongs = "", sent_already()
        else:
            return redirect("manage_draft", seat.place.slug, made)
    choices = [(one.pk, one.name) for one in to_choose(seat.place)]
    kinds = [(code, KINDS[code]) for code in (INVOICE, DEPOSIT)]
    context = {
        "seat": seat,
        "key": key or form_key(request),
        "has_customers": bool(choices),
        "controls": [
            control("customer", chosen, wrongs, label=FIELDS["customer"], kind="select", choices=choices),
            control("kind", kind, wrongs, label=FIELDS["kind"], kind="select", choices=kinds),
        ],
        **mistakes(wrongs, FIELDS),
    }
    return render(request, "billing/manage/invoice_new.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def draft(request: HttpRequest, seat: Seat, draft: int) -> HttpResponse:
    """Show a draft as it would be issued, and write on it."""
    if request.method != "POST":
        return page(request, seat, draft)
    act = ACTS.get(text(request.POST, "faire"))
    return page(request, seat, draft) if act is None else act(request, seat, draft)


@seated("run")
def issue(request: HttpRequest, seat: Seat, draft: int) -> HttpResponse:
    """Issue a draft, for good; sent twice, it leads to the one invoice that it became."""
    if request.method != "POST":
        return page(request, seat, draft)
    try:
        issued = issuing.issue(place=seat.place, draft_id=draft, by=seat.by, now=timezone.now())
    except BillingRefused as refused:
        return page(request, seat, draft, refused.wrongs)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, _("%(number)s est émise.") % {"number": issued})
    return redirect("manage_invoice", seat.place.slug, issued.pk)


@seated("run")
def drop(request: HttpRequest, seat: Seat, draft: int) -> HttpResponse:
    """Ask once, then throw a draft away."""
    found = queries.draft_of(seat.place, draft)
    if request.method == "POST":
        try:
            drafting.throw_away(place=seat.place, draft_id=draft, by=seat.by, now=timezone.now())
        except BillingRefused as refused:
            return page(request, seat, draft, refused.wrongs)
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        messages.success(request, _("Le brouillon est jeté. Il n’avait pas de numéro\u202f: rien ne manque."))
        return redirect("manage_money", seat.place.slug)
    if found is None:
        raise Http404
    context = {"seat": seat, "draft": found, "kind": KINDS[found.kind]}
    return render(request, "billing/manage/draft_drop.html", context)


def page(
    request: HttpRequest, seat: Seat, draft: int, wrongs: Wrongs | None = None, raw: Mapping[str, str] | None = None
) -> HttpResponse:
    """The page of a draft as it stands, with what was typed and what was refused; of an issued one, its invoice."""
    found = queries.draft_of(seat.place, draft)
    if found is None:
        issued = queries.of_draft(seat.place, draft)
        if issued is None:
            raise Http404
        for problem, mend in (wrongs or {}).values():
            messages.error(request, _("%(problem)s\u202f: %(mend)s.") % {"problem": capfirst(problem), "mend": mend})
        return redirect("manage_invoice", seat.place.slug, issued.pk)
    now = timezone.now()
    shown = preview(found, now)
    wrongs = wrongs or {}
    about = {name: _told(getattr(found, name)) for name in ABOUT}
    typed = dict(raw or {})
    context = {
        "seat": seat,
        "draft": found,
        "kind": KINDS[found.kind],
        "is_credit": found.kind == CREDIT,
        "sheet": sheet(shown.document) if shown.document else None,
        "raw_lines": [] if shown.document else found.lines,
        "has_seller": shown.has_seller,
        "why_not": f"{capfirst(say(shown.problem))}\u202f: {say(shown.mend)}." if shown.problem else "",
        "count": len(found.lines),
        "key": form_key(request) if not wrongs or "jeton" not in request.POST else text(request.POST, "jeton")[:100],
        "deposits": queries.deposits_of(found.customer_id) if found.kind == INVOICE else [],
        "line": _line_controls(seat, {**typed, "quantity": typed.get("quantity") or "1"}, wrongs),
        "about": _about_controls({**about, **typed}, wrongs),
        "open_about": any(about.values()) or bool({*ABOUT} & {*wrongs}),
        **mistakes(wrongs, {name: label for name, label in LABELS.items() if name not in NO_CONTROL}),
    }
    return render(request, "billing/manage/draft.html", context, status=REFUSED if wrongs else 200)


def _add(request: HttpRequest, seat: Seat, draft: int) -> HttpResponse:
    raw = posted(request, LINE)
    tariff = number(raw["tariff"])
    price = price_of(seat.place, tariff) if tariff else None
    line, wrongs = read_line(raw, price)
    if raw["tariff"] and price is None:
        wrongs["tariff"] = (_("ce tarif n’est pas de ce lieu"), _("choisissez-en un de la liste"))
    if wrongs or line is None:
        return page(request, seat, draft, wrongs, raw)
    act: dict[str, Any] = {"line": line, "idempotency_key": form_key(request)}
    return _do(request, seat, draft, lambda given: drafting.add_line(**given, **act), raw)


def _remove(request: HttpRequest, seat: Seat, draft: int) -> HttpResponse:
    act: dict[str, Any] = {
        "number": number(text(request.POST, "ligne")) or 0,
        "seen": number(text(request.POST, "vu")) or 0,
    }
    return _do(request, seat, draft, lambda given: drafting.remove_line(**given, **act))


def _about(request: HttpRequest, seat: Seat, draft: int) -> HttpResponse:
    raw = posted(request, ABOUT)
    days = {name: read_day(raw[name]) for name in ("delivered_from", "delivered_to")}
    unread = {
        name: (_("ce jour est illisible"), _("écrivez-le comme 2026-09-01"))
        for name, day in days.items()
        if raw[name].strip() and day is None
    }
    if unread:
        return page(request, seat, draft, unread, raw)
    act: dict[str, Any] = {
        **days,
        "words": raw["note"],
        "engagement": raw["engagement"],
        "service_code": raw["service_code"],
    }
    return _do(request, seat, draft, lambda given: drafting.say_about(**given, **act), raw)


def _deduct(request: HttpRequest, seat: Seat, draft: int) -> HttpResponse:
    deposit = number(text(request.POST, "deposit")) or 0
    return _do(request, seat, draft, lambda given: drafting.deduct_deposit(**given, deposit_id=deposit))


def _do(
    request: HttpRequest,
    seat: Seat,
    draft: int,
    act: Callable[[dict[str, Any]], Any],
    raw: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Do one act on a draft of this place, and come back to its page."""
    try:
        act({"place": seat.place, "draft_id": draft, "by": seat.by, "now": timezone.now()})
    except BillingRefused as refused:
        return page(request, seat, draft, refused.wrongs, raw)
    except KeyReused:
        return page(request, seat, draft, sent_already(), raw)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    return redirect("manage_draft", seat.place.slug, draft)


ACTS = {"ligne": _add, "oter": _remove, "dire": _about, "acompte": _deduct}


def _told(value: Any) -> str:
    return "" if value is None else str(value)


def _line_controls(seat: Seat, raw: Mapping[str, str], wrongs: Wrongs) -> dict[str, Any]:
    today = today_at(seat.place, timezone.now())
    seller, prices = seller_on(seat.place, today), current(seat.place, on=today)
    tariffs = [(one.pk, _tariff(one)) for one in (prices.prices if prices else ())]
    given: dict[str, Any] = {"autocomplete": "off"}
    taxed = seller is not None and seller.regime == LIABLE
    return {
        "tariff": control(
            "tariff",
            raw.get("tariff", ""),
            wrongs,
            label=_("Un tarif du lieu"),
            kind="select",
            choices=[("", _("aucun\u202f: je l’écris")), *tariffs],
        )
        if tariffs
        else None,
        "quantity": control(
            "quantity",
            raw.get("quantity", ""),
            wrongs,
            label=FIELDS["quantity"],
            inputmode="decimal",
            maxlength=20,
            hint=_("Avec un moins devant, la ligne est une remise."),
            **given,
        ),
        "price": control(
            "price",
            raw.get("price", ""),
            wrongs,
            label=FIELDS["price"] if taxed else _("Prix unitaire, en euros"),
            inputmode="decimal",
            maxlength=20,
            hint=_("Vide\u202f: celui du tarif choisi.") if tariffs else "",
            **given,
        ),
        "own": [
            control("label", raw.get("label", ""), wrongs, label=FIELDS["label"], maxlength=200, **given),
            control(
                "unit", raw.get("unit") or "each", wrongs, label=FIELDS["unit"], kind="select", choices=UNITS.items()
            ),
            *([_vat_control(seat, today, raw, wrongs)] if taxed else []),
            control("detail", raw.get("detail", ""), wrongs, label=FIELDS["detail"], maxlength=500, **given),
        ],
    }


def _vat_control(seat: Seat, today: date, raw: Mapping[str, str], wrongs: Wrongs) -> dict[str, Any]:
    held = vat_choices(rates(today, departement_of(seat.place)))
    return control("vat", raw.get("vat") or "standard", wrongs, label=FIELDS["vat"], kind="select", choices=held)


def _tariff(price: Any) -> str:
    if price.kind == "scale" and price.low_cents is not None and price.high_cents is not None:
        cost = _("%(low)s à %(high)s") % {"low": euros(price.low_cents), "high": euros(price.high_cents)}
    elif price.kind == "open":
        cost = _("prix libre")
    else:
        cost = euros(price.price_cents)
    return f"{price.label} · {cost} · {UNITS[price.unit]}"


def _about_controls(raw: Mapping[str, str], wrongs: Wrongs) -> list[dict[str, Any]]:
    attributes: Mapping[str, dict[str, Any]] = {
        "note": {"maxlength": 500},
        "delivered_from": {"type": "date"},
        "delivered_to": {"type": "date"},
        "engagement": {"maxlength": 50},
        "service_code": {"maxlength": 100},
    }
    return [control(name, raw.get(name, ""), wrongs, label=FIELDS[name], **attributes[name]) for name in ABOUT]
