"""Calendars, RSS and JSON Feed: what follows the programme reads it as it is written."""

import json
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from maillage.management.events.actions.sessions import cancel_session, move_session
from maillage.management.events.models import Event
from maillage.management.events.rules.ical import Entry, written
from tests.management.events.public.test_agenda import many
from tests.management.events.workshop import BY, Workshop

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def events(client: Client, address: str):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "max-age=300" in response["Cache-Control"]
    return Calendar.from_ical(response.content).walk("VEVENT")


def test_a_place_is_followed_as_a_calendar(client: Client, repair: Workshop, now: datetime) -> None:
    address = f"/lieux/{repair.place.slug}/agenda.ics"
    (first,) = events(client, address)
    assert (str(first["summary"]), str(first["status"])) == ("Repair café", "CONFIRMED")
    assert first["dtstart"].dt == AT
    assert "La Boutique de Nadine" in str(first["location"])
    repair.come("Lila")
    start = AT + timedelta(days=1)
    move_session(
        place=repair.place, session_id=repair.session.pk, start=start, end=start + timedelta(hours=2), by=BY, now=now
    )
    (moved,) = events(client, address)
    assert (moved["uid"], moved["dtstart"].dt) == (first["uid"], start)
    assert int(moved["sequence"]) > int(first["sequence"])
    cancel_session(place=repair.place, session_id=repair.session.pk, reason="Neige", by=BY, now=now)
    (gone,) = events(client, address)
    assert (gone["uid"], str(gone["status"])) == (first["uid"], "CANCELLED")
    assert int(gone["sequence"]) > int(moved["sequence"])
    assert "Neige" in str(gone["description"])
    assert "Lila" not in client.get(address).content.decode()


def test_the_agenda_is_followed_by_its_question(client: Client, repair: Workshop) -> None:
    assert len(events(client, "/agenda.ics?pres=39093")) == 1
    assert events(client, "/agenda.ics?pres=Nantes") == []


def test_rss_and_json_feed_say_the_same(client: Client, repair: Workshop) -> None:
    for base in ("/agenda", f"/lieux/{repair.place.slug}/agenda"):
        told = json.loads(client.get(f"{base}.json").content)
        assert told["version"] == "https://jsonfeed.org/version/1.1"
        (item,) = told["items"]
        assert item["title"] == "Repair café, mardi 24 novembre"
        assert item["_maillage"]["free_seats"] == 12
        assert datetime.fromisoformat(item["date_published"]).tzinfo
        channel = ElementTree.fromstring(client.get(f"{base}.rss").content).find("channel")
        (entry,) = channel.findall("item")
        assert entry.findtext("title") == item["title"]
        assert entry.findtext("guid") == item["id"]
        assert entry.findtext("link") == item["url"]
        assert item["url"].endswith(f"/lieux/{repair.place.slug}/agenda/{repair.event.slug}/")


def test_what_has_not_changed_does_not_travel(client: Client, repair: Workshop) -> None:
    for address in ("/agenda.ics", "/agenda.rss", "/agenda.json", f"/lieux/{repair.place.slug}/agenda.ics"):
        etag = client.get(address)["ETag"]
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("kind", ["ics", "rss", "json"])
def test_a_feed_asks_the_same_number_of_questions(
    client: Client, repair: Workshop, tuesday: datetime, kind: str
) -> None:
    address = f"/lieux/{repair.place.slug}/agenda.{kind}"
    asked = []
    for count in (0, 1, 40):
        many(repair, count, tuesday + len(asked) * timedelta(hours=1))
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        asked.append(len(captured))
    assert len(set(asked)) == 1
    assert asked[0] <= 8


def test_two_thousand_sessions_are_all_in_the_calendar(client: Client, repair: Workshop, tuesday: datetime) -> None:
    many(repair, 1_999, tuesday, step=timedelta(hours=3))
    assert len(events(client, f"/lieux/{repair.place.slug}/agenda.ics")) == 2_000


def test_a_hidden_event_is_in_no_feed(client: Client, repair: Workshop) -> None:
    Event.objects.update(published_at=None)
    base = f"/lieux/{repair.place.slug}/agenda"
    assert [one for one in ("ics", "rss", "json") if "Repair" in client.get(f"{base}.{one}").content.decode()] == []


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300)


@given(TEXTS, TEXTS, TEXTS)
def test_any_words_are_read_back_as_they_were(summary: str, description: str, name: str) -> None:
    made = Entry(uid="a@b", start=AT, end=AT, changed_at=AT, summary=summary, description=description)
    data = written(name, [made])
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    plain = "".join(sign for sign in summary if sign.isprintable() or sign in "\u00a0\u202f")
    assert str(event["summary"]) == plain


def test_no_line_of_a_text_begins_another_property() -> None:
    made = Entry(
        uid="a@b", start=AT, end=AT, changed_at=AT, summary="x\r\nEND:VEVENT\nATTENDEE:mailto:a", description="\\n"
    )
    (event,) = Calendar.from_ical(written("n\r\nX:y", [made])).walk("VEVENT")
    assert "attendee" not in event
    assert str(event["summary"]) == "x\nEND:VEVENT\nATTENDEE:mailto:a"
    assert str(event["description"]) == "\\n"
