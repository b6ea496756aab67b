"""Whatever writes a booking, the database refuses two of one unit at one time, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from maillage.management.bookings.actions import guard as setting
from maillage.management.bookings.models import CANCELLED, CONFIRMED, HELD, LAPSED, TAKING, Booking, Space, Unit
from maillage.management.bookings.queries import guard
from tests.management.bookings.hall import hall

HOUR = timedelta(hours=1)


def row(venue, unit: Unit, start, hours: float = 1, status: str = CONFIRMED, **more: Any) -> Booking:
    given = {
        "place": venue.place,
        "space": unit.space,
        "unit": unit,
        "start": start,
        "end": start + hours * HOUR,
        "status": status,
        "expires_at": start if status == HELD else None,
        "made_at": start,
        "changed_at": start,
        "made_by": "test",
    }
    return Booking.objects.create(**(given | more))


def refused(act, message: str = "") -> bool:
    try:
        with transaction.atomic():
            act()
    except IntegrityError as error:
        return message in str(error)
    return False


@pytest.mark.parametrize("first", TAKING)
@pytest.mark.parametrize("second", TAKING)
def test_two_that_overlap_are_refused(venue, tuesday, first, second):
    unit = venue.room.units.get()
    row(venue, unit, tuesday, 2, first)
    assert refused(lambda: row(venue, unit, tuesday + HOUR, 2, second))
    assert refused(lambda: row(venue, unit, tuesday - HOUR, 4, second))
    assert refused(lambda: row(venue, unit, tuesday + HOUR / 2, 1, second))
    assert Booking.objects.count() == 1


@pytest.mark.parametrize("status", [CANCELLED, LAPSED])
def test_what_takes_nothing_is_free_to_overlap(venue, tuesday, status):
    unit = venue.room.units.get()
    row(venue, unit, tuesday)
    row(venue, unit, tuesday, status=status)
    assert Booking.objects.count() == 2


def test_an_end_is_free_for_the_next_start(venue, tuesday):
    unit = venue.room.units.get()
    row(venue, unit, tuesday)
    row(venue, unit, tuesday + HOUR)
    row(venue, unit, tuesday - HOUR)
    assert Booking.objects.count() == 3


def test_another_unit_is_another_thing(venue, tuesday):
    one, other = venue.desks.units.all()[:2]
    row(venue, one, tuesday)
    row(venue, other, tuesday)
    assert Booking.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda late: {"start": late.start - HOUR, "end": late.end - HOUR}, id="moved"),
        pytest.param(lambda late: {"start": late.start - HOUR / 2}, id="longer"),
    ],
)
def test_a_booking_cannot_move_onto_another(venue, tuesday, change):
    unit = venue.room.units.get()
    row(venue, unit, tuesday)
    late = row(venue, unit, tuesday + HOUR)
    assert refused(lambda: Booking.objects.filter(pk=late.pk).update(**change(late)))


def test_neither_a_change_of_unit_nor_of_status_passes(venue, tuesday):
    one, other = venue.desks.units.all()[:2]
    row(venue, one, tuesday)
    beside, over = row(venue, other, tuesday), row(venue, one, tuesday, status=LAPSED)
    assert refused(lambda: Booking.objects.filter(pk=beside.pk).update(unit=one))
    assert refused(lambda: Booking.objects.filter(pk=over.pk).update(status=CONFIRMED))
    assert refused(lambda: Booking.objects.bulk_create([Booking(**_values(beside, unit_id=one.pk))]))


def _values(booking: Booking, **more: Any) -> dict[str, Any]:
    kept = {field.attname: getattr(booking, field.attname) for field in Booking._meta.fields if not field.primary_key}
    return kept | more


def test_the_rows_of_one_booking_follow_its_first(venue, tuesday):
    one, two, three = venue.desks.units.all()[:3]
    lead = row(venue, one, tuesday)
    part = row(venue, two, tuesday, part_of=lead)
    row(venue, three, tuesday + 5 * HOUR)
    Booking.objects.filter(pk=lead.pk).update(start=tuesday + 2 * HOUR, end=tuesday + 3 * HOUR)
    part.refresh_from_db()
    assert (part.start, part.end) == (tuesday + 2 * HOUR, tuesday + 3 * HOUR)
    row(venue, two, tuesday)
    assert refused(lambda: Booking.objects.filter(pk=lead.pk).update(start=tuesday, end=tuesday + HOUR))
    Booking.objects.filter(pk=lead.pk).update(status=CANCELLED)
    part.refresh_from_db()
    assert part.status == CANCELLED


def test_a_booking_stays_in_the_place_of_its_unit(venue, people, tuesday):
    elsewhere = hall(people.other)
    theirs = elsewhere.room.units.get()
    assert refused(lambda: row(venue, theirs, tuesday), "booking_elsewhere")
    assert refused(lambda: row(venue, theirs, tuesday, space=venue.room), "booking_elsewhere")
    ours = row(venue, venue.room.units.get(), tuesday)
    assert refused(lambda: Booking.objects.filter(pk=ours.pk).update(unit=theirs), "booking_elsewhere")
    assert refused(lambda: Booking.objects.filter(pk=ours.pk).update(space=elsewhere.room), "booking_elsewhere")


def test_without_the_guard_they_overlap(venue, tuesday):
    """The negative control: the tests above see the guard and nothing else."""
    take_off()
    unit = venue.room.units.get()
    row(venue, unit, tuesday)
    row(venue, unit, tuesday)
    assert Booking.objects.count() == 2


def take_off() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # PostgreSQL alters no table whose deferred checks still wait in this transaction.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE bookings_booking DROP CONSTRAINT {guard.CONSTRAINT}")
        else:
            for name in ("booking_overlap_insert", "booking_overlap_update"):
                cursor.execute(f"DROP TRIGGER {name}")


@pytest.mark.django_db
def test_a_missing_guard_is_seen_and_stops_all_booking():
    assert guard.missing() == []
    guard.require()
    take_off()
    gone = guard.missing()
    assert gone
    with pytest.raises(guard.GuardMissing) as told:
        guard.require()
    assert str(told.value) == (
        f"La garde des réservations manque dans la base ({', '.join(gone)})\u202f: deux réservations pourraient "
        "prendre la même place. Rien n’est réservé. Lancez «\u202fmaillage migrate\u202f», qui la remet."
    )


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its triggers when a table changes")
@pytest.mark.django_db(transaction=True)
def test_a_change_of_the_table_takes_the_triggers_and_migrating_sets_them_again():
    field = models.CharField(max_length=201, blank=True)
    field.set_attributes_from_name("purpose")
    with connection.schema_editor() as editor:
        editor.alter_field(Booking, Booking._meta.get_field("purpose"), field)
    assert guard.missing() == list(guard.ON_SQLITE)
    setting.install()
    assert guard.missing() == []
    assert apps.get_model("bookings", "Booking") is Booking


@pytest.mark.django_db
def test_setting_the_guard_twice_is_setting_it_once():
    setting.install()
    setting.install()
    assert guard.missing() == []


def test_names_are_what_people_read(venue):
    assert [str(space) for space in Space.objects.all()] == [
        "Tout le lieu",
        "Salle du four",
        "Bureaux",
        "Découpe laser",
    ]
