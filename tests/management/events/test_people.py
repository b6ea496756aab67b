"""People who are two and become one, or are forgotten: no seat is lost without a word, and the list goes on."""

from datetime import timedelta

import pytest

from maillage.journal.models import Mail
from maillage.management.events.actions.attending import came
from maillage.management.events.models import CANCELLED, CONFIRMED, WAITING, Registration
from maillage.management.events.queries.own import of_account
from maillage.management.people.actions.bodies import add_organisation
from maillage.management.people.actions.erasing import erase_person
from maillage.management.people.actions.merging import merge_organisations, merge_persons, part_persons
from maillage.management.people.models import Person
from maillage.management.people.queries.held import everything_about
from tests.management.events.workshop import workshop


@pytest.fixture
def two(repair, people, tuesday, now):
    """Ada and her double at the same session, and her double at another one alone."""
    other = workshop(people.place, tuesday + timedelta(days=7), seats=3, now=now, title="Tricot")
    ada, double = repair.come("Ada", 2), repair.come("Adah")
    alone = other.come("Adah")
    return ada, double, alone


def test_merging_moves_registrations_and_loses_no_seat_where_both_are_registered(two, repair):
    ada, double, alone = two
    merge_persons(**repair.team, kept_id=ada.person_id, other_id=double.person_id)
    for row in two:
        row.refresh_from_db()
    assert alone.person_id == ada.person_id
    # One registers once: the second stays with the one merged, where the list still shows it, seat and all.
    assert double.person_id != ada.person_id
    assert [row.state for row in two] == [CONFIRMED] * 3
    assert repair.counted() == (12, 3, 0)
    tables = {table.name: table.rows for table in everything_about(ada.person)}
    assert len(tables["events.registration"]) == 3
    part_persons(**{**repair.team, "person_id": double.person_id})
    alone.refresh_from_db()
    assert alone.person_id == double.person_id


def test_who_waits_and_is_seated_under_two_names_keeps_both_until_the_team_chooses(small):
    ada, double = small.come("Ada", 2), small.come("Adah")
    merge_persons(**small.team, kept_id=double.person_id, other_id=ada.person_id)
    assert small.counted() == (2, 2, 1)
    came(place=small.place, registration_id=ada.pk, by="commande:essai", now=small.session.start)


def test_an_organisation_that_is_merged_keeps_its_events(people, tuesday, now):
    team = {"place": people.place, "by": "commande:essai", "now": now}
    one, other = (add_organisation(**team, raw={"name": name}) for name in ("Foyer", "Foyer rural"))
    talk = workshop(people.place, tuesday, seats=3, now=now, organisation=str(other))
    merge_organisations(**team, kept_id=one, other_id=other)
    talk.event.refresh_from_db()
    assert talk.event.organisation_id == one


def test_whoever_is_erased_gives_back_what_was_to_come_and_who_waits_moves_up(small, people, tuesday, now):
    past = workshop(people.place, now + timedelta(hours=1), seats=3, now=now, title="Tricot")
    ada, before = small.come("Ada", 2), past.come("Ada")
    small.come("Bela")
    nadine = f"compte:{people.nadine.user.pk}:facilitator"
    Mail.objects.all().delete()
    erase_person(place=small.place, person_id=ada.person_id, by=nadine, now=now + timedelta(hours=2))
    ada.refresh_from_db()
    before.refresh_from_db()
    assert (ada.state, before.state, before.person.name) == (CANCELLED, CONFIRMED, "")
    assert small.states() == {"": CANCELLED, "Bela": CONFIRMED}
    assert list(Mail.objects.values_list("to", flat=True)) == ["bela@example.org"]
    assert Registration.objects.exclude(state=WAITING).count() == 4


def test_an_account_finds_its_own_at_every_place(small, people):
    lead = small.come("Ada", 2)
    assert of_account(people.thomas.user.pk, now=small.now) == []
    Person.objects.filter(pk=lead.person_id).update(account=people.thomas.user)
    found = of_account(people.thomas.user.pk, now=small.now)
    assert [(one.registration, one.party, one.zone) for one in found] == [(lead, 2, "Europe/Paris")]
    assert of_account(people.thomas.user.pk, now=small.now + timedelta(days=400)) == []
