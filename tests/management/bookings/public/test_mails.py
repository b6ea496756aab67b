"""What the mails of bookings say, in whose language, and what goes with them."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from maillage.journal.models import Mail
from maillage.management.bookings.actions import visiting
from maillage.management.bookings.actions.freeing import cancel
from maillage.management.bookings.actions.reserving import Asked, reserve

LILA = {"name": "Lila", "email": "lila@example.org"}


def ask(venue, start) -> Asked:
    return Asked(space=venue.room, start=start, end=start + timedelta(hours=1))


def test_the_calendar_goes_with_the_confirmation(venue, tuesday, now):
    visitor = visiting.Visitor(raw=LILA)
    booking = visiting.book(asked=ask(venue, tuesday), visitor=visitor, now=now, idempotency_key="k").made
    mail = Mail.objects.get(subject__startswith="Réservé")
    [event] = Calendar.from_ical(mail.calendar).walk("VEVENT")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (booking.start, booking.end)
    assert str(event["STATUS"]) == "CONFIRMED" and str(event["SUMMARY"]).startswith("Salle du four")
    assert "Lila" not in mail.calendar


@pytest.mark.parametrize(("language", "begins"), [("fr", "Une place s’est libérée"), ("en", "A place has become free")])
def test_an_offer_is_made_in_the_language_of_the_asking(venue, tuesday, now, language, begins):
    taken = reserve(asked=ask(venue, tuesday), by="x", now=now)
    visitor = visiting.Visitor(raw=LILA, language=language)
    waiting = visiting.queue(asked=ask(venue, tuesday), visitor=visitor, now=now).made
    assert waiting.language == language
    cancel(booking_id=taken.pk, by="x", now=now)
    mail = Mail.objects.order_by("pk").last()
    assert mail.subject.startswith(begins)
    assert mail.calendar == "", "an offer is not a booking yet"
