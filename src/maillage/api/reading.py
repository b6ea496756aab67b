"""What anybody may read: each operation asks one query and says its answer."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from maillage.api import parameters, shapes
from maillage.api.kept import Told, public, signed
from maillage.api.problems import ProblemRaised
from maillage.network.exchange.queries import federation
from maillage.network.exchange.rules.feeds.pages import MOST as MOST_WHOLE
from maillage.places import queries as places
from maillage.places.queries.changes import Changes, changes, position_at
from maillage.places.queries.counts import count_in
from maillage.places.queries.told import Removed, Standing, standing_at
from maillage.places.queries.walk import walk
from maillage.places.rules.filters import PlaceFilter
from maillage.territory import queries as territory
from maillage.territory.queries.card import FRANCE, card

ROOT = "/api/v1"
SLUG = re.compile(r"[A-Za-z0-9_-]{1,120}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SHORTEST_SEARCH = 2
DEFINITION = {
    "fr": "Lieux publiés dont la commune est dans le territoire, selon leur état d’aujourd’hui ; les lieux retirés "
    "n’y sont pas, les fictifs y sont et sont comptés à part. Un recensement n’est pas exhaustif.",
    "en": "Published places whose commune lies in the territory, by their state today; removed places are left out, "
    "fictional ones are in and counted apart. A census is not exhaustive.",
}


@public
def list_places(request: HttpRequest) -> Told:
    """Les lieux qui répondent à une question, page après page.

    Un lieu qui ne change pas est donné exactement une fois par parcours, quoi qu’il arrive aux autres.
    """
    asked, given = parameters.read_question(request, "limit", "cursor")
    limit = parameters.read_limit(given)
    after = parameters.read_cursor(asked, given)
    leg = walk(asked, after=after, limit=limit, now=timezone.now())
    if leg.lost:
        value = given[leg.lost][0]
        raise ProblemRaised("introuvable", errors=[parameters.error(leg.lost, value, "nowhere")])
    following = ""
    if leg.after:
        kept = [(name, value) for name, values in given.items() if name != "cursor" for value in values]
        following = f"{ROOT}/places?{urlencode([*kept, ('cursor', parameters.cursor_of(asked, leg.after))])}"
    near = None
    if leg.near:
        near = {"name": leg.near.name or None, "code": leg.near.code or None, "lat": leg.near.lat, "lon": leg.near.lon}
        near["estimated"] = leg.near.estimated
    shown = [shapes.place(told, trip) for told, trip in leg.places]
    return Told({"total": leg.total, "near": near, "places": shown, "next": following or None}, link=following)


@public
def one_place(request: HttpRequest, place: str) -> Told | HttpResponse:
    """Un lieu : chaque champ, qui le dit, sous quelle licence, ses photos."""
    parameters.read_strictly(request)
    found = find(place)
    if found.moved_to:
        response = HttpResponse(status=301)
        response.headers["Location"] = f"{ROOT}/places/{found.moved_to}"
        response.headers["Cache-Control"] = "no-cache"
        return response
    if found.removed:
        raise gone(found.removed)
    if found.place is None:
        raise ProblemRaised("introuvable", _("Aucun lieu n’est à cette adresse."))
    return Told(shapes.whole(found.place), version=str(found.place.version))


def find(text: str) -> Standing:
    """What stands at a slug or an identifier."""
    if _UUID.fullmatch(text):
        return standing_at(UUID(text))
    return standing_at(text) if SLUG.fullmatch(text) else Standing()


def gone(removed: Removed) -> ProblemRaised:
    """The problem of a place that has left the registry."""
    told = {"id": str(removed.id), "reason": removed.reason, "removed_at": shapes.moment(removed.at)}
    return ProblemRaised("retire", _("Ce lieu a quitté le registre\u202f: %(reason)s") % told, extra=told)


@signed
def list_changes(request: HttpRequest) -> Told:
    """Tout ce qui est arrivé aux lieux depuis un moment, au moins une fois, sans rien perdre.

    Un moment n’est bon que pour commencer : gardez ensuite « next », qui suit l’ordre d’écriture et non les dates.
    Chaque page est signée (RFC 9421, Ed25519) par la clé que publie /.well-known/maillage.json. Avec « records=1 »,
    elle porte aussi les lieux eux-mêmes, tels qu’ils sont aujourd’hui, pour qui en tient une copie : seulement ceux
    que tient cette instance, jamais ceux qu’elle-même copie d’une autre.
    """
    given = parameters.read_strictly(request, "since", "limit", "records")
    whole = parameters.read_records(given)
    limit = parameters.read_limit(given, most=MOST_WHOLE if whole else parameters.MOST)
    since = parameters.read_since(given)
    found = changes(position_at(since) if isinstance(since, datetime) else since, limit=limit)
    if found.ahead:
        raise ProblemRaised("position")
    position = f"{found.after.revision}.{found.after.event}"
    asked = {"since": position, "limit": limit} | ({"records": 1} if whole else {})
    following = f"{ROOT}/places/changes?{urlencode(asked)}"
    body = {"changes": [shapes.change(one) for one in found.items], "more": found.more, "next": following}
    return Told(_with_places(body, found) if whole else body, link=following)


def _with_places(body: dict[str, Any], found: Changes) -> dict[str, Any]:
    """A page for whoever keeps copies: what is told of the places whose home is here, and these places."""
    ids = [one.place_id for one in found.items]
    elsewhere = federation.home_elsewhere(set(ids))
    return body | {
        "changes": [shapes.change(one) for one in found.items if one.place_id not in elsewhere],
        "site": federation.here(),
        "restored": shapes.moment(federation.restored_at()),
        "places": federation.told_places(ids, today=timezone.localdate()),
    }


@public
def one_territory(request: HttpRequest, code: str) -> Told:
    """Un territoire : ce qui le contient, ses habitants, ses lieux."""
    parameters.read_strictly(request)
    found = card(code[:40])
    if found is None:
        raise ProblemRaised("introuvable", _("Aucun territoire n’a ce code."))
    where, living = found.territory, found.population
    counted = count_in(where.kind, where.code)
    body = _territory(where) | {
        "lat": where.lat,
        "lon": where.lon,
        "parents": [_territory(parent) for parent in found.parents],
        "population": {
            "value": living.value,
            "communes": living.communes,
            "communes_known": living.known,
            "source": living.source or None,
            "vintage": living.vintage or None,
            "licence": living.licence or None,
        },
        "places": {
            **counted.by_status,
            "total": counted.total,
            "fictional": counted.fictional,
            "definition": DEFINITION,
        },
    }
    with override("fr"):
        return Told(body | {"ground": str(territory.current_ground() or "")})


def _territory(where: territory.Territory) -> dict[str, Any]:
    reference = FRANCE if where.kind == FRANCE else f"{where.kind}:{where.code}"
    return {"reference": reference, "kind": where.kind, "code": where.code, "name": where.name}


@public
def list_territories(request: HttpRequest) -> Told:
    """Les territoires qu’un texte peut nommer, les plus sûrs d’abord."""
    text, limit = parameters.read_words(request)
    return Told({"results": [_hit(hit) for hit in territory.search(text, limit=limit)] if text else []})


@public
def search(request: HttpRequest) -> Told:
    """Territoires et lieux pendant qu’on tape : les noms sûrs d’abord, les fautes pardonnées ensuite."""
    text, limit = parameters.read_words(request)
    if len(text) < SHORTEST_SEARCH:
        return Told({"results": []})
    hits = territory.search(text, limit=limit)
    named = places.named(text, limit=limit)
    ordered = [
        *[_hit(hit) for hit in hits if not hit.typo],
        *[_named(*row[:3]) for row in named if row[3]],
        *[_hit(hit) for hit in hits if hit.typo],
        *[_named(*row[:3]) for row in named if not row[3]],
    ]
    return Told({"results": _mixed(ordered, limit)})


def _mixed(ordered: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """At most `limit`, with room for both kinds where both answer."""
    if len(ordered) <= limit:
        return ordered
    own = [one for one in ordered if one["kind"] == "place"][
        : max(limit // 3, limit - sum(o["kind"] != "place" for o in ordered))
    ]
    kept = {id(one) for one in [*[one for one in ordered if one["kind"] != "place"][: limit - len(own)], *own]}
    return [one for one in ordered if id(one) in kept]


def _hit(hit: territory.Hit) -> dict[str, Any]:
    asked = PlaceFilter(near=hit.code) if hit.kind == "commune" else PlaceFilter(territory=hit.reference)
    with override("fr"):
        url = f"{shapes.settings.SITE_URL}{reverse('place_list')}?{asked.query_string()}"
    return {
        "kind": hit.kind,
        "name": hit.name,
        "context": hit.context,
        "reference": f"{hit.kind}:{hit.code}",
        "slug": None,
        "url": url,
        "population": hit.population,
        "typo": hit.typo,
    }


def _named(slug: str, name: str, city: str) -> dict[str, Any]:
    told = {"kind": "place", "name": name, "context": city, "reference": None, "slug": slug}
    return told | {"url": shapes.page_of(slug), "population": None, "typo": False}
