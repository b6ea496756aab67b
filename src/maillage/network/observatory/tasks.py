"""The observatory's background work: one snapshot a day."""

from django.utils import timezone

from maillage.network.observatory.actions import take_snapshot


def daily_snapshot() -> int:
    """Keep today's counts; a second run on the same day writes nothing."""
    return take_snapshot(by="tâche:relevé-quotidien", now=timezone.now())
