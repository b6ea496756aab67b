"""One's own registrations beside one's bookings, and the secret calendar that holds both."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from maillage.journal.models import AuditEvent
from maillage.management.bookings.actions.reserving import Asked, reserve
from maillage.management.events.models import OwnCalendar
from maillage.management.events.queries.own_calendar import open_calendar
from maillage.management.people.models import Person
from tests.management.bookings.hall import Hall
from tests.management.events.public.test_agenda import said
from tests.management.events.public.test_register import address, sent
from tests.management.events.workshop import Workshop, workshop
from tests.people import People

PAGE, OWN = "/mon-compte/agenda/", "/mon-compte/reservations/"


def test_registrations_stand_beside_bookings(
    people: People, venue: Hall, client_of: Callable[..., Client], tuesday: datetime, now: datetime
) -> None:
    here, there = workshop(people.place, tuesday, seats=4, now=now), workshop(people.other, tuesday, seats=1, now=now)
    there.come("Zoe")
    thomas = client_of(people.thomas)
    for one in (here, there):
        assert sent(thomas, address(one)).status_code == 302
    person = Person.objects.get(place=venue.place, account=people.thomas.user)
    start = tuesday + timedelta(hours=5)
    reserve(asked=Asked(space=venue.room, start=start, end=start + timedelta(hours=1), person=person), by="x", now=now)
    text = said(thomas, OWN).text
    assert text.index("Repair café") < text.index("Salle du four")
    assert text.count("Repair café") == 2
    assert "Repair café liste d’attente" in text
    assert "L’Escale de Lila" in text
    assert "Zoe" not in text


def test_a_secret_calendar_is_made_changed_and_closed(
    people: People, repair: Workshop, client_of: Callable[..., Client], client: Client
) -> None:
    thomas = client_of(people.thomas)
    sent(thomas, address(repair))
    thomas.post(OWN)
    assert "Faire mon adresse secrète" in said(thomas, PAGE).text
    thomas.post(PAGE, {"ouvrir": "1"})
    first = f"/agenda/personnel/{open_calendar(people.thomas.user.pk)}.ics"
    page = said(thomas, PAGE)
    assert any(one.get("value", "").endswith(first) for one in page.attributes["input"])
    answer = client.get(first)
    assert "noindex" in answer["X-Robots-Tag"]
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert "Repair café" in str(event["summary"])
    thomas.post(PAGE, {"ouvrir": "1"})
    second = f"/agenda/personnel/{open_calendar(people.thomas.user.pk)}.ics"
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    assert "Fermer cet agenda\u202f?" in said(thomas, f"{PAGE}?fermer=1").text
    thomas.post(PAGE, {"fermer": "1"})
    thomas.post(PAGE, {"fermer": "1"})
    assert client.get(second).status_code == 404
    acts = list(AuditEvent.objects.filter(action__startswith="events.calendar").values_list("action", flat=True))
    assert sorted(acts) == ["events.calendar_closed", *["events.calendar_opened"] * 2]
    thomas.post(PAGE, {"ouvrir": "1"})
    assert client.get(second).status_code == 404


def test_nobody_guesses_it(people: People, client: Client) -> None:
    OwnCalendar.objects.create(account=people.thomas.user)
    token = open_calendar(people.thomas.user.pk)
    for wrong in (token[:-1] + "x", token.replace("-1-", "-2-"), f"1-1-{'x' * 43}"):
        assert client.get(f"/agenda/personnel/{wrong}.ics").status_code == 404
    people.thomas.user.is_active = False
    people.thomas.user.save()
    assert client.get(f"/agenda/personnel/{token}.ics").status_code == 404


def test_it_holds_only_one_s_own(people: People, venue: Hall, repair: Workshop, client: Client, tuesday, now) -> None:
    repair.come("Zoe")
    person = Person.objects.create(place=venue.place, name="Tom", account=people.thomas.user, created_at=now)
    reserve(
        asked=Asked(space=venue.room, start=tuesday, end=tuesday + timedelta(hours=1), person=person), by="x", now=now
    )
    OwnCalendar.objects.create(account=people.thomas.user)
    answer = client.get(f"/agenda/personnel/{open_calendar(people.thomas.user.pk)}.ics")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["summary"]) == "Salle du four, La Boutique de Nadine"


def test_the_pages_ask_the_same_number_of_questions(
    people: People, client_of: Callable[..., Client], client: Client, tuesday: datetime, now: datetime
) -> None:
    thomas = client_of(people.thomas)
    OwnCalendar.objects.create(account=people.thomas.user)
    feed = f"/agenda/personnel/{open_calendar(people.thomas.user.pk)}.ics"
    asked = []
    for n in range(4):
        one = workshop(people.place, tuesday + timedelta(days=n), seats=4, now=now)
        assert sent(thomas, address(one)).status_code == 302
        thomas.post(OWN)
        counted = []
        for who, page in ((thomas, OWN), (client, feed)):
            with CaptureQueriesContext(connection) as captured:
                who.get(page)
            counted.append(len(captured))
        asked.append(counted)
    assert asked[1:] == [asked[1]] * 3
