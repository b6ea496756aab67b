"""The one door to a booking, for the page, the API, a series, an import, the waiting list and the desk."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, OperationalError, connection, transaction

from maillage.accounts.rules import HOST
from maillage.journal import actions as journal
from maillage.management.bookings.actions.freeing import lapse_and_offer
from maillage.management.bookings.models import CONFIRMED, HELD, LAPSED, Booking, Series, Settings, Space, Unit
from maillage.management.bookings.queries import guard
from maillage.management.bookings.queries.asking import Ground, ground_of, is_authorised
from maillage.management.bookings.queries.spaces import settings_of
from maillage.management.bookings.queries.taken import taken
from maillage.management.bookings.rules.clock import local_day
from maillage.management.bookings.rules.requests import Problem, problems
from maillage.management.bookings.rules.spans import Span
from maillage.management.people.models import Organisation, Person
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence as _

LONGEST_WAIT = "5s"
MOST_UNITS = 50


class Refused(ValueError):
    """A booking cannot be made; each problem says what, why and what to do. Nothing is written."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(f"{one.says} {one.mend}" for one in problems))
        self.problems = problems


class Taken(Refused):
    """The space is taken at that time; nothing is written."""


class Busy(Refused):
    """Too many people book here at this very moment; nothing is written, the same request may be made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks for: `units` of a space, or one unit by name; `at_desk`: by the team, at any hour."""

    space: Space
    start: datetime
    end: datetime
    person: Person | None = None
    organisation: Organisation | None = None
    unit: Unit | None = None
    units: int = 1
    hold: bool = False
    purpose: str = ""
    at_desk: bool = False

    @property
    def fingerprint(self) -> str:
        """The same for the same request, for the key that a program gives it."""
        told = [self.space.pk, self.start.isoformat(), self.end.isoformat(), self.units, self.hold, self.purpose]
        told += [one.pk if one else None for one in (self.person, self.organisation, self.unit)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@transaction.atomic
def reserve(
    *, asked: Asked, by: str, now: datetime, idempotency_key: str = "", settings: Settings | None = None
) -> Booking:
    """Book, or hold for some minutes; under a key asked again, the booking made the first time.

    `settings`: what `lock` gave in this same transaction, for who has taken their turn already.

    Raises `Refused` with every problem of the time, then of who asks, `Taken` when nothing is free, `KeyReused` for a
    known key with another request.
    """
    guard.require()
    if not idempotency_key:
        return _reserve(asked, settings or lock(asked.space.place), by=by, now=now)
    answer = journal.once(
        caller=f"{by} place:{asked.space.place_id}",
        key=idempotency_key,
        fingerprint=asked.fingerprint,
        now=now,
        act=lambda: {"booking": _reserve(asked, settings or lock(asked.space.place), by=by, now=now).pk},
    )
    return Booking.objects.select_related("space__place", "person").get(pk=answer["booking"])


@transaction.atomic
def reserve_all(*, asked: Sequence[Asked], pattern: dict[str, Any], by: str, now: datetime) -> Series:
    """Book every occurrence of a series, or none: the first that cannot be is told, and nothing is written."""
    guard.require()
    place = asked[0].space.place
    settings = lock(place)
    series = Series.objects.create(place=place, pattern=pattern, made_at=now, made_by=by)
    for one in sorted(asked, key=lambda one: one.start):
        _reserve(one, settings, by=by, now=now, series=series)
    return series


def lock(place: Place) -> Settings:
    """Wait for one's turn in a place; more than some seconds is told as `Busy`. Freeing never waits for this.

    One order for all writers: the turn in a place, then the journal's (`turn`), then rows of bookings and persons.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LONGEST_WAIT])
    try:
        with transaction.atomic():
            rows = Settings.objects.select_for_update(of=("self",)).select_related("place__commune")
            found = rows.filter(pk=place.pk).first()
            if found is None:
                Settings.objects.get_or_create(place=place, defaults={"zone": settings_of(place).zone})
                found = rows.get(pk=place.pk)
            return found
    except OperationalError as slow:
        raise _busy() from slow


def turn() -> None:
    """Wait for one's turn among all who write, before the first row of a booking is touched: nobody waits in a ring."""
    try:
        with transaction.atomic():
            journal.lock_order()
    except OperationalError as slow:
        raise _busy() from slow


def _busy() -> Busy:
    return Busy(
        Problem(
            "busy",
            _("Beaucoup de monde réserve ici en ce moment."),
            _("votre tour n’est pas venu à temps\u202f; rien n’a été réservé"),
            _("Réessayez dans quelques secondes."),
        )
    )


def _reserve(asked: Asked, settings: Settings, *, by: str, now: datetime, series: Series | None = None) -> Booking:
    if asked.at_desk:
        let_in(HOST, asked.space.place, by)
    ground = ground_of(asked.space, settings, asked.start, asked.end)
    found = problems(**ground.asked(asked.start, asked.end, now=now, desk=asked.at_desk))
    if found := found or _who(asked, ground.zone):
        raise Refused(*found)
    span = Span(asked.start, asked.end)
    turn()
    lapse_and_offer(place=asked.space.place, units=ground.units, span=span, by=by, now=now)
    units = _choose(asked, ground, now=now)
    booking = _write(asked, units, settings, series=series, by=by, now=now)
    journal.write(
        action="bookings.held" if asked.hold else "bookings.made",
        by=by,
        now=now,
        subject=f"booking:{booking.pk}",
        detail={"place": str(asked.space.place_id), "units": [unit.pk for unit in units]},
    )
    return booking


def _who(asked: Asked, zone: ZoneInfo) -> tuple[Problem, ...]:
    """What forbids this person or this organisation to book here, or to book this."""
    told = []
    person, place = asked.person, asked.space.place_id
    if person is not None and (person.place_id != place or person.erased_at or person.merged_into_id or person.left_at):
        told.append(
            Problem(
                "person",
                _("Cette personne ne réserve plus ici."),
                _("elle est partie, effacée, ou d’un autre lieu"),
                _("Choisissez une autre personne, ou faites-la revenir dans la liste."),
            )
        )
    if asked.organisation is not None and (asked.organisation.place_id != place or asked.organisation.merged_into_id):
        told.append(
            Problem(
                "organisation",
                _("Cette organisation n’est pas de ce lieu."),
                _("chaque lieu tient sa propre liste"),
                _("Choisissez-en une de la liste, ou ajoutez-la."),
            )
        )
    wanted = asked.space.authorisation
    if wanted and not is_authorised(person, wanted, local_day(asked.start, zone)):
        told.append(
            Problem(
                "authorisation",
                _("Il faut l’habilitation «\u202f%(name)s\u202f», valable ce jour-là.", name=wanted),
                _("elle s’obtient à une formation, et peut prendre fin"),
                _("Demandez à l’équipe la date de la prochaine formation."),
            )
        )
    return tuple(told)


def _choose(asked: Asked, ground: Ground, *, now: datetime) -> list[Unit]:
    """The free units for this request: the one named, all those inside, or the first free ones in their order."""
    busy = taken([unit.pk for unit in ground.units], asked.start, asked.end, now=now)
    free = [unit for unit in ground.units if not busy[unit.pk]]
    if asked.unit is not None:
        chosen = [unit for unit in free if unit.pk == asked.unit.pk]
        wanted = 1
    elif ground.takes_all:
        chosen, wanted = free, len(ground.units)
    else:
        wanted = asked.units
        chosen = sorted(free, key=lambda unit: (unit.order, unit.pk))[:wanted]
    if not 1 <= wanted <= MOST_UNITS * (1 + ground.takes_all) or len(chosen) < wanted:
        raise _taken(asked.space, len(free))
    return sorted(chosen, key=lambda unit: unit.pk)


def _write(
    asked: Asked, units: list[Unit], settings: Settings, *, series: Series | None, by: str, now: datetime
) -> Booking:
    expires = min(now + timedelta(minutes=settings.hold_minutes), asked.start) if asked.hold else None
    given: dict[str, Any] = {
        "place": asked.space.place,
        "space": asked.space,
        "start": asked.start,
        "end": asked.end,
        "status": HELD if asked.hold else CONFIRMED,
        "expires_at": expires,
        "made_at": now,
        "made_by": by,
        "changed_at": now,
    }
    lead = Booking(
        **given,
        unit=units[0],
        person=asked.person,
        organisation=asked.organisation,
        series=series,
        purpose=asked.purpose,
    )
    try:
        with transaction.atomic():
            lead.save(force_insert=True)
            for unit in units[1:]:
                Booking.objects.create(**given, unit=unit, part_of=lead)
    except IntegrityError as refused:
        raise _taken(asked.space, 0) from refused
    return lead


def _taken(space: Space, free: int) -> Taken:
    if free:
        why = _("il n’en reste que %(n)d de libres à cette heure", n=free)
    else:
        why = _("quelqu’un l’a réservé à cette heure")
    return Taken(
        Problem(
            "taken",
            _("«\u202f%(name)s\u202f» n’est plus libre.", name=space.name),
            why,
            _("Choisissez une autre heure, un autre espace, ou mettez-vous sur la liste d’attente."),
        )
    )


@transaction.atomic
def confirm(*, booking_id: int, by: str, now: datetime) -> Booking:
    """Make a hold firm; one whose time is over is looked at again, and refused with `Taken` if its unit has gone."""
    guard.require()
    turn()
    booking = Booking.objects.select_for_update().get(pk=booking_id, part_of__isnull=True)
    if booking.status == CONFIRMED:
        return booking
    if booking.status not in (HELD, LAPSED) or booking.start <= now:
        raise Refused(
            Problem(
                "not-held",
                _("Cette option n’est plus à confirmer."),
                _("elle a été annulée, ou son heure est passée"),
                _("Réservez de nouveau."),
            )
        )
    booking.status, booking.expires_at, booking.changed_at = CONFIRMED, None, now
    try:
        with transaction.atomic():
            booking.save(update_fields=["status", "expires_at", "changed_at"])
    except IntegrityError as refused:
        raise _taken(booking.space, 0) from refused
    journal.write(action="bookings.confirmed", by=by, now=now, subject=f"booking:{booking.pk}")
    return booking


@transaction.atomic
def move(*, booking_id: int, start: datetime, end: datetime, by: str, now: datetime, at_desk: bool = False) -> Booking:
    """Give a booking another time, on its own units: checked like a new one, or refused with nothing changed."""
    guard.require()
    booking = Booking.objects.select_related("space__place").get(pk=booking_id, part_of__isnull=True)
    settings = lock(booking.space.place)
    turn()
    booking = Booking.objects.select_for_update(of=("self",)).select_related("space__place").get(pk=booking_id)
    if at_desk:
        let_in(HOST, booking.space.place, by)
    if booking.status not in (HELD, CONFIRMED):
        raise Refused(
            Problem(
                "over",
                _("Cette réservation ne tient plus."),
                _("elle a été annulée, ou son option a expiré"),
                _("Réservez de nouveau."),
            )
        )
    ground = ground_of(booking.space, settings, start, end)
    found = problems(**ground.asked(start, end, now=now, desk=at_desk))
    if found:
        raise Refused(*found)
    before = [booking.start.isoformat(), booking.end.isoformat()]
    freed = Span(booking.start, booking.end)
    lapse_and_offer(place=booking.place, units=ground.units, span=Span(start, end), by=by, now=now)
    booking.start, booking.end, booking.changed_at, booking.kept_at = start, end, now, None
    try:
        with transaction.atomic():
            booking.save(update_fields=["start", "end", "changed_at", "kept_at"])
    except IntegrityError as refused:
        raise _taken(booking.space, 0) from refused
    journal.write(action="bookings.moved", by=by, now=now, subject=f"booking:{booking.pk}", detail={"from": before})
    lapse_and_offer(place=booking.place, units=ground.units, span=freed, by=by, now=now)
    return booking
