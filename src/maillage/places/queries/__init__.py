"""Everything that reads the registry."""

from maillage.places.queries.listing import Item, Listing, NewestPlace, listing, newest
from maillage.places.queries.maps import MapView, map_for, map_of_place
from maillage.places.queries.matching import Near, matching, near_of
from maillage.places.queries.meaning import Aimed
from maillage.places.queries.places import Found, named, nearby, place_by_slug
from maillage.places.queries.points import LiveMap, live_map, map_version
from maillage.places.queries.registry import Registry, addresses, places_by_source, registry, registry_version
from maillage.places.queries.tiles import place_tile, ready_tile, standing, tile_etag

__all__ = [
    "Aimed",
    "Found",
    "Item",
    "Listing",
    "LiveMap",
    "MapView",
    "Near",
    "NewestPlace",
    "Registry",
    "addresses",
    "listing",
    "live_map",
    "map_for",
    "map_of_place",
    "map_version",
    "matching",
    "named",
    "near_of",
    "nearby",
    "newest",
    "place_by_slug",
    "place_tile",
    "places_by_source",
    "ready_tile",
    "registry",
    "registry_version",
    "standing",
    "tile_etag",
]
