"""How far a territory reaches: its communes, and the places that stand in them."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q

from maillage.accounts.rules import EVERYWHERE
from maillage.places.models import Place
from maillage.places.queries.places import standing_for
from maillage.territory.models import Commune

BATCH = 400
_COLUMNS = {"commune": "pk", "dep": "departement", "epci": "epci", "reg": "departement__region"}


def communes_within(scopes: Iterable[str]) -> frozenset[str] | None:
    """The codes of the communes of these territories; None when they are the whole country."""
    wanted = Q(pk__in=[])
    for scope in scopes:
        if scope == EVERYWHERE:
            return None
        kind, _, code = scope.partition(":")
        if kind in _COLUMNS:
            wanted |= Q(**{_COLUMNS[kind]: code})
    return frozenset(Commune.objects.filter(wanted).values_list("pk", flat=True))


def communes_of(ids: Collection[UUID]) -> dict[UUID, str]:
    """The commune of each of these places, empty where it has none; a place merged away has that of the one it is in,
    on which what is said of it is written.
    """
    found: dict[UUID, str] = {}
    listed = list(ids)
    for start in range(0, len(listed), BATCH):
        rows = Place.objects.filter(pk__in=listed[start : start + BATCH]).only("commune", "replaced_by")
        found |= {one.pk: standing_for(one).commune_id or "" for one in rows}
    return found
