"""Everything that reads the registry."""

from maillage.places.queries.listing import Item, Listing, NewestPlace, listing, newest
from maillage.places.queries.maps import MapView, map_for, map_of_place
from maillage.places.queries.matching import Near, matching, near_of
from maillage.places.queries.places import Found, named, nearby, place_by_slug
from maillage.places.queries.registry import Registry, addresses, places_by_source, registry, registry_version

__all__ = [
    "Found",
    "Item",
    "Listing",
    "MapView",
    "Near",
    "NewestPlace",
    "Registry",
    "addresses",
    "listing",
    "map_for",
    "map_of_place",
    "matching",
    "named",
    "near_of",
    "nearby",
    "newest",
    "place_by_slug",
    "places_by_source",
    "registry",
    "registry_version",
]
