"""What censuses forget of whoever is erased: the address written to, and where an answer tells it."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from maillage.journal.actions import unnamed
from maillage.network.clearance.models import Answer, Invitation


@transaction.atomic
def forget_addresses(*, addresses: Iterable[str]) -> None:
    """Take these addresses out; the places keep what they answered."""
    for address in addresses:
        Invitation.objects.filter(email__iexact=address).update(email="")
        for found in Answer.objects.annotate(text=Cast("replies", TextField())).filter(text__icontains=address):
            found.replies = {
                code: {**said, "value": unnamed(str(said["value"]), address)} for code, said in found.replies.items()
            }
            found.save(update_fields=["replies"])
        for found in Answer.objects.annotate(text=Cast("values", TextField())).filter(text__icontains=address):
            told = found.values.items()
            found.values = {name: said for name, said in told if address.lower() not in str(said).lower()}
            found.save(update_fields=["values"])
        for begun in Invitation.objects.annotate(text=Cast("draft", TextField())).filter(text__icontains=address):
            begun.draft = {}
            begun.save(update_fields=["draft"])
