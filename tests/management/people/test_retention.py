"""Whom a place forgets by itself: nobody too early, nobody whom anything of late tells of."""

from datetime import date, datetime, timedelta

import pytest

from maillage.journal import legal
from maillage.journal.models import AuditEvent
from maillage.management.bookings.models import Authorisation, Booking, Visit, Waiting
from maillage.management.people.actions.retention import forget_due
from maillage.management.people.models import Membership, Person
from maillage.management.people.queries.retention import due, soon
from maillage.management.people.rules.retention import months_later
from maillage.management.people.tasks import forget_visitors
from tests.management.bookings.hall import hall

OLD = timedelta(days=3 * 365 + 40)


@pytest.fixture
def venue(people):
    return hall(people.place)


@pytest.fixture
def known(venue, now):
    """Somebody known for longer than the period."""

    def make(name: str = "Thomas", ago: timedelta = OLD, **more) -> Person:
        given = {"place": venue.place, "name": name, "folded": name.lower(), "email": f"{name.lower()}@example.org"}
        return Person.objects.create(**{**given, **more}, created_at=now - ago)

    return make


def booked(venue, person: Person, end: datetime) -> Booking:
    given = {"place": venue.place, "space": venue.room, "unit": venue.room.units.get(), "person": person}
    given |= {"start": end - timedelta(hours=1), "end": end, "status": "confirmed", "purpose": "Mon projet"}
    return Booking.objects.create(**given, made_at=end, made_by="page", changed_at=end)


def test_who_came_last_before_the_period_is_forgotten_and_the_dates_stay(venue, known, now):
    thomas = known()
    booking = booked(venue, thomas, now - OLD)
    visit = Visit.objects.create(place=venue.place, person=thomas, at=now - OLD)
    assert forget_due(by="oubli", now=now) == 1
    thomas.refresh_from_db()
    booking.refresh_from_db()
    assert (thomas.name, thomas.email, thomas.erased_at) == ("", "", now)
    assert (booking.status, booking.purpose, booking.person_id) == ("confirmed", "", thomas.pk)
    assert Visit.objects.filter(pk=visit.pk, person=thomas).exists()
    event = AuditEvent.objects.get(action="people.forgotten_in_time")
    assert event.detail == {"place": str(venue.place.pk), "months": 36, "since": "2018-05-25"}
    assert (event.by, event.subject) == ("oubli", f"person:{thomas.pk}")
    assert forget_due(by="oubli", now=now) == 0


def test_whoever_anything_of_late_tells_of_is_kept(people, venue, known, now):
    late = now - timedelta(days=1_000)
    booked(venue, known("Booked"), late)
    Visit.objects.create(place=venue.place, person=known("Visited"), at=late)
    times = {"start": now - OLD, "end": now - OLD + timedelta(hours=1)}
    Waiting.objects.create(space=venue.room, person=known("Waited"), asked_at=late, **times)
    learnt = {"name": "Laser", "given_on": date(2020, 1, 1), "expires_on": late.date(), "given_by": "essai"}
    Authorisation.objects.create(person=known("Learnt"), **learnt)
    Membership.objects.create(
        person=known("Member"), kind="member", starts_on=date(2019, 1, 1), ends_on=date(2020, 1, 1)
    )
    known("Linked", account=people.lila.user)
    known("New", ago=timedelta(days=1_000))
    parent = known("Parent")
    known("Child", ago=timedelta(days=10), is_child=True, guardian=parent)
    known("Gone", left_at=late)
    assert not due(on=now.date()).exists()
    assert forget_due(by="oubli", now=now) == 0
    assert Person.objects.filter(erased_at__isnull=False).count() == 0


def test_the_period_ends_on_its_day(known, now):
    thomas = known(ago=timedelta(0))
    day = months_later(now.date(), 36)
    assert [due(on=day + timedelta(days=n)).filter(pk=thomas.pk).exists() for n in (-1, 0, 1)] == [False, False, True]


def test_the_team_sees_it_coming(venue, known, now):
    today = now.date()
    thomas = known(ago=timedelta(days=3 * 365 - 20))
    booked(venue, thomas, now - timedelta(days=3 * 365 - 30))
    known("Zoé", ago=timedelta(days=900))
    found = soon(venue.place, on=today)
    assert [one.person for one in found] == [thomas]
    last = (now - timedelta(days=3 * 365 - 30)).date()
    assert (found[0].last, found[0].on) == (last, months_later(last, 36) + timedelta(days=1))
    assert due(on=found[0].on).get() == thomas and not due(on=found[0].on - timedelta(days=1)).exists()


def test_an_unknown_period_forgets_nobody(known, now, monkeypatch):
    known()
    unknown = legal.Parameter(legal.VISITOR_MONTHS, date(2018, 1, 1), None, legal.SOURCE, "x")
    monkeypatch.setattr(legal, "parameters", lambda _path=None: (unknown,))
    assert forget_due(by="oubli", now=now) == 0
    assert forget_visitors() == 0


def test_each_who_is_due_is_forgotten(known, now):
    first, second = known("A"), known("B")
    assert forget_due(by="oubli", now=now) == 2
    assert set(Person.objects.filter(erased_at=now)) == {first, second}


def test_the_page_says_whom_and_why(client_of, people, known, now):
    page = client_of(people.nadine).get(f"/gerer/{people.place.slug}/personnes/oubli/").content.decode()
    assert "Personne n’est oublié dans les deux mois" in page
    known("Thomas-Le-Vieux")
    page = client_of(people.nadine).get(f"/gerer/{people.place.slug}/personnes/oubli/").content.decode()
    assert "Thomas-Le-Vieux" in page and "36 mois" in page and "aucun texte ne la fixe" in page


def test_a_file_of_figures_that_makes_no_sense_is_named(tmp_path):
    file = tmp_path / "legal.toml"
    entry = '[[parameter]]\nname = "x"\nsince = 2020-01-01\nkind = "source"\nsource = "s"\nvalue = {}\n'
    file.write_text(entry.format(3) + entry.format('"unknown"').replace("2020", "2026"), encoding="utf-8")
    assert legal.parameter("x", date(2021, 1, 1), path=file).value == 3
    assert legal.parameter("x", date(2026, 6, 1), path=file).value is None
    assert legal.parameter("x", date(2019, 1, 1), path=file) is None
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(entry.format('"trois"'), encoding="utf-8")
    with pytest.raises(ValueError, match="« x » demande"):
        legal.parameters(wrong)
