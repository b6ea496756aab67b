"""One door to a seat: who gets one, who waits and in what order, and what is refused with nothing written."""

from datetime import timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied

from maillage.accounts.rules import signature
from maillage.journal.actions import KeyReused
from maillage.journal.models import AuditEvent, Mail
from maillage.management.events.actions import registering
from maillage.management.events.actions.door import EventsRefused
from maillage.management.events.actions.programme import unpublish
from maillage.management.events.actions.registering import Visitor, register, register_for, withdraw
from maillage.management.events.actions.sessions import cancel_session
from maillage.management.events.models import CANCELLED, CONFIRMED, WAITING, Registration
from maillage.management.events.queries.links import registration_of, token_of
from maillage.management.people.actions.door import PeopleRefused
from maillage.management.people.actions.persons import come_back, leave
from maillage.management.people.models import Person
from tests.management.events.workshop import BY, workshop

ADA = {"name": "Ada Lune", "email": "ada@example.org"}


def wrongs(act) -> dict[str, tuple[str, str]]:
    """What a refusal says, after seeing that it wrote nothing."""
    before = _rows()
    with pytest.raises((EventsRefused, PeopleRefused)) as told:
        act()
    assert _rows() == before, "a refusal wrote something"
    return told.value.wrongs


def _rows() -> list:
    return [list(model.objects.order_by("pk").values()) for model in (Registration, Person, AuditEvent)]


def ask(one, raw=ADA, party=1, key="", **more):
    visitor = Visitor(raw=raw, **more)
    at = {"now": one.now, "idempotency_key": key}
    return register(session_id=one.session.pk, visitor=visitor, party=party, **at)


def test_the_first_have_their_seats_and_the_next_wait(small):
    for name in ("Ada", "Bela", "Cleo"):
        small.come(name)
    assert small.states() == {"Ada": CONFIRMED, "Bela": CONFIRMED, "Cleo": WAITING}
    assert [row.seat_id and row.seat_id % 1000 for row in Registration.objects.order_by("pk")] == [1, 2, None]
    told = list(
        AuditEvent.objects.filter(action__startswith="events.").order_by("pk").values_list("action", "is_public")
    )
    assert told[-3:] == [("events.registered", False), ("events.registered", False), ("events.waited", False)]
    assert told[:3] == [("events.added", False), ("events.published", True), ("events.sessions_added", True)]
    subjects = list(Mail.objects.order_by("pk").values_list("to", "subject"))
    when = "mardi 24 novembre 2026, de 10\u202fh à 12\u202fh"
    assert subjects == [
        ("ada@example.org", f"Inscription faite\u202f: Repair café, {when}"),
        ("bela@example.org", f"Inscription faite\u202f: Repair café, {when}"),
        ("cleo@example.org", f"Sur la liste d’attente\u202f: Repair café, {when}"),
    ]
    calendars = list(Mail.objects.order_by("pk").values_list("calendar", flat=True))
    assert ["STATUS:CONFIRMED" in one for one in calendars] == [True, True, False]
    assert calendars[2] == "", "who waits keeps nothing in their calendar"
    assert f"/inscription/{token_of(Registration.objects.order_by('pk')[0])}/" in Mail.objects.order_by("pk")[0].body


def test_who_comes_together_sits_or_waits_together(repair):
    lead = repair.come("Ada", 6)
    assert repair.come("Bela", 5).state == CONFIRMED
    assert repair.come("Cleo", 2).state == WAITING
    assert repair.come("Dora").state == CONFIRMED
    assert repair.counted() == (12, 12, 2)
    parts = list(Registration.objects.filter(part_of=lead).values_list("person", "state"))
    assert parts == [(None, CONFIRMED)] * 5
    assert "6 places" in Mail.objects.get(to="ada@example.org").body


def test_freed_seats_go_to_the_first_party_that_fits_in_the_order_of_asking(small):
    ada = small.come("Ada")
    small.come("Bela")
    for name, party in (("Cleo", 2), ("Dora", 1), ("Elsa", 1)):
        assert small.come(name, party).state == WAITING
    Mail.objects.all().delete()
    withdraw(registration_id=ada.pk, by="visiteur", now=small.now)
    assert small.states() == {
        "Ada": CANCELLED, "Bela": CONFIRMED, "Cleo": WAITING, "Dora": CONFIRMED, "Elsa": WAITING,
    }  # fmt: skip
    mail = Mail.objects.get()
    assert (mail.to, mail.subject[:18]) == ("dora@example.org", "Vous avez une plac")
    assert AuditEvent.objects.filter(action="events.moved_up").count() == 1
    withdraw(registration_id=ada.pk, by="visiteur", now=small.now)
    assert AuditEvent.objects.filter(action="events.withdrawn").count() == 1, "withdrawing twice is once"


