"""The snapshots of a counter over time."""

from dataclasses import dataclass
from datetime import date

from maillage.network.observatory.models import Snapshot
from maillage.network.observatory.rules.definitions import Definition

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Point:
    """What a counter answered on one day."""

    day: date
    numerator: int
    denominator: int | None
    missing: int | None


def history(definition: Definition) -> list[Point]:
    """The last answer of each month and the newest of all, oldest first."""
    rows = Snapshot.objects.filter(definition=definition.slug, numerator__isnull=False).order_by("-day")
    months: dict[tuple[int, int], Point] = {}
    for day, numerator, denominator, detail in rows.values_list("day", "numerator", "denominator", "detail")[:LONGEST]:
        if (day.year, day.month) not in months:
            months[day.year, day.month] = Point(day, numerator or 0, denominator, detail.get("missing"))
    return sorted(months.values(), key=lambda point: point.day)
