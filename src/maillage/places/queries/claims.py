"""Claims that wait for an answer."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from maillage.places.models import Claim, Place, Suggestion


def waiting_claims(place_ids: Collection[UUID], *, now: datetime) -> list[Claim]:
    """The claims on these places that still wait, the oldest first."""
    rows = Claim.objects.filter(place__in=place_ids, settled_at__isnull=True, expires_at__gt=now)
    return list(rows.select_related("place__commune").order_by("asked_at", "pk"))


def claim_by_id(claim_id: int) -> Claim | None:
    return Claim.objects.filter(pk=claim_id).select_related("place__commune").first()


def was_suggested(place: Place, name: str) -> bool:
    """Whether what a sheet says of a field is what a passer-by proposed: an address may be their own."""
    rows = Suggestion.objects.filter(Q(place=place) | Q(made=place), state="accepted")
    return any(
        name in values and values[name] == getattr(place, name) for values in rows.values_list("values", flat=True)
    )
