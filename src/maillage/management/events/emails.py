"""The mails of the programme: the facts, and a link that opens this one registration, and the calendar file."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.journal import emails as journal
from maillage.journal.emails import one_line
from maillage.management.bookings.queries.spaces import settings_of
from maillage.management.bookings.sentences import when
from maillage.management.events.models import CONFIRMED, Registration
from maillage.management.events.queries.ics import one_registration
from maillage.management.events.queries.links import token_of

FRENCH = "fr"


def say_done(*, registration: Registration, now: datetime) -> None:
    """Tell who registered how it stands with them: a seat, or a turn on the list."""
    say = say_registered if registration.state == CONFIRMED else say_waiting
    say(registration=registration, now=now)


def say_registered(*, registration: Registration, now: datetime) -> None:
    """Tell who registered that they have their seats, in the current transaction."""
    with translation.override(registration.language):
        facts = _facts(registration)
        subject = _("Inscription faite\u202f: %(title)s, %(when)s") % facts
        body = _(
            "Bonjour,\n"
            "\n"
            "Votre inscription est faite\u202f: %(people)s.\n"
            "\n"
            "%(title)s, %(place)s\n"
            "%(when)s (heure du lieu)\n"
            "%(address)s\n"
            "\n"
            "Voir ou annuler cette inscription, sans mot de passe\u202f:\n"
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
        _keep(registration, subject, body % facts, now, calendar=one_registration(registration))


def say_waiting(*, registration: Registration, now: datetime) -> None:
    """Tell who registered that the session is full and they are on its list, in the current transaction."""
    with translation.override(registration.language):
        facts = _facts(registration)
        subject = _("Sur la liste d’attente\u202f: %(title)s, %(when)s") % facts
        body = _(
            "Bonjour,\n"
            "\n"
            "C’est complet pour le moment\u202f: vous êtes sur la liste d’attente, pour %(people)s.\n"
            "\n"
            "%(title)s, %(place)s\n"
            "%(when)s (heure du lieu)\n"
            "\n"
            "Si des places se libèrent et que c’est votre tour, elles sont à vous, et un courriel vous le dit.\n"
            "\n"
            "Voir où vous en êtes, ou quitter la liste\u202f:\n"
            "%(link)s\n"
            "\n"
            "À bientôt,\n"
            "%(place)s\n"
        )
        _keep(registration, subject, body % facts, now)


def say_moved_up(*, registration: Registration, now: datetime) -> None:
    """Tell who waited that they have their seats now, and how to give them back, in the current transaction."""
    with translation.override(registration.language):
        facts = _facts(registration)
        subject = _("Vous avez une place\u202f: %(title)s, %(when)s") % facts
        body = _(
            "Bonjour,\n"
            "\n"
            "Vous attendiez\u202f: c’est votre tour, vous avez %(people)s.\n"
            "\n"
            "%(title)s, %(place)s\n"
            "%(when)s (heure du lieu)\n"
            "%(address)s\n"
            "\n"
            "Vous ne venez plus\u202f? Rendez-la ici, sans mot de passe, elle ira à la personne suivante\u202f:\n"
            "%(link)s\n"
            "\n"
            "La mettre dans votre agenda\u202f:\n"
            "%(calendar)s\n"
            "\n"
            "À bientôt,\n"
            "%(place)s\n"
        )
        _keep(registration, subject, body % facts, now, calendar=one_registration(registration))


def say_session_moved(*, registration: Registration, was: tuple[datetime, datetime], now: datetime) -> None:
    """Tell who comes, or waits, that the session is at another time, in the current transaction."""
    with translation.override(registration.language):
        facts = _facts(registration)
        facts["before"] = when(*was, _zone(registration))
        subject = _("Nouvelle date\u202f: %(title)s, %(when)s") % facts
        body = _(
            "Bonjour,\n"
            "\n"
            "La séance à laquelle vous vous êtes inscrit change de date.\n"
            "\n"
            "%(title)s, %(place)s\n"
            "C’était\u202f: %(before)s\n"
            "C’est maintenant\u202f: %(when)s (heure du lieu)\n"
            "%(address)s\n"
            "\n"
            "Votre inscription est gardée. Si la nouvelle date ne va pas, annulez-la ici, sans mot de passe\u202f:\n"
            "%(link)s\n"
            "\n"
            "À bientôt,\n"
            "%(place)s\n"
        )
        _keep(registration, subject, body % facts, now, calendar=one_registration(registration))


def say_session_cancelled(*, registration: Registration, now: datetime) -> None:
    """Tell who would have come, or waited, that the session is called off, and why, in the current transaction."""
    with translation.override(registration.language):
        facts = _facts(registration)
        subject = _("Annulé\u202f: %(title)s, %(when)s") % facts
        body = _(
            "Bonjour,\n"
            "\n"
            "Cette séance n’aura pas lieu.\n"
            "\n"
            "%(title)s, %(place)s\n"
            "%(when)s (heure du lieu)\n"
            "\n"
            "Motif\u202f: %(reason)s\n"
            "\n"
            "Votre inscription est annulée, vous n’avez rien à faire. Les autres dates\u202f:\n"
            "%(event)s\n"
            "\n"
            "Avec nos excuses,\n"
            "%(place)s\n"
        )
        _keep(registration, subject, body % facts, now, calendar=one_registration(registration))


def _facts(registration: Registration) -> dict[str, str]:
    session = registration.session
    event, place, token = session.event, session.event.place, token_of(registration)
    town = " ".join(part for part in (place.postal_code, place.city) if part)
    party = 1 + registration.parts.count()
    return {
        "title": one_line(event.title),
        "place": one_line(place.name),
        "when": when(session.start, session.end, _zone(registration)),
        "address": one_line(", ".join(part for part in (place.street, town) if part)),
        "people": ngettext("%(n)d place", "%(n)d places", party) % {"n": party},
        "reason": one_line(session.reason),
        "link": settings.SITE_URL + reverse("registration", args=[token]),
        "calendar": settings.SITE_URL + reverse("registration_ics", args=[token]),
        "event": settings.SITE_URL + reverse("event", args=[place.slug, event.slug]),
    }


def _zone(registration: Registration) -> ZoneInfo:
    return ZoneInfo(settings_of(registration.session.event.place).zone)


def _keep(registration: Registration, subject: str, body: str, now: datetime, *, calendar: str = "") -> None:
    if registration.person is not None and registration.person.email:
        journal.keep(to=registration.person.email, subject=subject, body=body, calendar=calendar, now=now)
