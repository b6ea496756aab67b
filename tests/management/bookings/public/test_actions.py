"""What visitors do is whole or undone: a booking with its mail, an offer with its own, a hold that lapses by itself."""

from dataclasses import replace
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django_q.models import Schedule

from maillage.journal.models import AuditEvent, Mail
from maillage.management.bookings import emails, tasks
from maillage.management.bookings.actions import visiting
from maillage.management.bookings.actions.freeing import cancel
from maillage.management.bookings.actions.reserving import Asked, Refused, reserve
from maillage.management.bookings.models import CANCELLED, HELD, LAPSED, Authorisation, Booking, Settings, Waiting
from maillage.management.people.models import Person
from tests.management.bookings.hall import Hall
from tests.people import People

HOUR = timedelta(hours=1)
LILA, ZOE = ({"name": name, "email": f"{name.lower()}@example.org"} for name in ("Lila", "Zoe"))


def ask(venue: Hall, start: datetime) -> Asked:
    return Asked(space=venue.room, start=start, end=start + HOUR)


def wait(venue: Hall, start: datetime, raw: dict[str, str], now: datetime) -> Waiting:
    done = visiting.queue(asked=ask(venue, start), visitor=visiting.Visitor(raw=raw), now=now)
    assert isinstance(done.made, Waiting)
    return done.made


def written() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Booking, Person, Mail, AuditEvent, Waiting))


def test_without_its_mail_nothing_is_booked(venue: Hall, tuesday: datetime, now: datetime) -> None:
    before = written()
    with patch.object(emails.journal, "keep", side_effect=OSError), pytest.raises(OSError):
        visiting.book(asked=ask(venue, tuesday), visitor=visiting.Visitor(raw=LILA), now=now, idempotency_key="k")
    assert written() == before
    done = visiting.book(asked=ask(venue, tuesday), visitor=visiting.Visitor(raw=LILA), now=now, idempotency_key="k")
    assert done.is_new


def test_an_offer_and_its_mail_are_one(venue: Hall, tuesday: datetime, now: datetime) -> None:
    taken = reserve(asked=ask(venue, tuesday), by="x", now=now)
    wait(venue, tuesday, LILA, now)
    before = written()
    with patch.object(emails, "say_offered", side_effect=OSError), pytest.raises(OSError):
        cancel(booking_id=taken.pk, by="x", now=now)
    assert written() == before
    taken.refresh_from_db()
    assert taken.status != CANCELLED


def test_asking_to_wait_twice_is_once(venue: Hall, tuesday: datetime, now: datetime) -> None:
    reserve(asked=ask(venue, tuesday), by="x", now=now)
    first, again = (wait(venue, tuesday, LILA, now) for _ in range(2))
    assert first == again
    assert (Waiting.objects.count(), Mail.objects.count()) == (1, 1)


def test_who_leaves_the_list_leaves_what_it_offered_to_the_next(venue: Hall, tuesday: datetime, now: datetime) -> None:
    taken = reserve(asked=ask(venue, tuesday), by="x", now=now)
    lila, zoe = (wait(venue, tuesday, raw, now) for raw in (LILA, ZOE))
    cancel(booking_id=taken.pk, by="x", now=now)
    lila.refresh_from_db()
    assert lila.offer.status == HELD
    visiting.stop_waiting(waiting=lila, by="visiteur", now=now)
    visiting.stop_waiting(waiting=lila, by="visiteur", now=now)
    for one in (lila, zoe):
        one.refresh_from_db()
    assert (lila.ended_at, lila.offer.status, zoe.offer.status) == (now, CANCELLED, HELD)
    assert [mail.to for mail in Mail.objects.filter(subject__startswith="Une place s’est libérée").order_by("pk")] == [
        "lila@example.org",
        "zoe@example.org",
    ]
    assert AuditEvent.objects.filter(action="bookings.stopped_waiting").count() == 1


