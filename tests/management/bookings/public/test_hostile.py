"""The form of the last step, and those behind the links: hostile texts break nothing."""

from datetime import timedelta

import pytest

from maillage.management.bookings.models import Booking, OpeningRule, Space
from tests.authorisation.conftest import quiet, world
from tests.authorisation.sweep import Visitor
from tests.authorisation.world import World
from tests.hostile import attack
from tests.hostile.corpora import texts

pytestmark = pytest.mark.django_db
__all__ = ["quiet", "world"]
MUCH = [pytest.param(12, id="sample"), pytest.param(None, id="all", marks=pytest.mark.full)]


@pytest.mark.parametrize("most", MUCH)
def test_the_form_of_a_visitor(world: World, most: int | None) -> None:
    booked = Booking.objects.get(space__slug=world.own.online.space)
    start = (booked.start + timedelta(days=1)).replace(hour=9, minute=0)
    for weekday in range(7):
        OpeningRule.objects.create(place=booked.place, weekday=weekday, opens_minute=480, closes_minute=1200)
    state = f"espace={booked.space.slug}&de={start:%Y-%m-%dT%H:%MZ}&a={start + timedelta(hours=1):%Y-%m-%dT%H:%MZ}"
    url = f"/lieux/{world.own.slug}/reserver/?{state}"
    who = Visitor()
    assert attack.found_forms(who, url)
    assert list(attack.in_forms(who, url, texts(most=most, of="booking"), alone=True)) == []


@pytest.mark.parametrize("most", MUCH)
def test_the_forms_behind_links(world: World, most: int | None) -> None:
    assert Space.objects.filter(slug=world.own.online.space).exists()
    for url in (f"/reservation/{world.own.online.ticket}/?annuler=1", f"/attente/{world.own.online.turn}/"):
        assert attack.found_forms(Visitor(), url)
        assert list(attack.in_forms(Visitor(), url, texts(most=most, of="links"), alone=False)) == []
