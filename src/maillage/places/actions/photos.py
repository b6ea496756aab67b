"""Photos of a place: the file first, then the row, so that no page ever points at a missing file.

A removed photo keeps its row and its file for thirty days, so that it may be put back; nobody sees either meanwhile.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from threading import Lock
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from maillage.accounts.rules import EDIT
from maillage.journal import actions as journal
from maillage.places.models import Photo, Place, Revision
from maillage.places.permissions import let_in
from maillage.places.rules.photos import (
    KEPT_AFTER_REMOVAL,
    MAX_KEPT,
    MAX_PER_PLACE,
    Drawn,
    PhotoRefused,
    Words,
    draw_again,
    read_words,
    small_name,
)

FOLDER = "photos"
SWEEP_AFTER = timedelta(hours=1)
_FILES_LOCK = 0x70686F746F73
_one_at_a_time = Lock()
"""A photo takes up to 150 MB while it is drawn again: never two at once in a process."""


@dataclass(frozen=True, slots=True)
class Given:
    """A photo as somebody gives it; its bytes are read only when its turn comes."""

    read: Callable[[], bytes]
    alt: str
    credit: str
    licence: str


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """The key of a photo that the sheet shows already; nothing of it was changed."""

    key: int


def add_photos(
    *, place_id: UUID, photos: Sequence[Given], by: str, now: datetime
) -> list[int | AlreadyThere | PhotoRefused]:
    """Add several photos, each by itself: for each one its key, or that it was there already, or why not."""
    told: list[int | AlreadyThere | PhotoRefused] = []
    shown = set(Photo.objects.filter(place_id=place_id).values_list("pk", flat=True))
    for photo in photos:
        try:
            words = {"alt": photo.alt, "credit": photo.credit, "licence": photo.licence}
            key = add_photo(place_id=place_id, data=photo.read(), **words, by=by, now=now)
            told.append(AlreadyThere(key) if key in shown else key)
            shown.add(key)
        except PhotoRefused as refused:
            told.append(refused)
    return told


def add_photo(*, place_id: UUID, data: bytes, alt: str, credit: str = "", licence: str, by: str, now: datetime) -> int:
    """Add a photo to a place, drawn again from its pixels; returns its key.

    The same photo given again to the same place changes nothing; one that had been removed comes back, last. If the
    transaction fails, the file remains without a row, under `photos/`, where `sweep_photos` finds it.
    """
    words = read_words(alt=alt, credit=credit, licence=licence)
    with _one_at_a_time:
        drawn = draw_again(data)
    name = _keep(drawn)
    with transaction.atomic():
        place = _locked(place_id, by)
        everything = list(Photo.everything.filter(place=place).order_by("position", "pk"))
        photos = [photo for photo in everything if photo.removed_at is None]
        known = next((photo for photo in everything if photo.file.name == name), None)
        if known is not None and known.removed_at is None:
            return known.pk
        _refuse_too_many(len(photos), len(everything) + (known is None))
        _keep(drawn)
        photo = known or Photo(place=place, file=name, width=drawn.width, height=drawn.height)
        _say(photo, words)
        photo.position, photo.added_at, photo.added_by = _last(photos), now, by
        photo.removed_at, photo.removed_by = None, ""
        photo.save()
        _revise(place, _alts(photos), [*_alts(photos), photo.alt], by=by, now=now)
        _tell("places.photo_added", photo, by=by, now=now, file=name, alt=photo.alt)
        return photo.pk


@transaction.atomic
def describe_photo(
    *, place_id: UUID, photo_id: int, alt: str, credit: str, licence: str, by: str, now: datetime
) -> None:
    """Say otherwise what a photo shows, whose it is, or under which licence."""
    words = read_words(alt=alt, credit=credit, licence=licence)
    place = _locked(place_id, by)
    photos = _shown(place)
    photo = _one(photos, photo_id)
    before, was = _alts(photos), (photo.alt, photo.credit, photo.licence)
    if was == (words.alt, words.credit, words.licence):
        return
    if was[1:] != (words.credit, words.licence):
        before = [_in_full(one) if one is photo else one.alt for one in photos]
    in_full = before != _alts(photos)
    _say(photo, words)
    photo.save(update_fields=["alt", "credit", "licence"])
    _revise(place, before, [_in_full(one) if in_full and one is photo else one.alt for one in photos], by=by, now=now)
    _tell("places.photo_described", photo, by=by, now=now, before=list(was))


@transaction.atomic
def move_photo(*, place_id: UUID, photo_id: int, up: bool, by: str, now: datetime) -> None:
    """Move a photo one rank up or down; at the end of the row it stays where it is."""
    place = _locked(place_id, by)
    photos = _shown(place)
    here = photos.index(_one(photos, photo_id))
    there = here - 1 if up else here + 1
    if not 0 <= there < len(photos):
        return
    before = _alts(photos)
    photos[here], photos[there] = photos[there], photos[here]
    for position, photo in enumerate(photos):
        if photo.position != position:
            photo.position = position
            photo.save(update_fields=["position"])
    _revise(place, before, _alts(photos), by=by, now=now, reason="Ordre des photos")
    _tell("places.photo_moved", photos[there], by=by, now=now, rank=there + 1)


@transaction.atomic
def remove_photo(*, place_id: UUID, photo_id: int, by: str, now: datetime) -> None:
    """Take a photo out of sight, its file too; it may be put back for thirty days, and is then erased."""
    place = _locked(place_id, by)
    photo = Photo.everything.get(place=place, pk=photo_id)
    if photo.removed_at:
        return
    photos = _shown(place)
    photo.removed_at, photo.removed_by = now, by
    photo.save(update_fields=["removed_at", "removed_by"])
    left = [one for one in photos if one != photo]
    _revise(place, _alts(photos), _alts(left), by=by, now=now, reason="Photo retirée")
    _tell("places.photo_removed", photo, by=by, now=now, alt=photo.alt)


@transaction.atomic
def restore_photo(*, place_id: UUID, photo_id: int, by: str, now: datetime) -> None:
    """Put a removed photo back, last in the row."""
    place = _locked(place_id, by)
    photo = Photo.everything.get(place=place, pk=photo_id)
    if photo.removed_at is None:
        return
    photos = _shown(place)
    _refuse_too_many(len(photos), 0)
    photo.removed_at, photo.removed_by, photo.position = None, "", _last(photos)
    photo.save(update_fields=["removed_at", "removed_by", "position"])
    _revise(place, _alts(photos), [*_alts(photos), photo.alt], by=by, now=now, reason="Photo remise")
    _tell("places.photo_restored", photo, by=by, now=now, alt=photo.alt)


def sweep_photos(*, by: str, now: datetime) -> int:
    """Erase photos removed thirty days ago, then the files, an hour old, that no row names; returns how many files."""
    with transaction.atomic():
        _hold_files()
        erased = Photo.everything.filter(removed_at__lt=now - KEPT_AFTER_REMOVAL)
        keys = sorted(erased.values_list("pk", flat=True))
        if keys:
            erased.delete()
            journal.write(action="places.photos_erased", by=by, now=now, detail={"photos": keys})
    with transaction.atomic():
        _hold_files()
        named = set(Photo.everything.values_list("file", flat=True))
        named |= {small_name(name) for name in named}
        orphans = [name for name in _files() if name not in named and _age(name, now) > SWEEP_AFTER]
        for name in orphans:
            default_storage.delete(name)
        if orphans:
            journal.write(action="places.photos_swept", by=by, now=now, detail={"files": len(orphans)})
    return len(orphans)


def _locked(place_id: UUID, by: str) -> Place:
    _hold_files()
    journal.lock_order()
    place = Place.objects.public().select_for_update().get(pk=place_id)
    let_in(EDIT, place, by)
    return place


def _hold_files() -> None:
    """Keep the sweep and the writers of photos apart: no file goes between the check of its row and its deletion.

    SQLite lets one writer in at a time already.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_FILES_LOCK])


