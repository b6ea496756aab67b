"""Suggestions that neighbours may settle: where no team runs the place and no officer follows its territory."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q

from maillage.accounts.models import Membership
from maillage.accounts.rules import EVERYWHERE, NETWORK_OFFICER, OF_THE_PLACE, place_scope
from maillage.places.models import Place, Suggestion, Vote
from maillage.places.queries.suggestions import Waiting, waiting
from maillage.territory.models import Commune

KINDS = ("new", "edit", "closed")
"""Never a merge nor a removal: those take a person."""
READ = 500


@dataclass(frozen=True, slots=True)
class Tally:
    """The voices given on a suggestion."""

    voices_for: int = 0
    against: int = 0


def is_open_to_votes(one: Suggestion) -> bool:
    """Whether neighbours settle this suggestion."""
    return bool(_open([one]))


def open_to_votes() -> list[Suggestion]:
    """Every suggestion that neighbours may settle, the oldest first."""
    rows = Suggestion.objects.filter(state="pending", kind__in=KINDS).order_by("suggested_at", "pk")
    return _open(rows.select_related("place__commune__departement", "commune__departement")[:READ])


def shown_to_voters(commune: Commune | None, *, limit: int) -> list[tuple[Waiting, Tally]]:
    """What waits for voices, with what each would change; of the département of a commune when one is named."""
    found = open_to_votes()
    if commune is not None:
        found = [one for one in found if _commune(one).departement_id == commune.departement_id]
    counts = tally([one.pk for one in found[:limit]])
    return [(waiting(one), counts[one.pk]) for one in found[:limit]]


def voted_by(fingerprints: Collection[str]) -> dict[UUID, bool]:
    """The voices already given under these fingerprints, by suggestion."""
    return dict(Vote.objects.filter(voter__in=fingerprints).values_list("suggestion", "is_for"))


def tally(suggestions: Collection[UUID]) -> dict[UUID, Tally]:
    """The voices for and against each of these suggestions."""
    rows = Vote.objects.filter(suggestion__in=suggestions).values("suggestion")
    counted = rows.annotate(yes=Count("pk", filter=Q(is_for=True)), no=Count("pk", filter=Q(is_for=False)))
    found = {row["suggestion"]: Tally(row["yes"], row["no"]) for row in counted.order_by("suggestion")}
    return {pk: found.get(pk, Tally()) for pk in suggestions}


def _open(rows: Iterable[Suggestion]) -> list[Suggestion]:
    """Those of pending suggestions that have a commune, no team, and no officer over it."""
    if not settings.VOTES:
        return []
    ones = [one for one in rows if one.state == "pending" and one.kind in KINDS and _where(one) is not None]
    ones = [one for one in ones if one.place is None or one.place.removed_at is None]
    teams = {place_scope(one.place.pk) for one in ones if one.place is not None}
    taken = set(Membership.objects.filter(scope__in=teams, role__in=OF_THE_PLACE).values_list("scope", flat=True))
    followed = set(Membership.objects.filter(role=NETWORK_OFFICER).values_list("scope", flat=True))
    return [
        one
        for one in ones
        if not (one.place is not None and place_scope(one.place.pk) in taken)
        and not followed & _scopes(_commune(one), one.place)
    ]


def _scopes(commune: Commune, place: Place | None) -> set[str]:
    region = commune.departement.region_id if commune.departement else ""
    scopes = {EVERYWHERE, f"commune:{commune.pk}", f"dep:{commune.departement_id}", f"reg:{region}"}
    return scopes | {f"epci:{commune.epci_id}"} | ({place_scope(place.pk)} if place else set())


def _where(one: Suggestion) -> Commune | None:
    return one.place.commune if one.place is not None else one.commune


def _commune(one: Suggestion) -> Commune:
    found = _where(one)
    assert found is not None
    return found
