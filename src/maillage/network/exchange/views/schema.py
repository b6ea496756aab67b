"""The page of the schema, and its files."""

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.network.exchange.rules.tiers_lieux import documents
from maillage.network.exchange.rules.tiers_lieux.definition import Definition, Field, definition
from maillage.places.views.kept import kept

SPECIMEN = ("nom", "statut", "commune", "code_insee", "activites", "services", "horaires", "date_maj", "licence")
"""The cells of the first example that the page opens with."""


@kept
def schema(request: HttpRequest) -> HttpResponse:
    """Show every field of the schema, every word it allows, and where its files are."""
    told = definition()
    language = "en" if (get_language() or "fr").startswith("en") else "fr"
    context = {
        "schema": told,
        "say": fine(told.say[language]),
        "groups": [_group(told, group.code, language) for group in told.groups],
        "changes": [{"at": change, "says": [fine(line) for line in change.says[language]]} for change in told.changes],
        "files": _files(told),
        "specimen": [told.field(name) for name in SPECIMEN],
    }
    return render(request, "exchange/schema.html", context)


def fine(text: str) -> str:
    """A text of the definition, written with plain spaces for files, as French pages set it.

    >>> fine("Vide : « ouvert »") == "Vide\u202f: «\u202fouvert\u202f»"
    True
    """
    return re.sub(r" (?=[;:!?»])", "\u202f", text).replace("« ", "«\u202f")


def _group(told: Definition, code: str, language: str) -> dict[str, Any]:
    group = next(group for group in told.groups if group.code == code)
    fields = [_field(field, language) for field in told.of(code)]
    return {"code": code, "title": group.title[language], "say": fine(group.say[language]), "fields": fields}


def _field(field: Field, language: str) -> dict[str, Any]:
    return {
        "name": field.name,
        "title": field.title[language],
        "say": fine(field.say[language]),
        "kind": _kinds()[field.kind],
        "required": field.required,
        "example": field.example,
        "words": [
            {"code": word.code, "title": word.title[language], "say": fine(word.say[language])} for word in field.words
        ],
    }


def _kinds() -> Mapping[str, str]:
    return {
        "text": _("texte"),
        "html": _("texte"),
        "hours": _("horaires"),
        "url": _("adresse web"),
        "links": _("adresses web"),
        "email": _("adresse électronique"),
        "pattern": _("code"),
        "number": _("nombre"),
        "integer": _("nombre entier"),
        "boolean": _("true ou false"),
        "date": _("jour"),
        "partial_date": _("jour, mois ou année"),
        "word": _("un mot"),
        "words": _("plusieurs mots"),
        "records": _("JSON"),
    }


def _files(told: Definition) -> list[dict[str, str]]:
    says = {
        documents.TABLE: ("Table Schema", _("Pour Validata, Frictionless et les producteurs de CSV.")),
        documents.JSON: ("JSON Schema", _("Pour les programmes\u202f: version 2020-12.")),
        documents.VALID: (_("Exemple valide"), _("Trois lieux fictifs, prêts à imiter.")),
        documents.INVALID: (_("Exemple invalide"), _("Neuf lignes, neuf erreurs à reconnaître.")),
        documents.LOG: (_("Journal des versions"), _("Ce que chaque version a changé.")),
        documents.REPOSITORY: (_("Dépôt complet"), _("Un dossier prêt pour schema.data.gouv.fr.")),
    }
    return [
        {"name": name, "title": title, "say": say, "url": reverse("schema_document", args=[told.version, name])}
        for name, (title, say) in says.items()
    ]


@require_safe
def document(request: HttpRequest, version: str, document: str) -> HttpResponseBase:
    """Give one file of a published version; others may read it from their own pages."""
    told = definition()
    if version != told.version or document not in documents.FILES:
        raise Http404
    body = documents.files(told, settings.SITE_URL)[document]()
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    response = HttpResponse(body, content_type=documents.FILES[document])
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Access-Control-Allow-Origin"] = "*"
    if document == documents.REPOSITORY:
        response.headers["Content-Disposition"] = f'attachment; filename="schema-{told.name}-{version}.zip"'
    return get_conditional_response(request, etag=etag, response=response) or response
