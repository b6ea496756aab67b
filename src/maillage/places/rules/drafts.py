"""What a source says of one place, before the registry has decided anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

SINGLE_FIELDS = (
    "name",
    "status",
    "closed_on",
    "closed_cause",
    "opened_on",
    "street",
    "postal_code",
    "city",
    "commune",
    "lat",
    "lon",
    "precision",
    "website",
    "email",
    "phone",
    "links",
    "opening_hours",
    "operator",
    "siret",
    "capacity",
    "prices",
    "description",
    "how_to_come",
    "how_to_join",
    "how_to_help",
)
FEATURE_FIELDS = ("activities", "services", "access", "labels", "legal_forms")
FIELDS = SINGLE_FIELDS + FEATURE_FIELDS
"""Every field of a place that a source may speak of: the names used in drafts, provenance, history and exports."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is known of a source: who publishes it, under which licence, how far it is trusted (1 to 3)."""

    slug: str
    name: str
    licence: str
    publisher: str = ""
    url: str = ""
    rank: int = 1
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """One row of one source, read, bounded and translated into the registry's fields.

    `values` holds only what the source says; an absent key means "the source says nothing".
    `group` ties rows of one file that its author holds for the same place.
    `keep_existing` leaves an already known record of the same source and reference untouched; `moves` takes one that
    another place holds over to `place_id`.
    """

    source: str
    ref: str
    values: Mapping[str, Any]
    raw: Mapping[str, Any]
    licence: str
    dated: str = ""
    flags: tuple[str, ...] = ()
    group: str = ""
    keep_existing: bool = False
    moves: bool = False
    place_id: UUID | None = None
    slug: str = ""
    demo: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
