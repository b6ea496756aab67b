"""Statements of accounts and kind words: shown before they are sent, never sent by themselves."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from maillage.management.billing import emails
from maillage.management.billing.actions import reminding
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.queries import payments as payment_queries
from maillage.management.billing.queries import statements as queries
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.rules.reminders import LONGEST_SUBJECT, may_remind
from maillage.management.billing.views.manage.controls import REFUSED, Wrongs, control, mistakes, number
from maillage.places.forms.entered import several, text
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

LABELS = {"subject": gettext_lazy("Objet"), "text": gettext_lazy("Le mot, à votre façon")}


@seated("run")
def statements(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the accounts that are due a statement, and send those that are chosen."""
    now = timezone.now()
    if request.method == "POST":
        chosen = [one for each in several(request.POST, "compte") if (one := number(each)) is not None]
        sent = reminding.send_due_statements(place=seat.place, customers=chosen, by=seat.by, now=now)
        said = ngettext("%(n)d relevé envoyé.", "%(n)d relevés envoyés.", sent) % {"n": sent}
        messages.success(request, said if sent else _("Aucun relevé n’était à envoyer."))
        return redirect("manage_statements", seat.place.slug)
    due = queries.due_statements(seat.place, now=now)
    balances = payment_queries.balances(one.pk for one in due)
    rows = [{"one": one, "balance": balances[one.pk], "email": emails.address_of(one)} for one in due]
    context = {"seat": seat, "rows": rows, "someone": any(row["email"] for row in rows)}
    return render(request, "billing/manage/statements.html", context)


@seated("run")
def statement(request: HttpRequest, seat: Seat, customer: int) -> HttpResponse:
    """Show the statement of an account as its mail says it, and send it."""
    now = timezone.now()
    found = queries.statement_of(seat.place, customer, now=now)
    if found is None:
        raise Http404
    wrongs: Wrongs = {}
    if request.method == "POST":
        try:
            reminding.send_statement(place=seat.place, customer_id=customer, by=seat.by, now=now)
        except BillingRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("Le relevé est parti."))
            return redirect("manage_statement", seat.place.slug, customer)
    with emails.in_french():
        said = emails.statement_text(found)
    context = {
        "seat": seat,
        "statement": found,
        "customer": found.account.customer,
        "invoices": [{"one": one, "left": payment_queries.left_of(one)} for one in found.invoices],
        "email": emails.address_of(found.account.customer),
        "text": said,
        "sent": queries.last_told(reminding.SENT, [customer]).get(customer),
        **mistakes(wrongs, {}),
    }
    return render(request, "billing/manage/statement.html", context, status=REFUSED if wrongs else 200)


@seated("run")
def reminders(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show who has something to pay and since when, and when each was last written to."""
    now = timezone.now()
    today = today_at(seat.place, now)
    debts = payment_queries.debts(seat.place)
    told = queries.last_told(reminding.REMINDED, [one.customer.pk for one in debts])
    rows = [
        {
            "one": one,
            "age": max((today - one.oldest_due_on).days, 0),
            "told": told.get(one.customer.pk),
            "may": may_remind(told.get(one.customer.pk), now),
            "email": emails.address_of(one.customer),
        }
        for one in debts
    ]
    total = sum(one.owed_cents for one in debts)
    return render(request, "billing/manage/reminders.html", {"seat": seat, "rows": rows, "total": total})


@seated("run")
def reminder(request: HttpRequest, seat: Seat, customer: int) -> HttpResponse:
    """Show the draft of a kind word, and send it as somebody has read and changed it."""
    now = timezone.now()
    found = queries.statement_of(seat.place, customer, now=now)
    if found is None:
        raise Http404
    due = payment_queries.open_invoices(seat.place, customer)
    wrongs: Wrongs = {}
    with emails.in_french():
        subject, said = emails.reminder_subject(found), emails.reminder_text(found, due)
    if request.method == "POST":
        subject, said = text(request.POST, "subject"), text(request.POST, "text")
        act: dict[str, Any] = {"subject": subject, "text": said, "by": seat.by, "now": now}
        try:
            reminding.remind(place=seat.place, customer_id=customer, **act)
        except BillingRefused as refused:
            wrongs = refused.wrongs
        else:
            messages.success(request, _("Le mot est parti."))
            return redirect("manage_reminders", seat.place.slug)
    context = {
        "seat": seat,
        "customer": found.account.customer,
        "owes": bool(due),
        "email": emails.address_of(found.account.customer),
        "told": queries.last_told(reminding.REMINDED, [customer]).get(customer),
        "controls": [
            control("subject", subject, wrongs, label=LABELS["subject"], maxlength=LONGEST_SUBJECT),
            control("text", said, wrongs, label=LABELS["text"], kind="area", rows=16),
        ],
        **mistakes(wrongs, LABELS),
    }
    return render(request, "billing/manage/reminder.html", context, status=REFUSED if wrongs else 200)
