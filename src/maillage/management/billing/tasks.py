"""The background work of money."""

from django.utils import timezone

from maillage.management.billing.actions.providers import read_hints

READER = "paiements"


def read_payments() -> int:
    """Ask the providers about the payments that their webhooks hinted at; says how many were written."""
    return read_hints(now=timezone.now(), by=READER)
