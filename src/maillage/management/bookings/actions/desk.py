"""What the team does at its desk: who came, who did not, who came without a booking, and a series cut short."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from maillage.accounts.rules import HOST, RUN
from maillage.journal import actions as journal
from maillage.management.bookings import emails
from maillage.management.bookings.actions.freeing import cancel
from maillage.management.bookings.actions.reserving import Refused, confirm
from maillage.management.bookings.models import CONFIRMED, TAKING, Booking, Visit
from maillage.management.bookings.rules.requests import Problem
from maillage.management.bookings.rules.visits import ACTIVITIES, OTHERWISE, WHO, read_word
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence as _

ARRIVED, MISSED, UNDONE = CAME = ("arrived", "missed", "undone")
ACTS = {ARRIVED: "bookings.arrived", MISSED: "bookings.missed", UNDONE: "bookings.undone"}
EARLIEST_ARRIVAL = timedelta(hours=12)
"""How long before its start somebody may be noted as there: a wrong day is more likely than a very early bird."""


@transaction.atomic
def check_in(*, place: Place, booking_id: int, came: str, by: str, now: datetime) -> Booking:
    """Note that somebody who booked is there, or did not come, or neither after all; the same twice is once."""
    let_in(HOST, place, by)
    booking = one_of(place, booking_id)
    if came not in CAME or booking.status != CONFIRMED:
        raise Refused(
            Problem(
                "not-expected",
                _("Cette réservation n’attend personne."),
                _("elle a été annulée, ou n’est pas confirmée"),
                _("Notez plutôt un passage, ou réservez de nouveau."),
            )
        )
    if came != UNDONE and booking.start - now > EARLIEST_ARRIVAL:
        raise Refused(
            Problem(
                "too-early",
                _("Cette réservation est pour un autre jour."),
                _("on note qui est là le jour même"),
                _("Revenez ce jour-là, ou déplacez la réservation."),
            )
        )
    if came == MISSED and booking.start > now:
        raise Refused(
            Problem(
                "too-early",
                _("Cette réservation n’a pas encore commencé."),
                _("on ne note une absence qu’après l’heure"),
                _("Attendez l’heure dite, ou annulez la réservation."),
            )
        )
    return mark(booking, came, by=by, now=now)


def mark(booking: Booking, came: str, *, by: str, now: datetime, **detail: bool) -> Booking:
    """Write who came or did not, with the visit that counts it, in the current transaction."""
    arrived = (booking.arrived_at or now) if came == ARRIVED else None
    missed = (booking.missed_at or now) if came == MISSED else None
    if (arrived, missed) == (booking.arrived_at, booking.missed_at):
        return booking
    booking.arrived_at, booking.missed_at = arrived, missed
    booking.save(update_fields=["arrived_at", "missed_at"])
    if arrived:
        Visit.objects.get_or_create(
            booking=booking, defaults={"place_id": booking.place_id, "person": booking.person, "at": now}
        )
    else:
        Visit.objects.filter(booking=booking).delete()
    told = {"place": str(booking.place_id), **detail}
    journal.write(action=ACTS[came], by=by, now=now, subject=f"booking:{booking.pk}", detail=told)
    return booking


@transaction.atomic
def note_visit(
    *,
    place: Place,
    raw: Mapping[str, str],
    booking_id: int | None = None,
    by: str,
    now: datetime,
    idempotency_key: str = "",
) -> Visit | None:
    """Note why somebody came: a passer-by without a name, or who arrived for a booking; what is not said stays so.

    Under a key asked again, a passer-by is counted once, None when taken back since; `KeyReused` for other answers.
    """
    let_in(HOST, place, by)
    words = {
        "who": read_word(raw.get("who", ""), WHO),
        "activity": read_word(raw.get("activity", ""), ACTIVITIES),
        "otherwise": read_word(raw.get("otherwise", ""), OTHERWISE),
    }

    def act() -> dict[str, int]:
        if booking_id is None:
            visit = Visit.objects.create(place=place, at=now, **words)
        else:
            visit = Visit.objects.get(booking=one_of(place, booking_id))
            for name, word in words.items():
                setattr(visit, name, word)
            visit.save(update_fields=list(words))
        journal.write(action="bookings.visited", by=by, now=now, subject=f"visit:{visit.pk}", detail=_where(place))
        return {"visit": visit.pk}

    if idempotency_key:
        asked = {"caller": f"{by} visits:{place.pk}"[:120], "key": idempotency_key}
        told = journal.once(**asked, fingerprint="|".join(words.values()), now=now, act=act)
    else:
        told = act()
    return Visit.objects.filter(pk=told["visit"]).first()


@transaction.atomic
def forget_visit(*, place: Place, visit_id: int, by: str, now: datetime) -> None:
    """Take back a visit without a booking that was noted by mistake."""
    let_in(HOST, place, by)
    journal.lock_order()
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=visit_id, place=place, booking__isnull=True)
    visit.delete()
    journal.write(action="bookings.visit_removed", by=by, now=now, subject=f"visit:{visit_id}", detail=_where(place))


@transaction.atomic
def cancel_at_desk(*, place: Place, booking_id: int, rest: bool = False, by: str, now: datetime) -> int:
    """Cancel a booking of this place, and with `rest` those of its series that follow it; how many were cancelled."""
    let_in(HOST, place, by)
    booking = one_of(place, booking_id)
    ids = [booking.pk] if booking.status in TAKING else []
    if rest and booking.series_id:
        following = Booking.objects.filter(
            series=booking.series_id, place=place, part_of__isnull=True, status__in=TAKING, start__gt=booking.start
        )
        ids += following.order_by("start").values_list("pk", flat=True)
    for pk in ids:
        cancel(booking_id=pk, by=by, now=now)
    return len(ids)


@transaction.atomic
def confirm_at_desk(*, place: Place, booking_id: int, by: str, now: datetime) -> Booking:
    """Make a hold of this place firm, and mail the facts; twice is once, and a lapsed one is looked at again."""
    let_in(HOST, place, by)
    booking = one_of(place, booking_id)
    was = booking.status
    made = confirm(booking_id=booking.pk, by=by, now=now)
    if was != CONFIRMED:
        emails.say_booked(booking=made, language=emails.FRENCH, now=now)
    return made


@transaction.atomic
def keep_outside(*, place: Place, booking_id: int, by: str, now: datetime) -> None:
    """Keep a booking that hours left outside: it needs no deciding any more, until it is moved."""
    let_in(RUN, place, by)
    booking = one_of(place, booking_id)
    if booking.kept_at is None and booking.status in TAKING:
        booking.kept_at = now
        booking.save(update_fields=["kept_at"])
        told = _where(place)
        journal.write(action="bookings.kept_outside", by=by, now=now, subject=f"booking:{booking.pk}", detail=told)


def one_of(place: Place, booking_id: int) -> Booking:
    """A booking of this place to write on, in one's turn; one of another place does not exist here."""
    journal.lock_order()
    rows = Booking.objects.select_for_update(of=("self",)).select_related("person")
    return rows.get(pk=booking_id, place=place, part_of__isnull=True)


def _where(place: Place) -> dict[str, str]:
    return {"place": str(place.pk)}
