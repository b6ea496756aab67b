"""An import undone as one, once the page has said what goes."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.network.exchange.actions.undoing import UndoRefused, refusal, undo_import
from maillage.network.exchange.queries import runs
from maillage.network.exchange.views import import_words as words
from maillage.network.exchange.views.importing import importer_or_refuse

REFUSED = 409


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, brought: int) -> HttpResponse:
    """Say what undoing an import takes away, and do it."""
    who = importer_or_refuse(request)
    found: Any = runs.run(brought)
    if found is None or not who.owns(found.by):
        raise Http404
    why = ""
    if request.method == "POST":
        try:
            done = undo_import(run_id=found.pk, by=who.by, now=timezone.now())
        except UndoRefused as refused:
            why = str(refused)
        else:
            left = ngettext("%(n)d lieu retiré.", "%(n)d lieux retirés.", done.removed) % {"n": done.removed}
            messages.success(request, _("L’import est annulé.") + " " + left)
            return redirect("import_undo", found.pk)
    context = {
        "run": words.run_line(found),
        "undone": found.undone if found.undone_at else None,
        "refusal": "" if found.undone_at or why else refusal(found, now=timezone.now()),
        "why": [why] if why else [],
    }
    return render(request, "exchange/import_undo.html", context, status=REFUSED if why else 200)
