"""The sources that are followed: what each gave, which one asks, the way to add one."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from maillage.network.exchange import formats, labels
from maillage.network.exchange.actions import pulls as acts
from maillage.network.exchange.actions.pulls import PullRefused, Wanted
from maillage.network.exchange.permissions import importer
from maillage.network.exchange.queries import pulls as queries
from maillage.network.exchange.queries import recipes
from maillage.network.exchange.rules.reports import FileRefused
from maillage.places.labels import say
from maillage.places.views.wording import clock, day_in_words

NAMES = ("address", "name", "read", "every", "source", "licence")
KEPT = "recette:"
REFUSED = 422


def operated(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let in who runs the site, and tell the view how what they do is signed."""
    answers = require_http_methods(["GET", "HEAD", "POST"])(view)

    @never_cache
    @login_required
    @wraps(view)
    def seen(request: HttpRequest, **given: Any) -> HttpResponse:
        found = importer(request.user)
        if found is None or found.scopes is not None:
            raise PermissionDenied
        return answers(request, by=found.by, **given)

    return seen


@operated
def pulls(request: HttpRequest, by: str) -> HttpResponse:
    """Show the sources that are followed, and follow another."""
    if request.method != "POST":
        return _list(request, {"every": "daily"})
    raw = {name: request.POST.get(name, "").replace("\x00", "")[:4_000] for name in NAMES}
    try:
        found = acts.add_pull(wanted=_wanted(raw, bool(request.POST.get("all"))), by=by, now=timezone.now())
        acts.ask_reading(pull_id=found.pk, by=by, now=timezone.now())
    except (PullRefused, FileRefused) as refused:
        return _list(request, raw, why=say(refused.args[0]), status=REFUSED)
    messages.success(request, _("Cette source est suivie\u202f: sa première lecture commence."))
    return redirect("pull", found.pk)


@operated
def pull(request: HttpRequest, by: str, pull: int) -> HttpResponse:
    """Show one source, and do what is asked of it: read it, pause it, answer its question."""
    found = queries.pull_of(pull)
    if found is None:
        raise Http404
    if request.method == "POST":
        _act(request, found.pk, by)
        return redirect("pull", found.pk)
    context = {"pull": _told(found), "reports": [_report(one) for one in queries.reports_of(found)]}
    return render(request, "exchange/pull.html", context | {"offline": settings.OFFLINE})


@operated
def stop(request: HttpRequest, by: str, pull: int) -> HttpResponse:
    """Ask once, then follow a source no longer."""
    found = queries.pull_of(pull)
    if found is None:
        raise Http404
    if request.method != "POST":
        return render(request, "exchange/pull_stop.html", {"pull": _told(found)})
    acts.stop_pull(pull_id=found.pk, by=by, now=timezone.now())
    messages.success(request, _("Cette source n’est plus suivie\u202f: les lieux qu’elle a donnés restent."))
    return redirect("pulls")


def _act(request: HttpRequest, pull_id: int, by: str) -> None:
    asked: dict[str, Any] = {"pull_id": pull_id, "by": by, "now": timezone.now()}
    if "lire" in request.POST:
        acts.ask_reading(**asked)
        messages.info(request, _("Sa lecture commence\u202f: rechargez cette page dans un instant."))
    elif "pause" in request.POST:
        acts.pause_pull(**asked)
        messages.success(request, _("Cette source est en pause\u202f: elle n’est plus lue."))
    elif "reprendre" in request.POST:
        acts.resume_pull(**asked)
        messages.success(request, _("Cette source est de nouveau lue, dès ce tour-ci."))
    elif "entrer" in request.POST:
        acts.answer_pull(**asked, enter=True)
        acts.ask_reading(**asked)
        messages.success(request, _("Ce fichier entrera tel quel\u202f: sa lecture commence."))
    elif "attendre" in request.POST:
        acts.answer_pull(**asked, enter=False)
        messages.success(request, _("Rien n’entre. On attend que la source change de fichier."))


def _wanted(raw: Mapping[str, str], all_places: bool) -> Wanted:
    read = raw["read"]
    return Wanted(
        address=raw["address"],
        name=raw["name"],
        format="" if read.startswith(KEPT) else read,
        recipe=read.removeprefix(KEPT) if read.startswith(KEPT) else "",
        source=raw["source"],
        licence=raw["licence"],
        every=raw["every"] or "daily",
        all_places=all_places,
    )


