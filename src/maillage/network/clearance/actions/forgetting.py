"""What requests for help and accesses forget: who is erased, and what is older than the law wants it kept."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from maillage.accounts.models import User
from maillage.accounts.queries import all_of
from maillage.journal import actions as journal
from maillage.journal import legal
from maillage.journal.actions import unnamed
from maillage.management.people.rules.retention import months_later
from maillage.network.clearance.models import Grant, GrantUse, HelpMessage, HelpRequest


@transaction.atomic
def forget_addresses(*, addresses: Iterable[str]) -> None:
    """Take the addresses of a person out of what was written, and what places show to them by name.

    What they read stays in the journal of each place, under the name of an erased account.
    """
    for address in addresses:
        for table in (HelpRequest, HelpMessage):
            for found in table._base_manager.filter(says__icontains=address):
                found.says = unnamed(found.says, address)
                found.save(update_fields=["says"])
        owners = all_of(User.objects.filter(email__iexact=address), address)
        left = Grant.objects.filter(reader__in=[one.pk for one in owners], ended_at__isnull=True)
        for grant in left.order_by("pk"):
            grant.ended_at, grant.ended_by = max(grant.given_at, timezone.now()), "oubli"
            grant.save(update_fields=["ended_at", "ended_by"])


@transaction.atomic
def forget_old(*, by: str, now: datetime) -> int:
    """Delete readings a year old, accesses over for a year, and requests closed for three years; says how many."""
    journal.lock_order()
    count = 0
    if logs := _cut(legal.ACCESS_LOG_MONTHS, now):
        count += GrantUse.objects.filter(read_at__lt=logs).delete()[0]
        count += Grant.objects.filter(Q(ended_at__lt=logs) | Q(expires_at__lt=logs)).delete()[0]
    if closed := _cut(legal.VISITOR_MONTHS, now):
        count += HelpRequest.objects.filter(closed_at__lt=closed).delete()[0]
    if count:
        journal.write(action="clearance.help_forgotten", by=by, now=now, detail={"rows": count})
    return count


def _cut(name: str, now: datetime) -> datetime | None:
    """The moment before which rows go; None where the period is unknown, and nothing goes."""
    kept = legal.parameter(name, now.date())
    if kept is None or kept.value is None:
        return None
    day: date = months_later(now.date(), -kept.value)
    return datetime.combine(day, time(), UTC)
