"""What suggestions and claims forget: addresses that wait too long for an answer, and those of who is erased."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from maillage.journal.actions import unnamed
from maillage.places.models import Claim, Suggestion

LONGEST_WAIT = timedelta(days=365)


def forget_waiting(*, now: datetime) -> int:
    """Forget who waited a year for an answer, or claimed a place a year ago; what they proposed stays. How many."""
    waiting = Suggestion.objects.filter(suggested_at__lt=now - LONGEST_WAIT)
    count = waiting.exclude(contact="").update(contact="")
    unsettled = Claim.objects.filter(settled_at__isnull=True, expires_at__lt=now - LONGEST_WAIT)
    count += unsettled.delete()[0]
    settled = Claim.objects.filter(settled_at__lt=now - LONGEST_WAIT)
    return count + settled.exclude(email="").update(email="", message="")


@transaction.atomic
def forget_addresses(*, addresses: Iterable[str]) -> None:
    """Take out the addresses of a person: those to answer to, and where a message or a reason tells one."""
    for address in addresses:
        Suggestion.objects.filter(contact__iexact=address).update(contact="")
        claims = Claim.objects.filter(email__iexact=address)
        claims.filter(settled_at__isnull=True).delete()
        claims.update(email="", message="")
        for found in Suggestion.objects.filter(Q(said__icontains=address) | Q(reason__icontains=address)):
            found.said, found.reason = unnamed(found.said, address), unnamed(found.reason, address)
            found.save(update_fields=["said", "reason"])
