"""Closing a place and opening it again take the act `close`, by every way in which a field may change."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from unittest.mock import patch

import pytest

from maillage.accounts.actions import make_key
from maillage.accounts.rules import CLOSE, EDIT, MAY, place_scope, signature
from maillage.journal.models import AuditEvent
from maillage.places import permissions
from maillage.places.actions import sheet
from maillage.places.actions.sheet import StateNotYours, close_place, edit_sheet, reopen_place, take_back
from maillage.places.forms import SECTIONS, Closing
from maillage.places.models import Place, Revision
from maillage.places.queries.team import shown
from maillage.places.rules.drafts import FIELDS
from maillage.places.views.manage import history
from tests.authorisation.world import undone
from tests.people import People, Person, signed_in

SEATED = ("nadine", "karim", "operator", "ines", "perrin")
ROLES = {
    "nadine": "facilitator",
    "karim": "colleague",
    "operator": "operator",
    "ines": "network_officer",
    "perrin": "observer",
}
REFUSED = (
    "Ce changement touche à l’état du lieu (ouvert, en sommeil, fermé)\u202f: votre rôle ne permet pas d’en décider. "
    "Demandez-le à l’animation du lieu ou à l’exploitant du site\u202f; rien n’a été enregistré."
)
STEPS: tuple[dict[str, Any], ...] = (
    {"phone": "03 84 00 00 01"},
    {"status": "dormant"},
    {"status": "closed", "closed_on": "2026-10", "closed_cause": "equipe"},
    {"closed_on": "2026-09"},
    {"closed_cause": "local"},
    {"phone": "03 84 00 00 02", "closed_cause": "equipe"},
    {"status": "open"},
)
"""Changes of a sheet, one revision each, that touch the fields of its state alone, together, and beside others."""


def edited(people: People, step: int, now: datetime) -> int:
    """Play the steps up to one, by the operator, whom everybody else may follow; the number of the last."""
    number = 1
    by = signature(people.operator.user.pk, "operator")
    for n, values in enumerate(STEPS[: step + 1], start=1):
        number = edit_sheet(place_id=people.place.pk, values=values, seen=number, by=by, now=now + timedelta(minutes=n))
        assert number
    return number


def address(people: People, number: int) -> str:
    return f"/gerer/{people.place.slug}/historique/{number}/reprendre/"


def needed(values: dict[str, Any]) -> str:
    """What changing these fields takes: said by the page where they are changed."""
    return CLOSE if set(values) & set(Closing.fields) else EDIT


def wrongs(people: People, step: int, number: int) -> Iterator[str]:
    """What is not as the table of acts says, for somebody and one change."""
    for key in SEATED:
        may = EDIT in MAY[ROLES[key]] and needed(STEPS[step]) in MAY[ROLES[key]]
        client = signed_in(getattr(people, key))
        before = shown(Place.objects.get(pk=people.place.pk))
        with undone():
            offered = address(people, number) in client.get(f"/gerer/{people.place.slug}/historique/").content.decode()
            asked = client.get(address(people, number)).status_code
            answered = client.post(address(people, number)).status_code
            changed = shown(Place.objects.get(pk=people.place.pk)) != before
        told = (offered, asked, answered, changed)
        if told != ((True, 200, 302, True) if may else (False, 403, 403, False)):
            yield f"{key}, {sorted(STEPS[step])}: {told}"


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_taking_a_change_back_takes_what_making_it_takes(people: People, step: int, now: datetime) -> None:
    number = edited(people, step, now)
    assert list(wrongs(people, step, number)) == []


def test_the_steps_touch_every_field_of_the_state_and_no_other_page_does() -> None:
    touched = {name for values in STEPS for name in values}
    assert touched > set(Closing.fields)
    elsewhere = {name for form in SECTIONS.values() for name in form.fields}
    assert not elsewhere & set(Closing.fields)
    assert {name for name in FIELDS if permissions.act_of([name]) == CLOSE} == set(Closing.fields)


@contextmanager
def _any_signature() -> Iterator[None]:
    with patch.object(sheet, "may_settle_state", lambda place, by: True):
        yield


@contextmanager
def _editing_is_enough() -> Iterator[None]:
    with patch.object(history, "act_of", lambda fields: EDIT):
        yield


@contextmanager
def _state_is_only_the_status() -> Iterator[None]:
    def act_of(fields: Any) -> str:
        return CLOSE if "status" in fields else EDIT

    with patch.object(history, "act_of", act_of), patch.object(sheet, "act_of", act_of):
        yield


@pytest.mark.parametrize(
    ("hole", "step"), [(_any_signature, 1), (_editing_is_enough, 1), (_state_is_only_the_status, 3)]
)
def test_a_hole_is_seen(people: People, hole: Any, step: int, now: datetime) -> None:
    number = edited(people, step, now)
    with hole():
        found = list(wrongs(people, step, number))
    assert {one.partition(",")[0] for one in found} == {"karim", "ines"}


def test_the_page_says_who_decides(people: People, now: datetime) -> None:
    number = edited(people, 1, now)
    for client in (signed_in(people.karim), signed_in(people.ines)):
        for answer in (client.get(address(people, number)), client.post(address(people, number))):
            assert REFUSED in unescape(answer.content.decode())


@pytest.mark.parametrize("by", ["compte:{karim}:colleague", "compte:{ines}:network_officer", "cle:{key}:colleague"])
def test_no_action_lets_a_state_through(people: People, by: str, now: datetime) -> None:
    number = edited(people, 2, now)
    key, _secret = make_key(name="Agenda", role="colleague", scope=place_scope(people.place.pk), by="essai", now=now)
    signed = by.format(karim=people.karim.user.pk, ines=people.ines.user.pk, key=key.pk)
    who = {"by": signed, "now": now + timedelta(hours=1)}
    where = {"place_id": people.place.pk}
    for act in (
        lambda: edit_sheet(**where, values={"closed_on": "2026"}, seen=number, **who),
        lambda: close_place(**where, closed_on="2026", cause="", seen=number, **who),
        lambda: reopen_place(**where, status="open", seen=number, **who),
        lambda: take_back(**where, number=number, **who),
    ):
        with pytest.raises(StateNotYours) as refused:
            act()
        assert str(refused.value) == REFUSED
    assert Revision.objects.filter(place=people.place).count() == number


def test_a_change_of_state_that_is_taken_back_is_journalled_like_a_closing(people: People, now: datetime) -> None:
    number = edited(people, len(STEPS) - 1, now)
    nadine: Person = people.nadine
    by = signature(nadine.user.pk, "facilitator")
    take_back(place_id=people.place.pk, number=number, by=by, now=now + timedelta(hours=1))
    closed = AuditEvent.objects.filter(action="places.closed", by=by).get()
    assert (closed.subject, closed.detail) == (
        str(people.place.pk),
        {"status": "closed", "closed_on": "2026-09", "closed_cause": "equipe"},
    )
    take_back(place_id=people.place.pk, number=number + 1, by=by, now=now + timedelta(hours=2))
    assert AuditEvent.objects.filter(action="places.reopened", by=by).get().detail == {"status": "open"}