def test_one_key_is_one_registration_and_another_request_under_it_is_refused(small):
    first, again = ask(small, key="k1"), ask(small, key="k1")
    assert (first.made.pk, first.is_new, again.is_new) == (again.made.pk, True, False)
    assert Mail.objects.count() == 1
    with pytest.raises(KeyReused):
        ask(small, key="k1", party=2)
    with pytest.raises(KeyReused):
        ask(small, {**ADA, "name": "Ada Soleil"}, key="k1")
    assert small.counted() == (2, 1, 0)


def test_a_key_still_answers_once_its_registration_was_given_back(small):
    first = ask(small, key="k1").made
    withdraw(registration_id=first.pk, by="visiteur", now=small.now)
    again = ask(small, key="k1")
    assert (again.made.pk, again.made.state, again.is_new) == (first.pk, CANCELLED, False)
    assert ask(small, key="k2").is_new, "a form asked anew registers again"


def test_a_stranger_who_knows_name_and_address_gets_no_link_and_the_mail_goes_to_who_registered(small):
    first = ask(small).made
    with pytest.raises(EventsRefused) as told:
        ask(small)
    assert list(told.value.wrongs) == ["email"]
    assert Registration.objects.get() == first
    assert list(Mail.objects.values_list("to", flat=True)) == ["ada@example.org"] * 2


def test_who_is_signed_in_finds_their_own_registration(small, people):
    user = people.thomas.user
    Person.objects.create(place=small.place, name="Thomas", account=user, created_at=small.now)
    given = {"raw": {}, "account": user, "by": signature(user.pk, "self")}
    first, again = ask(small, **given), ask(small, **given)
    assert (again.made, again.is_new) == (first.made, False)


@pytest.mark.parametrize("party", [-1, 0, 7, 3])
def test_a_party_larger_than_the_session_or_than_six_is_refused(small, repair, party):
    one = small if party == 3 else repair
    assert list(wrongs(lambda: ask(one, party=party))) == ["party"]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "Ève & <b>Paul</b>", "O’Brien\u202e\x00"])
def test_signs_in_a_name_are_kept_as_signs_and_nothing_else(small, name):
    made = ask(small, {"name": name, "email": "eve@example.org"}).made
    assert made.person is not None
    assert made.person.name == name.replace("\u202e", "").replace("\x00", "")


def test_what_no_longer_takes_anybody_refuses(small, people):
    at = {"now": small.session.start}
    late = Visitor(raw=ADA)
    begun = lambda: register(session_id=small.session.pk, visitor=late, party=1, **at)  # noqa: E731
    assert list(wrongs(begun)) == ["session"]
    unpublish(place=small.place, event_id=small.event.pk, by=BY, now=small.now)
    assert wrongs(lambda: ask(small))["session"][0] == "cette inscription ne peut pas se faire en ligne"
    small.event.refresh_from_db()
    small.event.published_at = small.now
    small.event.save()
    small.place.status = "closed"
    small.place.save()
    assert wrongs(lambda: ask(small))["session"][0] == "cette inscription ne peut pas se faire en ligne"
    cancel_session(**small.team, session_id=small.session.pk, reason="panne de chauffage")
    assert wrongs(lambda: ask(small))["session"][0] == "cette séance est annulée"
    with pytest.raises(ObjectDoesNotExist):
        register(session_id=10**9, visitor=late, party=1, now=small.now)


def test_where_nobody_registers_nobody_can(people, tuesday, now):
    feast = workshop(people.place, tuesday, seats=None, now=now, takes_registrations="")
    assert feast.session.capacity is None
    assert wrongs(lambda: ask(feast))["session"][0] == "on y vient sans s’inscrire"


def test_whoever_left_is_refused_without_a_word_of_why_and_a_name_without_address_too(small):
    ada = Person.objects.create(
        place=small.place, name="Ada Lune", folded="ada lune", **_of("ada"), created_at=small.now
    )
    leave(**small.team, person_id=ada.pk)
    assert "ligne" in wrongs(lambda: ask(small))["session"][0]
    assert list(wrongs(lambda: ask(small, {"name": "Bela"}))) == ["email"]
    assert list(wrongs(lambda: ask(small, {"name": "", "email": "b@example.org"}))) == ["name"]


