"""The observatory's background work: one snapshot a day."""

from django.db import connections
from django.utils import timezone
from django_q.models import Schedule

from maillage.network.observatory.actions import take_snapshot

DAILY = "observatory-daily-snapshot"


def daily_snapshot() -> int:
    """Keep today's counts; a second run on the same day writes nothing."""
    return take_snapshot(by="tâche:relevé-quotidien", now=timezone.now())


def ensure_schedule(using: str) -> None:
    """Make the daily schedule once; called after every migration."""
    if Schedule._meta.db_table not in connections[using].introspection.table_names():
        return
    Schedule.objects.using(using).get_or_create(
        name=DAILY,
        defaults={"func": f"{__name__}.{daily_snapshot.__name__}", "schedule_type": Schedule.DAILY},
    )