def test_the_sweep_of_every_minute_ends_an_offer_nobody_took(venue: Hall, tuesday: datetime, now: datetime) -> None:
    taken = reserve(asked=ask(venue, tuesday), by="x", now=now)
    lila, zoe = (wait(venue, tuesday, raw, now) for raw in (LILA, ZOE))
    cancel(booking_id=taken.pk, by="x", now=now)
    assert tasks.sweep_holds() == 0
    with time_machine.travel(now + timedelta(hours=4), tick=False):
        assert tasks.sweep_holds() == 1
    for one in (lila, zoe):
        one.refresh_from_db()
    assert (lila.offer.status, zoe.offer.status) == (LAPSED, HELD)
    job = Schedule.objects.get(name="bookings-sweep-holds")
    assert (job.func, job.minutes) == ("maillage.management.bookings.tasks.sweep_holds", 1)


def test_what_lapsed_is_taken_again_only_while_free(venue: Hall, tuesday: datetime, now: datetime) -> None:
    taken = reserve(asked=ask(venue, tuesday), by="x", now=now)
    lila = wait(venue, tuesday, LILA, now)
    cancel(booking_id=taken.pk, by="x", now=now)
    lila.refresh_from_db()
    later = now + timedelta(hours=5)
    reserve(asked=ask(venue, tuesday), by="x", now=later)
    with pytest.raises(Refused) as refused:
        visiting.take_offer(booking=lila.offer, by="visiteur", language="fr", now=later)
    assert [one.code for one in refused.value.problems] == ["taken"]
    assert not Mail.objects.filter(subject__startswith="Réservé").exists()


def test_who_left_the_place_is_told_nothing_of_it(venue: Hall, tuesday: datetime, now: datetime) -> None:
    visitor = visiting.Visitor(raw=LILA)
    visiting.book(asked=ask(venue, tuesday), visitor=visitor, now=now, idempotency_key="a")
    Person.objects.update(left_at=now)
    with pytest.raises(Refused) as refused:
        visiting.book(asked=ask(venue, tuesday + HOUR), visitor=visitor, now=now, idempotency_key="b")
    assert [(str(one.says), str(one.why), str(one.mend)) for one in refused.value.problems] == [
        (
            "Cette réservation ne peut pas se faire en ligne.",
            "le lieu la prend lui-même",
            "Appelez-le, ou écrivez-lui : ses coordonnées sont sur sa fiche.",
        )
    ]


def test_a_place_that_has_just_stopped_books_nothing(venue: Hall, tuesday: datetime, now: datetime) -> None:
    Settings.objects.update(is_online=False)
    before = written()
    with pytest.raises(Refused) as refused:
        visiting.book(asked=ask(venue, tuesday), visitor=visiting.Visitor(raw=LILA), now=now, idempotency_key="a")
    assert [one.code for one in refused.value.problems] == ["offline"]
    assert written() == before


def test_a_key_taken_out_of_use_meanwhile_books_nothing(venue: Hall, tuesday: datetime, now: datetime) -> None:
    before = written()
    with pytest.raises(PermissionDenied):
        visiting.book_by_program(asked=ask(venue, tuesday), raw=LILA, by="cle:987654:colleague", now=now)
    assert written() == before


def test_an_authorisation_is_that_of_one_s_account(
    people: People, venue: Hall, tuesday: datetime, now: datetime
) -> None:
    asked = Asked(space=venue.laser, start=tuesday, end=tuesday + HOUR)
    reserve(asked=replace(asked, person=_able(venue, now)), by="x", now=now)
    account = people.thomas.user
    mine = Person.objects.create(place=venue.place, name="Thomas", account=account, created_at=now)
    visitor = visiting.Visitor(raw=LILA, account=account)
    with pytest.raises(Refused) as refused:
        visiting.queue(asked=asked, visitor=visitor, now=now)
    assert [one.code for one in refused.value.problems] == ["authorisation"]
    Authorisation.objects.create(person=mine, name="Découpe laser", given_on="2026-01-01", given_by="x")
    waiting = visiting.queue(asked=asked, visitor=visitor, now=now).made
    assert waiting.person == mine


def _able(venue: Hall, now: datetime) -> Person:
    able = venue.person("Zoé", now=now)
    Authorisation.objects.create(person=able, name="Découpe laser", given_on="2026-01-01", given_by="x")
    return able
