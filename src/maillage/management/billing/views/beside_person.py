"""The way from the page of a person to the account that owes and pays for them."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.accounts.rules import RUN
from maillage.management.billing.queries.customers import of_party
from maillage.management.people.views.beside import Way


def ways(seat: Any, person: Any) -> list[Way]:
    """The account, or where to open one; for who runs the place."""
    if not seat.may(RUN):
        return []
    slug, known = seat.place.slug, of_party(seat.place, person_id=person.pk)
    if known is not None:
        return [Way(reverse("manage_customer", args=[slug, known.pk]), _("Ses factures"))]
    return [Way(f"{reverse('manage_customer_add', args=[slug])}?personne={person.pk}", _("Lui ouvrir un compte"))]
