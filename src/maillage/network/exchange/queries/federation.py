"""What this instance tells others of its places, under which key; and which instances it follows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet

from maillage.journal.models import AuditEvent
from maillage.network.exchange.models import Copy, KeyTurn, Peer, SetAside
from maillage.network.exchange.models.federation import FOLLOWED
from maillage.network.exchange.rules import identity
from maillage.network.exchange.rules.feeds import copies, keys, pages
from maillage.places.models import Merge, Place, Revision, SourceRecord
from maillage.places.queries.places import standing_for

PAGE = "/lieux/{slug}/"


@dataclass(frozen=True, slots=True)
class Followed:
    """An instance that is followed: how many of its places stand here, how many it no longer tells, those refused."""

    peer: Peer
    places: int
    untold: int
    aside: int


def here() -> str:
    """The name of this instance inside what it tells others."""
    return identity.site_name(settings.SITE_URL)


def signing_key() -> Ed25519PrivateKey:
    """The key that signs today."""
    return keys.private_key(settings.SECRET_KEY.encode(), key_number())


def key_number() -> int:
    """Which of its keys signs today; the first before any was changed."""
    return KeyTurn.objects.aggregate(last=Max("number"))["last"] or 1


def turns() -> list[keys.Turn]:
    """Every key that handed over to the next, the first first."""
    rows = KeyTurn.objects.order_by("number").values_list("old", "new", "word")
    return [keys.Turn(*row) for row in rows]


def restored_at() -> datetime | None:
    """When this registry was last put back from a backup: what was told since it was made is to be told again."""
    return AuditEvent.objects.filter(action="registry.restored").aggregate(last=Max("at"))["last"]


def card() -> dict[str, Any]:
    """What this instance says of itself, for whoever thinks of following it."""
    own = Place.objects.public().filter(is_demo=False).exclude(pk__in=Copy.objects.filter(is_home=True).values("place"))
    rows = SourceRecord.objects.filter(place__in=own).exclude(source__slug__contains=copies.APART)
    return {
        "maillage": pages.VERSION,
        "site": here(),
        "name": urlsplit(settings.SITE_URL).netloc,
        "url": settings.SITE_URL,
        "key": keys.public_of(signing_key()),
        "turns": [{"old": one.old, "new": one.new, "word": one.word} for one in turns()],
        "feed": f"{settings.SITE_URL}{pages.FEED}?records=1",
        "licences": sorted(set(rows.order_by().values_list("licence", flat=True).distinct()))[:20],
        "places": own.count(),
        "follows": [one.url for one in due()],
    }


def home_elsewhere(place_ids: Collection[UUID]) -> set[UUID]:
    """Which of these places are here only because another instance tells them: that one speaks for them."""
    rows = Copy.objects.filter(place__in=place_ids, is_home=True)
    return set(rows.values_list("place_id", flat=True))


def told_places(place_ids: Iterable[UUID], *, today: date) -> list[dict[str, Any]]:
    """Places as they stand, for whoever copies them, in the order asked; those whose home is elsewhere left out."""
    asked = list(dict.fromkeys(place_ids))
    elsewhere = home_elsewhere(asked)
    wanted = [pk for pk in asked if pk not in elsewhere]
    places = {place.pk: place for place in Place.objects.filter(pk__in=wanted)}
    standing = [pk for pk, place in places.items() if place.removed_at is None]
    held, replaced = _held(standing), _replaced(standing)
    last = Revision.objects.filter(place__in=wanted).order_by().values_list("place_id")
    versions = dict(last.annotate(last=Max("number")))
    told = []
    for pk in wanted:
        place = places.get(pk)
        if place is None:
            continue
        records = copies.shown(held[pk], place.provenance, today) if place.removed_at is None else []
        if place.removed_at is None and not any(one.values.get("name") for one in records):
            continue
        told.append(_told(place, records, replaced[pk], versions.get(pk, 0)))
    return told


def _told(place: Place, records: list[copies.Held], replaced: list[str], version: int) -> dict[str, Any]:
    gone = place.removed_at is not None
    instead = str(standing_for(place).pk) if place.replaced_by_id else None
    return {
        "id": str(place.pk),
        "site": here(),
        "url": settings.SITE_URL + PAGE.format(slug=place.slug),
        "slug": place.slug,
        "version": version,
        "demo": place.is_demo,
        "confirmed_at": place.confirmed_at.isoformat() if place.confirmed_at and not gone else None,
        "removed": place.removed_reason if gone else None,
        "replaced_by": instead,
        "replaces": replaced,
        "records": [copies.written(one) for one in records],
    }


def _held(place_ids: Collection[UUID]) -> Mapping[UUID, list[copies.Held]]:
    found: dict[UUID, list[copies.Held]] = defaultdict(list)
    for row in SourceRecord.objects.filter(place__in=place_ids).select_related("source").order_by("pk"):
        found[row.place_id].append(copies.Held(row.source.facts, row.ref, row.licence, row.dated, row.values))
    return found


def _replaced(place_ids: Collection[UUID]) -> Mapping[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = Merge.objects.filter(kept__in=place_ids, undone_at__isnull=True).order_by("pk")
    for kept, gone in rows.values_list("kept_id", "gone_id"):
        found[kept].append(str(gone))
    return found


def followed(*, stopped: bool = True) -> list[Followed]:
    """The instances that are followed, or were, with what came from them."""
    rows = Peer.objects.order_by("name", "pk")
    rows = rows if stopped else rows.filter(state=FOLLOWED)
    stand = Q(copies__gone=False, copies__place__removed_at__isnull=True)
    places = dict(rows.order_by().annotate(n=Count("copies", filter=stand)).values_list("pk", "n"))
    aside = dict(SetAside.objects.order_by().values_list("peer").annotate(Count("pk")))
    return [Followed(one, places[one.pk], untold(one).count(), aside.get(one.pk, 0)) for one in rows]


def last_asked() -> datetime | None:
    """When an instance was last asked: what is shown of them is as old."""
    return Peer.objects.aggregate(last=Max("tried_at"))["last"]


def untold(peer: Peer) -> QuerySet[Copy]:
    """The places that an instance told before its registry was put back, and tells no longer."""
    if not peer.seen_at:
        return Copy.objects.none()
    return Copy.objects.filter(peer=peer, gone=False, reading__lt=peer.reading)


def peer_named(text: str) -> Peer | None:
    """The instance that somebody names: by its identifier, its address or its name."""
    asked = text.strip().rstrip("/")
    return Peer.objects.filter(Q(site=asked) | Q(url=asked) | Q(name__iexact=asked)).order_by("pk").first()


def due() -> list[Peer]:
    """The instances to ask, those asked longest ago first."""
    return list(Peer.objects.filter(state=FOLLOWED).order_by("tried_at", "pk"))


def set_aside(peer: Peer, *, limit: int = 50) -> list[SetAside]:
    """The places of an instance that could not be copied, the last first."""
    return list(SetAside.objects.filter(peer=peer).order_by("-noted_at", "pk")[:limit])
