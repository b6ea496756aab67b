"""The secret calendar of an account: opened under a new address each time, closed."""

from datetime import datetime

from django.db import transaction

from maillage.accounts.models import User
from maillage.journal import actions as journal
from maillage.management.events.models import OwnCalendar


@transaction.atomic
def renew(*, account: User, by: str, now: datetime) -> None:
    """Give the calendar of an account a new address: the one before opens nothing any more."""
    journal.lock_order()
    one, is_new = OwnCalendar.objects.select_for_update(of=("self",)).get_or_create(account=account)
    if not is_new:
        one.version, one.is_open = one.version + 1, True
        one.save(update_fields=["version", "is_open"])
    journal.write(action="events.calendar_opened", by=by, now=now, subject=f"account:{account.pk}")


@transaction.atomic
def close(*, account: User, by: str, now: datetime) -> None:
    """Close the calendar of an account; twice is once."""
    journal.lock_order()
    one = OwnCalendar.objects.select_for_update(of=("self",)).filter(pk=account.pk, is_open=True).first()
    if one is None:
        return
    one.is_open = False
    one.save(update_fields=["is_open"])
    journal.write(action="events.calendar_closed", by=by, now=now, subject=f"account:{account.pk}")
