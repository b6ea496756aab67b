"""What money keeps of somebody who is erased: what the law wants kept, and nothing beside it.

An account that was never invoiced nor paid goes; another keeps the name and address of its invoices, for the ten years
that accounts are kept, and loses how to reach the person.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from maillage.journal import actions as journal
from maillage.management.billing.models import Customer, Draft


def forget_persons(*, persons: Sequence[int], by: str, now: datetime) -> None:
    """Take away the accounts of these persons where nothing was issued, and what reaches them in the others."""
    gone = kept = 0
    for customer in Customer.objects.filter(person__in=persons).order_by("pk"):
        try:
            with transaction.atomic():
                Draft.objects.filter(customer=customer, corrects__isnull=True).delete()
                customer.delete()
            gone += 1
        except ProtectedError:
            Customer.objects.filter(pk=customer.pk).update(email="")
            kept += 1
    if gone or kept:
        told = {"persons": [*persons], "gone": gone, "kept": kept}
        journal.write(action="billing.persons_forgotten", by=by, now=now, detail=told)
