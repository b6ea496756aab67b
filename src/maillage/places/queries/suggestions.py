"""Suggestions as those who answer them read them, and as whoever made one follows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from maillage.accounts.rules import EVERYWHERE, digest
from maillage.places.models import Place, Suggestion
from maillage.places.queries.team import shown
from maillage.places.rules.suggesting import Standing, standing

MOST = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A suggestion that waits, and what it would still change of the sheet."""

    suggestion: Suggestion
    standing: Standing
    now: dict[str, object]


def pending_of(place: Place) -> list[Waiting]:
    """What waits for an answer about a place, the oldest first."""
    rows = _rows().filter(place=place, state="pending").order_by("suggested_at", "pk")[:MOST]
    now = shown(place)
    return [Waiting(one, standing(one.values, one.base, now), now) for one in rows]


def count_pending(place: Place) -> int:
    return Suggestion.objects.filter(place=place, state="pending").count()


def answered_of(place: Place, *, limit: int = 20) -> list[Suggestion]:
    """The last suggestions about a place that were answered."""
    return list(_rows().filter(place=place).exclude(state="pending").order_by("-decided_at", "pk")[:limit])


def by_secret(secret: str) -> Suggestion | None:
    """The suggestion that a link follows."""
    return _rows().filter(digest=digest(secret)).first() if 20 <= len(secret) <= 64 else None


def by_id(suggestion_id: UUID) -> Suggestion | None:
    return _rows().filter(pk=suggestion_id).first()


def waiting(one: Suggestion) -> Waiting:
    """A suggestion with what it would still change."""
    now = shown(one.place) if one.place else {}
    return Waiting(one, standing(one.values, one.base, now), now)


def within(scopes: Iterable[str]) -> QuerySet[Suggestion]:
    """The suggestions about places of these scopes of territory."""
    asked = set(scopes)
    if EVERYWHERE in asked:
        return _rows()
    columns = {
        "commune": "commune",
        "epci": "commune__epci",
        "dep": "commune__departement",
        "reg": "commune__departement__region",
    }
    where = Q(pk__in=[])
    for scope in asked:
        kind, _sep, code = scope.partition(":")
        if kind in columns:
            where |= Q(**{columns[kind]: code})
    return _rows().filter(where)


def _rows() -> QuerySet[Suggestion]:
    return Suggestion.objects.select_related(
        "place__commune__departement", "twin", "commune__departement", "made", "revision"
    )
