"""What visitors read is in English where they asked for it, from the first step to the link of the mail."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from maillage.management.bookings.actions.reserving import Asked, reserve
from maillage.management.bookings.models import Settings, Space
from tests.management.bookings.hall import Hall
from tests.management.bookings.public.test_steps import asking, base, sent
from tests.web.test_english import french_left


@pytest.fixture
def hall_in_english(venue: Hall, tuesday: datetime, now: datetime) -> Hall:
    """A room taken at ten, and rooms whose names are no French words."""
    for n, space in enumerate(Space.objects.all()):
        Space.objects.filter(pk=space.pk).update(name=f"Studio {n}", authorisation="")
    reserve(asked=Asked(space=venue.room, start=tuesday, end=tuesday + timedelta(hours=1)), by="essai", now=now)
    return venue


def test_the_steps_say_nothing_in_french(client: Client, hall_in_english: Hall, tuesday: datetime) -> None:
    room, desks = hall_in_english.room, hall_in_english.desks
    pages = [
        base(hall_in_english),
        f"{base(hall_in_english)}?jour=2026-11-24",
        f"{base(hall_in_english)}?jour=rien",
        f"{base(hall_in_english)}?mois=2026-12",
        f"{base(hall_in_english)}?espace=salle&jour=2026-11-24",
        asking(hall_in_english, room, tuesday),
        asking(hall_in_english, desks, tuesday),
        asking(hall_in_english, desks, tuesday + timedelta(hours=12)),
        asking(hall_in_english, desks, tuesday, -1),
    ]
    said = {page: french_left(client.get(f"/en{page}").content.decode()) for page in pages}
    assert said == {page: [] for page in pages}


def test_what_is_refused_is_refused_in_english(client: Client, hall_in_english: Hall, tuesday: datetime) -> None:
    taken, free = (asking(hall_in_english, space, tuesday) for space in (hall_in_english.room, hall_in_english.desks))
    answers = [
        sent(client, f"/en{taken}"),
        sent(client, f"/en{free}", attente="1"),
        sent(client, f"/en{free}", name="", phone="12"),
        sent(client, f"/en{free}", email=""),
    ]
    assert [answer.status_code for answer in answers] == [409, 409, 422, 422]
    assert [french_left(answer.content.decode()) for answer in answers] == [[]] * 4


def test_links_of_mails_open_in_english(client: Client, hall_in_english: Hall, tuesday: datetime) -> None:
    booked = sent(client, f"/en{asking(hall_in_english, hall_in_english.desks, tuesday)}")["Location"]
    waits = sent(client, f"/en{asking(hall_in_english, hall_in_english.room, tuesday)}", attente="1")["Location"]
    pages = [booked, f"{booked}?annuler=1", waits, "/en/reservation/rien/"]
    assert [page[:4] for page in pages] == ["/en/"] * 4
    assert [french_left(client.get(page).content.decode()) for page in pages] == [[]] * 4
    client.post(booked, {"annuler": "1"})
    assert french_left(client.get(booked).content.decode()) == []
    Settings.objects.update(is_online=False)
    assert french_left(client.get(f"/en{base(hall_in_english)}").content.decode()) == []
