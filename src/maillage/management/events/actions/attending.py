"""Who came: noted in two taps, with those who came without registering, and ages counted without a name."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from maillage.management.events.actions import seating
from maillage.management.events.actions.door import EventsRefused, Full, enter, note, once, refuse, session_here
from maillage.management.events.actions.registering import active, check_party, check_takes, enlist, somebody
from maillage.management.events.emails import FRENCH
from maillage.management.events.models import CONFIRMED, Headcount, Registration, Session
from maillage.management.events.rules.entries import read_ages
from maillage.management.people.rules.entries import Wrong
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

EARLIEST_ARRIVAL = timedelta(hours=12)
"""How long before its start somebody may be noted as there: a wrong day is more likely than a very early bird."""


@transaction.atomic
def came(*, place: Place, registration_id: int, by: str, now: datetime) -> Registration:
    """Note that a party is there, or one of it; twice is once."""
    return _mark(place, registration_id, "events.came", by=by, now=now)


@transaction.atomic
def missed(*, place: Place, registration_id: int, by: str, now: datetime) -> Registration:
    """Note that a party did not come, or one of it."""
    return _mark(place, registration_id, "events.missed", by=by, now=now)


@transaction.atomic
def neither(*, place: Place, registration_id: int, by: str, now: datetime) -> Registration:
    """Take back what was noted."""
    return _mark(place, registration_id, "events.unmarked", by=by, now=now)


@transaction.atomic
def walk_in(
    *,
    place: Place,
    session_id: int,
    raw: Mapping[str, str],
    by: str,
    now: datetime,
    party: int = 1,
    key: str = "",
) -> Registration:
    """Register a party that stands at the door and note it as there; `Full` when its seats are not left.

    Who is registered already is noted as there.
    """
    enter(place, by)
    session = session_here(session_id, place)

    def act() -> int:
        check_takes(session)
        _check_day(session, now)
        check_party(session, party)
        person = somebody(place, raw, by=by, now=now)
        lead = active(session, person) or enlist(session, person, party, FRENCH, by=by, now=now)
        lead.refresh_from_db()
        if lead.state != CONFIRMED:
            raise _full()
        return int(_mark(place, lead.pk, "events.came", by=by, now=now).pk)

    told = [dict(raw), party]
    return Registration.objects.get(pk=once(key, act, caller=f"{by} walk-in:{session_id}", now=now, told=told))


@transaction.atomic
def count_ages(*, place: Place, session_id: int, counts: Mapping[str, str], by: str, now: datetime) -> list[Headcount]:
    """Write how many of each age came, in the place of what was counted before."""
    enter(place, by)
    session = session_here(session_id, place)
    if session.cancelled_at is not None:
        raise refuse("session", _("cette séance est annulée"), _("comptez qui vient à une autre"))
    _check_day(session, now)
    read = read_ages(counts)
    if read.wrongs:
        raise EventsRefused(read.wrongs)
    before = dict(Headcount.objects.filter(session=session).values_list("age_band", "count"))
    if before != read.values:
        Headcount.objects.filter(session=session).delete()
        rows = [Headcount(session=session, age_band=band, count=count) for band, count in read.values.items()]
        Headcount.objects.bulk_create(rows)
        note("events.counted", session, by=by, now=now, counts=read.values)
    return list(Headcount.objects.filter(session=session).order_by("pk"))


def _mark(place: Place, registration_id: int, act: str, *, by: str, now: datetime) -> Registration:
    """Note the same of a party as of who leads it; who is brought may be noted alone."""
    enter(place, by)
    found = Registration.objects.get(pk=registration_id, session__event__place=place)
    session = session_here(found.session_id, place)
    row = Registration.objects.select_related("person").get(pk=registration_id)
    if row.state != CONFIRMED:
        raise refuse("session", _("cette inscription n’attend personne"), _("inscrivez la personne de nouveau"))
    if act != "events.unmarked":
        _check_day(session, now)
    changed = []
    for one in [row] if row.part_of_id else seating.rows_of(row):
        arrived = (one.arrived_at or now) if act == "events.came" else None
        absent = (one.missed_at or now) if act == "events.missed" else None
        if (arrived, absent) != (one.arrived_at, one.missed_at):
            one.arrived_at, one.missed_at = arrived, absent
            one.save(update_fields=["arrived_at", "missed_at"])
            changed.append(one.pk)
    if changed:
        note(act, session, by=by, now=now, registration=row.pk)
    return row


def _check_day(session: Session, now: datetime) -> None:
    if session.start - now > EARLIEST_ARRIVAL:
        raise refuse("session", _("cette séance est un autre jour"), _("notez qui est là le jour même"))


def _full() -> Full:
    problem = _("il n’y a plus assez de places")
    return Full({"session": Wrong(problem, _("ajoutez des places à la séance, ou retirez une inscription"))})
