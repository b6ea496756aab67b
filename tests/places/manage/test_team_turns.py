"""Who is losing the team of a place makes neither key nor invitation meanwhile, and sends nobody away."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from maillage.accounts import actions as accounts
from maillage.accounts import queries
from maillage.accounts.models import ApiKey, Invitation, Membership, User
from maillage.accounts.rules import COLLEAGUE, FACILITATOR, OBSERVER, OPERATOR, place_scope, signature
from maillage.journal.models import Mail
from maillage.places.actions import team
from tests.people import People, gather
from tests.together import meanwhile

Act = Callable[[], object]


def acts(people: People, user: User, role: str, now: datetime) -> dict[str, Act]:
    """What only somebody who runs the team of a place may do there, signed as when the page opened."""
    who = {"place": people.place, "by": signature(user.pk, role), "now": now}
    waiting = queries.pending_invitations(place_scope(people.place.pk), now=now)
    karim = Membership.objects.get(user=people.karim.user)
    return {
        "key": partial(team.make_key, name="Agenda", role=COLLEAGUE, **who),
        "invitation": partial(team.invite_colleague, email="zoe@exemple.fr", role=COLLEAGUE, inviter="Nadine", **who),
        "again": partial(team.invite_again, invitation_id=waiting[0].pk if waiting else 0, inviter="Nadine", **who),
        "dismissal": partial(team.dismiss, membership_id=karim.pk, **who),
    }


def dismissed(user: User, scope: str, now: datetime) -> None:
    held = Membership.objects.get(user=user, scope=scope)
    accounts.dismiss(membership_id=held.pk, scope=scope, by="essai", now=now)


def lowered(user: User, scope: str, now: datetime) -> None:
    accounts.give_role(user=user, role=OBSERVER, scope=scope, by="essai", now=now)


def closed(user: User, scope: str, now: datetime) -> None:
    accounts.set_active(user=user, active=False, by="essai", now=now)


def rows() -> tuple[int, ...]:
    return tuple(table.objects.count() for table in (ApiKey, Invitation, Membership, Mail))


@pytest.mark.parametrize("lost", [dismissed, lowered, closed])
def test_a_role_lost_since_the_page_opened_gives_nothing(people: People, now: datetime, lost: Callable) -> None:
    nadine, here = people.nadine.user, place_scope(people.place.pk)
    accounts.invite(email="attend@exemple.fr", role=COLLEAGUE, scope=here, by="essai", now=now)
    asked = acts(people, nadine, FACILITATOR, now)
    lost(nadine, here, now)
    before = rows()
    for name, act in asked.items():
        with pytest.raises(PermissionDenied):
            act()
        assert rows() == before, name


def test_who_runs_the_team_still_does_it_all(people: People, now: datetime) -> None:
    for user, role in ((people.nadine.user, FACILITATOR), (people.operator.user, OPERATOR)):
        here = place_scope(people.place.pk)
        accounts.invite(email="attend@exemple.fr", role=COLLEAGUE, scope=here, by="essai", now=now)
        for name, act in acts(people, user, role, now).items():
            if name != "dismissal":
                act()
    acts(people, people.nadine.user, FACILITATOR, now)["dismissal"]()


def test_an_observer_leaves_by_themselves(people: People, now: datetime) -> None:
    held = Membership.objects.get(user=people.karim.user)
    by = signature(people.karim.user.pk, COLLEAGUE)
    team.dismiss(place=people.place, membership_id=held.pk, by=by, now=now, only_of=people.karim.user.pk)
    assert not Membership.objects.filter(pk=held.pk).exists()


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time: DATABASE_URL=postgres://…"
)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_turn", [True, False])
def test_a_role_being_lost_at_that_moment_gives_no_key(
    in_turn: bool, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read before one's turn, the negative control, the role is still there and the key outlives it."""
    people = gather(now)
    nadine, here = people.nadine.user, place_scope(people.place.pk)
    make = acts(people, nadine, FACILITATOR, now)["key"]
    if not in_turn:
        monkeypatch.setattr(team, "journal", type("Free", (), {"lock_order": staticmethod(lambda: None)}))
    told = meanwhile(make, partial(dismissed, nadine, here, now))
    assert told == ({"PermissionDenied"} if in_turn else set())
    assert ApiKey.objects.filter(revoked_at__isnull=True).count() == (0 if in_turn else 1)
