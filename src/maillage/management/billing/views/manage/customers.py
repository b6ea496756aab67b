"""The accounts that owe and pay: found, opened, kept true."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.journal.actions import KeyReused
from maillage.management.billing.actions import customers as acts
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.labels import FIELDS, METHODS
from maillage.management.billing.queries import customers as queries
from maillage.management.billing.queries import payments
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.invoices import Asked, search
from maillage.management.billing.rules.amounts import as_typed
from maillage.management.billing.rules.parties import CUSTOMER, CUSTOMER_CHECKS
from maillage.management.billing.rules.payments import BY_HAND
from maillage.management.billing.views.manage.controls import (
    REFUSED,
    Wrongs,
    control,
    form_key,
    mistakes,
    number,
    posted,
)
from maillage.management.billing.views.manage.wording import rows, sent_already
from maillage.management.people.queries import persons
from maillage.places.permissions import Seat
from maillage.places.rules.text import one_line
from maillage.places.views.seat import seated
from maillage.places.views.wording import day_in_words

ATTRIBUTES: Mapping[str, dict[str, Any]] = {
    "name": {"required": "required", "maxlength": 200},
    "email": {"type": "email", "maxlength": 254},
    "street": {"maxlength": 200},
    "postal_code": {"maxlength": 10},
    "city": {"maxlength": 100},
    "country": {"maxlength": 2},
    "siret": {"inputmode": "numeric", "maxlength": 20},
    "vat_number": {"maxlength": 20},
    "service_code": {"maxlength": 100},
    "engagement": {"maxlength": 50},
}
FIRST = ("name", "email", "street", "postal_code", "city")
BODY = ("siret", "vat_number", "country")
PUBLIC = ("service_code", "engagement")
MOST_KNOWN, MOST_PAYMENTS = 10, 12


@seated("run")
def customers(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the accounts of a place, each with what it owes."""
    text = one_line(request.GET.get("q", "")[: queries.LONGEST_SEARCH])
    found = queries.search(seat.place, text, page=page_of(request))
    context = {
        "seat": seat,
        "found": found,
        "text": text,
        "customers": [{"at": one, "owed": owed} for one, owed in found.items],
        "newer": found.page - 1,
        "older": found.page + 1,
    }
    return render(request, "billing/manage/customers.html", context)


