"""The way from the page of a place to its prices."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.management.billing.queries.prices import has_prices
from maillage.places.views.beside import Link


def links(place: Any) -> list[Link]:
    """The way to the prices of a place that has said them."""
    if not has_prices(place):
        return []
    return [Link(reverse("place_tariffs", args=[place.slug]), _("Tarifs"), _("ce que chacun paie, et pour quoi"))]
