"""The registry's work of each day: what nobody shows or answers is erased, what voices settled is written."""

from django.utils import timezone

from maillage.places.actions.forgetting import forget_waiting
from maillage.places.actions.photos import sweep_photos
from maillage.places.actions.voting import settle_by_votes


def daily_sweep() -> int:
    """Erase old removed photos, files without a row, addresses that waited a year; settle what voices have settled.

    A second run finds nothing.
    """
    now = timezone.now()
    return sweep_photos(by="tâche:ménage", now=now) + forget_waiting(now=now) + settle_by_votes(now=now)
