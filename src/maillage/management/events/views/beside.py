"""The way from the page of a place to its programme, and what comes next there."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.management.events.queries import public
from maillage.places.views.beside import Link
from maillage.places.views.wording import clock, day_in_words


def links(place: Any) -> list[Link]:
    """The way to the programme of a place that has something to come."""
    session = public.next_of(place, now=timezone.now())
    if session is None:
        return []
    (zone,) = public.zones_of([place]).values()
    start = session.start.astimezone(zone)
    says = _("bientôt\u202f: %(title)s, %(day)s à %(hour)s") % {
        "title": session.event.title,
        "day": day_in_words(start.date(), "l j F"),
        "hour": clock(start),
    }
    return [Link(reverse("place_agenda", args=[place.slug]), _("Au programme"), says)]
