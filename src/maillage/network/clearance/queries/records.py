"""What sources say of one place, record by record, for whoever sees whether all of it is of that place."""

from dataclasses import dataclass

from maillage.network.clearance.models import Network
from maillage.network.clearance.queries.networks import places_of
from maillage.places.models import Place, SourceRecord


@dataclass(frozen=True, slots=True)
class Told:
    """One record of a place, and whether it may be given a place of its own."""

    record: SourceRecord
    may_leave: bool


def place_of(network: Network, slug: str) -> Place | None:
    """A place of the perimeter."""
    return places_of(network).select_related("commune").filter(slug=slug).first()


def records_of(place: Place) -> list[Told]:
    """What each source says of a place, the most believed first; it keeps its only record, and its own word."""
    rows = list(place.records.select_related("source").order_by("-source__rank", "-dated", "pk"))
    return [Told(one, len(rows) > 1 and one.source.rank == 1 and bool(one.values.get("name"))) for one in rows]
