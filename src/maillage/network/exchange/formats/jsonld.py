"""Places as schema.org JSON-LD, written only."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from maillage.network.exchange.formats.format import in_chunks
from maillage.network.exchange.rules.own import ExportedPlace
from maillage.places.rules.jsonld import CONTEXT, place_jsonld


def jsonld_chunks(places: Iterable[ExportedPlace], site_url: str) -> Iterator[str]:
    """Write places as one JSON-LD graph, in chunks of text; `site_url` without a final slash."""
    return in_chunks(_pieces(places, site_url))


def _pieces(places: Iterable[ExportedPlace], site_url: str) -> Iterator[str]:
    yield f'{{"@context":"{CONTEXT}","@graph":['
    separator = "\n"
    for place in places:
        yield separator + json.dumps(_thing(place, site_url), ensure_ascii=False, separators=(",", ":"))
        separator = ",\n"
    yield "\n]}\n"


def _thing(place: ExportedPlace, site_url: str) -> dict[str, Any]:
    thing = place_jsonld({**place.values, "id": place.id}, page_url=f"{site_url}/lieux/{place.slug}/")
    del thing["@context"]
    return thing | {"license": list(place.licences), "creditText": place.attribution}
