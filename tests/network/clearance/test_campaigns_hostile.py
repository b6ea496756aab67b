"""Letters of places that were merged, and secrets after the site was put back under another key."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from maillage.journal.actions import forget_person
from maillage.journal.models import Mail
from maillage.network.clearance.actions import campaigns as acts
from maillage.network.clearance.actions.census_answers import keep_step, send
from maillage.network.clearance.actions.still_mails import fall_silent
from maillage.network.clearance.models import Answer, Invitation
from maillage.network.clearance.queries.census_links import invitation_by, letter_code, link_secret, mark_of
from maillage.places.actions import merge_places
from maillage.places.models import Place, Suggestion
from tests.network.clearance.census import BY, invitation, jura, maille, opened
from tests.network.clearance.test_campaigns_desk import places

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_ground")]
WEEK = timedelta(days=8)


@pytest.mark.parametrize("followed", [False, True], ids=["the same hour", "after the night"])
def test_the_letter_of_a_place_merged_away_does_not_speak_for_the_other(now: datetime, followed: bool) -> None:
    """Merged in the hour, both places were asked; merged the day before, the one that stays is asked by that letter."""
    network, kept = jura(now), maille(now)
    (gone,) = places(now, 1, name="Chez le faussaire", street="9 rue d’Ailleurs")
    census = opened(network, now)
    if followed:
        Invitation.objects.filter(place=kept).delete()
    posted = invitation(census, gone)
    assert [one.pk for one, _code in acts.print_letters(campaign=census, by=BY, now=now)] == [posted.pk]
    merge_places(kept_id=kept.pk, gone_id=gone.pk, reason="le même", by=BY, now=now)
    if followed:
        assert acts.follow_places(by=BY, now=now) == 1
    phone = Place.objects.get(pk=kept.pk).phone
    found = invitation_by(letter_code(posted.pk))
    assert found is not None
    keep_step(invitation_id=posted.pk, values={"phone": "+33612345678"}, seen=9, by="courrier", now=now)
    assert send(invitation_id=posted.pk, way=found[1], by="courrier", now=now).outcome == "held"
    assert Place.objects.get(pk=kept.pk).phone == phone
    assert Suggestion.objects.get().place_id == kept.pk


def test_another_key_of_the_site_breaks_neither_reminders_nor_silence(now: datetime, settings: Any) -> None:
    network, quiet = jura(now), maille(now, email="chut@exemple.fr")
    (place,) = places(now, 1, email="nid@exemple.fr")
    fall_silent(mark=mark_of("Chut@exemple.fr"), by=BY, now=now)
    settings.SECRET_KEY = "celle d'avant la sauvegarde"
    census = opened(network, now)
    settings.SECRET_KEY = "celle d'après"
    Mail.objects.all().delete()
    assert acts.remind(campaign=census, by=BY, now=now + WEEK) == 1
    secret = link_secret(invitation(census, place).pk)
    assert secret in Mail.objects.get(to="nid@exemple.fr").body
    assert Client().get(f"/recensement/{secret}/").status_code != 404
    assert invitation(census, quiet).mailed_at is None
    assert not Answer.objects.exists()


def test_a_census_after_another_does_not_write_twice_in_a_week(now: datetime) -> None:
    network = jura(now)
    places(now, 2, email="nid@exemple.fr")
    acts.close_census(campaign=opened(network, now), by=BY, now=now)
    with pytest.raises(acts.CensusRefused, match="Ce réseau a écrit à ses lieux il y a moins d’une semaine"):
        opened(network, now, edition="2026-bis")
    assert Mail.objects.count() == 1
    opened(network, now + WEEK, edition="2026-ter")
    assert Mail.objects.count() == 2


def test_what_an_answer_said_of_the_sheet_forgets_an_address_too(now: datetime) -> None:
    network, place = jura(now), maille(now)
    census = opened(network, now, fields=["email", "phone"])
    one = invitation(census, place)
    values = {"email": "Eve@exemple.fr", "phone": "+33612345678"}
    keep_step(invitation_id=one.pk, values=values, seen=9, by=BY, now=now)
    send(invitation_id=one.pk, way="phone", by=BY, now=now)
    forget_person(addresses=["eve@exemple.fr"], name="Ève")
    assert Answer.objects.get().values == {"phone": "+33612345678"}