def _of(name: str) -> dict[str, str]:
    return {"email": f"{name}@example.org"}


def test_a_seat_is_given_back_before_the_start_only(small):
    made = ask(small).made
    late = lambda: withdraw(registration_id=made.pk, by="visiteur", now=small.session.start)  # noqa: E731
    assert wrongs(late)["session"][0] == "cette séance a déjà commencé"
    assert withdraw(registration_id=made.pk, by="visiteur", now=small.session.start - timedelta(seconds=1)).seat is None


class TestByTheTeam:
    def test_a_name_is_enough_and_the_same_name_is_the_same_person(self, small):
        given = {**small.team, "session_id": small.session.pk, "party": 1}
        made = register_for(**given, raw={"name": "Odette"}, key="f1")
        assert register_for(**given, raw={"name": "Odette"}, key="f1") == made
        assert Mail.objects.count() == 0
        assert list(wrongs(lambda: register_for(**given, raw={"name": "Odette"}, key="f2"))) == ["name"]
        with pytest.raises(KeyReused):
            register_for(**given, raw={"name": "Odile"}, key="f1")

    def test_somebody_who_left_is_said_and_not_added_again(self, small):
        gone = Person.objects.create(place=small.place, name="Ada Lune", folded="ada lune", created_at=small.now)
        leave(**small.team, person_id=gone.pk)
        given = {**small.team, "session_id": small.session.pk, "party": 1, "raw": {"name": "Ada Lune"}}
        mend = "notez d’abord son retour, sur sa page, parmi celles qui sont parties"
        assert wrongs(lambda: register_for(**given)) == {"name": ("cette personne est partie d’ici", mend)}
        come_back(**small.team, person_id=gone.pk)
        assert register_for(**given).person == gone

    def test_a_session_of_another_place_does_not_exist_here(self, small, people):
        elsewhere = {**small.team, "place": people.other, "session_id": small.session.pk, "raw": {"name": "Ada"}}
        with pytest.raises(ObjectDoesNotExist):
            register_for(**elsewhere, party=1)
        made = small.come("Ada")
        with pytest.raises(ObjectDoesNotExist):
            withdraw(registration_id=made.pk, by=BY, now=small.now, place=people.other)

    def test_a_role_that_was_lost_is_seen_again(self, small, people):
        by = signature(people.thomas.user.pk, "facilitator")
        given = {"place": small.place, "by": by, "now": small.now}
        with pytest.raises(PermissionDenied):
            register_for(**given, session_id=small.session.pk, raw={"name": "Ada"}, party=1)
        made = small.come("Ada")
        with pytest.raises(PermissionDenied):
            withdraw(registration_id=made.pk, **given)

    def test_it_goes_on_while_the_session_does(self, small):
        given = {"place": small.place, "by": BY, "session_id": small.session.pk, "party": 1}
        during = small.session.start + timedelta(minutes=5)
        assert register_for(**given, raw={"name": "Ada"}, now=during).state == CONFIRMED
        assert list(wrongs(lambda: register_for(**given, raw={"name": "Bela"}, now=small.session.end))) == ["session"]


def test_a_seat_taken_by_another_way_meanwhile_is_looked_at_again_then_given_up(small, monkeypatch):
    small.come("Ada")
    taken = Registration.objects.get().seat_id
    real = registering.seating.free_seats
    told = iter([[taken]])
    monkeypatch.setattr(registering.seating, "free_seats", lambda session: next(told, None) or real(session))
    assert small.come("Bela").state == CONFIRMED
    monkeypatch.setattr(registering.seating, "free_seats", lambda session: [taken])
    made = small.come("Cleo")
    made.refresh_from_db()
    assert (made.state, small.counted()) == (WAITING, (2, 2, 1))


def test_a_link_opens_its_registration_and_nothing_else(small):
    made, other = small.come("Ada", 2), small.come("Bela")
    assert registration_of(token_of(made)) == made
    part = Registration.objects.get(part_of=made)
    crossed = f"{other.pk}-{token_of(made).partition('-')[2]}"
    for token in (token_of(part), crossed, f"{token_of(made)}x", "", "1-", "9" * 400, str(made.pk)):
        assert registration_of(token) is None
