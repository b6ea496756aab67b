"""The registry's background work, once a day: photos nobody shows any more and addresses nobody answered are erased."""

from django.utils import timezone

from maillage.places.actions.forgetting import forget_waiting
from maillage.places.actions.photos import sweep_photos


def daily_sweep() -> int:
    """Erase old removed photos, files without a row, addresses that waited a year; a second run finds nothing."""
    now = timezone.now()
    return sweep_photos(by="tâche:ménage", now=now) + forget_waiting(now=now)