def _shown(place: Place) -> list[Photo]:
    return list(Photo.objects.filter(place=place).order_by("position", "pk"))


def _one(photos: list[Photo], photo_id: int) -> Photo:
    found = next((photo for photo in photos if photo.pk == photo_id), None)
    if found is None:
        raise Photo.DoesNotExist
    return found


def _last(photos: list[Photo]) -> int:
    return max((photo.position for photo in photos), default=-1) + 1


def _alts(photos: Iterable[Photo]) -> list[str]:
    return [photo.alt for photo in photos]


def _in_full(photo: Photo) -> str:
    return f"{photo.alt} ({', '.join(part for part in (photo.credit, photo.licence) if part)})"


def _say(photo: Photo, words: Words) -> None:
    photo.alt, photo.credit, photo.licence = words.alt, words.credit, words.licence


def _refuse_too_many(shown: int, kept: int) -> None:
    if shown >= MAX_PER_PLACE:
        raise PhotoRefused(
            _("Ce lieu a déjà %(n)d photos\u202f: retirez-en une avant d’en ajouter.") % {"n": MAX_PER_PLACE}
        )
    if kept > MAX_KEPT:
        raise PhotoRefused(
            _(
                "Ce lieu garde déjà %(n)d photos, retirées comprises\u202f: remettez-en une, "
                "ou attendez que les plus anciennes s’effacent (30 jours après leur retrait)."
            )
            % {"n": MAX_KEPT}
        )


def _keep(drawn: Drawn) -> str:
    name = f"{FOLDER}/{drawn.name}"
    _write(small_name(name), drawn.small)
    _write(name, drawn.data)
    return name


def _write(name: str, data: bytes) -> None:
    """Write a file whose name is its content's fingerprint, unless it is there already, whole."""
    if default_storage.exists(name):
        if default_storage.size(name) == len(data):
            return
        default_storage.delete(name)
    default_storage.save(name, File(BytesIO(data)))


def _revise(place: Place, before: list[str], after: list[str], *, by: str, now: datetime, reason: str = "") -> None:
    last = place.revisions.aggregate(last=Max("number"))["last"] or 0
    place.updated_at = now
    place.save(update_fields=["updated_at"])
    Revision.objects.create(
        place=place, number=last + 1, at=now, by=by, reason=reason, changes={"photos": [before, after]}
    )


def _tell(action: str, photo: Photo, *, by: str, now: datetime, **detail: object) -> None:
    journal.write(action=action, by=by, now=now, subject=str(photo.place_id), detail={"photo": photo.pk, **detail})


def _files() -> Iterable[str]:
    if not default_storage.exists(FOLDER):
        return []
    return [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]


def _age(name: str, now: datetime) -> timedelta:
    return now - default_storage.get_modified_time(name)
