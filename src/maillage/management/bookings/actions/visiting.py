"""What a visitor does without an account: book, wait, take what is offered, give back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from maillage.accounts.models import User
from maillage.accounts.rules import HOST
from maillage.journal import actions as journal
from maillage.management.bookings import emails
from maillage.management.bookings.actions import freeing
from maillage.management.bookings.actions.reserving import Asked, Refused, confirm, lock, reserve
from maillage.management.bookings.models import CONFIRMED, HELD, Booking, Settings, Space, Waiting
from maillage.management.bookings.queries.asking import ground_of, is_authorised
from maillage.management.bookings.queries.free import is_online
from maillage.management.bookings.queries.taken import taken
from maillage.management.bookings.rules.clock import local_day
from maillage.management.bookings.rules.requests import Problem, problems
from maillage.management.people.actions.door import PeopleRefused, departement_of
from maillage.management.people.actions.persons import introduce
from maillage.management.people.models import Person
from maillage.management.people.queries.persons import of_account
from maillage.management.people.rules.entries import Wrong, read_person
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence as _

VISITOR = "visiteur"
"""How what somebody without an account writes is signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks, as they said: `raw` holds name, e-mail and phone; `language` is that of their mails."""

    raw: Mapping[str, str]
    account: User | None = None
    by: str = VISITOR
    language: str = "fr"
    uses: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What was made for a visitor; not `is_new` when the same had been asked before."""

    made: Booking | Waiting
    is_new: bool


@transaction.atomic
def book(*, asked: Asked, visitor: Visitor, now: datetime, idempotency_key: str) -> Done:
    """Book for a visitor, who is found or added in that place, and mail the facts; once under a key.

    Raises `Refused` for the request, `Taken` when nothing is free, `PeopleRefused` for what was said of the person,
    `KeyReused` for a known key with another request, `TooMany` for more than the `uses` of who asks.
    """
    settings, person = _enter(asked.space, visitor, asked.start, now=now)
    told = replace(asked, person=person, at_desk=False)
    known = set(Booking.objects.filter(person=person, start=asked.start).values_list("pk", flat=True))
    booking = reserve(asked=told, by=visitor.by, now=now, idempotency_key=idempotency_key, settings=settings)
    is_new = booking.pk not in known
    if is_new:
        emails.say_booked(booking=booking, language=visitor.language, now=now)
        _count(visitor, now=now)
    return Done(booking, is_new)


@transaction.atomic
def queue(*, asked: Asked, visitor: Visitor, now: datetime) -> Done:
    """Put a visitor on the waiting list of a space that is taken at that time; asking twice is once.

    Raises `Refused` where the time cannot be asked for at all, or is free and has only to be booked.
    """
    settings, person = _enter(asked.space, visitor, asked.start, now=now)
    ground = ground_of(asked.space, settings, asked.start, asked.end)
    found = problems(**ground.asked(asked.start, asked.end, now=now, desk=False))
    if found:
        raise Refused(*found)
    busy = taken([unit.pk for unit in ground.units], asked.start, asked.end, now=now)
    free = [unit for unit in ground.units if not busy[unit.pk]]
    if free and (len(free) == len(ground.units) or not ground.takes_all):
        raise Refused(
            Problem(
                "free",
                _("«\u202f%(name)s\u202f» est libre à cette heure.", name=asked.space.name),
                _("on n’attend que ce qui est pris"),
                _("Réservez-le."),
            )
        )
    given = Waiting(space=asked.space, person=person, start=asked.start, end=asked.end, language=visitor.language[:8])
    waiting = freeing.wait(waiting=given, by=visitor.by, now=now)
    is_new = waiting is given
    if is_new:
        emails.say_waiting(waiting=waiting, language=visitor.language, now=now)
        _count(visitor, now=now)
    return Done(waiting, is_new)


@transaction.atomic
def book_by_program(*, asked: Asked, raw: Mapping[str, str], by: str, now: datetime) -> Booking:
    """Book for somebody in the name of a place's team, at the hours of visitors; the key must still let it in.

    Raises what `book` raises, and PermissionDenied.
    """
    place = asked.space.place
    lock(place)
    let_in(HOST, place, by)
    person = introduce(place=place, raw=raw, at_desk=True, by=by, now=now)
    booking = reserve(asked=replace(asked, person=person), by=by, now=now)
    if booking.status == CONFIRMED:
        emails.say_booked(booking=booking, language=emails.FRENCH, now=now)
    return booking


