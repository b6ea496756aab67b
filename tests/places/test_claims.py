"""Somebody runs a place that nobody runs here yet: three proofs, one link, and nothing for a stranger."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from maillage.accounts.models import Invitation, Membership, User
from maillage.accounts.rules import place_scope, signature
from maillage.journal.actions import TooMany
from maillage.journal.models import AuditEvent, Mail
from maillage.network.clearance.actions.networks import open_network
from maillage.places.actions import claiming
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.models import Claim, Place
from maillage.places.views.claiming import masked
from tests.places.test_record import LA_MAILLE, record

pytestmark = pytest.mark.usefixtures("small_ground")
LILA = "lila@exemple.fr"


@pytest.fixture
def maille(now: datetime, small_ground: None) -> Place:
    place = Place.objects.get(pk=record(LA_MAILLE, now=now).place_ids[0])
    Place.objects.update(email="contact@maille.example", street="2 rue du Lavoir", city="Chamblay")
    place.refresh_from_db()
    return place


def officer(scope: str, now: datetime, role: str = "network_officer") -> str:
    user = User.objects.create_user(f"{role}@exemple.fr")
    Membership.objects.create(user=user, role=role, scope=scope, given_at=now, given_by="test")
    return signature(user.pk, role)


def asked(place: Place, now: datetime, proof: str = "network") -> Claim:
    return claiming.ask(place=place, proof=proof, email=LILA, message="", uses={}, by="visiteur", now=now)


class TestProofs:
    def test_the_link_goes_to_the_published_address_and_to_no_other(self, maille: Place, now: datetime) -> None:
        claiming.claim_by_email(place=maille, uses={}, now=now)
        mail, made = Mail.objects.get(), Invitation.objects.get()
        assert mail.to == made.email == "contact@maille.example"
        assert (made.role, made.scope) == ("facilitator", place_scope(maille.pk))

    def test_a_network_s_word_sends_the_link_to_who_asked(self, maille: Place, now: datetime) -> None:
        one = asked(maille, now)
        assert asked(maille, now) == one
        by = officer("dep:39", now)
        claiming.grant(claim_id=one.pk, by=by, now=now)
        assert Mail.objects.get().to == Invitation.objects.get().email == LILA
        one.refresh_from_db()
        assert (one.is_granted, one.settled_by) == (True, by)
        with pytest.raises(PlaceRefused) as refused:
            claiming.grant(claim_id=one.pk, by=by, now=now)
        assert str(refused.value) == (
            "Cette demande a déjà sa réponse, ou son délai est passé\u202f: rechargez la page."
        )

    def test_the_code_of_the_letter_opens_once_and_the_last_one_only(self, maille: Place, now: datetime) -> None:
        one = asked(maille, now, "letter")
        by = officer("dep:39", now)
        former = claiming.write_letter(claim_id=one.pk, by=by, now=now)
        code = claiming.write_letter(claim_id=one.pk, by=by, now=now)
        assert not claiming.open_by_code(place=maille, code=former, uses={}, now=now)
        assert claiming.open_by_code(place=maille, code=f" {code[:5].lower()}-{code[5:]} ", uses={}, now=now)
        assert not claiming.open_by_code(place=maille, code=code, uses={}, now=now)
        assert Invitation.objects.get().email == LILA

    def test_a_code_is_not_guessed(self, maille: Place, now: datetime) -> None:
        one = asked(maille, now, "letter")
        code = claiming.write_letter(claim_id=one.pk, by=officer("dep:39", now), now=now)
        for _try in range(claiming.MOST_TRIES):
            assert not claiming.open_by_code(place=maille, code="AAAAAAAAAA", uses={}, now=now)
        assert not claiming.open_by_code(place=maille, code=code, uses={}, now=now)
        assert not Invitation.objects.exists()

    def test_a_letter_has_its_day(self, maille: Place, now: datetime) -> None:
        one = asked(maille, now, "letter")
        code = claiming.write_letter(claim_id=one.pk, by=officer("dep:39", now), now=now)
        assert not claiming.open_by_code(place=maille, code=code, uses={}, now=now + claiming.LASTS + timedelta(days=1))


class TestRefusals:
    @pytest.mark.parametrize(
        ("role", "scope"), [("network_officer", "dep:25"), ("observer", "dep:39"), ("colleague", "place")]
    )
    def test_who_clears_nothing_here_grants_nothing(self, maille: Place, now: datetime, role: str, scope: str) -> None:
        one = asked(maille, now)
        elsewhere = "place:00000000-0000-4000-8000-000000000000"
        by = officer(elsewhere if scope == "place" else scope, now, role)
        for act in (claiming.grant, claiming.write_letter):
            with pytest.raises(PermissionDenied if act is claiming.grant else (PermissionDenied, PlaceRefused)):
                act(claim_id=one.pk, by=by, now=now)
        assert not Invitation.objects.exists()

    def test_a_place_with_a_team_is_not_claimed(self, maille: Place, now: datetime) -> None:
        one = asked(maille, now)
        by = officer("dep:39", now)
        nadine = User.objects.create_user("nadine@exemple.fr")
        Membership.objects.create(
            user=nadine, role="facilitator", scope=place_scope(maille.pk), given_at=now, given_by="test"
        )
        for act in (
            lambda: claiming.claim_by_email(place=maille, uses={}, now=now),
            lambda: asked(maille, now),
            lambda: claiming.grant(claim_id=one.pk, by=by, now=now),
        ):
            with pytest.raises(PlaceRefused) as refused:
                act()
            assert str(refused.value) == "Ce lieu a déjà une équipe ici\u202f: demandez-lui de vous inviter."
        assert not Invitation.objects.exists()

    def test_a_day_has_its_bounds_and_sends_nothing_beyond(self, maille: Place, now: datetime) -> None:
        for _time in range(2):
            claiming.claim_by_email(place=maille, uses={"claim:place:x": 2}, now=now)
        with pytest.raises(TooMany), transaction.atomic():
            claiming.claim_by_email(place=maille, uses={"claim:place:x": 2}, now=now)
        assert Mail.objects.count() == 2

    def test_the_database_holds_one_open_claim_a_person(self, maille: Place, now: datetime) -> None:
        asked(maille, now)
        given = {"place": maille, "email": LILA, "proof": "letter", "asked_at": now, "asked_by": "x"}
        with pytest.raises(IntegrityError), transaction.atomic():
            Claim.objects.create(**given, expires_at=now)
        with pytest.raises(IntegrityError), transaction.atomic():
            Claim.objects.create(**{**given, "email": "autre@exemple.fr"}, expires_at=now, is_granted=True)


class TestPages:
    def test_lila_asks_ines_prints_and_the_code_opens(self, maille: Place, now: datetime) -> None:
        network = open_network(name="Réseau du Jura", scopes=["dep:39"], by="test", now=now)
        by = officer("dep:39", now)
        ines = Client()
        ines.force_login(User.objects.get(pk=int(by.split(":")[1])))
        lila, url = Client(), reverse("place_claim", args=[maille.slug])
        with time_machine.travel(now, tick=False) as moment:
            page = lila.get(url)
            assert "c•••@maille.example" in page.content.decode()
            assert "contact@maille.example" not in page.content.decode()
            stamp = page.context["stamp"]
            moment.shift(10)
            wrong = lila.post(url, {"moyen": "lettre", "courriel_reponse": "lila", "debut": stamp})
            assert wrong.status_code == 422
            done = lila.post(url, {"moyen": "lettre", "courriel_reponse": LILA, "debut": stamp})
            assert "Une lettre avec un code arrivera au lieu" in done.content.decode()
            one = Claim.objects.get()
            assert LILA in ines.get(reverse("network_queue", args=[network.slug])).content.decode()
            letter = ines.post(reverse("network_claim", args=[network.slug, one.pk]), {"lettre": "1"})
            code = re.search(r'letter__code">([A-Z0-9]{10})<', letter.content.decode())
            assert code
            bad = lila.post(url, {"code": "ZZZZZZZZZZ", "debut": stamp})
            assert bad.status_code == 422
            good = lila.post(url, {"code": code[1], "debut": stamp})
        assert "C’est prouvé" in good.content.decode()
        acts = AuditEvent.objects.filter(action__startswith="claims.").order_by("pk")
        assert list(acts.values_list("action", flat=True)) == [
            "claims.asked", "claims.posted", "claims.granted",
        ]  # fmt: skip

    def test_strange_input_is_refused_in_words(self, maille: Place) -> None:
        url = reverse("place_claim", args=[maille.slug])
        for value in ("\x00", "x" * 9_000, "'", "<script>alert(1)</script>"):
            given = {"moyen": value, "courriel_reponse": value, "message": value, "debut": value}
            for posted in (given, given | {"code": value}):
                answer = Client().post(url, posted)
                assert answer.status_code == 422
                assert b"<script>alert" not in answer.content


def test_an_address_is_shown_to_its_owner_only() -> None:
    assert masked("lila@exemple.fr") == "l•••@exemple.fr"
