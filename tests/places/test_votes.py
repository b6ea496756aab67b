"""Neighbours' voices settle what nobody else looks at, and nothing else."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from maillage.accounts.models import Membership, User
from maillage.accounts.rules import place_scope
from maillage.journal.models import AuditEvent
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.suggestions import Proposed, suggest, undo_decision
from maillage.places.actions.voting import settle_by_votes, vote
from maillage.places.models import Place, Revision, Suggestion, Vote
from tests.people import People
from tests.places.test_record import LA_MAILLE, record

pytestmark = pytest.mark.usefixtures("small_ground")
CLOSED_TO_VOICES = "Cette suggestion ne se tranche pas, ou plus, par les voix\u202f: rechargez la page."


def neighbours(count: int, now: datetime, days: int = 30) -> list[User]:
    users = [User.objects.create_user(f"voisin{n}@vaudrey.example") for n in range(count)]
    User.objects.filter(pk__in=[user.pk for user in users]).update(joined_at=now - timedelta(days=days))
    return list(User.objects.filter(pk__in=[user.pk for user in users]).order_by("pk"))


@pytest.fixture
def asked(now: datetime, small_ground: None) -> Suggestion:
    place = Place.objects.get(pk=record(LA_MAILLE, now=now).place_ids[0])
    told = Proposed(kind="edit", place=place, values={"phone": "03 84 11 22 33"})
    return suggest(proposed=told, by="visiteur", now=now).made


def voices(asked: Suggestion, *given: bool, now: datetime) -> list[str]:
    users = neighbours(len(given), now)
    return [
        vote(suggestion_id=asked.pk, user=user, is_for=is_for, now=now)
        for user, is_for in zip(users, given, strict=True)
    ]


def test_five_voices_settle_after_two_days_in_the_name_of_the_neighbours(asked: Suggestion, now: datetime) -> None:
    assert voices(asked, *[True] * 5, now=now + timedelta(days=1)) == [""] * 5
    assert settle_by_votes(now=now + timedelta(days=1)) == 0
    assert settle_by_votes(now=now + timedelta(days=2)) == 1
    assert settle_by_votes(now=now + timedelta(days=2)) == 0
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, asked.reason) == ("accepted", "voix", "Les voix des voisins")
    place = Place.objects.get()
    assert place.phone == "03 84 11 22 33"
    assert place.provenance["phone"].startswith("habitants:")
    assert Revision.objects.latest("pk").by == "voix"
    undo_decision(suggestion_id=asked.pk, by="commande:relecture", now=now + timedelta(days=3))
    assert Place.objects.get().phone == "03 53 01 00 01"


def test_ten_settle_at_once_and_against_is_a_no(asked: Suggestion, now: datetime) -> None:
    assert voices(asked, *[False] * 10, now=now)[-1] == "refused"
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == ("refused", "voix")
    assert Place.objects.get().phone == "03 53 01 00 01"


def test_voices_that_differ_leave_it_to_a_person(asked: Suggestion, now: datetime) -> None:
    assert voices(asked, *[True] * 9, False, True, now=now)[-2:] == ["person", "person"]
    assert settle_by_votes(now=now + timedelta(days=20)) == 0
    assert Suggestion.objects.get().state == "pending"


def test_one_account_is_one_voice_that_may_change_and_nobody_reads_whose(asked: Suggestion, now: datetime) -> None:
    (user,) = neighbours(1, now)
    for is_for in (True, True, False):
        vote(suggestion_id=asked.pk, user=user, is_for=is_for, now=now)
    kept = Vote.objects.get()
    assert (kept.is_for, kept.voted_by) == (False, "voix")
    assert kept.voter != str(user.pk) and len(kept.voter) == 64
    assert {event.by for event in AuditEvent.objects.filter(action="suggestions.voted")} == {"voix"}


def test_a_new_account_waits(asked: Suggestion, now: datetime) -> None:
    (user,) = neighbours(1, now, days=6)
    with pytest.raises(PlaceRefused) as refused:
        vote(suggestion_id=asked.pk, user=user, is_for=True, now=now)
    assert str(refused.value) == (
        "Votre compte est tout neuf\u202f: votre voix comptera 7 jours après votre inscription."
    )
    assert not Vote.objects.exists()


@pytest.mark.parametrize("whose", ["team", "officer", "off", "merge", "removal", "decided"])
def test_what_somebody_looks_after_takes_no_voice(
    asked: Suggestion, whose: str, now: datetime, settings: object
) -> None:
    user = neighbours(1, now)[0]
    boss = User.objects.create_user("ines@reseau.example")
    if whose == "team":
        Membership.objects.create(
            user=boss,
            role="facilitator",
            scope=place_scope(asked.place.pk),
            given_at=now,
            given_by="test",  # type: ignore[union-attr]
        )
    elif whose == "officer":
        Membership.objects.create(user=boss, role="network_officer", scope="reg:27", given_at=now, given_by="test")
    elif whose == "off":
        settings.VOTES = False  # type: ignore[attr-defined]
    elif whose == "decided":
        Suggestion.objects.update(state="withdrawn", decided_at=now, decided_by="visiteur")
    else:
        kind = {"merge": "duplicate", "removal": "charter"}[whose]
        twin = Place.objects.get(pk=record(_twin(), now=now).place_ids[0]) if whose == "merge" else None
        Suggestion.objects.update(kind=kind, twin=twin)
    with pytest.raises(PlaceRefused) as refused:
        vote(suggestion_id=asked.pk, user=user, is_for=True, now=now)
    assert str(refused.value) == CLOSED_TO_VOICES
    assert not Vote.objects.exists()


def _twin() -> object:
    from dataclasses import replace

    return replace(LA_MAILLE, ref="2", values={"name": "L’Autre", "commune": "39093"})


def test_a_suggestion_that_is_not_there_is_refused(now: datetime) -> None:
    with pytest.raises(PlaceRefused) as refused:
        vote(suggestion_id=UUID(int=7), user=neighbours(1, now)[0], is_for=True, now=now)
    assert str(refused.value) == CLOSED_TO_VOICES


def test_thomas_gives_his_voice_from_the_page(asked: Suggestion, people: People, now: datetime) -> None:
    Membership.objects.filter(role="network_officer").delete()
    (user,) = neighbours(1, now)
    client = Client()
    client.force_login(user)
    with time_machine.travel(now, tick=False):
        page = client.get("/proposer/voix/?commune=Chamblay")
        assert "03 84 11 22 33" in page.content.decode() and "Chamblay (Jura)" in page.content.decode()
        assert "/proposer/voix/" in client.get("/gerer/").content.decode()
        done = client.post(f"/proposer/voix/{asked.pk}/", {"voix": "pour"}, follow=True).content.decode()
        assert "votre voix est comptée" in done and "Vous êtes pour." in done
        strange = client.post(f"/proposer/voix/{asked.pk}/", {"voix": "peut-être"})
    assert strange.status_code == 409
    assert "Dites pour ou contre, puis validez." in strange.content.decode()
    assert "voix/" in client.get("/doc/confiance/").content.decode()
