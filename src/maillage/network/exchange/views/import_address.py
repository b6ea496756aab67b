"""The import wizard, from an address: the file there is fetched once, and looked at as one that was sent."""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.network.exchange import queries
from maillage.network.exchange.actions import intake as acts
from maillage.network.exchange.actions.intake import IntakeRefused
from maillage.network.exchange.rules.intakes import MAX_BYTES, TRY
from maillage.network.exchange.rules.reports import FileRefused
from maillage.network.exchange.sources.fetching import fetch, name_of
from maillage.network.exchange.views.importing import UNREADABLE, asked, given, importer_or_refuse

AT_MOST = {"fetch": "30/h/user"}
SECONDS = 20.0
"""How long the person waits for the other host."""


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    """Ask for an address, fetch what is there, and open it as an import; nothing of it enters yet."""
    who = importer_or_refuse(request)
    if request.method != "POST":
        return _page(request)
    url = request.POST.get("adresse", "").strip()[:4_000]
    if not ratelimit.consume(request, app="maillage.exchange", action="fetch", config=AT_MOST, user=request.user):
        return _page(request, why=_("Trop d’adresses en une heure\u202f: reprenez un peu plus tard."), status=429)
    try:
        got = fetch(url, limit=MAX_BYTES, seconds=SECONDS, loopback=settings.FEEDS_FROM_LOOPBACK)
        opened = acts.open_intake(
            name=name_of(url), data=got.body or b"", by=who.by, now=timezone.now(), **given(request)
        )
        if opened.state == "mapped":
            asked(opened.pk, TRY, who)
    except (FileRefused, IntakeRefused) as refused:
        return _page(request, why=str(refused), status=UNREADABLE)
    return redirect("import_columns" if opened.state == "uploaded" else "import_intake", opened.pk)


def _page(request: HttpRequest, *, why: str = "", status: int = 200) -> HttpResponse:
    context = {
        "why": [why] if why else [],
        "address": request.POST.get("adresse", "")[:4_000],
        "typed": given(request),
        "licences": queries.licences(),
        "most_mega": MAX_BYTES // 1_000_000,
        "offline": settings.OFFLINE,
    }
    return render(request, "exchange/import_address.html", context, status=status)
