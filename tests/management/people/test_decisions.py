"""Two who are two are not proposed again; a guardian is found by name; every copy of data is written down."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent
from maillage.management.people.actions.erasing import erase_person
from maillage.management.people.actions.merging import say_apart
from maillage.management.people.actions.persons import add_person
from maillage.management.people.models import Apart, Person
from maillage.management.people.queries.persons import duplicates, sheet
from tests.people import People, signed_in
from tests.web.page import Page


@pytest.fixture
def nadine(people: People) -> Client:
    return signed_in(people.nadine)


def made(people: People, now: datetime, name: str, **more: str) -> Person:
    pk = add_person(place=people.place, raw={"name": name, **more}, by="essai", now=now)
    return Person.objects.get(pk=pk)


def url(people: People, name: str, *args: int) -> str:
    return reverse(name, args=[people.place.slug, *args])


def test_two_said_apart_are_never_proposed_again_until_somebody_undoes_it(
    people: People, nadine: Client, now: datetime
) -> None:
    one, other = (made(people, now, "Ève Martin") for _ in range(2))
    third = made(people, now, "Martin Ève")
    assert len(duplicates(people.place)) == 3
    address = url(people, "manage_people_apart", other.pk, one.pk)
    page = Page(nadine.post(address, follow=True).content.decode())
    assert page.problems == [] and "on ne les propose plus" in page.text and "Dites distinctes" in page.text
    nadine.post(address)
    assert Apart.objects.count() == AuditEvent.objects.filter(action="people.persons_apart").count() == 1
    assert {(pair.one.pk, pair.other.pk) for pair in duplicates(people.place)} == {
        (one.pk, third.pk),
        (other.pk, third.pk),
    }
    assert [found.pk for found, _ in sheet(people.place, one).alike] == [third.pk]
    nadine.post(address, {"faire": "revenir"})
    assert len(duplicates(people.place)) == 3 and not Apart.objects.exists()
    assert nadine.post(url(people, "manage_people_apart", one.pk, one.pk)).status_code == 302
    assert not Apart.objects.exists()


def test_who_is_erased_is_apart_from_nobody(people: People, now: datetime) -> None:
    one, other = (made(people, now, "Ève Martin") for _ in range(2))
    by = signature(people.nadine.user.pk, "facilitator")
    say_apart(place=people.place, person_id=one.pk, other_id=other.pk, by=by, now=now)
    erase_person(place=people.place, person_id=other.pk, by=by, now=now)
    assert not Apart.objects.exists()


def test_a_guardian_is_found_by_name(people: People, nadine: Client, now: datetime) -> None:
    eve = made(people, now, "Ève Martin", phone="0612345678")
    address = url(people, "manage_people_add")
    child = {"name": "Zoé", "is_child": "1"}
    page = Page(nadine.get(address).content.decode())
    assert page.head("option", value="Ève Martin") and not page.head("select")
    for wrong in ("Inconnue", "\u202e<b>", "x" * 5000):
        answer = nadine.post(address, {**child, "guardian_name": wrong})
        assert answer.status_code == 422 and "aucun adulte de ce lieu ne porte ce nom" in answer.content.decode()
    nadine.post(address, {**child, "guardian_name": "martin  EVE"})
    assert Person.objects.get(name="Zoé").guardian == eve
    twin = made(people, now, "Ève Martin", phone="0698765432")
    again = nadine.post(address, {**child, "name": "Léo", "guardian_name": "Ève Martin"})
    page = Page(again.content.decode())
    assert again.status_code == 422 and page.problems == [] and "plusieurs personnes portent ce nom" in page.text
    assert [one["value"] for one in page.head("input", name="guardian")] == [str(eve.pk), str(twin.pk)]
    nadine.post(address, {**child, "name": "Léo", "guardian_name": "Ève Martin", "guardian": twin.pk})
    assert Person.objects.get(name="Léo").guardian == twin


def test_every_download_of_a_person_is_written_down_without_their_name(
    people: People, nadine: Client, now: datetime
) -> None:
    eve = made(people, now, "Ève Martin")
    for name in ("manage_people_json", "manage_people_csv"):
        assert nadine.get(url(people, name, eve.pk)).status_code == 200
    events = AuditEvent.objects.filter(action="people.downloaded", subject=f"person:{eve.pk}").order_by("pk")
    assert [event.detail["kind"] for event in events] == ["json", "csv"] and "Martin" not in str(events[0].detail)
    signed_in(people.karim).get(url(people, "manage_people_json", eve.pk))
    assert events.count() == 2
