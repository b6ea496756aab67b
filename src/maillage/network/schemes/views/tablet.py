"""The tablet at the door of a place: what it keeps to work without network, and what it sends once there is one."""

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from maillage.network.schemes.actions import redeeming
from maillage.network.schemes.queries.tablet import tablet_at
from maillage.network.schemes.views.door import CAMERA, LONGEST_SHOWN, door_page
from maillage.network.schemes.views.tablet_words import MOST_COUNTED
from maillage.network.schemes.views.wording import REFUSED
from maillage.places.permissions import Seat
from maillage.places.views.seat import seated

LONGEST_BODY = 300_000
"""Bytes that a tablet may send at once."""
_LOADED = re.compile(r'(?:href|src|data-decoder)="([^"#]+)')


@seated("host")
def keys(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What a tablet needs to judge a code without network, and the token that its next sending must carry."""
    now = timezone.now()
    told = tablet_at(seat.place, now=now).as_json()
    return JsonResponse({"now": now.isoformat(), "csrf": get_token(request), **told})


@seated("host")
def settle(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Settle what a tablet counted offline; each number has one answer, however often it is sent."""
    if request.method != "POST":
        return redirect("manage_schemes_door", seat.place.slug)
    try:
        tablet_now, counted = _counted(request)
    except ValueError as bad:
        return JsonResponse({"detail": str(bad)}, status=REFUSED)
    now = timezone.now()
    told = redeeming.settle(place=seat.place, counted=counted, tablet_now=tablet_now, by=seat.by, now=now)
    results = [{"nonce": one.nonce, "state": one.state, "said": one.said} for one in told]
    return JsonResponse({"now": now.isoformat(), "results": results})


@seated("host")
def shell(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The page of the door as a tablet keeps it: no code, no name, no half-day, no token."""
    answer = HttpResponse(_shell(request, seat))
    answer.headers["Permissions-Policy"] = CAMERA
    return answer


@seated("host")
def worker(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The service worker of one door: its own folder is all that it may answer for.

    What it keeps is named by what is in it, so that a new build, a new word or a new name is a new worker.
    """
    page = _shell(request, seat)
    files = sorted({one for one in _LOADED.findall(page) if one.startswith(settings.STATIC_URL)})
    version = hashlib.sha256(page.encode() + b"".join(map(_print_of, files))).hexdigest()[:16]
    door = reverse("manage_schemes_door", args=[seat.place.slug])
    shell_at = reverse("manage_schemes_shell", args=[seat.place.slug])
    told = {"door": door, "shell": shell_at, "version": version, "files": files}
    script = render_to_string("schemes/manage/door_worker.txt", {"told": json.dumps(told)})
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


def _shell(request: HttpRequest, seat: Seat) -> str:
    return render_to_string("schemes/manage/door.html", door_page(seat, is_shell=True, messages=()), request)


def _print_of(address: str) -> bytes:
    """What tells a static file from its next version: its bytes, or its address where that holds their print."""
    found = finders.find(address.removeprefix(settings.STATIC_URL))
    return hashlib.sha256(Path(found).read_bytes() if isinstance(found, str) else address.encode()).digest()


def _counted(request: HttpRequest) -> tuple[datetime, list[redeeming.Counted]]:
    """What a tablet sends, or ValueError with the reason."""
    if len(request.body) > LONGEST_BODY:
        raise ValueError(_("C’est trop en une fois\u202f: envoyez %(n)d passages au plus.") % {"n": MOST_COUNTED})
    unreadable = _("Cet envoi est illisible\u202f: rechargez la page d’accueil de la tablette.")
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError) as bad:
        raise ValueError(unreadable) from bad
    rows = told.get("counted") if isinstance(told, dict) else None
    tablet_now = _moment(told.get("now")) if isinstance(told, dict) else None
    if not isinstance(rows, list) or tablet_now is None:
        raise ValueError(unreadable)
    if len(rows) > MOST_COUNTED:
        raise ValueError(_("C’est trop en une fois\u202f: envoyez %(n)d passages au plus.") % {"n": MOST_COUNTED})
    read = [_one(row) for row in rows]
    if any(one is None for one in read):
        raise ValueError(unreadable)
    return tablet_now, [one for one in read if one is not None]


def _one(row: Any) -> redeeming.Counted | None:
    if not isinstance(row, dict):
        return None
    nonce, text, at = row.get("nonce"), row.get("text"), _moment(row.get("at"))
    if not isinstance(nonce, str) or not isinstance(text, str) or at is None or len(text) > LONGEST_SHOWN:
        return None
    plain = nonce.isascii() and nonce.replace("-", "").isalnum() and len(nonce) <= redeeming.LONGEST_NONCE
    return redeeming.Counted(nonce, text, at) if plain else None


def _moment(text: Any) -> datetime | None:
    """A moment with its zone, near enough to be one of a tablet."""
    try:
        found = parse_datetime(text[:40]) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo is not None and 2000 <= found.year <= 2200 else None
