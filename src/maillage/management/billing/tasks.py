"""The background work of money."""

from django.utils import timezone

from maillage.management.billing.actions.forgetting import forget_old_accounts
from maillage.management.billing.actions.providers import read_hints

READER, FORGETTER = "paiements", "oubli"


def read_payments() -> int:
    """Ask the providers about the payments that their webhooks hinted at; says how many were written."""
    return read_hints(now=timezone.now(), by=READER)


def forget_accounts() -> int:
    """Forget the customers whose last piece is older than the law wants kept; says how many."""
    return forget_old_accounts(now=timezone.now(), by=FORGETTER)
