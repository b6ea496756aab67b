"""What a program may write in the name of a place's team: each operation makes one call to an action."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.rules import EDIT
from maillage.api import shapes
from maillage.api.bodies import read_bytes, read_object
from maillage.api.kept import told_in_problems, written
from maillage.api.keys import Program, authenticate, unknown_key
from maillage.api.patches import read_patch
from maillage.api.problems import ProblemRaised
from maillage.api.reading import find, gone
from maillage.journal.actions import KeyReused
from maillage.journal.actions import once as journal_once
from maillage.places.actions import confirm_place
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.sheet import SheetOvertaken, edit_sheet
from maillage.places.queries.told import Told, whole

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})(?:-[0-9a-f]{1,64})?(?:;gzip)?"')
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
MERGE_PATCH = ("application/merge-patch+json", "application/json")


@told_in_problems
def edit_place(request: HttpRequest, place: str) -> HttpResponse:
    """Changer des champs de la fiche, avec la clé du lieu.

    « If-Match » porte l’ETag du lieu lu : si la fiche a changé depuis, rien n’est écrit (412).
    """
    now = timezone.now()
    program = authenticate(request, now=now)
    here = _own(program, place)
    program.must_be_able_to(EDIT)
    seen = _seen(request, here)
    values = read_patch(read_object(request, types=MERGE_PATCH), here.values)
    try:
        edit_sheet(place_id=here.id, values=values, seen=seen, by=program.by, now=now)
    except SheetOvertaken as overtaken:
        raise _overtaken(overtaken) from overtaken
    except PlaceRefused as refused:
        raise ProblemRaised("refus", str(refused)) from refused
    except PermissionDenied as lost:
        raise unknown_key() from lost
    return _place(whole(here.id))


@told_in_problems
def confirm(request: HttpRequest, place: str) -> HttpResponse:
    """Dire que la fiche est toujours exacte, avec la clé du lieu.

    Avec « Idempotency-Key », la même demande renvoyée dans la semaine reçoit la même réponse et n’écrit rien.
    """
    now = timezone.now()
    program = authenticate(request, now=now)
    here = _own(program, place)
    program.must_be_able_to(EDIT)
    body = read_bytes(request)
    if body.strip() not in (b"", b"{}"):
        raise ProblemRaised("corps", _("Cette demande n’a pas de corps."))

    def act() -> dict[str, Any]:
        confirm_place(place_id=here.id, by=program.by, now=now)
        return {"id": str(here.id), "confirmed_at": shapes.moment(now)}

    try:
        keyed = "Idempotency-Key" in request.headers
        return as_json(once(request, program, f"confirm {here.id}", now, act) if keyed else act(), 201)
    except PermissionDenied as lost:
        raise unknown_key() from lost


def once(
    request: HttpRequest, program: Program, asked: str, now: datetime, act: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Do what a program asks once under the key of its request; the key with another request is refused."""
    key = request.headers["Idempotency-Key"].strip()
    if not _KEY.fullmatch(key):
        raise ProblemRaised("requete", _("«\u202fIdempotency-Key\u202f» compte 1 à 255 signes, sans espace ni accent."))
    fingerprint = hashlib.sha256(asked.encode()).hexdigest()
    try:
        return journal_once(caller=f"cle:{program.key}", key=key, fingerprint=fingerprint, now=now, act=act)
    except KeyReused as reused:
        raise ProblemRaised("idempotence") from reused


def _own(program: Program, text: str) -> Told:
    """The place of the key; any other answers like one that does not exist."""
    found = find(text)
    if found.moved_to:
        found = find(found.moved_to)
    if found.removed and program.holds(found.removed.id):
        raise gone(found.removed)
    if found.place is None or not program.holds(found.place.id):
        raise ProblemRaised("introuvable", _("Cette clé n’est pas celle d’un lieu à cette adresse."))
    return found.place


def _seen(request: HttpRequest, here: Told) -> int:
    """The version of the sheet the program has read, which must be today's."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise ProblemRaised("condition")
    if given == "*":
        return here.version
    versions = [_ETAG.fullmatch(one.strip()) for one in given[:1000].split(",")]
    if here.version not in [int(one[1]) for one in versions if one]:
        raise ProblemRaised("depasse", extra={"version": here.version})
    return here.version


def _overtaken(overtaken: SheetOvertaken) -> ProblemRaised:
    reason = _("changé entre-temps")
    return ProblemRaised(
        "depasse", errors=[{"pointer": f"/{one.field}", "reason": reason} for one in overtaken.overtaken]
    )


def _place(told: Told | None) -> HttpResponse:
    if told is None:
        raise ProblemRaised("introuvable")
    response = as_json(shapes.whole(told), 200)
    response.headers["ETag"] = f'W/"{told.version}-{hashlib.blake2b(response.content, digest_size=8).hexdigest()}"'
    return response


def as_json(body: dict[str, Any], status: int) -> HttpResponse:
    """An answer to a write, which no cache keeps."""
    response = HttpResponse(written(body), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
