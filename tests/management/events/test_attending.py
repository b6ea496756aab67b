"""Who came: noted twice is once, with who comes without registering, and ages without a name."""

from datetime import timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist

from maillage.journal.models import AuditEvent
from maillage.management.events.actions.attending import came, count_ages, missed, neither, walk_in
from maillage.management.events.actions.door import EventsRefused, Full
from maillage.management.events.actions.registering import withdraw
from maillage.management.events.actions.sessions import cancel_session
from maillage.management.events.models import CONFIRMED, Headcount, Registration
from maillage.management.people.models import Person
from tests.management.events.workshop import BY


@pytest.fixture
def there(small):
    """What the team says on the day itself."""
    return {"place": small.place, "by": BY, "now": small.session.start}


def rows() -> list:
    return [list(model.objects.order_by("pk").values()) for model in (Registration, Headcount, Person, AuditEvent)]


def refused(act, kind=EventsRefused) -> list[str]:
    before = rows()
    with pytest.raises(kind) as told:
        act()
    assert rows() == before, "a refusal wrote something"
    return list(told.value.wrongs)


def test_a_party_is_there_or_not_and_one_of_it_may_be_noted_alone(small, there):
    lead = small.come("Ada", 2)
    came(**there, registration_id=lead.pk)
    assert list(Registration.objects.values_list("arrived_at", flat=True)) == [there["now"]] * 2
    count = AuditEvent.objects.count()
    came(**{**there, "now": there["now"] + timedelta(minutes=1)}, registration_id=lead.pk)
    assert AuditEvent.objects.count() == count, "twice is once"
    part = Registration.objects.get(part_of=lead)
    missed(**there, registration_id=part.pk)
    lead.refresh_from_db()
    part.refresh_from_db()
    assert (lead.arrived_at, part.arrived_at, part.missed_at) == (there["now"], None, there["now"])
    neither(**there, registration_id=lead.pk)
    assert not Registration.objects.exclude(arrived_at=None, missed_at=None).exists()


def test_nobody_is_noted_on_another_day_nor_without_a_seat(small, there):
    ada, bela = small.come("Ada", 2), small.come("Bela")
    assert refused(lambda: came(**{**there, "now": small.now}, registration_id=ada.pk)) == ["session"]
    assert refused(lambda: came(**there, registration_id=bela.pk)) == ["session"]
    withdraw(registration_id=ada.pk, by=BY, now=small.now)
    assert refused(lambda: missed(**there, registration_id=ada.pk)) == ["session"]


def test_another_place_notes_nobody_here(small, there, people):
    lead = small.come("Ada")
    elsewhere = {**there, "place": people.other}
    for act in (came, missed, neither):
        with pytest.raises(ObjectDoesNotExist):
            act(**elsewhere, registration_id=lead.pk)
    with pytest.raises(ObjectDoesNotExist):
        walk_in(**elsewhere, session_id=small.session.pk, raw={"name": "Ada"})
    with pytest.raises(ObjectDoesNotExist):
        count_ages(**elsewhere, session_id=small.session.pk, counts={})


def test_who_stands_at_the_door_gets_a_seat_as_long_as_there_is_one(small, there):
    given = {**there, "session_id": small.session.pk}
    small.come("Ada")
    made = walk_in(**given, raw={"name": "Odette"}, key="k")
    assert walk_in(**given, raw={"name": "Odette"}, key="k") == made
    assert (made.state, made.arrived_at) == (CONFIRMED, there["now"])
    assert refused(lambda: walk_in(**given, raw={"name": "Karim"}), Full) == ["session"]
    assert not Person.objects.filter(name="Karim").exists()
    assert small.counted() == (2, 2, 0)


def test_who_is_registered_and_comes_to_the_door_is_noted_and_takes_no_second_seat(small, there):
    lead = small.come("Ada")
    made = walk_in(**there, session_id=small.session.pk, raw={"name": "Ada", "email": "ada@example.org"})
    assert (made.pk, small.counted()) == (lead.pk, (2, 1, 0))


def test_nobody_walks_into_what_is_called_off_or_another_day(small, there):
    given = {"session_id": small.session.pk, "raw": {"name": "Odette"}}
    assert refused(lambda: walk_in(**{**there, "now": small.now}, **given)) == ["session"]
    cancel_session(**small.team, session_id=small.session.pk, reason="pluie")
    assert refused(lambda: walk_in(**there, **given)) == ["session"]
    assert refused(lambda: count_ages(**there, session_id=small.session.pk, counts={})) == ["session"]


def test_ages_are_counted_and_counted_again_and_zero_is_not_unknown(small, there):
    given = {**there, "session_id": small.session.pk}
    count_ages(**given, counts={"60-69": "4", "70+": "0", "18-24": "", "name": "Odette"})
    assert dict(Headcount.objects.values_list("age_band", "count")) == {"60-69": 4, "70+": 0}
    count_ages(**given, counts={"60-69": "5"})
    assert dict(Headcount.objects.values_list("age_band", "count")) == {"60-69": 5}
    for bad in ("-1", "10000", "²", "beaucoup", "1.5"):
        assert refused(lambda bad=bad: count_ages(**given, counts={"60-69": "1", "70+": bad})) == ["70+"]
    assert refused(lambda: count_ages(**{**given, "now": small.now}, counts={"70+": "1"})) == ["session"]
