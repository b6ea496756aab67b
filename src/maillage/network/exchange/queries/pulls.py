"""The sources that are followed, whose turn has come, and who is told when one asks or falls silent."""

from datetime import datetime

from django.db.models import Q, QuerySet

from maillage.accounts.models import Membership
from maillage.accounts.rules import EVERYWHERE, OPERATOR
from maillage.network.exchange.models import Pull, PullReport
from maillage.network.exchange.rules.pulls import ACTIVE, ASKING, SILENCE


def pulls() -> list[Pull]:
    """Every source that is followed, by name: those that wait for an answer first."""
    return sorted(Pull.objects.order_by("name"), key=lambda one: one.state != ASKING)


def pull_named(name: str) -> Pull | None:
    """The source of that name."""
    return Pull.objects.filter(name=name[:80].replace("\x00", "")).first()


def pull_of(pull_id: int) -> Pull | None:
    """The source of that number."""
    return Pull.objects.filter(pk=pull_id).first()


def reports_of(pull: Pull) -> list[PullReport]:
    """What came of its last readings, the newest first."""
    return list(pull.reports.select_related("run").order_by("-at", "-pk"))


def free(*, now: datetime) -> QuerySet[Pull]:
    """The sources that nobody is reading at this moment."""
    return Pull.objects.filter(Q(leased_until__isnull=True) | Q(leased_until__lte=now))


def due(*, now: datetime) -> list[int]:
    """The sources whose turn has come, the one that waits most first."""
    ready = free(now=now).filter(state=ACTIVE, next_run_at__lte=now)
    return list(ready.order_by("next_run_at", "pk").values_list("pk", flat=True))


def in_trouble(*, now: datetime) -> list[Pull]:
    """The sources that ask something, or have failed for days."""
    silent = Q(failing_since__lte=now - SILENCE) & ~Q(state="paused")
    return list(Pull.objects.filter(Q(state=ASKING) | silent).order_by("name"))


def operators() -> list[str]:
    """Where to write to those who run the site."""
    rows = Membership.objects.filter(role=OPERATOR, scope=EVERYWHERE, user__is_active=True)
    return sorted(set(rows.values_list("user__email", flat=True)))
