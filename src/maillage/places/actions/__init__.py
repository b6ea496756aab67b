"""Everything that writes to the registry: one transaction each, with its revision and its audit event."""

from maillage.places.actions.lifecycle import confirm_place, remove_place, rename_slug, restore_place
from maillage.places.actions.record import Recorded, record_many

__all__ = ["Recorded", "confirm_place", "record_many", "remove_place", "rename_slug", "restore_place"]
