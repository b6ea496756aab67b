"""The form of a visitor and what is behind the links: hostile texts break nothing, nor does any question."""

import pytest

from maillage.management.events.models import Event
from tests.authorisation.conftest import quiet, world
from tests.authorisation.sweep import Visitor
from tests.authorisation.world import World
from tests.hostile import attack
from tests.hostile.corpora import texts

pytestmark = pytest.mark.django_db
__all__ = ["quiet", "world"]
MUCH = [pytest.param(12, id="sample"), pytest.param(None, id="all", marks=pytest.mark.full)]
QUESTIONS = ["pres", "lat", "lon", "rayon", "du", "au", "genre", "public", "page"]


@pytest.mark.parametrize("most", MUCH)
def test_the_form_of_a_visitor(world: World, most: int | None) -> None:
    own = world.own.programme
    url = f"/lieux/{world.own.slug}/agenda/{own.event}/{own.session}/inscription/"
    assert attack.found_forms(Visitor(), url)
    assert list(attack.in_forms(Visitor(), url, texts(most=most, of="registering"), alone=True)) == []


@pytest.mark.parametrize("most", MUCH)
def test_the_form_behind_the_link(world: World, most: int | None) -> None:
    url = f"/inscription/{world.own.programme.enrolment}/?annuler=1"
    assert attack.found_forms(Visitor(), url)
    assert list(attack.in_forms(Visitor(), url, texts(most=most, of="enrolment"), alone=False)) == []


@pytest.mark.parametrize("most", MUCH)
@pytest.mark.parametrize("address", ["/agenda/", "/agenda.ics", "/agenda.rss", "/agenda.json", "/api/v1/events"])
def test_questions(world: World, address: str, most: int | None) -> None:
    assert Event.objects.exists()
    asked = QUESTIONS if "api" not in address else ["from", "to", "near", "radius", "place", "limit", "cursor"]
    assert list(attack.in_query(Visitor(), address, asked, texts(most=most, of=address), alone=True)) == []
