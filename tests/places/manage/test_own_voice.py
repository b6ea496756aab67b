"""Whoever has a role in the place itself speaks for it, whatever else they may do elsewhere."""

from datetime import datetime

import pytest

from maillage.accounts.actions import give_role
from maillage.accounts.rules import (
    COLLEAGUE,
    EVERYWHERE,
    FACILITATOR,
    NETWORK_OFFICER,
    OBSERVER,
    OPERATOR,
    place_scope,
    signature,
)
from maillage.places.actions.sheet import edit_sheet
from maillage.places.models import Place, Revision
from tests.people import People, signed_in

ABOVE = ((OPERATOR, EVERYWHERE), (NETWORK_OFFICER, "reg:27"))


@pytest.mark.parametrize("here", [FACILITATOR, COLLEAGUE])
@pytest.mark.parametrize("above", ABOVE)
def test_who_also_looks_after_the_network_still_edits_their_own_place(
    people: People, now: datetime, above: tuple[str, str], here: str
) -> None:
    place, thomas = people.place, people.thomas.user
    team = signature(people.nadine.user.pk, FACILITATOR)
    seen = edit_sheet(place_id=place.pk, values={"name": "Dit par l’équipe"}, seen=1, by=team, now=now)
    give_role(user=thomas, role=here, scope=place_scope(place.pk), by="essai", now=now)
    give_role(user=thomas, role=above[0], scope=above[1], by="essai", now=now)
    asked = {"seen": seen, "name": "Dit par qui a les deux", "description": "", "enregistrer": "1"}
    answer = signed_in(people.thomas).post(f"/gerer/{place.slug}/fiche/presentation/", asked)
    assert answer.status_code == 302
    assert Place.objects.get(pk=place.pk).name == "Dit par qui a les deux"
    assert Revision.objects.latest("number").by == signature(thomas.pk, here)


def test_what_a_role_elsewhere_allows_is_still_allowed(people: People, now: datetime) -> None:
    thomas, here = people.thomas.user, people.place
    give_role(user=thomas, role=COLLEAGUE, scope=place_scope(here.pk), by="essai", now=now)
    give_role(user=thomas, role=OPERATOR, scope=EVERYWHERE, by="essai", now=now)
    asked = {"seen": 1, "status": "dormant", "closed_on": "", "closed_cause": ""}
    assert signed_in(people.thomas).post(f"/gerer/{here.slug}/etat/", asked).status_code == 302
    assert Place.objects.get(pk=here.pk).status == "dormant"


def test_an_observer_of_the_place_does_not_speak_for_it(people: People, now: datetime) -> None:
    thomas, here = people.thomas.user, people.place
    give_role(user=thomas, role=OBSERVER, scope=place_scope(here.pk), by="essai", now=now)
    give_role(user=thomas, role=OPERATOR, scope=EVERYWHERE, by="essai", now=now)
    signed_in(people.thomas).post(f"/gerer/{here.slug}/etat/", {"seen": 1, "status": "dormant"})
    assert Revision.objects.latest("number").by == signature(thomas.pk, OPERATOR)
