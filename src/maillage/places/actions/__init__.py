"""Everything that writes to the registry: one transaction each, with its revision and its audit event."""

from maillage.places.actions.lifecycle import confirm_place, remove_place, rename_slug, restore_place
from maillage.places.actions.merging import merge_places, tell_apart, unmerge
from maillage.places.actions.record import Recorded, record_many

__all__ = [
    "Recorded",
    "confirm_place",
    "merge_places",
    "record_many",
    "remove_place",
    "rename_slug",
    "restore_place",
    "tell_apart",
    "unmerge",
]
