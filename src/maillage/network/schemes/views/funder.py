"""A funder's schemes: opened, followed, changed, stopped."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.accounts.permissions import is_operator, scope_name
from maillage.journal.actions import KeyReused
from maillage.management.billing.rules.amounts import as_typed
from maillage.network.schemes.actions import schemes as acts
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.labels import STATES
from maillage.network.schemes.permissions import Funder, funder_of, territories
from maillage.network.schemes.queries.ground import commune_names, communes_of, today_in
from maillage.network.schemes.queries.schemes import (
    accreditations_of,
    claims_of,
    referrers_of,
    schemes_of,
    statements_of,
    told,
)
from maillage.network.schemes.views.desk import funding
from maillage.network.schemes.views.wording import (
    REFUSED,
    Wrongs,
    control,
    day,
    key_of,
    mistakes,
    month,
    posted,
    sent_already,
)

NAMES = (
    *("scope", "name", "funder", "siret", "street", "postal_code", "city", "service_code", "engagement"),
    *("budget", "price", "halves", "most_passes", "starts_on", "ends_on", "least_age", "most_age"),
    *("is_first_time", "is_named"),
)
MOST_PREFILLED = 80
LONGEST_COMMUNES = 61_000


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def schemes(request: HttpRequest) -> HttpResponse:
    """Show the schemes of one's territories; all of them to who runs the site."""
    mine = territories(request.user)
    found = schemes_of(None if is_operator(request.user) else mine)
    now = timezone.now()
    context = {
        "schemes": [_line(told(one, today=today_in(one.scope, now))) for one in found],
        "may_add": bool(mine),
    }
    return render(request, "schemes/schemes.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Open a scheme for one of one's territories; a form sent twice opens it once."""
    mine = territories(request.user)
    if not mine:
        raise PermissionDenied
    if request.method != "POST":
        here = communes_of(mine[0])
        lines = "\n".join(here.values()) if len(here) <= MOST_PREFILLED else ""
        raw = {"scope": mine[0], "funder": scope_name(mine[0]) or "", "is_first_time": "1", "communes": lines}
        return _form(request, raw, mine=mine)
    raw = _typed(request)
    funder = funder_of(request.user, raw["scope"])
    if funder is None or raw["scope"] not in mine:
        wrongs = {"scope": (_("ce territoire n’est pas le vôtre"), _("choisissez-en un de la liste"))}
        return _form(request, raw, mine=mine, wrongs=wrongs)
    act: dict[str, Any] = {"scope": raw["scope"], "raw": raw, "by": funder.by, "now": timezone.now()}
    try:
        made = acts.add_scheme(**act, idempotency_key=key_of(request))
    except SchemesRefused as refused:
        return _form(request, raw, mine=mine, wrongs=refused.wrongs)
    except KeyReused:
        return _form(request, raw, mine=mine, wrongs=sent_already(), key=str(uuid4()))
    messages.success(request, _("Le dispositif est ouvert. Donnez un lien à vos relais, et agréez les lieux."))
    return redirect("scheme", made.pk)


@funding
def scheme(request: HttpRequest, funder: Funder, found: Any) -> HttpResponse:
    """Show a scheme in figures, its places, its referrers, what is to settle and what was signed."""
    return board(request, found)


@funding
def change(request: HttpRequest, funder: Funder, found: Any) -> HttpResponse:
    """Change a scheme; its price stays once a pass is out."""
    if request.method != "POST":
        return _form(request, _raw(found), found)
    raw = _typed(request)
    try:
        acts.change_scheme(scheme_id=found.pk, raw=raw, by=funder.by, now=timezone.now())
    except SchemesRefused as refused:
        return _form(request, raw, found, wrongs=refused.wrongs)
    messages.success(request, _("C’est enregistré."))
    return redirect("scheme", found.pk)


@funding
def close(request: HttpRequest, funder: Funder, found: Any) -> HttpResponse:
    """Ask once, then stop handing passes out."""
    if request.method == "POST":
        acts.close_scheme(scheme_id=found.pk, by=funder.by, now=timezone.now())
        messages.success(request, _("Plus aucun passe ne sera remis. Ceux qui le sont restent valables."))
        return redirect("scheme", found.pk)
    return render(request, "schemes/close.html", {"scheme": found})


def board(
    request: HttpRequest, found: Any, wrongs: Wrongs | None = None, raw: Mapping[str, str] | None = None, link: str = ""
) -> HttpResponse:
    """The page of a scheme as it stands, with what was refused; `link` is a referrer's, shown once."""
    wrongs, raw = wrongs or {}, raw or {}
    told_now = told(found, today=today_in(found.scope, timezone.now()))
    context = {
        "scheme": found,
        "line": _line(told_now),
        "told": told_now,
        "places": [{"one": one, "state": STATES[one.state]} for one in accreditations_of(found)],
        "referrers": referrers_of(found),
        "claims": claims_of(found),
        "statements": [{"one": one, "month": month(one.month)} for one in statements_of(found)],
        "referrer": control("name", raw.get("name"), wrongs, maxlength=120),
        "lost": control("code", raw.get("code"), wrongs, maxlength=40, autocapitalize="characters"),
        "key": key_of(request) if not link else str(uuid4()),
        "link": link,
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "schemes/scheme.html", context, status=REFUSED if wrongs else 200)


def _line(one: Any) -> dict[str, Any]:
    """A scheme as the list shows it; the bar is what is spent and what is out, in percent of the budget."""
    budget = one.scheme.budget_cents
    return {
        "scheme": one.scheme,
        "told": one,
        "days": _("du %(first)s au %(last)s") % {"first": day(one.scheme.starts_on), "last": day(one.scheme.ends_on)},
        "territory": scope_name(one.scheme.scope) or one.scheme.scope,
        "spent_share": min(100, one.spent_cents * 100 // budget),
        "out_share": min(100, one.committed_cents * 100 // budget),
    }


def _typed(request: HttpRequest) -> dict[str, str]:
    return {**posted(request, NAMES), "communes": (request.POST.get("communes") or "")[:LONGEST_COMMUNES]}


def _raw(found: Any) -> dict[str, str]:
    plain = ("name", "funder", "siret", "street", "postal_code", "city", "service_code", "engagement", "scope")
    raw = {name: str(getattr(found, name)) for name in (*plain, "halves", "most_passes")}
    raw |= {
        name: "" if getattr(found, name) is None else str(getattr(found, name)) for name in ("least_age", "most_age")
    }
    raw |= {name: getattr(found, name).isoformat() for name in ("starts_on", "ends_on")}
    raw |= {"budget": as_typed(found.budget_cents), "price": as_typed(found.price_cents)}
    raw |= {name: "1" * getattr(found, name) for name in ("is_first_time", "is_named")}
    return {**raw, "communes": "\n".join(commune_names(found.communes).values())}


def _form(
    request: HttpRequest,
    raw: Mapping[str, str],
    found: Any = None,
    *,
    mine: list[str] | None = None,
    wrongs: Wrongs | None = None,
    key: str = "",
) -> HttpResponse:
    wrongs = wrongs or {}

    scopes = [(scope, scope_name(scope) or scope) for scope in mine or []]
    context = {
        "scheme": found,
        "key": key or key_of(request),
        **_controls(raw, wrongs, scopes),
        "scope": raw.get("scope", "") if len(scopes) == 1 else "",
        "is_first_time": raw.get("is_first_time"),
        "is_named": raw.get("is_named"),
        "wrong": bool(wrongs),
        "mistakes": mistakes(wrongs),
    }
    return render(request, "schemes/form.html", context, status=REFUSED if wrongs else 200)


def _controls(raw: Mapping[str, str], wrongs: Wrongs, scopes: list[tuple[str, str]]) -> dict[str, list[dict[str, Any]]]:
    """The controls of a scheme: what it gives, for whom, who pays."""

    def line(name: str, **more: Any) -> dict[str, Any]:
        return control(name, raw.get(name), wrongs, **more)

    money = {"inputmode": "decimal", "maxlength": 20, "required": "required"}
    whole = {"inputmode": "numeric", "maxlength": 6}
    return {
        "what": [
            *([line("scope", kind="select", choices=scopes)] if len(scopes) > 1 else []),
            line("name", maxlength=120, required="required"),
            line("budget", **money),
            line("price", **money),
            line("halves", **whole),
            line("most_passes", **whole),
            line("starts_on", type="date"),
            line("ends_on", type="date"),
        ],
        "whom": [
            line(
                "communes",
                kind="area",
                rows=6,
                hint=_("Une par ligne, par son nom ou son code Insee. Vide\u202f: d’où que l’on vienne."),
            ),
            line("least_age", **whole),
            line("most_age", **whole),
        ],
        "payer": [
            line("funder", maxlength=200, required="required"),
            line("siret", inputmode="numeric", maxlength=20, required="required"),
            line("street", maxlength=200),
            line("postal_code", inputmode="numeric", maxlength=5),
            line("city", maxlength=100),
            line("service_code", maxlength=100),
            line("engagement", maxlength=50),
        ],
    }
