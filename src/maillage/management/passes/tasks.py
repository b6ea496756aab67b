"""The background work of passes."""

from django.utils import timezone

from maillage.management.passes.actions import monthly

CALENDAR = "calendrier"


def daily() -> int:
    """Begin the months of subscriptions, let what is over expire; says how many passes changed."""
    now = timezone.now()
    return monthly.begin_months(by=CALENDAR, now=now) + monthly.expire_due(by=CALENDAR, now=now)
