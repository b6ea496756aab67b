"""Who may read the figures of a place: given, seen, ended by the place; read by whom they were given to."""

from itertools import dropwhile
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from maillage.accounts.rules import RUN
from maillage.journal.actions import KeyReused
from maillage.management.people.labels import KINDS
from maillage.network.clearance.actions import granting as acts
from maillage.network.clearance.actions.granting import PERSON, AccessOver, HelpRefused
from maillage.network.clearance.labels import FIELDS, SHARES
from maillage.network.clearance.queries import grants as queries
from maillage.network.clearance.queries.helping import edits_by_observers, readers_for
from maillage.network.clearance.queries.shown import LEAST_ACTS, LEAST_SHOWN
from maillage.network.clearance.rules.helping import ACCOUNTS, MEMBERS, read_grant
from maillage.network.clearance.views import help_words as words
from maillage.network.schemes.views.wording import key_of, sent_already
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated
from maillage.places.views.wording import day_in_words, moment_in_words

OVER = 403


@seated("host")
def accesses(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show who reads what until when, and who has read; who runs the place shows its figures to somebody."""
    if request.method != "POST":
        return _page(request, seat, {}, [], {})
    if not seat.may(RUN):
        raise PermissionDenied
    raw, key = words.typed(request, ("reader", "email", "days")), key_of(request)
    shares = words.ticked(request, "shares")
    asked = read_grant(raw, shares=shares)
    try:
        acts.give(place=seat.place, asked=asked, email=raw["email"][:254], by=seat.by, now=timezone.now(), key=key)
    except HelpRefused as refused:
        return _page(request, seat, raw, shares, refused.wrongs, key)
    except KeyReused:
        return _page(request, seat, raw, shares, sent_already())
    messages.success(request, _("C’est ouvert, en lecture seule. Vous y mettez fin quand vous voulez."))
    return redirect("manage_access", seat.place.slug)


@seated("run")
def access_end(request: HttpRequest, seat: Seat, grant: int) -> HttpResponse:
    """End an access at once."""
    if queries.grant_of(seat.place, grant) is None:
        raise Http404
    if request.method == "POST":
        acts.end(place=seat.place, grant_id=grant, by=seat.by, now=timezone.now())
        messages.success(request, _("C’est fini\u202f: ces chiffres ne s’ouvrent plus."))
    return redirect("manage_access", seat.place.slug)


@never_cache
@login_required
@require_safe
def shared_with_me(request: HttpRequest) -> HttpResponse:
    """Show whoever asks the figures that places show them."""
    found = [words.granted(one) for one in queries.shown_to(_reader(request), now=timezone.now())]
    return render(request, "clearance/help/shared_with_me.html", {"grants": found})


@never_cache
@login_required
@require_safe
def shared(request: HttpRequest, grant: int) -> HttpResponse:
    """Show the figures of a place to whom it gave them; that they were read is written first."""
    now = timezone.now()
    try:
        read = acts.read(grant_id=grant, user=_reader(request), now=now)
    except AccessOver:
        return render(request, "clearance/help/over.html", status=OVER)
    except PermissionDenied as none:
        raise Http404 from none
    place = read.grant.place
    where = place.commune.departement_id if place.commune else None
    context = {
        "place": place,
        "grant": words.granted(read.grant),
        "when": moment_in_words(now, where),
        "least": LEAST_SHOWN,
        "acts": LEAST_ACTS,
        "parts": [_part(share, found) for share, found in read.figures.items()],
    }
    return render(request, "clearance/help/shared.html", context)


def _reader(request: HttpRequest) -> Any:
    return request.user


def _part(share: str, found: Any) -> dict[str, Any]:
    if share == ACCOUNTS:
        return {"share": share, "title": SHARES[share], "years": found}
    if share == MEMBERS:
        rows = [{"label": KINDS.get(one.label, one.label), "count": one.count} for one in found]
        return {"share": share, "title": SHARES[share], "rows": rows}
    kept = list(dropwhile(lambda one: one.is_unknown, found))
    last = found[-1].first
    rows = [{"month": day_in_words(one.first, "N Y"), "one": one, "is_current": one.first == last} for one in kept]
    return {"share": share, "title": SHARES[share], "rows": rows}


def _page(
    request: HttpRequest, seat: Seat, raw: dict[str, str], shares: list[str], wrongs: words.Wrongs, key: str = ""
) -> HttpResponse:
    held = queries.grants_of(seat.place, now=timezone.now())
    readers = [
        {"code": one.code, "name": one.name if one.network else _("Qui observe\u202f: %(where)s") % {"where": one.name}}
        for one in readers_for(seat.place)
    ]
    readers.append({"code": PERSON, "name": _("Une personne, par son adresse")})
    context = {
        "seat": seat,
        "may_run": seat.may(RUN),
        "grants": [words.granted(one) for one in held.now],
        "over": [words.granted(one) for one in held.over],
        "readings": words.readings(queries.readings_of(seat.place)),
        "edits": edits_by_observers(seat.place),
        "readers": [{**one, "on": one["code"] == raw.get("reader")} for one in readers],
        "email": raw.get("email", ""),
        "shares": words.choices_of_shares(shares),
        "days": words.choices_of_days(raw.get("days", "")),
        "labels": FIELDS,
        "key": key or str(uuid4()),
        **words.mistakes(wrongs),
    }
    return render(request, "clearance/help/accesses.html", context, status=words.REFUSED if wrongs else 200)
