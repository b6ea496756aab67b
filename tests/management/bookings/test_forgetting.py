from datetime import timedelta

from maillage.journal.models import AuditEvent
from maillage.management.bookings.actions.freeing import wait
from maillage.management.bookings.actions.reserving import Asked, reserve
from maillage.management.bookings.models import CANCELLED, CONFIRMED, Booking, Waiting
from maillage.management.people.actions.erasing import erase_person

HOUR = timedelta(hours=1)


def test_an_erased_person_leaves_dates_and_no_words_and_gives_back_what_was_to_come(venue, people, tuesday, now):
    thomas, lila = venue.person("Thomas Girod", now=now), venue.person("Lila Marchal", now=now)

    def book(person, start):
        asked = Asked(space=venue.room, start=start, end=start + HOUR, person=person, purpose="Thérapie de Thomas")
        return reserve(asked=asked, by="page", now=now)

    past, coming, other = (book(thomas, tuesday), book(thomas, tuesday + 48 * HOUR), book(lila, tuesday + HOUR))
    wait(waiting=Waiting(space=venue.room, person=thomas, start=other.start, end=other.end), by="page", now=now)
    nadine = f"compte:{people.nadine.user.pk}:facilitator"
    later = tuesday + 3 * HOUR
    erase_person(place=venue.place, person_id=thomas.pk, by=nadine, now=later)
    told = {booking.pk: (booking.status, booking.purpose, booking.start) for booking in Booking.objects.order_by("pk")}
    assert told == {
        past.pk: (CONFIRMED, "", tuesday),
        coming.pk: (CANCELLED, "", tuesday + 48 * HOUR),
        other.pk: (CONFIRMED, "Thérapie de Thomas", tuesday + HOUR),
    }
    assert Waiting.objects.get().ended_at == later
    event = AuditEvent.objects.get(action="bookings.persons_forgotten")
    assert event.detail == {"persons": [thomas.pk], "worded": 2}
    book(lila, tuesday + 48 * HOUR)
