"""The validator: a file or a text is checked against a schema, and forgotten."""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from allauth.core.internal import ratelimit
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from maillage.network.exchange import formats
from maillage.network.exchange.formats.format import Document, Format
from maillage.network.exchange.labels import words_of
from maillage.network.exchange.rules import decoding
from maillage.network.exchange.rules.neutral import neutralise
from maillage.network.exchange.rules.reports import FileRefused, RowProblem
from maillage.network.exchange.rules.tables import open_table
from maillage.network.exchange.views.uploads import MOST_BYTES, Held
from maillage.places.labels import say

PER_MINUTE = {"check": "60/m/ip"}
SHOWN = 200
TOLD = 5_000
SALT = "maillage.exchange.problems"
GUESS = "deviner"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: the format it was held to, how many rows, each problem."""

    known: Format
    name: str
    rows: int
    problems: list[RowProblem] = field(default_factory=list)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def validate(request: HttpRequest) -> HttpResponse:
    """Check a file; nothing is written, nobody need be known, so that no token is asked for either."""
    if request.method != "POST":
        return _page(request)
    if not ratelimit.consume(request, app="maillage.exchange", action="check", config=PER_MINUTE):
        return _page(
            request, refused=_("Trop de vérifications en une minute\u202f: reprenez dans un instant."), status=429
        )
    length = request.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 10 and int(length) <= MOST_BYTES + 65_536):
        return _page(request, refused=_too_heavy(), status=413)
    request.upload_handlers = [Held(request)]
    sent = request.FILES.get("fichier")
    pasted = request.POST.get("texte", "")
    chosen = request.POST.get("schema", GUESS)[:40]
    if sent is None and not pasted.strip():
        refused = _("Choisissez un fichier, ou collez ses lignes\u202f: il n’y a rien à vérifier.")
        return _page(request, chosen=chosen, refused=refused, status=422)
    data, name = (sent.read(), sent.name or "") if sent else (pasted.encode("utf-8", "replace"), "")
    try:
        verdict = _checked(data, name[:200], chosen)
    except FileRefused as problem:
        return _page(request, chosen=chosen, pasted=pasted, refused=str(problem), french=True, status=422)
    return _page(request, chosen=verdict.known.name, pasted=pasted, verdict=verdict)


def _too_heavy() -> str:
    return _("Plus de 5 Mo\u202f: vérifiez ce fichier avec «\u202fmaillage validate\u202f», sur votre machine.")


def _checked(data: bytes, name: str, chosen: str) -> Verdict:
    decoded = decoding.text_of(data, name)
    known = formats.CHECKED.get(chosen) or _guessed(decoded.text)
    assert known.check is not None
    problems = [*decoded.warnings, *known.check(Document(name, decoded.text))]
    return Verdict(known, name, _rows(decoded.text), sorted(problems, key=lambda problem: problem.line))


def _guessed(text: str) -> Format:
    found = formats.detect(text)
    if found.check is None:
        listed = " ; ".join(known.title for known in formats.CHECKED.values())
        raise FileRefused(
            f"Ce fichier est au format « {found.title} », qui n’a pas de vérification. Schémas : {listed}."
        )
    return found


def _rows(text: str) -> int:
    if text.lstrip()[:1] in ("{", "["):
        return 0
    return len([line for line in open_table(text).lines if line.strip()])


def _page(request: HttpRequest, *, status: int = 200, verdict: Verdict | None = None, **told: Any) -> HttpResponse:
    context: dict[str, Any] = {
        "schemas": [{"code": GUESS, "title": _("Deviner d’après les colonnes")}]
        + [{"code": name, "title": words_of(known).title} for name, known in formats.CHECKED.items()],
        "chosen": request.GET.get("schema", GUESS)[:40],
        **told,
    }
    if verdict is not None:
        context |= _result(verdict)
    return render(request, "exchange/validate.html", context, status=status)


def _result(verdict: Verdict) -> dict[str, Any]:
    rows = [_told(problem) for problem in verdict.problems]
    errors = [problem for problem in verdict.problems if not problem.warning]
    columns = Counter(problem.column for problem in verdict.problems)
    return {
        "verdict": verdict,
        "title": words_of(verdict.known).title,
        "valid": not errors,
        "errors": len(errors),
        "warnings": len(rows) - len(errors),
        "wrong_rows": len({problem.line for problem in errors}),
        "columns": columns.most_common(12),
        "problems": rows[:SHOWN],
        "more": max(0, len(rows) - SHOWN),
        "signed": signing.dumps([list(row.values()) for row in rows[:TOLD]], salt=SALT, compress=True) if rows else "",
    }


def _told(problem: RowProblem) -> dict[str, Any]:
    return {
        "line": problem.line,
        "column": problem.column,
        "value": problem.value,
        "problem": say(problem.problem),
        "mend": say(problem.mend),
        "warning": problem.warning,
    }


@csrf_exempt
@never_cache
@require_POST
def problems_csv(request: HttpRequest) -> HttpResponse:
    """Give the problems of the last check as a table: the page itself holds them, signed, the site does not."""
    try:
        rows = signing.loads(request.POST.get("problemes", ""), salt=SALT, max_age=86_400)
    except signing.BadSignature:
        refused = _("Ces problèmes ne viennent pas d’ici, ou datent d’hier\u202f: vérifiez le fichier à nouveau.")
        return _page(request, refused=refused, status=422)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_("ligne"), _("colonne"), _("valeur"), _("problème"), _("comment réparer"), _("gravité")])
    for line, column, value, problem, mend, warning in rows:
        weight = _("à regarder") if warning else _("erreur")
        writer.writerow([line, *(neutralise(text) for text in (column, value, problem, mend)), weight])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="problemes.csv"'
    return response
