"""The background work of networks, once a day: censuses that end, sheets to ask about, accesses that end."""

from django.utils import timezone

from maillage.network.clearance.actions.campaigns import close_overdue, follow_places
from maillage.network.clearance.actions.forgetting import forget_old
from maillage.network.clearance.actions.granting import announce_ends
from maillage.network.clearance.actions.still_mails import ask_still

BY = "tâche:recensements"
ACCESSES = "tâche:accès"


def censuses() -> int:
    """Close what is over, follow places that were merged, ask gently if sheets are still right."""
    now = timezone.now()
    return close_overdue(by=BY, now=now) + follow_places(by=BY, now=now) + ask_still(by=BY, now=now)


def daily_accesses() -> int:
    """Announce the accesses that end within a week, and delete what is older than it may be; says how many."""
    now = timezone.now()
    return announce_ends(by=ACCESSES, now=now) + forget_old(by=ACCESSES, now=now)
