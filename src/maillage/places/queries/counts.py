"""How many places a territory holds."""

from dataclasses import dataclass

from django.db.models import Count, Q

from maillage.places.models import Place
from maillage.places.queries.matching import TERRITORY_COLUMNS
from maillage.places.rules.vocabulary import STATUSES


@dataclass(frozen=True, slots=True)
class Counted:
    """Places whose commune lies in a territory, removed ones left out; `fictional` are among the others."""

    by_status: dict[str, int]
    fictional: int

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


def count_in(kind: str, code: str) -> Counted:
    """Count the places of a territory by what they are today; of all France, those without a commune too."""
    places = Place.objects.public()
    if kind in TERRITORY_COLUMNS:
        places = places.filter(**{TERRITORY_COLUMNS[kind]: code})
    told = places.order_by().aggregate(
        **{status: Count("pk", filter=Q(status=status)) for status in STATUSES},
        fictional=Count("pk", filter=Q(is_demo=True)),
    )
    return Counted({status: told[status] for status in STATUSES}, told["fictional"])
