"""The mapping assistant: one select per column, what its values look like, recipes that served before."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.network.exchange import permissions, queries
from maillage.network.exchange.actions import intake as acts
from maillage.network.exchange.actions.intake import IntakeRefused
from maillage.network.exchange.actions.recipes import save_recipe
from maillage.network.exchange.permissions import Importer
from maillage.network.exchange.queries import intakes
from maillage.network.exchange.queries.intakes import Columns
from maillage.network.exchange.rules.intakes import ENDED, TRY, WORKING
from maillage.network.exchange.rules.mapping.correspondence import Correspondence, checked, from_data
from maillage.network.exchange.rules.reports import FileRefused
from maillage.network.exchange.views import import_words as words
from maillage.network.exchange.views.importing import asked, given, importer_or_refuse, intake_or_404, intake_page

UNREADABLE = 422
MOST_COLUMNS = 200


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, intake: int) -> HttpResponse:
    """Ask which column tells what, with all that the file and the past suggest; then try it."""
    who = importer_or_refuse(request)
    found = intake_or_404(who, intake)
    if found.state in (*ENDED, *WORKING):
        return redirect("import_intake", found.pk)
    try:
        told = intakes.columns_of(found)
    except FileRefused as gone:
        return intake_page(request, who, found, why=str(gone), status=UNREADABLE)
    if request.method != "POST":
        return _page(request, who, found, told, _chosen(request, found, told))
    chosen = _typed(request, told)
    why = _lacking(chosen, request)
    name = " ".join(request.POST.get("recette", "").split())
    try:
        if not why:
            _kept(request, found, told, chosen, name, who)
            asked(found.pk, TRY, who)
            return redirect("import_intake", found.pk)
    except FileRefused as refused:
        why = [str(refused)]
    except IntakeRefused as refused:
        messages.info(request, str(refused))
        return redirect("import_intake", found.pk)
    return _page(request, who, found, told, chosen, why=why, status=UNREADABLE)


def _chosen(request: HttpRequest, found: Any, told: Columns) -> Correspondence:
    """A recipe asked for, what was said before, the recipe that served last for these columns, or what they suggest."""
    wanted = request.GET.get("recette", "")
    for one in told.recipes:
        if one.name == wanted:
            return one.correspondence
    if found.mapping:
        return from_data(found.mapping)
    return told.recipes[0].correspondence if told.recipes and "recette" not in request.GET else _suggested(told)


def _suggested(told: Columns) -> Correspondence:
    return told.proposed.correspondence


def _typed(request: HttpRequest, told: Columns) -> Correspondence:
    """What the selects say; a field that we do not have is left out."""
    said: dict[str, tuple[str, ...]] = {}
    for position, column in enumerate(told.header[:MOST_COLUMNS]):
        field = request.POST.get(f"colonne-{position}", "")[:40]
        if field in words.FIELDS:
            said[field] = (*said.get(field, ()), column)
    words_of = next((one.correspondence.words for one in told.recipes if one.correspondence.columns == said), {})
    try:
        return checked(said, words_of)
    except FileRefused:
        return Correspondence({})


def _lacking(chosen: Correspondence, request: HttpRequest) -> list[str]:
    told = set(chosen.columns)
    where = "point" in told or {"lat", "lon"} <= told or "commune" in told or {"city", "postal_code"} <= told
    why = []
    if "name" not in told:
        why.append(_("Dites quelle colonne donne le nom du lieu\u202f: sans lui, aucun lieu n’entre."))
    if not where:
        why.append(
            _(
                "Dites où sont les lieux\u202f: latitude et longitude, code Insee de la commune, "
                "ou ville et code postal."
            )
        )
    if not request.POST.get("licence", "").strip():
        why.append(_("Dites sous quelle licence est ce fichier\u202f: sans elle, on ne sait qu’en faire."))
    return why


def _kept(request: HttpRequest, found: Any, told: Columns, chosen: Correspondence, name: str, who: Importer) -> None:
    now, typed = timezone.now(), given(request)
    acts.describe(intake_id=found.pk, correspondence=chosen, by=who.by, now=now, **typed)
    if name:
        said = {"source": typed["source"] or found.name, "licence": typed["licence"]}
        save_recipe(name=name, header=told.header, correspondence=chosen, by=who.by, now=now, **said)


def _page(
    request: HttpRequest,
    who: Importer,
    found: Any,
    told: Columns,
    chosen: Correspondence,
    *,
    why: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    field_of = {column: field for field, names in chosen.columns.items() for column in names}
    reasons = {one.column: one for one in told.proposed.proposals}
    is_post = request.method == "POST"
    recipe = next((one for one in told.recipes if one.correspondence.columns == chosen.columns), None)
    context: dict[str, Any] = {
        "intake": found,
        "facts": words.facts(found),
        "why": why or [],
        "rows": [
            {
                "position": position,
                "column": column,
                "samples": told.samples.get(column, ()),
                "field": field_of.get(column, ""),
                "sure": words.sureness(reasons[column]) if column in reasons else "",
            }
            for position, column in enumerate(told.header[:MOST_COLUMNS])
        ],
        "more": max(0, len(told.header) - MOST_COLUMNS),
        "fields": words.field_choices(),
        "hints": told.proposed.hints,
        "unknown": words.unknown(told.proposed.unknown),
        "recipes": told.recipes,
        "recipe": recipe,
        "recipe_typed": request.POST.get("recette", "")[:80] if is_post else "",
        "source": request.POST.get("source", "") if is_post else found.source or (recipe.source if recipe else ""),
        "licence": request.POST.get("licence", "") if is_post else found.licence or (recipe.licence if recipe else ""),
        "licences": queries.licences(),
        "where": "" if who.scopes is None else permissions.named(who.scopes),
    }
    return render(request, "exchange/import_columns.html", context, status=status)
