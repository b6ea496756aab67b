"""What money keeps of somebody who is erased: what the law wants kept, and nothing beside it.

An account that was never invoiced nor paid goes; another keeps the name and address of its invoices, for the years
that accounts are kept (`journal/legal.toml`), and loses how to reach the person. A mandate that never drew anything
goes too. An account opened by hand under the same address is theirs. What was issued stays as it was: nobody
rewrites an invoice.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from maillage.journal import actions as journal
from maillage.management.billing.actions.books import auxiliary_of
from maillage.management.billing.models import Customer, Draft, Mandate
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.owing import accounts_also_of, past
from maillage.management.people.models import Person

MOST_A_ROUND = 500


def forget_persons(*, persons: Sequence[int], by: str, now: datetime) -> None:
    """Take away the accounts of these persons where nothing was issued, and what reaches them in the others."""
    gone = kept = 0
    for customer in accounts_also_of(Person.objects.filter(pk__in=persons)).order_by("pk"):
        _forget_mandates(customer, now)
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


@transaction.atomic
def forget_old_accounts(*, by: str, now: datetime) -> int:
    """Take name and address out of the accounts that the law no longer wants kept; says how many."""
    journal.lock_order()
    rows = past(now.date()).order_by("pk")[:MOST_A_ROUND]
    done = [customer.pk for customer in rows]
    for pk in done:
        Customer.objects.filter(pk=pk).update(
            name=auxiliary_of(pk), street="", postal_code="", city="", email="", vat_number=""
        )
    if done:
        journal.write(action="billing.accounts_forgotten", by=by, now=now, detail={"customers": done})
    return len(done)


def _forget_mandates(customer: Customer, now: datetime) -> None:
    """Take the bank account away where nothing was drawn from it; where something was, nothing more will be."""
    rows = Mandate.objects.filter(customer=customer)
    rows.filter(debits__isnull=True).delete()
    rows.filter(ended_on__isnull=True).update(ended_on=today_at(customer.place, now))
