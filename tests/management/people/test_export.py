"""A place takes away all that it holds, and nothing of another's."""

import io
import json
import zipfile

import pytest
from django.core.exceptions import PermissionDenied

from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent
from maillage.management.bookings.models import Booking
from maillage.management.people.actions.exporting import export_place
from maillage.management.people.models import Person
from tests.management.bookings.hall import hall


def opened(response) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


@pytest.fixture
def told(people, now):
    """Somebody who booked here, and somebody of another place."""
    venue = hall(people.place)
    thomas = Person.objects.create(place=people.place, name="=Thomas", email="t@example.org", created_at=now)
    Person.objects.create(place=people.other, name="Ailleurs", created_at=now)
    given = {"place": people.place, "space": venue.room, "unit": venue.room.units.get(), "person": thomas}
    Booking.objects.create(
        **given, start=now, end=now.replace(hour=23), status="confirmed", made_at=now, made_by="x", changed_at=now
    )
    return thomas


def test_every_list_is_there_twice_and_only_of_this_place(client_of, people, told):
    response = client_of(people.nadine).post(f"/gerer/{people.place.slug}/personnes/emporter/")
    assert response["Content-Type"] == "application/zip" and "attachment" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"] or "private" in response["Cache-Control"]
    packed = opened(response)
    names = set(packed.namelist())
    tables = {"people.person", "people.membership", "bookings.booking", "bookings.space", "bookings.visit"}
    assert {f"{table}.{kind}" for table in tables for kind in ("json", "csv")} <= names
    assert any(name.startswith("events.") for name in names)
    persons = json.loads(packed.read("people.person.json"))
    assert [one["name"] for one in persons] == ["=Thomas"]
    assert "folded" not in persons[0] and "account_id" not in persons[0]
    assert "'=Thomas" in packed.read("people.person.csv").decode("utf-8-sig")
    assert json.loads(packed.read("bookings.booking.json"))[0]["person_id"] == told.pk
    assert not [name for name in names if b"Ailleurs" in packed.read(name)]
    rows = json.loads(packed.read("lisez-moi.json"))["rows"]
    assert rows["bookings.booking"] == 1 and rows["bookings.unit"] == 11
    event = AuditEvent.objects.get(action="people.place_exported")
    assert (event.subject, event.detail["rows"]) == (f"place:{people.place.pk}", sum(rows.values()))


def test_looking_writes_nothing(client_of, people):
    page = client_of(people.nadine).get(f"/gerer/{people.place.slug}/personnes/emporter/")
    assert page.status_code == 200 and not AuditEvent.objects.filter(action="people.place_exported").exists()


def test_who_may_not_run_the_place_takes_nothing(people, now):
    for person, role in ((people.karim, "colleague"), (people.lila, "facilitator")):
        with pytest.raises(PermissionDenied):
            export_place(place=people.place, by=signature(person.user.pk, role), now=now)
    assert not AuditEvent.objects.filter(action="people.place_exported").exists()
