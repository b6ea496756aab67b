"""How far a sheet may be trusted, who answers for it, and how it travels to other sites."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from maillage.accounts.models import Membership, User
from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent
from maillage.places.actions import remove_place
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.trust import BY_MAIL, ON_THE_SPOT, end_verification, still_right, verify_place
from maillage.places.models import Place, Verification
from maillage.places.queries.still import place_of_token, still_token
from maillage.places.rules.trust import LASTS, LEVELS, trust
from tests.places.test_record import LA_MAILLE, record

pytestmark = pytest.mark.usefixtures("small_ground")
INES = "test:Inès"
DAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def maille(now: datetime, small_ground: None) -> Place:
    return Place.objects.get(pk=record(LA_MAILLE, now=now).place_ids[0])


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 22)).map(lambda one: one.replace(tzinfo=UTC))


class TestLadder:
    @given(st.none() | MOMENTS, st.lists(MOMENTS, max_size=3), st.lists(st.sampled_from("abc"), max_size=4))
    def test_each_step_stands_on_the_one_before(
        self, confirmed_at: datetime | None, seen: list[datetime], publishers: list[str]
    ) -> None:
        found = trust(confirmed_at=confirmed_at, networks=[("R", at) for at in seen], agreeing=publishers, now=DAY)
        assert list(found.steps) == sorted(found.steps, reverse=True)
        fresh = [at for at in seen if DAY - at <= LASTS]
        assert (found.level in ("verified", "crossed")) == bool(fresh)
        assert (found.level == "crossed") == (bool(fresh) and len(set(publishers)) > 1)
        if found.level == "declared":
            assert confirmed_at is None or DAY - confirmed_at > LASTS

    def test_more_evidence_never_lowers_the_step(self) -> None:
        bare = trust(confirmed_at=None, networks=[], agreeing=[], now=DAY)
        steps = [
            bare,
            trust(confirmed_at=DAY, networks=[], agreeing=[], now=DAY),
            trust(confirmed_at=DAY, networks=[("R", DAY)], agreeing=["a"], now=DAY),
            trust(confirmed_at=DAY, networks=[("R", DAY)], agreeing=["a", "b"], now=DAY),
        ]
        assert [one.level for one in steps] == list(LEVELS)

    def test_the_page_says_which_steps_are_reached_and_why(self, maille: Place, now: datetime) -> None:
        again = replace(LA_MAILLE, source="network", ref="7", place_id=maille.pk)
        record(again, now=now)
        verify_place(place_id=maille.pk, network="bfc", name="Réseau BFC", by=INES, now=now)
        with time_machine.travel(now, tick=False):
            ladder = Client().get(reverse("place", args=[maille.slug])).context["ladder"]
        assert [(one["code"], one["on"]) for one in ladder] == [(code, True) for code in LEVELS]
        assert ladder[2]["says"] == "Vérifié par Réseau BFC, le 22 novembre 2026."
        assert ladder[3]["says"] == ("Même nom et même commune chez Recensement et Réseau de Bourgogne-Franche-Comté.")


class TestVerify:
    def test_a_network_answers_for_the_revision_it_saw_and_may_take_its_word_back(
        self, maille: Place, now: datetime
    ) -> None:
        verify_place(place_id=maille.pk, network="bfc", name="Réseau BFC", how="visite", by=INES, now=now)
        later = now + timedelta(days=40)
        verify_place(place_id=maille.pk, network="bfc", name="Réseau BFC", by=INES, now=later)
        standing = Verification.objects.get(ended_at__isnull=True)
        assert (standing.number, standing.verified_at, standing.verified_by) == (1, later, INES)
        assert end_verification(place_id=maille.pk, network="bfc", by=INES, now=later) == 1
        assert end_verification(place_id=maille.pk, network="bfc", by=INES, now=later) == 0
        acts = AuditEvent.objects.filter(subject=str(maille.pk)).order_by("pk")
        assert list(acts.values_list("action", flat=True)) == [
            "places.verified", "places.verified", "places.unverified",
        ]  # fmt: skip

    @pytest.mark.parametrize(("role", "scope"), [("observer", "dep:39"), ("network_officer", "dep:25")])
    def test_who_clears_nothing_here_verifies_nothing(
        self, maille: Place, now: datetime, role: str, scope: str
    ) -> None:
        user = User.objects.create_user("ines@exemple.fr")
        Membership.objects.create(user=user, role=role, scope=scope, given_at=now, given_by="test")
        with pytest.raises(PermissionDenied):
            verify_place(place_id=maille.pk, network="x", name="X", by=signature(user.pk, role), now=now)
        assert not Verification.objects.exists()

    def test_the_database_holds_one_word_of_a_network(self, maille: Place, now: datetime) -> None:
        given = {"place": maille, "network": "bfc", "network_name": "R", "verified_at": now, "verified_by": INES}
        Verification.objects.create(**given)
        with pytest.raises(IntegrityError), transaction.atomic():
            Verification.objects.create(**given)


class TestStillRight:
    def test_whoever_is_on_the_spot_dates_the_sheet_once_a_day(self, maille: Place, now: datetime) -> None:
        assert still_right(place_id=maille.pk, way=ON_THE_SPOT, now=now)
        assert not still_right(place_id=maille.pk, way=BY_MAIL, now=now + timedelta(hours=1))
        assert still_right(place_id=maille.pk, way=BY_MAIL, now=now + timedelta(days=1))
        maille.refresh_from_db()
        assert maille.confirmed_by == BY_MAIL

    def test_the_code_of_the_poster_opens_a_page_that_confirms(self, maille: Place, now: datetime) -> None:
        url = reverse("still_right", args=[still_token(maille, ON_THE_SPOT)])
        client = Client()
        with time_machine.travel(now, tick=False):
            assert "Toujours exact" in client.get(url).content.decode()
            assert Place.objects.get().confirmed_at is None
            assert "Merci" in client.post(url).content.decode()
            shown = client.get(reverse("place", args=[maille.slug])).content.decode()
        assert "Dernière confirmation le 22 novembre 2026, par une personne sur place." in shown

    @pytest.mark.parametrize("change", ["cut", "other", "nothing"])
    def test_a_link_that_nobody_signed_confirms_nothing(self, maille: Place, change: str) -> None:
        token = still_token(maille, ON_THE_SPOT)
        bad = {"cut": token[:-3], "other": "x" + token[1:], "nothing": "x"}[change]
        assert place_of_token(bad) is None
        assert Client().post(reverse("still_right", args=[bad])).status_code == 404
        assert Place.objects.get().confirmed_at is None

    def test_a_closed_or_removed_place_is_not_confirmed(self, maille: Place, now: datetime) -> None:
        token = still_token(maille, ON_THE_SPOT)
        Place.objects.update(status="closed")
        with pytest.raises(PlaceRefused) as refused:
            still_right(place_id=maille.pk, way=ON_THE_SPOT, now=now)
        assert str(refused.value) == ("La fiche dit que ce lieu a fermé\u202f: s’il a rouvert, dites-le à son équipe.")
        remove_place(place_id=maille.pk, reason="parti", by=INES, now=now)
        assert place_of_token(token) is None


class TestWidget:
    def test_it_stands_in_any_frame_and_weighs_little(self, maille: Place) -> None:
        answer = Client().get(reverse("place_widget", args=[maille.slug]))
        page = answer.content
        style = Path(settings.BASE_DIR if hasattr(settings, "BASE_DIR") else ".", "src/maillage/web/static/maillage")
        weight = len(page) + (style / "widget.css").stat().st_size
        assert weight < 15_000
        assert b"<script" not in page
        assert "frame-ancestors *" in answer["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer
        assert not answer.cookies

    def test_other_pages_stand_in_no_frame(self, maille: Place) -> None:
        answer = Client().get(reverse("place", args=[maille.slug]))
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "DENY"
