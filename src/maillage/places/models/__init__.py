from maillage.places.models.registry import (
    LONGEST_SLUG,
    Feature,
    FormerSlug,
    Photo,
    PhotoManager,
    Place,
    PlaceQuerySet,
    Revision,
    Source,
    SourceRecord,
)
from maillage.places.models.suggestions import Suggestion, Vote
from maillage.places.models.trust import Claim, Merge, NotSame, Verification

__all__ = [
    "LONGEST_SLUG",
    "Claim",
    "Feature",
    "FormerSlug",
    "Merge",
    "NotSame",
    "Photo",
    "PhotoManager",
    "Place",
    "PlaceQuerySet",
    "Revision",
    "Source",
    "SourceRecord",
    "Suggestion",
    "Verification",
    "Vote",
]
