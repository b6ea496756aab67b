"""Who has lost the place, by a role taken away, an account erased or a key retired, writes nothing more in it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone

from maillage.accounts import actions as accounts
from maillage.accounts.models import ApiKey, Membership
from maillage.accounts.rules import COLLEAGUE, OBSERVER, key_signature, place_scope, signature
from maillage.journal.models import AuditEvent
from maillage.places.actions import confirm_place, lifecycle, photos, sheet
from maillage.places.models import Photo, Place, Revision
from tests.authorisation.world import picture
from tests.people import People, gather
from tests.together import meanwhile

Act = Callable[[], object]


def acts(people: People, by: str, now: datetime) -> dict[str, Act]:
    """All that is written of a place by those who may edit its sheet or close it."""
    place = people.place.pk
    told = {"alt": "La salle", "licence": "CC0", "by": "essai", "now": now}
    shown = [photos.add_photo(place_id=place, data=picture(colour), **told) for colour in ("#111111", "#222222")]
    gone = photos.add_photo(place_id=place, data=picture("#333333"), **told)
    photos.remove_photo(place_id=place, photo_id=gone, by="essai", now=now)
    seen = sheet.edit_sheet(place_id=place, values={"phone": "03 84 00 00 01"}, seen=9, by="essai", now=now)
    assert seen
    who = {"place_id": place, "by": by, "now": now + timedelta(hours=1)}
    one = {**who, "photo_id": shown[0]}
    return {
        "edit": partial(sheet.edit_sheet, values={"phone": "03 84 00 00 02"}, seen=seen, **who),
        "nothing new": partial(sheet.edit_sheet, values={"phone": "03 84 00 00 01"}, seen=seen, **who),
        "take back": partial(sheet.take_back, number=seen, **who),
        "close": partial(sheet.close_place, closed_on="2026-10", cause="autre", seen=seen, **who),
        "sleep": partial(sheet.reopen_place, status="dormant", seen=seen, **who),
        "confirm": partial(confirm_place, **who),
        "add": partial(photos.add_photo, data=picture("#444444"), alt="x", licence="CC0", **who),
        "describe": partial(photos.describe_photo, alt="Autre", credit="", licence="CC0", **one),
        "move": partial(photos.move_photo, up=False, **one),
        "remove": partial(photos.remove_photo, **one),
        "restore": partial(photos.restore_photo, **{**who, "photo_id": gone}),
    }


def dismissed(people: People, now: datetime) -> str:
    held = Membership.objects.get(user=people.karim.user)
    accounts.dismiss(membership_id=held.pk, scope=held.scope, by="essai", now=now)
    return signature(people.karim.user.pk, COLLEAGUE)


def lowered(people: People, now: datetime) -> str:
    karim = people.karim.user
    accounts.give_role(user=karim, role=OBSERVER, scope=place_scope(people.place.pk), by="essai", now=now)
    return signature(karim.pk, COLLEAGUE)


def closed(people: People, now: datetime) -> str:
    accounts.set_active(user=people.karim.user, active=False, by="essai", now=now)
    return signature(people.karim.user.pk, COLLEAGUE)


def erased(people: People, now: datetime) -> str:
    accounts.erase(user=people.karim.user, by="essai", now=now)
    return signature(people.karim.user.pk, COLLEAGUE)


def _key(people: People, now: datetime, role: str = COLLEAGUE, scope: str = "") -> ApiKey:
    scope = scope or place_scope(people.place.pk)
    return accounts.make_key(name="Agenda", role=role, scope=scope, by="essai", now=now)[0]


def retired(people: People, now: datetime) -> str:
    key = _key(people, now)
    accounts.revoke_key(key_id=key.pk, scope=key.scope, by="essai", now=now)
    return key_signature(key.pk, COLLEAGUE)


def of_another_place(people: People, now: datetime) -> str:
    return key_signature(_key(people, now, scope=place_scope(people.other.pk)).pk, COLLEAGUE)


def that_only_reads(people: People, now: datetime) -> str:
    return key_signature(_key(people, now, role=OBSERVER).pk, OBSERVER)


def never_made(people: People, now: datetime) -> str:
    return key_signature(9_999, COLLEAGUE)


LOST = [dismissed, lowered, closed, erased, retired, of_another_place, that_only_reads, never_made]


def written() -> tuple[Any, ...]:
    return (
        Revision.objects.count(),
        AuditEvent.objects.filter(action__startswith="places.").count(),
        list(Photo.everything.order_by("pk").values_list("pk", "alt", "position", "removed_at")),
        list(Place.objects.order_by("pk").values_list("phone", "status", "confirmed_at")),
    )


@pytest.mark.parametrize("lost", LOST)
def test_who_has_lost_the_place_writes_nothing_there(people: People, now: datetime, lost: Callable) -> None:
    by = lost(people, now)
    asked = acts(people, by, now)
    before = written()
    for name, act in asked.items():
        with pytest.raises(PermissionDenied):
            act()
        assert written() == before, name


WRITES = ("edit", "take back", "confirm", "add", "describe", "move", "remove", "restore")


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time: DATABASE_URL=postgres://…"
)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_turn", [True, False])
@pytest.mark.parametrize("act", WRITES)
def test_a_role_being_lost_at_that_moment_writes_nothing(
    act: str, in_turn: bool, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read before one's turn, the negative control, the right is still there and the change is written."""
    people = gather(now)
    asked = acts(people, signature(people.karim.user.pk, COLLEAGUE), now)[act]
    before = written()
    told = _behind(asked, partial(erased, people, now), in_turn, monkeypatch)
    assert told == ({"PermissionDenied"} if in_turn else set())
    assert (written() == before) == in_turn


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time: DATABASE_URL=postgres://…"
)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_turn", [True, False])
@pytest.mark.parametrize("confirming", [True, False])
def test_a_key_being_retired_at_that_moment_writes_nothing(
    confirming: bool, in_turn: bool, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = gather(now)
    made, secret = accounts.make_key(
        name="Agenda", role=COLLEAGUE, scope=place_scope(people.place.pk), by="essai", now=now
    )
    ApiKey.objects.update(last_used_at=timezone.now())  # nothing of its use is left to note, which would hold its row
    answers: list[Any] = []

    def ask() -> None:
        address = f"/api/v1/places/{people.place.slug}"
        who = {"Authorization": f"Bearer {secret}", "If-Match": "*"}
        patch = {"data": '{"phone": "03 84 00 00 03"}', "content_type": "application/merge-patch+json"}
        client = Client()
        if confirming:
            answers.append(client.post(f"{address}/confirmations", "{}", "application/json", headers=who))
        else:
            answers.append(client.patch(address, headers=who, **patch))

    def retire() -> None:
        accounts.revoke_key(key_id=made.pk, scope=made.scope, by="essai", now=now)

    before = written()
    assert _behind(ask, retire, in_turn, monkeypatch) == set()
    assert (written() == before) == in_turn
    answer = answers[0]
    assert answer.status_code == (401 if in_turn else 201 if confirming else 200)
    if in_turn:
        assert answer.json()["title"] == "Clé de programme absente ou inconnue"
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Maillage", error="invalid_token"'


def _behind(act: Act, other: Act, in_turn: bool, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    if not in_turn:
        for module in (sheet, photos, lifecycle):
            monkeypatch.setattr(module, "let_in", lambda *asked: None)
    return meanwhile(act, other)
