"""What the team of a place works on: the place, its fields as they stand, its last revision."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from maillage.places.models import Feature, Photo, Place, Revision
from maillage.places.rules.care import known, missing
from maillage.places.rules.drafts import FEATURE_FIELDS, SINGLE_FIELDS
from maillage.places.rules.merge import undone
from maillage.places.rules.vocabulary import FEATURES
from maillage.territory.models import Commune

LAST = 5


@dataclass(frozen=True, slots=True)
class Desk:
    """A place as its team edits it: `values` of every field by its draft name, `seen` the last revision."""

    place: Place
    values: dict[str, Any]
    seen: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The desk of a place, how far its sheet is told, its last changes and the communes they name."""

    desk: Desk
    photos: int
    missing: tuple[str, ...]
    changes: tuple[Revision, ...]
    communes: dict[str, str]


def desk(place: Place) -> Desk:
    """Put a place on its team's desk."""
    last = Revision.objects.filter(place=place).order_by("-number").values_list("number", flat=True).first()
    return Desk(place, shown(place), last or 0)


def overview(place: Place) -> Overview:
    """The state of a sheet at a glance."""
    latest = revisions(place.pk, limit=LAST)
    values, photos = shown(place), Photo.objects.filter(place=place).count()
    lacking = missing(known(values, photos=photos), values["status"])
    codes = {code for revision in latest for code in revision.changes.get("commune", ()) if code}
    seen = latest[0].number if latest else 0
    return Overview(Desk(place, values, seen), photos, lacking, tuple(latest), commune_names(codes))


def commune_names(codes: Iterable[str]) -> dict[str, str]:
    """The names of communes by code; no query for none."""
    wanted = {code for code in codes if code}
    return dict(Commune.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def shown(place: Place) -> dict[str, Any]:
    """The fields of a place as they stand, in the form drafts speak."""
    codes = list(Feature.objects.filter(place=place).order_by("pk").values_list("kind", "code"))
    values = {name: place.commune_id if name == "commune" else getattr(place, name) for name in SINGLE_FIELDS}
    return values | {kind: [code for code in FEATURES[kind] if (kind, code) in codes] for kind in FEATURE_FIELDS}


def as_seen(place: Place, seen: int, now_shown: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a place as they stood at one of its revisions (0: before any)."""
    later = Revision.objects.filter(place=place, number__gt=seen).order_by("-number")
    return undone(now_shown, later.values_list("changes", flat=True))


def revisions(place_id: UUID, *, limit: int = 100) -> list[Revision]:
    """The last changes of a place, the newest first."""
    return list(Revision.objects.filter(place_id=place_id).order_by("-number")[:limit])
