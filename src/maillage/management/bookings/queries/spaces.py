"""The spaces of a place, what lies inside each, and the units that a booking of each takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from maillage.management.bookings.models import Booking, Settings, Space, Unit
from maillage.places.models import Place
from maillage.territory.rules.zones import zone_of


@dataclass(frozen=True)
class Layout:
    """All the spaces of a place in use, and their units, read at once."""

    spaces: tuple[Space, ...]
    units: tuple[Unit, ...]

    @cached_property
    def by_id(self) -> dict[int, Space]:
        return {space.pk: space for space in self.spaces}

    def around(self, space: Space) -> Iterator[Space]:
        """A space, then those it lies in, outward."""
        seen: set[int] = set()
        at: Space | None = space
        while at is not None and at.pk not in seen:
            seen.add(at.pk)
            yield at
            at = self.by_id.get(at.inside_id) if at.inside_id else None

    def units_of(self, space: Space) -> tuple[Unit, ...]:
        """The units of a space and of all that lies inside it, by number: writers take them in this order."""
        return self._units.get(space.pk, ())

    @cached_property
    def _units(self) -> dict[int, tuple[Unit, ...]]:
        around = {one.pk: [outer.pk for outer in self.around(one)] for one in self.spaces}
        found: dict[int, list[Unit]] = {}
        for unit in sorted(self.units, key=lambda unit: unit.pk):
            for outer in around.get(unit.space_id, ()):
                found.setdefault(outer, []).append(unit)
        return {space: tuple(units) for space, units in found.items()}

    def takes_all(self, space: Space) -> bool:
        """Whether a booking of this space takes every unit inside it, not one of those that replace each other."""
        return any(one.inside_id == space.pk for one in self.spaces)


def layout(place: Place) -> Layout:
    """The spaces of a place in use and their units, in two queries."""
    spaces = tuple(Space.objects.filter(place=place, archived_at__isnull=True).order_by("order", "pk"))
    units = Unit.objects.filter(space__in=[space.pk for space in spaces], retired_at__isnull=True)
    return Layout(spaces, tuple(units.order_by("order", "pk")))


def places_taken(booking: Booking) -> int:
    """How many units were booked together; one for a space that is taken whole."""
    parts = Booking.objects.filter(part_of=booking).count()
    return 1 + parts if parts and not Space.objects.filter(inside=booking.space).exists() else 1


def settings_of(place: Place) -> Settings:
    """How a place takes bookings; the usual way, in the zone of its département, where nobody has said."""
    found = Settings.objects.filter(pk=place.pk).first()
    return found or Settings(place=place, zone=zone_of(place.commune.departement_id if place.commune else None))
