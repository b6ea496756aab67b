"""Who is dismissed, lowered, closed or erased leaves neither link nor key behind that still opens something."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from tests.people import People, signed_in
from tests.web.page import Page

from maillage.accounts import actions, queries
from maillage.accounts.models import ApiKey, Invitation, Membership, User
from maillage.accounts.rules import COLLEAGUE, EVERYWHERE, FACILITATOR, OBSERVER, OPERATOR, place_scope, signature
from maillage.journal.models import AuditEvent

BY = "essai"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counters(db: None) -> None:
    cache.clear()


def made_by(user: User, role: str, scope: str, now: datetime, email: str = "zoe@exemple.fr") -> tuple[str, str]:
    """The secrets of an invitation and of a key that somebody makes in a place."""
    by = signature(user.pk, role)
    token = actions.invite(email=email, role=FACILITATOR, scope=scope, by=by, now=now).token
    return token, actions.make_key(name="Agenda", role=COLLEAGUE, scope=scope, by=by, now=now)[1]


def dismissed(user: User, scope: str, now: datetime) -> None:
    given = Membership.objects.get(user=user, scope=scope)
    actions.dismiss(membership_id=given.pk, scope=scope, by=BY, now=now)


def lowered(user: User, scope: str, now: datetime) -> None:
    actions.give_role(user=user, role=OBSERVER, scope=scope, by=BY, now=now)


def closed(user: User, scope: str, now: datetime) -> None:
    actions.set_active(user=user, active=False, by=BY, now=now)


def erased(user: User, scope: str, now: datetime) -> None:
    actions.erase(user=user, by=BY, now=now)


WAYS = [dismissed, lowered, closed, erased]
Way = Callable[[User, str, datetime], None]


def written(people: People, secret: str) -> int:
    address = f"/api/v1/places/{people.place.slug}"
    given = {"Authorization": f"Bearer {secret}", "If-Match": "*"}
    kind = "application/merge-patch+json"
    return Client().patch(address, {"phone": "03 84 00 00 00"}, content_type=kind, headers=given).status_code


def opens(token: str, now: datetime) -> bool:
    return queries.invitation(token, now=now) is not None


@pytest.mark.parametrize("way", WAYS)
class TestFourWays:
    def test_the_key_is_refused_by_the_api(self, people: People, now: datetime, way: Way) -> None:
        here = place_scope(people.place.pk)
        _, secret = made_by(people.nadine.user, FACILITATOR, here, now)
        assert written(people, secret) == 200
        way(people.nadine.user, here, now)
        assert written(people, secret) == 401
        key = ApiKey.objects.get()
        assert (key.revoked_at, key.revoked_by) == (now, BY)
        event = AuditEvent.objects.get(action="accounts.key_revoked")
        assert (event.by, event.subject, event.detail) == (BY, here, {"key": key.pk})

    def test_the_invitation_opens_nothing(self, people: People, now: datetime, way: Way) -> None:
        here = place_scope(people.place.pk)
        token, _ = made_by(people.nadine.user, FACILITATOR, here, now)
        assert opens(token, now)
        way(people.nadine.user, here, now)
        made = Invitation.objects.get(email="zoe@exemple.fr")
        assert (made.revoked_at, made.revoked_by) == (now, BY)
        event = AuditEvent.objects.get(action="accounts.invitation_revoked")
        assert (event.by, event.subject, event.detail) == (BY, here, {"invitation": made.pk})
        with pytest.raises(actions.InvitationRefused) as refused:
            actions.accept(token=token, by=None, now=now)
        assert str(refused.value) == actions.OVER

    def test_what_an_operator_made_in_places_ends_too(self, people: People, now: datetime, way: Way) -> None:
        here = place_scope(people.place.pk)
        actions.give_role(user=people.lila.user, role=OPERATOR, scope=EVERYWHERE, by=BY, now=now)
        token, secret = made_by(people.operator.user, OPERATOR, here, now)
        way(people.operator.user, EVERYWHERE, now)
        assert (opens(token, now), written(people, secret)) == (False, 401)

    def test_what_others_made_or_a_command_stays(self, people: People, now: datetime, way: Way) -> None:
        here, nadine = place_scope(people.place.pk), people.nadine.user
        token, secret = made_by(people.operator.user, OPERATOR, here, now)
        _, other = made_by(User(pk=nadine.pk * 10), FACILITATOR, here, now, "a@exemple.fr")
        printed = actions.invite(email="b@exemple.fr", role=OBSERVER, scope=here, by="commande:invite", now=now).token
        way(nadine, here, now)
        assert opens(token, now) and opens(printed, now)
        assert written(people, secret) == written(people, other) == 200
        assert Invitation.objects.get(email="a@exemple.fr").revoked_at is None

    def test_all_or_nothing(self, people: People, now: datetime, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
        here, nadine = place_scope(people.place.pk), people.nadine.user
        _, secret = made_by(nadine, FACILITATOR, here, now)

        def fail(**act: Any) -> None:
            raise RuntimeError

        monkeypatch.setattr(actions, "revoke_key", fail)
        with pytest.raises(RuntimeError):
            way(nadine, here, now)
        assert Membership.objects.get(user=nadine, scope=here).role == FACILITATOR
        assert User.objects.get(pk=nadine.pk).is_active
        assert written(people, secret) == 200


def test_where_they_still_run_a_team_it_stays(people: People, now: datetime) -> None:
    here, there, nadine = place_scope(people.place.pk), place_scope(people.other.pk), people.nadine.user
    actions.give_role(user=nadine, role=FACILITATOR, scope=there, by=BY, now=now)
    token, secret = made_by(nadine, FACILITATOR, here, now)
    dismissed(nadine, there, now)
    assert opens(token, now) and written(people, secret) == 200
    actions.give_role(user=nadine, role=OPERATOR, scope=EVERYWHERE, by=BY, now=now)
    dismissed(nadine, here, now)
    assert opens(token, now) and written(people, secret) == 200
    actions.give_role(user=nadine, role=OBSERVER, scope=EVERYWHERE, by=BY, now=now)
    assert not opens(token, now) and written(people, secret) == 401


def test_an_invitation_ends_with_the_account_of_its_giver(people: People, now: datetime) -> None:
    here = place_scope(people.place.pk)
    token, _ = made_by(people.nadine.user, FACILITATOR, here, now)
    User.objects.filter(pk=people.nadine.user.pk).update(is_active=False)
    assert not opens(token, now)
    with pytest.raises(actions.InvitationRefused) as refused:
        actions.accept(token=token, by=None, now=now)
    assert str(refused.value) == actions.OVER
    assert not User.objects.filter(email="zoe@exemple.fr").exists()


@pytest.mark.parametrize("many", [0, 1, 2])
def test_the_page_says_beforehand_how_many_keys_stop(people: People, now: datetime, many: int) -> None:
    here = place_scope(people.place.pk)
    given = Membership.objects.get(user=people.nadine.user, scope=here)
    for _ in range(many):
        made_by(people.nadine.user, FACILITATOR, here, now)
    made_by(people.operator.user, OPERATOR, here, now)
    for person in (people.operator, people.nadine):
        page = signed_in(person).get(reverse("manage_team_dismiss", args=[people.place.slug, given.pk]))
        read = Page(page.content.decode())
        assert page.context["stopping"] == many
        assert (f"{many} clé" in read.text) == bool(many)
        assert read.problems == []
    dismissed(people.nadine.user, here, now)
    assert ApiKey.objects.filter(revoked_at__isnull=False).count() == many
