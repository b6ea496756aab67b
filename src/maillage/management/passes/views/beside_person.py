"""The ways from the page of a person: their carnets, another one sold, the cheapest way to pay."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from maillage.management.people.views.beside import Way


def ways(seat: Any, person: Any) -> list[Way]:
    """Their carnets; while they come, one more, and what they used counted."""
    slug = seat.place.slug
    known = [Way(f"{reverse('manage_passes', args=[slug])}?{urlencode({'q': person.name})}", _("Ses carnets"))]
    if person.left_at is None:
        who = urlencode({"who": f"person:{person.pk}"})
        known.append(Way(f"{reverse('manage_pass_sell', args=[slug])}?{who}", _("Lui vendre un carnet")))
        known.append(Way(f"{reverse('manage_checkout', args=[slug])}?{who}", _("Compter le moins cher")))
    return known
