"""The background work of exchanges: every night, the registry as files."""

from django.conf import settings
from django.utils import timezone

from maillage.network.exchange.actions.dumping import write_dumps


def daily_dumps() -> int:
    """Write the files of the night; returns how many."""
    now = timezone.now()
    folder = settings.HOME / "dumps"
    return write_dumps(folder=folder, site_url=settings.SITE_URL, today=timezone.localdate(now), now=now)
