"""Places as schema.org JSON-LD, written only."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from maillage.network.exchange.formats.format import Format, Loss, Writing, in_chunks
from maillage.network.exchange.rules.own import ExportedPlace
from maillage.places.rules.jsonld import CONTEXT, place_jsonld
from maillage.places.rules.sentences import sentence as _


def write(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    """Write places as one JSON-LD graph, in chunks of text."""
    return in_chunks(_pieces(places, writing.site_url))


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


UNSAID = _("n’est pas écrit\u202f: schema.org n’a pas de mot pour le dire")
LOSSES = (
    Loss("status", _("ouvert, en projet ou en sommeil ne se distinguent pas\u202f; seule la date de fermeture se lit")),
    Loss("closed_cause", UNSAID),
    Loss("commune", _("le nom de la localité se lit, pas le code Insee")),
    Loss("precision", UNSAID),
    Loss(
        "opening_hours", _("saisons, semaines et vacances ne se disent pas\u202f: ces horaires-là sont laissés de côté")
    ),
    Loss("prices", _("cent signes au plus")),
    Loss("description", _("en texte, sans mise en forme")),
    Loss("website", _("la page du lieu en tient lieu quand il n’a pas de site")),
    Loss("activities", _("en mots-clés")),
    *(Loss(name, UNSAID) for name in ("how_to_come", "how_to_join", "how_to_help", "labels", "legal_forms")),
)
FORMAT = Format(
    "jsonld",
    "schema.org en JSON-LD",
    write=write,
    losses=LOSSES,
    extension="jsonld",
    media_type="application/ld+json",
    reference="schema.org",
)
