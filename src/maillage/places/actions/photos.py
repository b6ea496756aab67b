"""Photos of a place: the file first, then the row, so that no page ever points at a missing file."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max

from maillage.journal import actions as journal
from maillage.places.models import Photo, Place, Revision
from maillage.places.rules.photos import MAX_PER_PLACE, Drawn, PhotoRefused, draw_again, small_name

FOLDER = "photos"
SWEEP_AFTER = timedelta(hours=1)


def add_photo(*, place_id: UUID, data: bytes, alt: str, credit: str = "", licence: str, by: str, now: datetime) -> int:
    """Add a photo to a place, drawn again from its pixels; returns its key.

    The same photo given again to the same place changes nothing. If the transaction fails, the file remains without a
    row, under `photos/`, where `sweep_photos` finds it.
    """
    alt, licence = " ".join(alt.split()), licence.strip()
    if not alt or len(alt) > 300:
        raise PhotoRefused("Décrivez en une phrase, de 300 signes au plus, ce que montre la photo.")
    if not licence:
        raise PhotoRefused("Dites sous quelle licence la photo peut être reprise, par exemple « CC BY 4.0 ».")
    drawn = draw_again(data)
    name = _keep(drawn)
    with transaction.atomic():
        place = Place.objects.select_for_update().get(pk=place_id)
        photos = list(place.photos.order_by("position", "pk"))
        known = next((photo for photo in photos if photo.file.name == name), None)
        if known is not None:
            return known.pk
        if len(photos) >= MAX_PER_PLACE:
            raise PhotoRefused(f"Ce lieu a déjà {MAX_PER_PLACE} photos : retirez-en une avant d’en ajouter.")
        photo = Photo.objects.create(
            place=place,
            file=name,
            alt=alt,
            credit=credit.strip()[:200],
            licence=licence[:80],
            width=drawn.width,
            height=drawn.height,
            position=max((photo.position for photo in photos), default=-1) + 1,
            added_at=now,
            added_by=by,
        )
        _revise(place, [photo.alt for photo in photos], alt, by, now)
        journal.write(
            action="places.photo_added", by=by, now=now, subject=str(place_id), detail={"file": name, "alt": alt}
        )
        return photo.pk


def sweep_photos(*, by: str, now: datetime) -> int:
    """Delete photo files that no place shows any more, once they are an hour old; returns how many."""
    shown = set(Photo.objects.values_list("file", flat=True))
    shown |= {small_name(name) for name in shown}
    orphans = [name for name in _files() if name not in shown and _age(name, now) > SWEEP_AFTER]
    for name in orphans:
        default_storage.delete(name)
    if orphans:
        journal.write(action="places.photos_swept", by=by, now=now, detail={"files": len(orphans)})
    return len(orphans)


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


def _revise(place: Place, before: list[str], added: str, by: str, now: datetime) -> None:
    last = place.revisions.aggregate(last=Max("number"))["last"] or 0
    place.updated_at = now
    place.save(update_fields=["updated_at"])
    Revision.objects.create(
        place=place, number=last + 1, at=now, by=by, reason="", changes={"photos": [before, [*before, added]]}
    )


def _files() -> Iterable[str]:
    if not default_storage.exists(FOLDER):
        return []
    return [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]


def _age(name: str, now: datetime) -> timedelta:
    return now - default_storage.get_modified_time(name)
