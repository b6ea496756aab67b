"""The import wizard: what came in and what is on its way, a file received, tried, brought in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from maillage.network.exchange import permissions, queries
from maillage.network.exchange.actions import intake as acts
from maillage.network.exchange.actions import working
from maillage.network.exchange.actions.intake import IntakeRefused
from maillage.network.exchange.permissions import Importer
from maillage.network.exchange.queries import intakes, runs
from maillage.network.exchange.rules.intakes import APPLY, ENDED, MAX_BYTES, TRY, WORKING
from maillage.network.exchange.rules.reports import FileRefused
from maillage.network.exchange.views import import_words as words
from maillage.places.views.uploads import too_heavy

REFUSED, UNREADABLE = 409, 422
MEGA = 1_000_000


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Show what came in and what is on its way; receive a file, and try it where its columns are known."""
    who = importer_or_refuse(request)
    if request.method != "POST":
        return _list(request, who)
    typed = given(request)
    sent = request.FILES.get("fichier")
    if "fichier" in too_heavy(request):
        why = _("Ce fichier dépasse %(most)d\u202fMo\u202f: découpez-le, par exemple par département.") % {
            "most": MAX_BYTES // MEGA
        }
        return _list(request, who, why=why, typed=typed, status=413)
    if sent is None:
        why = _("Choisissez d’abord un fichier\u202f: un tableau, un classeur, un GeoJSON…")
        return _list(request, who, why=why, typed=typed, status=UNREADABLE)
    try:
        opened = acts.open_intake(name=sent.name or "", data=sent.read(), by=who.by, now=timezone.now(), **typed)
        if opened.state == "mapped":
            asked(opened.pk, TRY, who)
    except FileRefused as refused:
        return _list(request, who, why=words.plain(str(refused)), typed=typed, french=True, status=UNREADABLE)
    except IntakeRefused as refused:
        messages.info(request, str(refused))
    return redirect("import_columns" if opened.state == "uploaded" else "import_intake", opened.pk)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def intake(request: HttpRequest, intake: int) -> HttpResponse:
    """Show where a file is, what it would change or has changed; try it, bring it in, take it up again, leave it."""
    who = importer_or_refuse(request)
    found = intake_or_404(who, intake)
    if request.method != "POST":
        return intake_page(request, who, found)
    now = timezone.now()
    try:
        if "entrer" in request.POST:
            asked(found.pk, APPLY, who)
        elif "essayer" in request.POST:
            acts.describe(intake_id=found.pk, by=who.by, now=now, **given(request))
            asked(found.pk, TRY, who)
        elif "reprendre" in request.POST:
            _taken_up(request, found)
        elif "laisser" in request.POST:
            acts.leave_aside(intake_id=found.pk, by=who.by, now=now)
            messages.success(request, _("Ce fichier est laissé de côté\u202f: rien n’en est entré."))
            return redirect("imports")
        else:
            raise IntakeRefused(_("Choisissez ce qu’il faut faire de ce fichier."))
    except IntakeRefused as refused:
        return intake_page(request, who, intake_or_404(who, intake), why=str(refused), status=REFUSED)
    return redirect("import_intake", found.pk)


@never_cache
@login_required
@require_safe
def quarantine(request: HttpRequest, intake: int) -> HttpResponseBase:
    """The rows that stayed out, to mend and send again."""
    found = intake_or_404(importer_or_refuse(request), intake)
    path = intakes.quarantine_of(found.pk)
    if not found.is_kept or not path.exists():
        raise Http404
    return FileResponse(
        path.open("rb"), as_attachment=True, filename="a-corriger.csv", content_type="text/csv; charset=utf-8"
    )


def importer_or_refuse(request: HttpRequest) -> Importer:
    """Who brings files in; anybody else is refused."""
    who = permissions.importer(request.user)
    if who is None:
        raise PermissionDenied
    return who


def intake_or_404(who: Importer, intake_id: int) -> Any:
    """A file that this person may see."""
    found = intakes.intake(intake_id)
    if found is None or not who.owns(found.opened_by):
        raise Http404
    return found


def given(request: HttpRequest) -> dict[str, Any]:
    """What the form says of a file: whose it is, under which licence, and how much of it is wanted."""
    return {
        "source": request.POST.get("source", "")[:200],
        "licence": request.POST.get("licence", "")[:200],
        "all_places": request.POST.get("tous") == "1",
    }


def asked(intake_id: int, wish: str, who: Importer) -> None:
    """Ask, and do it at once where it is small."""
    if acts.ask(intake_id=intake_id, wish=wish, by=who.by, now=timezone.now()):
        working.carry_out(intake_id=intake_id, now=timezone.now())


def _taken_up(request: HttpRequest, found: Any) -> None:
    """Take up again what a worker left; one that still works on it is let be."""
    if found.state not in WORKING:
        raise IntakeRefused(_("Rien n’attend\u202f: ce fichier n’est pas en route."))
    if not acts.take_up(intake_id=found.pk, now=timezone.now()):
        messages.info(request, _("Le travail est en cours\u202f: laissez-lui quelques minutes."))


def intake_page(request: HttpRequest, who: Importer, found: Any, *, why: str = "", status: int = 200) -> HttpResponse:
    """The page of a file, whatever its state."""
    now = timezone.now()
    context: dict[str, Any] = {
        "intake": found,
        "facts": words.facts(found),
        "why": [why] if why else [],
        "where": "" if who.scopes is None else permissions.named(who.scopes),
        "licences": queries.licences(),
        "ended": found.state in ENDED,
        "working": words.progress(found, intakes.progress(found.pk), now=now) if found.state in WORKING else None,
        "account": words.account(found.report) if found.report and found.state not in WORKING else None,
        "refusal": words.plain(found.refusal),
        "to_mend": found.is_kept and intakes.quarantine_of(found.pk).exists(),
        "may_undo": found.state == "done" and found.run is not None,
        "undone": found.run.undone if found.run else None,
    }
    return render(request, "exchange/import_intake.html", context, status=status)


def _list(
    request: HttpRequest,
    who: Importer,
    *,
    why: str = "",
    french: bool = False,
    typed: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    signed = "" if who.scopes is None else f"compte:{who.user_id}:"
    found = list(intakes.intakes(signed=signed))
    context: dict[str, Any] = {
        "why": [why] if why else [],
        "why_french": french,
        "typed": typed or {},
        "where": "" if who.scopes is None else permissions.named(who.scopes),
        "licences": queries.licences(),
        "most_mega": MAX_BYTES // MEGA,
        "waiting": [words.line(one) for one in found if one.state not in ENDED],
        "left": [words.line(one) for one in found if one.state == "refused"][:5],
        "runs": [words.run_line(one) for one in runs.last_runs(signed=signed)],
    }
    return render(request, "exchange/imports.html", context, status=status)
