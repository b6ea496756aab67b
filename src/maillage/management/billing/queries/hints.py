"""What a provider hinted at and nobody has written down yet."""

from maillage.management.billing.models import Hint
from maillage.places.models import Place


def strays(place: Place) -> list[Hint]:
    """Payments that the provider confirms and that name no account of this place."""
    return list(Hint.objects.filter(place=place, outcome="stray").order_by("seen_at", "pk")[:50])


def is_stray(place: Place, hint_id: int) -> bool:
    """Whether a payment of this place waits for its account."""
    return Hint.objects.filter(place=place, pk=hint_id, outcome="stray").exists()


def waiting(place: Place) -> int:
    """How many hints wait for the provider's answer."""
    return Hint.objects.filter(place=place, outcome__startswith="waiting").count()
