"""The links by which somebody without an account says that a sheet is still right."""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from maillage.places.models import Place

_SALT = "maillage.places.still"


def still_token(place: Place, way: str) -> str:
    """What a link holds: the place, and the way by which it came; nobody else can write one."""
    return signing.dumps([str(place.pk), way], salt=_SALT)


def still_url(place: Place, way: str) -> str:
    """The whole address of such a link."""
    return settings.SITE_URL + reverse("still_right", args=[still_token(place, way)])


def place_of_token(token: str) -> tuple[Place, str] | None:
    """The place and the way of a link, while the place stands."""
    try:
        place_id, way = signing.loads(token[:300], salt=_SALT)
        found = Place.objects.public().filter(pk=UUID(str(place_id))).select_related("commune__departement").first()
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (found, str(way)) if found else None
