"""The photos of a place: added, described, ordered, removed and put back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.accounts.rules import EDIT
from maillage.places.actions.photos import (
    AlreadyThere,
    Given,
    add_photos,
    describe_photo,
    move_photo,
    remove_photo,
    restore_photo,
)
from maillage.places.labels import say
from maillage.places.permissions import Seat
from maillage.places.queries.album import album, photo_of
from maillage.places.rules.photos import (
    ALT_LENGTH,
    CREDIT_LENGTH,
    KEPT_AFTER_REMOVAL,
    LICENCES,
    MAX_PER_PLACE,
    TOO_HEAVY,
    PhotoRefused,
    small_name,
    small_size,
)
from maillage.places.views.photos import send
from maillage.places.views.seat import seated
from maillage.places.views.uploads import MOST_FILES, too_heavy


@dataclass
class Slot:
    """One photo of the form: its file, what it shows, and what is wrong with it."""

    number: int
    file: Any = None
    alt: str = ""
    heavy: bool = False
    there: int | None = None
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def given(self) -> bool:
        return bool(self.file or self.heavy or self.alt)


@seated("look")
def photos(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the photos; who may, adds new ones, each with its own words."""
    now = timezone.now()
    if request.method == "POST" and not seat.may(EDIT):
        raise PermissionDenied
    if request.method != "POST":
        return _album(request, seat, [Slot(n) for n in range(1, MOST_FILES + 1)], now=now)
    slots, shared = _read(request)
    if not _all_said(slots, shared):
        return _album(request, seat, slots, shared, now=now, status=422)
    asked = [slot for slot in slots if slot.given]
    given = [Given(slot.file.read, slot.alt, shared["credit"], shared["licence"]) for slot in asked]
    try:
        told = add_photos(place_id=seat.place.pk, photos=given, by=seat.by, now=now)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    for slot, outcome in zip(asked, told, strict=True):
        if isinstance(outcome, PhotoRefused):
            slot.problems[outcome.field] = say(outcome.message)
        elif isinstance(outcome, AlreadyThere):
            slot.there = outcome.key
            slot.problems["file"] = _("Cette photo est déjà sur la fiche\u202f: rien n’a été ajouté ni changé.")
    if added := len([slot for slot in asked if not slot.problems]):
        messages.success(request, ngettext("Photo ajoutée.", "%(n)s photos ajoutées.", added) % {"n": added})
    if added == len(asked):
        return redirect("manage_photos", seat.place.slug)
    left = [Slot(n) for n in range(1, MOST_FILES + 1)]
    for n, slot in enumerate(slot for slot in asked if slot.problems):
        left[n].alt, left[n].problems, left[n].there = slot.alt, slot.problems, slot.there
    return _album(request, seat, left, shared, now=now, status=422)


@seated("edit")
def photo(request: HttpRequest, seat: Seat, photo: int) -> HttpResponse:
    """Say otherwise what a photo shows, or move it in the row."""
    shown = photo_of(seat.place.pk, photo)
    if shown is None or shown.removed_at:
        raise Http404
    said = {"alt": shown.alt, "credit": shown.credit, "licence": shown.licence}
    problems: dict[str, str] = {}
    if request.method == "POST":
        act = {"place_id": seat.place.pk, "photo_id": photo, "by": seat.by, "now": timezone.now()}
        if "move" in request.POST:
            return _changed(seat, move_photo, act | {"up": request.POST["move"] == "up"}, f"#photo-{photo}")
        said = {name: request.POST.get(name, "") for name in said}
        try:
            if said["licence"] not in (*LICENCES, shown.licence):
                raise PhotoRefused(_("Choisissez l’une des licences proposées."), field="licence")
            answer = _changed(seat, describe_photo, act | said, f"#photo-{photo}")
        except PhotoRefused as refused:
            problems[refused.field] = say(refused.message)
        else:
            messages.success(request, _("Photo mise à jour."))
            return answer
    context = {
        "seat": seat,
        "photo": _shown(seat, shown),
        "shared": said,
        "problems": problems,
        "wrongs": [_wrong(name, name, problem) for name, problem in problems.items()],
        "licences": dict.fromkeys((*LICENCES, shown.licence)),
        "alt_length": ALT_LENGTH,
        "credit_length": CREDIT_LENGTH,
    }
    return render(request, "places/manage/photo.html", context, status=422 if problems else 200)


@seated("edit")
def remove(request: HttpRequest, seat: Seat, photo: int) -> HttpResponse:
    """Take a photo out of sight; the page of photos puts it back."""
    if request.method == "POST":
        act = {"place_id": seat.place.pk, "photo_id": photo, "by": seat.by, "now": timezone.now()}
        answer = _changed(seat, remove_photo, act, "#removed")
        messages.success(request, _("Photo retirée\u202f: personne ne la voit plus. Vous pouvez la remettre plus bas."))
        return answer
    return redirect("manage_photos", seat.place.slug)