@seated("run")
def add(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Open an account, of somebody known or under a name alone; a form sent twice opens one."""
    given = request.POST if request.method == "POST" else request.GET
    person, body = number(given.get("personne", "")), number(given.get("organisation", ""))
    known = _known(seat, person, body)
    raw: Mapping[str, str] = {"country": "FR", **known}
    key, wrongs = form_key(request), {}
    if request.method == "POST":
        raw = posted(request, (*CUSTOMER, *CUSTOMER_CHECKS))
        try:
            made = acts.add_customer(
                place=seat.place,
                raw=raw,
                by=seat.by,
                now=timezone.now(),
                person_id=person,
                organisation_id=body,
                idempotency_key=key,
            )
        except BillingRefused as refused:
            wrongs = refused.wrongs
        except KeyReused:
            key, wrongs = "", sent_already()
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        else:
            messages.success(request, _("Le compte est ouvert."))
            return redirect("manage_customer", seat.place.slug, made)
    text = one_line(request.GET.get("q", "")[: persons.LONGEST_SEARCH])
    context = {
        "seat": seat,
        "key": key or form_key(request),
        "person": person or "",
        "organisation": body or "",
        "known": known.get("name", ""),
        "text": text,
        "found": _found(seat, text) if text else [],
        **_form(raw, wrongs),
    }
    return render(request, "billing/manage/customer_add.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def customer(request: HttpRequest, seat: Seat, customer: int) -> HttpResponse:
    """Show one account with its invoices, and write what changes."""
    found = queries.customer_of(seat.place, customer)
    if found is None:
        raise Http404
    raw = {name: str(getattr(found, name)) for name in CUSTOMER} | {"is_public": "1" if found.is_public else ""}
    wrongs: Wrongs = {}
    now = timezone.now()
    if request.method == "POST":
        raw = posted(request, (*CUSTOMER, *CUSTOMER_CHECKS))
        try:
            changed = acts.change_customer(place=seat.place, customer_id=customer, raw=raw, by=seat.by, now=now)
        except BillingRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("Enregistré.") if changed else _("Rien n’a changé."))
            return redirect("manage_customer", seat.place.slug, customer)
    context = {
        "seat": seat,
        "customer": found,
        "key": form_key(request),
        "invoices": rows(search(seat.place, Asked(customer_id=found.pk)).items, today_at(seat.place, now)),
        **_standing(seat, payments.account(found), now),
        **_form(raw, wrongs),
    }
    return render(request, "billing/manage/customer.html", context, status=REFUSED if wrongs else 200)


def _standing(seat: Seat, account: payments.Account, now: datetime) -> dict[str, Any]:
    """How somebody stands with the place: what is open, kept in advance, paid last; and how all is paid at once."""
    customer = account.customer.pk
    ways = [(code, METHODS[code]) for code in BY_HAND]
    return {
        "account": account,
        "advance": -account.balance_cents if account.balance_cents < 0 else 0,
        "open": [
            {"one": one, "left": payments.left_of(one), "due": day_in_words(one.due_on, "j F Y")}
            for one in payments.open_invoices(seat.place, customer)
        ],
        "payments": [
            {"one": one, "method": METHODS[one.method], "day": day_in_words(one.received_on, "j F Y")}
            for one in payments.last_payments(seat.place, [customer])[:MOST_PAYMENTS]
        ],
        "amount": as_typed(account.owed_cents),
        "today": today_at(seat.place, now).isoformat(),
        "method": control("method", "transfer", {}, label=_("Comment"), kind="select", choices=ways),
    }


def page_of(request: HttpRequest) -> int:
    """The page that an address asks for; the first one for anything else."""
    asked = request.GET.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1


def _known(seat: Seat, person: int | None, body: int | None) -> dict[str, str]:
    """What is known of whom the account is for; a person or an organisation that is not of this place is not there."""
    if person is None and body is None:
        return {}
    if person is not None:
        found: Any = persons.person_of(seat.place, person)
    else:
        found = persons.organisation_of(seat.place, body or 0)
    if found is None or found.merged_into_id:
        raise Http404
    return acts.suggested(found)


def _found(seat: Seat, text: str) -> list[dict[str, Any]]:
    alike = persons.search(seat.place, text).items[:MOST_KNOWN]
    bodies = [one for one in persons.organisations(seat.place) if text.lower() in one.name.lower()][:MOST_KNOWN]
    return [{"name": one.name, "query": f"personne={one.pk}"} for one in alike] + [
        {"name": one.name, "query": f"organisation={one.pk}"} for one in bodies
    ]


def _form(raw: Mapping[str, str], wrongs: Wrongs) -> dict[str, Any]:
    said = {
        name: control(name, raw.get(name, ""), wrongs, label=FIELDS[name], hint=_hint(name), autocomplete="off", **more)
        for name, more in ATTRIBUTES.items()
    }
    return {
        "first": [said[name] for name in FIRST],
        "body": [said[name] for name in BODY],
        "public": [said[name] for name in PUBLIC],
        "is_public": raw.get("is_public") == "1",
        "open_body": bool(raw.get("siret") or raw.get("vat_number") or {*BODY, *PUBLIC, "is_public"} & {*wrongs}),
        **mistakes(wrongs, FIELDS),
    }


def _hint(name: str) -> str:
    hints = {
        "siret": _("Pour une entreprise, une association qui en a un, une collectivité."),
        "country": _("Deux lettres\u202f: FR, BE, CH."),
        "service_code": _("Demandé par certaines collectivités, pour Chorus Pro."),
        "engagement": _("Le numéro du bon de commande, quand il y en a un."),
    }
    return hints.get(name, "")
