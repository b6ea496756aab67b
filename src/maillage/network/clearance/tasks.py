"""The background work of networks, once a day: accesses that end, and what is too old."""

from django.utils import timezone

from maillage.network.clearance.actions.forgetting import forget_old
from maillage.network.clearance.actions.granting import announce_ends

ACCESSES = "tâche:accès"


def daily_accesses() -> int:
    """Announce the accesses that end within a week, and delete what is older than it may be; says how many."""
    now = timezone.now()
    return announce_ends(by=ACCESSES, now=now) + forget_old(by=ACCESSES, now=now)
