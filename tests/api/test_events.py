"""The programme for programs: page after page, near somewhere, of one place."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from maillage.management.events.actions.sessions import cancel_session
from maillage.management.events.models import Event
from maillage.places.models import Place
from tests.management.events.conftest import TUESDAY
from tests.management.events.public.conftest import today
from tests.management.events.public.test_agenda import many
from tests.management.events.workshop import BY, Workshop, workshop
from tests.people import People

__all__ = ["today"]
URL = "/api/v1/events"


@pytest.fixture
def repair(people: People, now: datetime) -> Workshop:
    return workshop(people.place, TUESDAY, seats=12, now=now)


def told(client: Client, query: str = "") -> list[dict]:
    response = client.get(f"{URL}{query}")
    assert response.status_code == 200
    return response.json()["events"]


def test_a_session_is_told_without_who_comes(client: Client, repair: Workshop, now: datetime) -> None:
    repair.come("Lila", 3)
    (one,) = told(client)
    assert (one["title"], one["start"], one["zone"]) == ("Repair café", "2026-11-24T09:00:00Z", "Europe/Paris")
    assert (one["capacity"], one["free_seats"], one["takes_registrations"]) == (12, 9, True)
    assert (one["place"]["slug"], one["place"]["demo"], one["cancelled"]) == (repair.place.slug, False, False)
    assert "Lila" not in client.get(URL).content.decode()
    assert client.get(one["url"].removeprefix("http://localhost:8000")).status_code == 200
    cancel_session(place=repair.place, session_id=repair.session.pk, reason="Neige", by=BY, now=now)
    (gone,) = told(client)
    assert (gone["uid"], gone["cancelled"], gone["reason"]) == (one["uid"], True, "Neige")
    assert gone["sequence"] > one["sequence"]


def test_a_walk_gives_each_session_once(client: Client, repair: Workshop, now: datetime) -> None:
    many(repair, 22, TUESDAY)
    for title in ("Chorale", "Contes"):
        workshop(repair.place, TUESDAY, seats=None, now=now, title=title, takes_registrations="")
    many_same = [one["id"] for one in told(client, "?limit=100")]
    found, address = [], f"{URL}?limit=7"
    while address:
        response = client.get(address)
        found += [one["id"] for one in response.json()["events"]]
        address = response.json()["next"]
        assert (f'<{address}>; rel="next"' if address else None) == response.headers.get("Link")
    assert found == many_same
    assert len(set(found)) == 25


def test_where_and_whose(client: Client, repair: Workshop, people: People) -> None:
    Place.objects.filter(pk=repair.place.pk).update(lat=47.0, lon=5.7)
    assert told(client, "?near=47.0,5.7")[0]["distance_m"] == 0
    assert told(client, "?near=47.0,6.1") == []
    assert len(told(client, "?near=47.0,6.1&radius=40")) == 1
    assert len(told(client, "?near=39093")) == 1
    assert len(told(client, f"?place={repair.place.slug}")) == 1
    assert told(client, f"?place={people.other.slug}") == []


def test_days_bound_it(client: Client, repair: Workshop) -> None:
    assert len(told(client, "?from=2026-11-24&to=2026-11-24")) == 1
    assert told(client, "?from=2026-11-25") == []
    assert told(client, "?to=2026-11-23") == []


@pytest.mark.parametrize(
    ("query", "status", "name"),
    [
        ("from=demain", 400, "from"),
        ("to=2026-11-01", 400, "to"),
        ("to=2036-11-01", 400, "to"),
        ("from=9999-12-31", 400, "from"),
        ("from=0001-01-01", 400, "from"),
        ("near=Chamblay", 400, "near"),
        ("near=91,5", 400, "near"),
        ("near=99999", 404, "near"),
        ("radius=0", 400, "radius"),
        ("radius=101", 400, "radius"),
        ("limit=0", 400, "limit"),
        ("place=rien", 404, ""),
        ("cursor=abc", 400, "cursor"),
        ("cursor=W10", 400, "cursor"),
        ("cursor=W1tdLDEsMl0", 400, "cursor"),
        ("secret=1", 400, "secret"),
        ("from=2026-11-24&from=2026-11-25", 400, "from"),
    ],
)
def test_what_is_not_understood_is_refused(
    client: Client, repair: Workshop, query: str, status: int, name: str
) -> None:
    response = client.get(f"{URL}?{query}")
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    if name:
        assert response.json()["errors"][0]["parameter"] == name


def test_a_cursor_is_that_of_its_question(client: Client, repair: Workshop) -> None:
    many(repair, 3, TUESDAY)
    following = client.get(f"{URL}?limit=1").json()["next"]
    assert client.get(following).status_code == 200
    assert client.get(f"{following}&radius=50").status_code == 400


def test_it_carries_an_etag(client: Client, repair: Workshop) -> None:
    etag = client.get(URL)["ETag"]
    assert client.get(URL, headers={"If-None-Match": etag}).status_code == 304
    repair.come("Lila")
    assert client.get(URL, headers={"If-None-Match": etag}).status_code == 200


def test_it_asks_the_same_number_of_questions(client: Client, repair: Workshop) -> None:
    asked = []
    for count in (0, 1, 40):
        many(repair, count, TUESDAY + len(asked) * timedelta(hours=1))
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{URL}?near=39093&limit=100")
        asked.append(len(captured))
    assert len(set(asked[1:])) == 1
    assert asked[0] <= 9


def test_hidden_events_are_not_told(client: Client, repair: Workshop) -> None:
    Event.objects.update(published_at=None)
    assert told(client) == []
