"""Which files the registry names."""

from maillage.places.models import Photo
from maillage.places.rules.photos import small_name


def photo_files() -> set[str]:
    """The files of every photo, large and small; those of removed photos too, since they may be put back."""
    large = set(Photo._base_manager.values_list("file", flat=True))
    return large | {small_name(name) for name in large}
