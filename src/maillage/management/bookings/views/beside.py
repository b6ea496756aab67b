"""The way from the page of a place to what it takes bookings for."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.management.bookings.queries.free import has_online_booking
from maillage.places.views.beside import Link


def links(place: Any) -> list[Link]:
    """The way to the bookings of a place that takes them online."""
    if not has_online_booking(place):
        return []
    return [Link(reverse("booking", args=[place.slug]), _("Réserver"), _("sans compte, en trois étapes"), is_act=True)]
