"""The background work of schemes."""

from django.utils import timezone

from maillage.network.schemes.actions.forgetting import forget_due

FORGETTER = "oubli"


def forget_holders() -> int:
    """Forget who had a pass, once the period is over; says how many passes."""
    return forget_due(now=timezone.now(), by=FORGETTER)
