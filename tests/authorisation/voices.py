"""What somebody suggests of a place, and the link by which they follow it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from maillage.network.clearance.actions.campaigns import Prepared, open_census, prepare
from maillage.network.clearance.actions.networks import open_network
from maillage.network.clearance.models import Grant, HelpRequest, Network
from maillage.network.clearance.queries.census_links import link_secret, silence_url
from maillage.network.clearance.rules.campaigns import Asked
from maillage.network.exchange.models import Candidate, Pull
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
    need: int
    grant: int
    pair: int
    merge: int
    edition: str
    asking: UUID
    invited: str
    quiet: str
    pull: int


def voices_of(place: Place, canary: str, scope: str, now: datetime) -> Voices:
    """A network of that territory looks after the place, and somebody suggests a number for it."""
    network = open_network(name=f"Réseau de {scope}", scopes=[scope], by="essai", now=now)
    given = {"place": place, "proof": "letter", "email": f"{canary}@example.org", "asked_by": "essai"}
    asked = Claim.objects.create(**given, asked_at=now, expires_at=now + timedelta(days=60)).pk
    proposed = Proposed(kind="edit", place=place, values={"phone": "03 84 00 00 99"}, said=canary)
    sent = suggest(proposed=proposed, by="essai", now=now)
    still = still_token(place, ON_THE_SPOT)
    helped = _helped(place, network, canary, now)
    return Voices(
        *(sent.made.pk, sent.secret, still, network.slug, asked),
        *helped,
        *_twins(place, now),
        *_asked(place, network, canary, now),
        _source(place, canary, now),
    )


def _source(place: Place, canary: str, now: datetime) -> int:
    """A source that the operator follows."""
    address = f"https://{canary}.example/{place.slug}.csv"
    given = {"opened_at": now, "opened_by": "essai", "changed_at": now, "changed_by": "essai", "next_run_at": now}
    return Pull.objects.create(name=f"Source de {place.slug}", address=address, **given).pk


def _asked(place: Place, network: Network, canary: str, now: datetime) -> tuple[str, UUID, str, str]:
    """A census of that network, with a question that only it and the place know; the links of the place."""
    question = Asked("mot", canary)
    edition = hashlib.sha256(canary.encode()).hexdigest()[:8]
    given = {"name": "Recensement", "fields": ["phone", "opening_hours"], "closes_on": now.date() + timedelta(days=90)}
    made = prepare(network=network, given=Prepared(edition=edition, questions=[question], **given), by="essai", now=now)
    open_census(campaign=made, by="essai", now=now)
    one = made.invitations.get(place=place)
    quiet = silence_url(f"{canary}@example.org").rstrip("/").rpartition("/")[2]
    return edition, one.pk, link_secret(one.pk), quiet


def _helped(place: Place, network: Network, canary: str, now: datetime) -> tuple[int, int]:
    """What the place asks of that network and of those who observe, and the figures that it shows the latter."""
    scope = f"epci:{place.commune.epci_id}"
    need = HelpRequest.objects.create(place=place, theme="money", says=canary, asked_at=now, asked_by="essai")
    need.readers.create(network=network)
    need.readers.create(scope=scope)
    dated = {"given_at": now, "expires_at": now + timedelta(days=180), "given_by": "essai"}
    return need.pk, Grant.objects.create(place=place, scope=scope, accounts=True, members=True, **dated).pk


def _twins(place: Place, now: datetime) -> tuple[int, int]:
    """A sheet that resembles that of the place, a pair to settle; another one that was merged into it."""
    given = {"commune": place.commune, "created_at": now, "updated_at": now, "lat": place.lat, "lon": place.lon}
    alike = Place.objects.create(name="Semblable", slug=f"semblable-{place.slug}", **given)
    gone = Place.objects.create(name="Double", slug=f"double-{place.slug}", **given)
    first, second = sorted((place, alike), key=lambda one: str(one.pk))
    pair = Candidate.objects.create(one=first, other=second, points=60, evidence={}, found_at=now, found_by="essai")
    merge = merge_places(kept_id=place.pk, gone_id=gone.pk, reason="double", by="essai", now=now)
    return pair.pk, merge.pk
