"""Acts on the same people never wait for each other in a ring: whoever waits for its turn holds no row yet."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from tests.people import join
from tests.together import meanwhile

from maillage.accounts import actions
from maillage.accounts.actions import accept, dismiss, erase, forget_second_proof, give_role, invite, set_active
from maillage.accounts.models import Membership
from maillage.accounts.rules import COLLEAGUE, FACILITATOR, OBSERVER, place_scope, signature
from maillage.journal import actions as journal

pytestmark = [
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite has one writer at a time: DATABASE_URL=postgres://…"
    ),
    pytest.mark.django_db(transaction=True),
]
BY = "essai"
HERE = place_scope("00000000-0000-4000-8000-000000000001")
Act = Callable[[], object]


def acts_on(person: str, now: datetime) -> dict[str, tuple[Act, Act]]:
    """Each act that locks rows of a facilitator, and one that wants some of them meanwhile."""
    user = join(f"{person}@exemple.fr", person, FACILITATOR, HERE, now)
    held = Membership.objects.get(user=user)
    signed = signature(user.pk, held.role)
    token = invite(email=f"zoe-{person}@exemple.fr", role=OBSERVER, scope=HERE, by=signed, now=now).token
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    who = {"user": user, "by": BY, "now": now}
    close = partial(set_active, active=False, **who)
    lower = partial(give_role, role=COLLEAGUE, scope=HERE, **who)
    return {
        "accept": (partial(accept, token=token, by=None, now=now), close),
        "give_role": (partial(give_role, role=COLLEAGUE, scope=HERE, **who), close),
        "dismiss": (partial(dismiss, membership_id=held.pk, scope=HERE, by=BY, now=now), lower),
        "set_active": (close, lower),
        "erase": (partial(erase, **who), lower),
        "forget_second_proof": (partial(forget_second_proof, **who), lower),
    }


ACTS = ("accept", "give_role", "dismiss", "set_active", "erase", "forget_second_proof")


@pytest.fixture
def without_turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The acts as they would be if each took its rows first, and its turn only to write its event."""
    free = SimpleNamespace(**{name: getattr(journal, name) for name in ("write", "forget_person")})
    free.lock_order = lambda: None
    with monkeypatch.context() as patch:
        patch.setattr(actions, "journal", free)
        yield


def test_an_act_waits_before_it_holds_anything(now: datetime) -> None:
    """None fails; the invitation is over because its giver was closed meanwhile."""
    told = {name: meanwhile(*acts_on(name, now)[name]) for name in ACTS}
    assert told == {name: set() for name in ACTS} | {"accept": {actions.OVER}}


def test_without_its_turn_first_two_acts_wait_for_each_other(now: datetime, without_turns: None) -> None:
    told = {name: meanwhile(*acts_on(name, now)[name]) for name in ACTS}
    assert told == {name: {"deadlock detected"} for name in ACTS}
