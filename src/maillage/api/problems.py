"""Errors for programs: RFC 9457 problem details, in French or in English, each of a stable type."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header

CONTENT_TYPE = "application/problem+json"
TYPES: Mapping[str, tuple[int, Any, Any]] = {
    "requete": (400, _("Demande illisible"), _("Cette demande ne suit pas le protocole\u202f: relisez son adresse.")),
    "parametres": (
        400,
        _("Paramètre non compris"),
        _("Corrigez ou retirez les paramètres nommés dans «\u202ferrors\u202f»."),
    ),
    "corps": (400, _("Corps illisible"), _("Envoyez un objet JSON, en UTF-8.")),
    "cle": (
        401,
        _("Clé de programme absente ou inconnue"),
        _(
            "Écrire demande une clé de programme, faite par l’équipe du lieu, dans l’en-tête "
            "«\u202fAuthorization: Bearer mlg_…\u202f»."
        ),
    ),
    "droit": (403, _("Cette clé ne le permet pas"), _("Demandez à l’équipe du lieu une clé qui le permette.")),
    "introuvable": (404, _("Rien à cette adresse"), _("Relisez l’adresse\u202f: rien n’y répond.")),
    "methode": (405, _("Méthode refusée"), _("L’en-tête «\u202fAllow\u202f» nomme les méthodes possibles.")),
    "refus": (409, _("Refusé par le registre"), _("Relisez le lieu, puis recommencez.")),
    "retire": (410, _("Lieu retiré du registre"), _("Effacez-le de vos copies.")),
    "position": (
        410,
        _("Position inconnue"),
        _("Cette base n’est pas celle qui a donné cette position\u202f: reprenez tout depuis une date."),
    ),
    "depasse": (
        412,
        _("Le lieu a changé entre-temps"),
        _("Relisez le lieu, puis recommencez avec son nouvel «\u202fETag\u202f»."),
    ),
    "taille": (413, _("Corps trop gros"), _("Envoyez 64\xa0Kio au plus.")),
    "format": (415, _("Format du corps refusé"), _("Envoyez «\u202fapplication/merge-patch+json\u202f».")),
    "champs": (
        422,
        _("Champ refusé"),
        _("Corrigez les champs nommés dans «\u202ferrors\u202f»\u202f: rien n’a été écrit."),
    ),
    "idempotence": (
        422,
        _("Clé d’idempotence déjà prise"),
        _("Cette clé a déjà servi à une autre demande\u202f: tirez-en une nouvelle."),
    ),
    "condition": (
        428,
        _("Version du lieu attendue"),
        _("Dites d’où vous partez\u202f: «\u202fIf-Match\u202f» avec l’«\u202fETag\u202f» du lieu lu."),
    ),
    "trop": (429, _("Trop de demandes"), _("Attendez le nombre de secondes de «\u202fRetry-After\u202f».")),
    "panne": (
        500,
        _("Panne de notre côté"),
        _("Réessayez plus tard\u202f; si cela dure, écrivez à l’exploitant du site."),
    ),
    "occupe": (
        503,
        _("Un grand territoire est déjà à l’étude"),
        _("Attendez le nombre de secondes de «\u202fRetry-After\u202f»\u202f: on n’en calcule qu’un à la fois."),
    ),
}
"""Slug of the type: its status, its title, what to do."""
_BY_STATUS = {
    400: "requete",
    403: "droit",
    404: "introuvable",
    405: "methode",
    413: "taille",
    415: "format",
    429: "trop",
}
_KEPT = ("Allow", "Retry-After", "WWW-Authenticate", "RateLimit", "RateLimit-Policy")


class ProblemRaised(Exception):
    """Something a program must mend; `errors` say where, `extra` adds members."""

    def __init__(
        self,
        kind: str,
        detail: Any = "",
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(kind)
        self.kind, self.detail, self.errors = kind, detail, errors
        self.headers, self.extra = headers or {}, extra or {}


def language_of(request: HttpRequest) -> str:
    """The language of errors: French, unless the program prefers English; cookies are not read."""
    asked = request.headers.get("Accept-Language", "")[:200]
    for code, _quality in parse_accept_lang_header(asked):
        if code[:2] in ("fr", "en"):
            return code[:2]
    return "fr"


def answer(request: HttpRequest, problem: ProblemRaised) -> HttpResponse:
    """The response that tells of a problem, in the language of the request."""
    with override(language_of(request)):
        return _answer(request, problem)


def _answer(request: HttpRequest, problem: ProblemRaised) -> HttpResponse:
    status, title, mend = TYPES[problem.kind]
    body: dict[str, Any] = {
        "type": f"/doc/api/#{problem.kind}",
        "title": str(title),
        "status": status,
        "detail": str(problem.detail or _slash(request, problem.kind) or mend),
        "instance": request.path[:500],
        **problem.extra,
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    response = JsonResponse(body, status=status, content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False})
    for name, value in problem.headers.items():
        response.headers[name] = value
    return _signed(response)


def in_place_of(request: HttpRequest, page: HttpResponseBase) -> HttpResponse:
    """The problem that says what an error page for people would have said."""
    kind = _BY_STATUS.get(page.status_code, "panne" if page.status_code >= 500 else "requete")
    headers = {name: page.headers[name] for name in _KEPT if name in page.headers}
    told = answer(request, ProblemRaised(kind, headers=headers, extra={"status": page.status_code}))
    told.status_code = page.status_code
    return told


def _slash(request: HttpRequest, kind: str) -> Any:
    """What to do about an address that no operation has because it ends with a slash."""
    if kind != "introuvable" or not request.path.endswith("/"):
        return ""
    return _("Les adresses de l’API n’ont pas de barre finale\u202f: retirez celle de la vôtre.")


def _signed(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = get_language() or "fr"
    response.headers["Vary"] = "Accept-Language"
    return response
