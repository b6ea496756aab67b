"""The background work of people."""

from django.utils import timezone

from maillage.management.people.actions.retention import forget_due

FORGETTER = "oubli"


def forget_visitors() -> int:
    """Forget who came, once the period is over; says how many."""
    return forget_due(now=timezone.now(), by=FORGETTER)
