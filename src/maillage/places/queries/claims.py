"""Claims that wait for an answer."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from maillage.places.models import Claim


def waiting_claims(place_ids: Collection[UUID], *, now: datetime) -> list[Claim]:
    """The claims on these places that still wait, the oldest first."""
    rows = Claim.objects.filter(place__in=place_ids, settled_at__isnull=True, expires_at__gt=now)
    return list(rows.select_related("place__commune").order_by("asked_at", "pk"))


def claim_by_id(claim_id: int) -> Claim | None:
    return Claim.objects.filter(pk=claim_id).select_related("place__commune").first()
