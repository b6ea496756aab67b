"""The ways from the page of a person: a booking for them, what they may use."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.management.people.views.beside import Way


def ways(seat: Any, person: Any) -> list[Way]:
    """A booking made ready with their name, while they come; their authorisations."""
    slug = seat.place.slug
    known = [Way(f"{reverse('manage_authorisations', args=[slug])}?personne={person.pk}", _("Ses habilitations"))]
    if person.left_at is None:
        known.insert(0, Way(f"{reverse('manage_book', args=[slug])}?personne={person.pk}", _("Réserver pour elle")))
    return known