def _list(request: HttpRequest, raw: Mapping[str, str], *, why: str = "", status: int = 200) -> HttpResponse:
    read = [{"code": name, "label": labels.words_of(known).title} for name, known in formats.READ.items()]
    context = {
        "pulls": [_told(one) for one in queries.pulls()],
        "raw": raw,
        "why": why,
        "all": bool(request.POST.get("all")),
        "formats": [one for one in read if one["code"] != "columns"],
        "recipes": [{"code": f"{KEPT}{one.name}", "label": one.name} for one in recipes.recipes()],
        "offline": settings.OFFLINE,
    }
    return render(request, "exchange/pulls.html", context, status=status)


def _told(found: Any) -> dict[str, Any]:
    """A source in words: where, how often, what it last gave, what it asks, what stands in the way since when."""
    asks = found.state == "asking"
    return {
        "pk": found.pk,
        "name": found.name,
        "host": urlsplit(found.address).hostname or "",
        "address": found.address,
        "state": found.state,
        "is_weekly": found.every == "weekly",
        "read_as": found.recipe or (labels.words_of(formats.READ[found.format]).title if found.format else ""),
        "source": found.source,
        "licence": found.licence,
        "rows": found.rows,
        "asked_rows": found.asked_rows,
        "seen": _moment(found.last_seen_at),
        "entered": _moment(found.last_entered_at),
        "next": _moment(found.next_run_at),
        "since": _moment(found.failing_since),
        "problem": labels.pull_problem(found.last_problem, found.problem_detail) if found.last_problem else "",
        "is_waiting": bool(found.waited_hash),
        "doubt": labels.doubt_said(
            found.doubt, name=found.name, before=found.rows, rows=found.asked_rows or 0, columns=found.asked_columns
        )
        if asks
        else "",
    }


def _moment(when: Any) -> str:
    """« lundi 23 novembre 2026 à 2 h 15 »; empty for never."""
    if when is None:
        return ""
    here = timezone.localtime(when)
    return _("%(day)s à %(time)s") % {"day": day_in_words(here, "l j F Y"), "time": clock(here)}


def _report(one: Any) -> dict[str, Any]:
    counts = one.counts
    if one.outcome == "asked":
        says = _("%(before)d lieux avant, %(rows)d cette nuit-là\u202f: une question vous a été posée.") % {
            "before": counts["before"],
            "rows": counts["rows"],
        }
    elif one.outcome == "failed":
        says = labels.pull_problem(str(counts.get("problem", "")), str(counts.get("detail", "")))
    else:
        says = _entered(counts)
    return {
        "when": _moment(one.at),
        "outcome": one.outcome,
        "says": says,
        "gone": one.gone,
        "more_gone": max(0, counts.get("gone", 0) - len(one.gone)),
        "gone_says": _gone(counts.get("gone", 0)),
    }


def _entered(counts: Mapping[str, int]) -> str:
    told = [
        ngettext("%(n)d ligne", "%(n)d lignes", counts["rows"]) % {"n": counts["rows"]},
        ngettext("%(n)d lieu créé", "%(n)d lieux créés", counts["created"]) % {"n": counts["created"]},
        ngettext("%(n)d modifié", "%(n)d modifiés", counts["changed"]) % {"n": counts["changed"]},
        ngettext("%(n)d inchangé", "%(n)d inchangés", counts["unchanged"]) % {"n": counts["unchanged"]},
    ]
    if refused := counts["refused"]:
        told.append(ngettext("%(n)d ligne refusée", "%(n)d lignes refusées", refused) % {"n": refused})
    if asked := counts["candidates"]:
        told.append(ngettext("%(n)d doublon à trancher", "%(n)d doublons à trancher", asked) % {"n": asked})
    return ", ".join(told) + "."


def _gone(count: int) -> str:
    if not count:
        return ""
    return ngettext("%(n)d lieu n’est plus dans la source.", "%(n)d lieux ne sont plus dans la source.", count) % {
        "n": count
    }
