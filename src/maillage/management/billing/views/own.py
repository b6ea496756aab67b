"""What one owes, at every place: its invoices that wait, and how to pay them. Nobody sees another's."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.accounts.rules import signature
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.providers import make_own_link, providers_of
from maillage.management.billing.labels import METHODS
from maillage.management.billing.queries.own import Owed, invoices_of, owed_of
from maillage.management.billing.queries.payments import left_of
from maillage.places.forms.entered import text
from maillage.places.views.wording import day_in_words


@never_cache
@require_http_methods(["GET", "HEAD"])
@login_required
def owed(request: HttpRequest) -> HttpResponse:
    """Show what is to pay at each place, and what each keeps in advance."""
    user: Any = request.user
    return render(
        request, "billing/own.html", {"places": [_place(one) for one in owed_of(user.pk, now=timezone.now())]}
    )


def _place(one: Owed) -> dict[str, Any]:
    rows = [{"one": row, "left": left_of(row), "due": day_in_words(row.due_on, "j F Y")} for row in one.invoices]
    return {
        "place": one.place,
        "invoices": rows,
        "cents": sum(row["left"] for row in rows),
        "kept": one.kept_cents,
        "seller": one.seller,
        "providers": [(code, METHODS.get(code, code)) for code in providers_of(one.place.slug)],
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def pay(request: HttpRequest, invoice: int) -> HttpResponse:
    """Go to where an invoice of one's own is paid."""
    user: Any = request.user
    if not invoices_of(user.pk).filter(pk=invoice).exists():
        raise Http404
    if request.method != "POST":
        return redirect("own_money")
    back = settings.SITE_URL + reverse("own_money")
    told: dict[str, Any] = {"provider": text(request.POST, "provider")[:20], "back_url": back}
    told |= {"by": signature(user.pk, "self"), "now": timezone.now()}
    try:
        url = make_own_link(account_id=user.pk, invoice_id=invoice, **told)
    except BillingRefused as refused:
        messages.error(request, str(refused))
        return redirect("own_money")
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    return redirect(url)
