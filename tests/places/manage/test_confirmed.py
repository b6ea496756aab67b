"""Who says that a sheet is still right: a program does not say it in the team's place."""

from datetime import datetime

import pytest
import time_machine
from django.test import Client

from maillage.accounts.models import ApiKey
from maillage.accounts.rules import COLLEAGUE, key_signature, signature
from maillage.places.actions import confirm_place
from maillage.places.actions.team import make_key
from tests.people import People, signed_in

BUTTON = "Oui, toujours exacte"
THANKS = "Merci\u202f: la fiche est confirmée d’aujourd’hui"


@pytest.fixture
def nadine(people: People) -> Client:
    return signed_in(people.nadine)


def test_after_a_program_the_team_is_still_asked(nadine: Client, people: People, now: datetime) -> None:
    desk = f"/gerer/{people.place.slug}/"
    by = signature(people.nadine.user.pk, "facilitator")
    make_key(place=people.place, name="Site de la mairie", role=COLLEAGUE, by=by, now=now)
    with time_machine.travel(now, tick=False):
        confirm_place(place_id=people.place.pk, by=key_signature(ApiKey.objects.get().pk, COLLEAGUE), now=now)
        html = nadine.get(desk).content.decode()
        assert BUTTON in html and THANKS not in html
        assert "par la clé «\u202fSite de la mairie\u202f», de Nadine." in html
        nadine.post(f"{desk}confirmer/")
        html = nadine.get(desk).content.decode()
        assert BUTTON not in html and THANKS in html
