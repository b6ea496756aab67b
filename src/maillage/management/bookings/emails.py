"""The mails of bookings: the facts, and a link that opens this one booking; the calendar file goes with the facts."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from maillage.journal import emails as journal
from maillage.journal.emails import one_line
from maillage.management.bookings.models import Booking, Waiting
from maillage.management.bookings.queries.ics import one_booking
from maillage.management.bookings.queries.links import token_of
from maillage.management.bookings.queries.spaces import places_taken, settings_of
from maillage.management.bookings.rules.clock import moment_said
from maillage.management.bookings.sentences import several, when
from maillage.places.labels import say

FRENCH = "fr"


def say_booked(*, booking: Booking, language: str, now: datetime) -> None:
    """Tell who booked that it is done, in the current transaction."""
    with translation.override(language):
        facts = _facts(booking)
        subject = _("Réservé\u202f: %(space)s, %(when)s") % facts
        body = _(
            "Bonjour,\n"
            "\n"
            "C’est réservé.\n"
            "\n"
            "%(space)s, %(place)s\n"
            "%(when)s (heure du lieu)\n"
            "%(address)s\n"
            "\n"
            "Voir ou annuler cette réservation, sans mot de passe\u202f:\n"
            "%(link)s\n"
            "\n"
            "La mettre dans votre agenda\u202f:\n"
            "%(calendar)s\n"
            "\n"
            "Ces liens sont pour vous\u202f: qui les ouvre peut annuler. "
            "Un empêchement\u202f? Annulez, quelqu’un d’autre attend peut-être.\n"
            "\n"
            "À bientôt,\n"
            "%(place)s\n"
        )
        _keep(booking, subject, body % facts, now, calendar=one_booking(booking).decode())


def say_offered(*, booking: Booking, language: str, now: datetime) -> None:
    """Tell who waited that a space is kept for them until a moment, in the language in which they asked."""
    with translation.override(language):
        facts = _facts(booking)
        subject = _("Une place s’est libérée\u202f: %(space)s, %(when)s") % facts
        body = _(
            "Bonjour,\n"
            "\n"
            "Vous attendiez\u202f: une place s’est libérée, et elle est gardée pour vous jusqu’au %(until)s.\n"
            "\n"
            "%(space)s, %(place)s\n"
            "%(when)s (heure du lieu)\n"
            "%(address)s\n"
            "\n"
            "La prendre, ou la laisser à la personne suivante, sans mot de passe\u202f:\n"
            "%(link)s\n"
            "\n"
            "Sans réponse, elle sera proposée à la personne suivante.\n"
            "\n"
            "À bientôt,\n"
            "%(place)s\n"
        )
        _keep(booking, subject, body % facts, now)


def say_waiting(*, waiting: Waiting, language: str, now: datetime) -> None:
    """Tell who joined a waiting list that they are on it, and how to leave it, in the current transaction."""
    with translation.override(language):
        place = waiting.space.place
        zone = ZoneInfo(settings_of(place).zone)
        facts = {
            "space": one_line(waiting.space.name),
            "place": one_line(place.name),
            "when": when(waiting.start, waiting.end, zone),
            "link": settings.SITE_URL + reverse("waiting", args=[token_of(waiting)]),
        }
        subject = _("Sur la liste d’attente\u202f: %(space)s, %(when)s") % facts
        body = _(
            "Bonjour,\n"
            "\n"
            "Vous êtes sur la liste d’attente.\n"
            "\n"
            "%(space)s, %(place)s\n"
            "%(when)s (heure du lieu)\n"
            "\n"
            "Si une place se libère et que c’est votre tour, un courriel vous la proposera.\n"
            "\n"
            "Voir où vous en êtes, ou quitter la liste\u202f:\n"
            "%(link)s\n"
            "\n"
            "À bientôt,\n"
            "%(place)s\n"
        )
        if waiting.person.email:
            journal.keep(to=waiting.person.email, subject=subject, body=body % facts, now=now)


def _facts(booking: Booking) -> dict[str, str]:
    place, token = booking.space.place, token_of(booking)
    zone = ZoneInfo(settings_of(place).zone)
    town = " ".join(part for part in (place.postal_code, place.city) if part)
    until = booking.expires_at
    return {
        "space": one_line(several(booking.space.name, places_taken(booking))),
        "place": one_line(place.name),
        "when": when(booking.start, booking.end, zone),
        "address": one_line(", ".join(part for part in (place.street, town) if part)),
        "until": say(moment_said(until, zone)) if until else "",
        "link": settings.SITE_URL + reverse("reservation", args=[token]),
        "calendar": settings.SITE_URL + reverse("reservation_ics", args=[token]),
    }


def _keep(booking: Booking, subject: str, body: str, now: datetime, *, calendar: str = "") -> None:
    if booking.person is not None and booking.person.email:
        journal.keep(to=booking.person.email, subject=subject, body=body, calendar=calendar, now=now)
