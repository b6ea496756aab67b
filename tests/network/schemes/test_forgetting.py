"""Who a pass was for is forgotten: by the funder, with the person of a place, and in time."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from maillage.journal.models import AuditEvent
from maillage.management.people.actions.erasing import erase_person
from maillage.management.people.actions.persons import add_person
from maillage.network.schemes import tasks
from maillage.network.schemes.actions import issuing
from maillage.network.schemes.models import Issue
from tests.network.schemes.valley import BY, Valley, morning, valley

EVE = {"holder": "Ève Martin", "contact": "eve@example.org"}


@pytest.fixture
def named(people: Any, now: Any) -> Valley:
    return valley(people.place, now, is_named="1")


def known() -> list[tuple[str, bool]]:
    return [(one.holder, bool(one.contact)) for one in Issue.objects.order_by("pk")]


def test_the_funder_forgets_who_a_pass_is_for(people: Any, client_of: Any, named: Valley) -> None:
    old = named.hand(raw=EVE)
    new = issuing.replace_lost(scheme_id=named.scheme.pk, code=old.of.code, by=BY, now=named.now)
    funder = client_of(people.perrin)
    card = f"/dispositifs/{named.scheme.pk}/carte/{new.of.code}/"
    assert "Oublier à qui est ce passe" in funder.get(card).content.decode()
    assert funder.get(f"{card}oublier/").status_code == 302
    assert known() == [("Ève Martin", True)] * 2
    for _twice in range(2):
        assert funder.post(f"{card}oublier/").status_code == 302
    assert known() == [("", False)] * 2
    assert AuditEvent.objects.filter(action="schemes.holder_forgotten").count() == 1
    said = funder.get(card).content.decode()
    assert "Ève Martin" not in said
    assert "Oublier à qui est ce passe" not in said
    assert named.spend(new, morning(23)).pk
    assert funder.post(f"/dispositifs/{named.scheme.pk}/carte/00000-00000/oublier/").status_code == 404


def test_whom_a_place_erases_is_forgotten_by_schemes(named: Valley) -> None:
    named.hand(raw=EVE)
    named.hand(raw={"holder": "Paul", "contact": "paul@example.org"})
    raw = {"name": "Ève", "email": "Eve@Example.org"}
    person = add_person(place=named.place, raw=raw, by=BY, now=named.now)
    erase_person(place=named.place, person_id=person, by=BY, now=named.now)
    assert known() == [("", False), ("Paul", True)]


def test_names_go_once_the_period_is_over(named: Valley) -> None:
    named.hand(raw=EVE)
    for day in ("2027-03-01", "2028-02-28"):
        with time_machine.travel(datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC), tick=False):
            assert tasks.forget_holders() == 0
    assert known() == [("Ève Martin", True)]
    with time_machine.travel(datetime(2040, 1, 1, tzinfo=UTC), tick=False):
        assert tasks.forget_holders() == 1
        assert tasks.forget_holders() == 0
    assert known() == [("", False)]
