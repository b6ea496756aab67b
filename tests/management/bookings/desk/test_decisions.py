"""At the desk: a hold confirmed, a form sent twice, a booking kept outside the hours, the way to a person."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent, Mail
from maillage.management.bookings.actions.desk import confirm_at_desk, keep_outside
from maillage.management.bookings.actions.reserving import Asked, move, reserve
from maillage.management.bookings.models import Booking, OpeningRule
from maillage.management.bookings.queries.desk import misfits
from maillage.management.people.models import Person
from tests.management.bookings.hall import hours

FORM = {"name": "Thomas Petit", "day": "2026-11-24", "starts": "09:00", "ends": "10:00", "units": "1"}


def held(venue, at, now, person=None) -> Booking:
    start, end = hours(at)
    return reserve(asked=Asked(space=venue.room, start=start, end=end, person=person, hold=True), by="page", now=now)


def test_the_desk_confirms_a_hold_and_the_facts_are_mailed(desk, venue, tuesday, now):
    person = Person.objects.create(place=venue.place, name="Thomas", email="t@example.org", created_at=now)
    one = held(venue, tuesday, now, person)
    assert "Confirmer l’option" in desk(f"reservations/{one.pk}/").page.text
    page = desk(f"reservations/{one.pk}/confirmer/", {}).page
    one.refresh_from_db()
    assert "L’option est confirmée." in page.text and "Confirmer l’option" not in page.text
    assert one.status == "confirmed" and Mail.objects.filter(to="t@example.org").count() == 1
    desk(f"reservations/{one.pk}/confirmer/", {})
    assert Mail.objects.count() == 1


def test_a_lapsed_hold_whose_room_has_gone_is_not_confirmed(desk, people, venue, chief, tuesday, now):
    one = held(venue, tuesday, now)
    later = now + timedelta(hours=1)
    start, end = hours(tuesday)
    reserve(asked=Asked(space=venue.room, start=start, end=end), by="page", now=later)
    assert "n’est plus libre" in desk(f"reservations/{one.pk}/confirmer/", {}).page.text
    one.refresh_from_db()
    assert one.status == "lapsed"
    with pytest.raises(Booking.DoesNotExist):
        confirm_at_desk(place=people.other, booking_id=one.pk, by="essai", now=now)


def test_a_form_sent_twice_books_once_and_says_so(desk, venue, tuesday, now):
    (key,) = desk("reserver/").page.head("input", name="jeton")
    given = {**FORM, "what": f"s{venue.desks.pk}", "jeton": key["value"]}
    assert len(key["value"]) > 20 and "1 réservation faite" in desk("reserver/", given).page.text
    again = desk("reserver/", given).page
    assert "Ce formulaire a déjà servi" in again.text and Booking.objects.count() == 1
    desk("reserver/", {**given, "name": "Une autre", "starts": "08:00"})
    assert Booking.objects.count() == 1 and Person.objects.count() == 1
    desk("reserver/", {**given, "jeton": "autre"})
    assert Booking.objects.count() == 2


def test_a_series_sent_twice_is_made_once(desk, venue, tuesday, now):
    given = {**FORM, "what": f"s{venue.room.pk}", "until": "2026-12-08", "every_weeks": "1", "jeton": "une-serie"}
    page = desk("reserver/", given).page
    assert page.head("input", name="jeton")[0]["value"] == "une-serie"
    picks = [one["value"] for one in page.head("input", name="pick")]
    for _ in range(2):
        desk("reserver/", {**given, "confirm": "1", "pick": picks})
    assert Booking.objects.count() == len(picks) == 3


def test_a_booking_left_outside_is_kept_leaves_the_list_and_comes_back_when_moved(people, desk, venue, tuesday, now):
    start, end = hours(tuesday)
    one = reserve(asked=Asked(space=venue.room, start=start, end=end), by="page", now=now)
    OpeningRule.objects.filter(weekday=1).delete()
    assert "La garder" in desk("espaces/").page.text and misfits(venue.place, now=now).total == 1
    page = desk(f"reservations/{one.pk}/garder/", {}).page
    assert "Elle est gardée, hors des heures." in page.text and "La garder" not in page.text
    desk(f"reservations/{one.pk}/garder/", {})
    assert AuditEvent.objects.filter(action="bookings.kept_outside").count() == 1
    later = timedelta(hours=1)
    move(booking_id=one.pk, start=start + later, end=end + later, by="essai", now=now, at_desk=True)
    assert misfits(venue.place, now=now).total == 1
    with pytest.raises(PermissionDenied):
        host = signature(people.karim.user.pk, "colleague")
        keep_outside(place=venue.place, booking_id=one.pk, by=host, now=now)


def test_a_booking_leads_to_the_page_of_its_person(desk, venue, tuesday, now):
    person = venue.person("Thomas", now=now)
    start, end = hours(tuesday)
    one = reserve(asked=Asked(space=venue.room, start=start, end=end, person=person), by="page", now=now)
    assert f"/gerer/{venue.place.slug}/personnes/{person.pk}/" in desk(f"reservations/{one.pk}/").page.links


def test_somebody_who_left_is_not_booked_for_nor_added_again_until_their_return_is_noted(desk, venue, now):
    gone = Person.objects.create(
        place=venue.place, name="Thomas Petit", folded="thomas petit", created_at=now, left_at=now
    )
    given = {**FORM, "what": f"s{venue.desks.pk}"}
    page = desk("reserver/", given, to=422).page
    assert "cette personne est partie d’ici\u202f: notez d’abord son retour" in page.text
    assert Person.objects.count() == 1 and not Booking.objects.exists()
    Person.objects.filter(pk=gone.pk).update(left_at=None)
    desk("reserver/", {**given, "jeton": "apres"})
    assert Booking.objects.get().person == gone