def _count(visitor: Visitor, *, now: datetime) -> None:
    if visitor.uses:
        journal.spend(uses=visitor.uses, now=now)


def _enter(space: Space, visitor: Visitor, start: datetime, *, now: datetime) -> tuple[Settings, Person]:
    """Take one's turn, so that a form sent twice at once makes one person; then who it is, if they may book online."""
    settings = lock(space.place)
    fresh = Space.objects.filter(pk=space.pk, archived_at__isnull=True).first()
    if fresh is None or not fresh.is_online or not is_online(space.place, settings):
        raise Refused(_offline())
    if fresh.authorisation:
        mine = of_account(space.place, visitor.account.pk) if visitor.account else None
        # By name and e-mail alone, anybody could book with what somebody else has learnt.
        if mine is None or not is_authorised(mine, fresh.authorisation, local_day(start, ZoneInfo(settings.zone))):
            raise Refused(_authorisation(fresh))
        return settings, mine
    if visitor.account is None and not visitor.raw.get("email", "").strip():
        raise PeopleRefused(_without_email(space.place, visitor.raw))
    person = introduce(place=space.place, raw=visitor.raw, account=visitor.account, by=visitor.by, now=now)
    if person.left_at is not None:
        # The reason would tell a stranger that the place knows this address.
        raise Refused(_offline())
    return settings, person


def _without_email(place: Place, raw: Mapping[str, str]) -> dict[str, Wrong]:
    """What is wrong with a visitor's answers where the e-mail is missing: all of it at once."""
    missing = Wrong(
        _("il manque votre adresse électronique"),
        _("écrivez-la\u202f: la confirmation et le lien pour annuler y arrivent"),
    )
    wrongs = {**read_person(raw, departement=departement_of(place)).wrongs, "email": missing}
    return {name: wrongs[name] for name in ("name", "email", "phone") if name in wrongs}


def _offline() -> Problem:
    return Problem(
        "offline",
        _("Cette réservation ne peut pas se faire en ligne."),
        _("le lieu la prend lui-même"),
        _("Appelez-le, ou écrivez-lui\u202f: ses coordonnées sont sur sa fiche."),
    )


def _authorisation(space: Space) -> Problem:
    return Problem(
        "authorisation",
        _("Il faut l’habilitation «\u202f%(name)s\u202f», valable ce jour-là.", name=space.authorisation),
        _("elle s’obtient à une formation, et le lieu doit vous reconnaître"),
        _("Connectez-vous avec votre compte, ou demandez à l’équipe la date de la prochaine formation."),
    )


@transaction.atomic
def take_offer(*, booking: Booking, by: str, language: str, now: datetime) -> Booking:
    """Make firm what was kept for somebody who waited, and mail the facts; taking it twice is once."""
    was = booking.status
    made = confirm(booking_id=booking.pk, by=by, now=now)
    if was != CONFIRMED:
        emails.say_booked(booking=made, language=language, now=now)
    return made


@transaction.atomic
def give_back(*, booking: Booking, by: str, now: datetime) -> Booking:
    """Cancel from a link, before it begins; cancelling twice is once."""
    if booking.status in (HELD, CONFIRMED) and booking.start <= now:
        raise Refused(
            Problem(
                "begun",
                _("Cette réservation a déjà commencé."),
                _("ce lien annule ce qui est à venir"),
                _("Dites-le à l’équipe du lieu."),
            )
        )
    return freeing.cancel(booking_id=booking.pk, by=by, now=now)


@transaction.atomic
def stop_waiting(*, waiting: Waiting, by: str, now: datetime) -> None:
    """Leave a waiting list, and give back what it offered; leaving twice is once."""
    journal.lock_order()
    one = Waiting.objects.select_for_update(of=("self",)).get(pk=waiting.pk)
    if one.ended_at is not None:
        return
    one.ended_at = now
    one.save(update_fields=["ended_at"])
    journal.write(action="bookings.stopped_waiting", by=by, now=now, subject=f"waiting:{one.pk}")
    if one.offer_id and Booking.objects.filter(pk=one.offer_id, status=HELD).exists():
        freeing.cancel(booking_id=one.offer_id, by=by, now=now)
