"""Everything the page of one place shows, read at once and kept until the registry changes."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from maillage.journal.queries import aside
from maillage.places.models import LONGEST_SLUG, Feature, Photo, Place, Revision, SourceRecord, Verification
from maillage.places.queries.places import Found, nearby, place_by_slug
from maillage.places.queries.registry import registry_version
from maillage.places.rules.nearness import exactness
from maillage.places.rules.vocabulary import FEATURES
from maillage.territory.models import Commune

REVISIONS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A place around another; `known` is how exact the two points are, as `places.rules.nearness` reads it."""

    place: Place
    distance_m: float
    activities: tuple[str, ...]
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A place with its words in the order of the vocabulary, its records newest first, and its neighbours."""

    place: Place
    features: dict[str, tuple[str, ...]]
    records: tuple[SourceRecord, ...]
    photos: tuple[Photo, ...]
    nearby: tuple["Neighbour", ...]
    verifications: tuple[Verification, ...] = ()

    def values(self) -> dict[str, Any]:
        """The chosen value of each field, by the names drafts use."""
        place = self.place
        singles = {
            name: getattr(place, name) for name in place.provenance if name not in FEATURES and name != "commune"
        }
        return {**singles, "commune": place.commune_id, "name": place.name, **self.features}


def sheet_by_slug(slug: str) -> tuple[Found, Sheet | None]:
    """Find what stands at an address and, if it is a place, all that its page shows."""
    if len(slug) > LONGEST_SLUG:
        return Found(), None
    key = f"sheet:{registry_version()}:{slug}"
    kept: tuple[Found, Sheet | None] | None = aside.get(key)
    if kept is None:
        found = place_by_slug(slug)
        kept = (found, _sheet(found.place) if found.place else None)
        if found != Found():
            aside.set(key, kept, 600)
    return kept


def _sheet(place: Place) -> Sheet:
    near = nearby(place)
    said: dict[tuple[UUID, str], set[str]] = defaultdict(set)
    told = Feature.objects.filter(place__in=[place.pk, *(other.pk for other, _ in near)])
    for pk, kind, code in told.values_list("place_id", "kind", "code"):
        said[pk, kind].add(code)

    def words(of: Place, kind: str) -> tuple[str, ...]:
        return tuple(code for code in FEATURES[kind] if code in said[of.pk, kind])

    return Sheet(
        place=place,
        features={kind: words(place, kind) for kind in FEATURES},
        records=tuple(place.records.select_related("source").order_by("-dated", "pk")),
        photos=tuple(place.photos.order_by("position", "pk")),
        nearby=tuple(
            Neighbour(other, metres, words(other, "activities"), frozenset({_exactness(place), _exactness(other)}))
            for other, metres in near
        ),
        verifications=tuple(place.verifications.filter(ended_at__isnull=True).order_by("-verified_at", "pk")),
    )


def _exactness(place: Place) -> str:
    commune = place.commune
    estimated_centre = commune is not None and commune.centre_kind == commune.Centre.ESTIMATED
    return exactness(place.precision, estimated_centre=estimated_centre)


@dataclass(frozen=True, slots=True)
class History:
    """The latest revisions of a place, newest first, how many in all, and the names of the communes they speak of."""

    place: Place
    revisions: tuple[Revision, ...]
    total: int
    communes: dict[str, str]


def history_by_slug(slug: str) -> tuple[Found, History | None]:
    """Find what stands at an address and, if it is a place, its latest changes."""
    found = place_by_slug(slug)
    if found.place is None:
        return found, None
    latest = tuple(found.place.revisions.order_by("-number")[:REVISIONS_SHOWN])
    codes = {code for revision in latest for code in revision.changes.get("commune", ()) if code}
    names = dict(Commune.objects.filter(pk__in=codes).values_list("pk", "name")) if codes else {}
    return found, History(found.place, latest, latest[0].number if latest else 0, names)
