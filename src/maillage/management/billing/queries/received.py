"""The e-invoices that suppliers sent."""

from django.db.models import QuerySet

from maillage.management.billing.models import Received
from maillage.places.models import Place


def received(place: Place) -> QuerySet[Received]:
    """Those of a place, the newest first, without their content."""
    return Received.objects.filter(place=place).defer("xml").order_by("-issued_on", "-pk")


def received_one(place: Place, received_id: int) -> Received | None:
    """One of this place, with its content; None for another's or one that is not."""
    return Received.objects.filter(place=place, pk=received_id).first()
