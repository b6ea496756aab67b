from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from maillage.journal.models import AuditEvent
from maillage.places import actions, queries
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.models import Place
from tests.places.test_record import LA_MAILLE, record

pytestmark = pytest.mark.usefixtures("small_ground")


@pytest.fixture
def maille(now: datetime, small_ground: None) -> UUID:
    return record(LA_MAILLE, now=now).place_ids[0]


def test_an_old_address_leads_to_the_new_one_for_ever(maille: UUID, now: datetime) -> None:
    actions.rename_slug(place_id=maille, slug="la-maille-de-nadine", by="test:Nadine", now=now)
    actions.rename_slug(place_id=maille, slug="chez-nadine", by="test:Nadine", now=now)
    assert queries.place_by_slug("la-maille").moved_to == "chez-nadine"
    assert queries.place_by_slug("la-maille-de-nadine").moved_to == "chez-nadine"
    actions.rename_slug(place_id=maille, slug="la-maille", by="test:Nadine", now=now)
    assert queries.place_by_slug("la-maille").place is not None
    assert queries.place_by_slug("chez-nadine").moved_to == "la-maille"


def test_an_address_that_is_taken_is_refused(maille: UUID, now: datetime) -> None:
    record(replace(LA_MAILLE, ref="2", slug="le-nid"), now=now)
    with pytest.raises(PlaceRefused) as refused:
        actions.rename_slug(place_id=maille, slug="Le Nid", by="test:Nadine", now=now)
    assert str(refused.value) == "L’adresse «\u202fle-nid\u202f» est déjà prise\u202f: choisissez-en une autre."


def test_a_removal_needs_a_reason_and_can_be_undone(maille: UUID, now: datetime) -> None:
    with pytest.raises(PlaceRefused):
        actions.remove_place(place_id=maille, reason="  ", by="test:Inès", now=now)
    actions.remove_place(place_id=maille, reason="doublon", by="test:Inès", now=now)
    assert queries.place_by_slug("la-maille").removed is not None
    actions.restore_place(place_id=maille, by="test:Inès", now=now)
    assert queries.place_by_slug("la-maille").place is not None
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "places.recorded",
        "places.removed",
        "places.restored",
    ]


def test_a_confirmation_is_dated_and_signed(maille: UUID, now: datetime) -> None:
    actions.confirm_place(place_id=maille, by="test:Nadine", now=now)
    place = Place.objects.get()
    assert (place.confirmed_at, place.confirmed_by) == (now, "test:Nadine")
