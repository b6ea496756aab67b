"""The whole registry as it reads, to tell whether two ways lead to the same."""

from typing import Any

from maillage.network.exchange.models import Candidate
from maillage.places.models import Feature, Place, SourceRecord
from maillage.places.rules.drafts import SINGLE_FIELDS
from maillage.places.rules.trails import KEPT

COLUMNS = [{"commune": "commune_id"}.get(name, name) for name in SINGLE_FIELDS]
SHOWN = (*COLUMNS, "category", "provenance", "sort_name", "search_text", "replaced_by__slug", "removed_reason")


def registry(*, gone: bool = True) -> dict[str, Any]:
    """Every place by its address with its words and records, and the pairs to ask; `gone` keeps places that left."""
    places = Place.objects.order_by("slug") if gone else Place.objects.public().order_by("slug")
    told: dict[str, Any] = {one["slug"]: one for one in places.values("slug", *SHOWN)}
    for one in told.values():
        words = Feature.objects.filter(place__slug=one["slug"]).order_by("kind", "code")
        records = SourceRecord.objects.filter(place__slug=one["slug"]).order_by("source__slug", "ref")
        one["words"] = list(words.values_list("kind", "code"))
        kept = records.values_list("source__slug", "ref", *(name for name in KEPT if name != "fetched_at"))
        one["records"] = list(kept)
    pairs = Candidate.objects.filter(state="open").values_list("one__slug", "other__slug", "points")
    return told | {"": sorted((*sorted(pair[:2]), pair[2]) for pair in pairs)}
