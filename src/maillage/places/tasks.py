"""The registry's background work: photos nobody shows any more are erased once a day."""

from django.utils import timezone

from maillage.places.actions.photos import sweep_photos


def daily_sweep() -> int:
    """Erase photos removed long ago, and files without a row; a second run on the same day finds nothing."""
    return sweep_photos(by="tâche:ménage", now=timezone.now())
