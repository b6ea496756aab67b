"""What holds places where they are: a team, what is run there, what somebody has since said of them."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import PROTECT, ForeignObjectRel

from maillage.accounts.models import Membership
from maillage.accounts.rules import place_scope
from maillage.places.models import Photo, Place, Verification


def lived_in(ids: Collection[UUID]) -> set[UUID]:
    """Those of these places with a team, or with rows of the rooms above that would refuse to see them go."""
    scopes = {place_scope(place_id): place_id for place_id in ids}
    found = {scopes[one] for one in Membership.objects.filter(scope__in=list(scopes)).values_list("scope", flat=True)}
    for relation in Place._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is PROTECT:
            name = relation.field.name
            if relation.related_model is not Place:
                rows = relation.related_model._base_manager.filter(**{f"{name}__in": list(ids)})
                found |= set(rows.values_list(name, flat=True))
    return found


def vouched_for(ids: Collection[UUID]) -> set[UUID]:
    """Those of these places that somebody confirmed, verified or photographed."""
    wanted = list(ids)
    found = set(Place.objects.filter(pk__in=wanted, confirmed_at__isnull=False).values_list("pk", flat=True))
    found |= set(Verification.objects.filter(place__in=wanted).values_list("place_id", flat=True))
    return found | set(Photo.everything.filter(place__in=wanted).values_list("place_id", flat=True))
