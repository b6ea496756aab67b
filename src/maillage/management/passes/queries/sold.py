"""What of a place is sold by the carnet or by the month, and has a price."""

from maillage.management.billing.queries.subjects import Subject
from maillage.management.passes.models import Formula
from maillage.places.models import Place


def subjects(place: Place) -> list[Subject]:
    """The formulas that a place sells."""
    rows = Formula.objects.filter(place=place, archived_at__isnull=True).order_by("pk")
    return [Subject(f"formula:{row.pk}", row.name) for row in rows]
