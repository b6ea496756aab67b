"""What passes do of somebody who is erased: their carnets keep no name, and no month of theirs begins any more."""

from collections.abc import Sequence
from datetime import datetime

from maillage.management.passes.actions.selling import end_with_month
from maillage.management.passes.models import Subscription


def forget_persons(*, persons: Sequence[int], by: str, now: datetime) -> None:
    """End the subscriptions of these persons: nobody is invoiced who is no longer known."""
    rows = Subscription.objects.select_related("place__commune__departement", "formula").select_for_update(
        of=("self",), no_key=True
    )
    for one in rows.filter(person__in=persons, ends_on__isnull=True).order_by("pk"):
        end_with_month(subscription=one, by=by, now=now)
