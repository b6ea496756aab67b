"""The photos of a place as its team keeps them, and whether a file may be seen."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from maillage.places.models import Photo
from maillage.places.rules.photos import KEPT_AFTER_REMOVAL, large_name


@dataclass(frozen=True, slots=True)
class Album:
    """The photos shown, in their order, and those that may still be put back, the last removed first."""

    shown: tuple[Photo, ...]
    removed: tuple[Photo, ...]


def album(place_id: UUID, *, now: datetime) -> Album:
    """The photos of a place, removed ones until their time is over."""
    photos = list(Photo.everything.filter(place_id=place_id).order_by("position", "pk"))
    kept = [photo for photo in photos if photo.removed_at and photo.removed_at >= now - KEPT_AFTER_REMOVAL]
    kept.sort(key=lambda photo: photo.removed_at or now, reverse=True)
    return Album(tuple(photo for photo in photos if photo.removed_at is None), tuple(kept))


def photo_of(place_id: UUID, photo_id: int) -> Photo | None:
    """One photo of this place, removed or not; another's does not exist here."""
    return Photo.everything.filter(place_id=place_id, pk=photo_id).first()


def is_shown(name: str) -> bool:
    """Whether some public place shows the photo of this file, large or small."""
    return Photo.objects.filter(file=large_name(name), place__removed_at__isnull=True).exists()