@seated("edit")
def restore(request: HttpRequest, seat: Seat, photo: int) -> HttpResponse:
    """Put a removed photo back."""
    if request.method == "POST":
        act = {"place_id": seat.place.pk, "photo_id": photo, "by": seat.by, "now": timezone.now()}
        try:
            answer = _changed(seat, restore_photo, act, f"#photo-{photo}")
        except PhotoRefused as refused:
            messages.error(request, say(refused.message))
        else:
            messages.success(request, _("Photo remise\u202f: elle est de nouveau sur la fiche."))
            return answer
    return redirect("manage_photos", seat.place.slug)


@seated("look")
def image(request: HttpRequest, seat: Seat, photo: int) -> HttpResponseBase:
    """Send a photo of this place to its team, and a removed one to those who may put it back."""
    found = photo_of(seat.place.pk, photo)
    if found is None or (found.removed_at and not seat.may(EDIT)):
        raise Http404
    return send(small_name(str(found.file)))


def _changed(seat: Seat, action: Any, act: dict[str, Any], anchor: str) -> HttpResponse:
    """Do one act on a photo of this place, and go back to the photos."""
    try:
        action(**act)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    return redirect(reverse("manage_photos", args=[seat.place.slug]) + anchor)


def _read(request: HttpRequest) -> tuple[list[Slot], dict[str, str]]:
    files = request.FILES
    heavy = too_heavy(request)
    slots = [
        Slot(n, files.get(f"file-{n}"), request.POST.get(f"alt-{n}", "").strip(), f"file-{n}" in heavy)
        for n in range(1, MOST_FILES + 1)
    ]
    if not any(slot.given for slot in slots):
        slots[0].problems["file"] = _("Choisissez une photo.")
    for slot in slots:
        if slot.heavy:
            slot.problems["file"] = say(TOO_HEAVY)
        elif slot.alt and not slot.file:
            slot.problems["file"] = _("Choisissez la photo qui va avec cette description.")
    shared = {name: request.POST.get(name, "").strip() for name in ("credit", "licence", "people")}
    return slots, shared


def _all_said(slots: list[Slot], shared: dict[str, str]) -> bool:
    """Check what every photo of the form needs; problems of the whole are kept in `shared`."""
    if shared["licence"] not in LICENCES:
        shared["licence_problem"] = _("Choisissez l’une des licences proposées.")
    if len(shared["credit"]) > CREDIT_LENGTH:
        shared["credit_problem"] = _("Le crédit dépasse 200 signes : donnez le nom, sans plus.")
    if not shared["people"]:
        shared["people_problem"] = _("Cochez cette case si c’est bien le cas\u202f; sinon, prenez une autre photo.")
    whole = not any(name.endswith("_problem") for name in shared)
    return whole and not any(slot.problems for slot in slots)


def _album(
    request: HttpRequest,
    seat: Seat,
    slots: list[Slot],
    shared: dict[str, str] | None = None,
    *,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    kept = album(seat.place.pk, now=now)
    context = {
        "seat": seat,
        "shown": [_shown(seat, one) for one in kept.shown],
        "removed": [_shown(seat, one) for one in kept.removed] if seat.may(EDIT) else [],
        "may_edit": seat.may(EDIT),
        "most": MAX_PER_PLACE,
        "full": len(kept.shown) >= MAX_PER_PLACE,
        "first": slots[0],
        "more": slots[1:],
        "more_open": any(slot.given or slot.problems for slot in slots[1:]),
        "shared": shared or {"credit": "", "licence": LICENCES[0], "people": ""},
        "licences": LICENCES,
        "alt_length": ALT_LENGTH,
        "credit_length": CREDIT_LENGTH,
        "wrongs": list(_wrongs(slots, shared or {})),
    }
    return render(request, "places/manage/photos.html", context, status=status)


def _wrongs(slots: list[Slot], shared: dict[str, str]) -> Iterator[dict[str, str]]:
    """What is wrong with a form, in its order: each with the control it is about."""
    for slot in slots:
        for name, problem in slot.problems.items():
            yield _wrong(f"{name}-{slot.number}", name, problem, slot.number)
    for name in ("credit", "licence", "people"):
        if f"{name}_problem" in shared:
            yield _wrong(name, name, shared[f"{name}_problem"])


def _wrong(control: str, name: str, problem: str, number: int = 1) -> dict[str, str]:
    label = {
        "file": _("La photo"),
        "alt": _("Ce que montre la photo"),
        "credit": _("Crédit (facultatif)"),
        "licence": _("Licence\u202f: ce que les autres peuvent en faire"),
        "people": _("Les personnes reconnaissables"),
    }[name]
    if number > 1:
        label = _("Photo n°\xa0%(n)s, %(what)s") % {"n": number, "what": label[:1].lower() + label[1:]}
    return {"control": control, "label": label, "problem": problem}


def _shown(seat: Seat, photo: Any) -> dict[str, Any]:
    width, height = small_size(photo.width, photo.height)
    return {
        "pk": photo.pk,
        "alt": photo.alt,
        "credit": photo.credit,
        "licence": photo.licence,
        "width": width,
        "height": height,
        "image": reverse("manage_photo_file", args=[seat.place.slug, photo.pk]),
        "until": photo.removed_at and photo.removed_at + KEPT_AFTER_REMOVAL,
    }
