"""What somebody suggests of a place, and the link by which they follow it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from maillage.network.clearance.actions.networks import open_network
from maillage.network.exchange.models import Candidate
from maillage.places.actions.merging import merge_places
from maillage.places.actions.suggestions import Proposed, suggest
from maillage.places.actions.trust import ON_THE_SPOT
from maillage.places.models import Claim, Place
from maillage.places.queries.still import still_token


@dataclass
class Voices:
    """A suggestion that waits, its words known to nobody but the team and whoever made it."""

    suggestion: UUID
    follow: str
    still: str
    network: str
    asked: int
    pair: int
    merge: int


def voices_of(place: Place, canary: str, scope: str, now: datetime) -> Voices:
    """A network of that territory looks after the place, and somebody suggests a number for it."""
    network = open_network(name=f"Réseau de {scope}", scopes=[scope], by="essai", now=now)
    given = {"place": place, "proof": "letter", "email": f"{canary}@example.org", "asked_by": "essai"}
    asked = Claim.objects.create(**given, asked_at=now, expires_at=now + timedelta(days=60)).pk
    proposed = Proposed(kind="edit", place=place, values={"phone": "03 84 00 00 99"}, said=canary)
    sent = suggest(proposed=proposed, by="essai", now=now)
    return Voices(sent.made.pk, sent.secret, still_token(place, ON_THE_SPOT), network.slug, asked, *_twins(place, now))


def _twins(place: Place, now: datetime) -> tuple[int, int]:
    """A sheet that resembles that of the place, a pair to settle; another one that was merged into it."""
    given = {"commune": place.commune, "created_at": now, "updated_at": now, "lat": place.lat, "lon": place.lon}
    alike = Place.objects.create(name="Semblable", slug=f"semblable-{place.slug}", **given)
    gone = Place.objects.create(name="Double", slug=f"double-{place.slug}", **given)
    first, second = sorted((place, alike), key=lambda one: str(one.pk))
    pair = Candidate.objects.create(one=first, other=second, points=60, evidence={}, found_at=now, found_by="essai")
    merge = merge_places(kept_id=place.pk, gone_id=gone.pk, reason="double", by="essai", now=now)
    return pair.pk, merge.pk
