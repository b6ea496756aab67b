"""Networks: what each looks after, what it answers for as it saw it, and many answers at once."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from maillage.accounts.models import Membership, User
from maillage.accounts.rules import signature
from maillage.cli.main import main
from maillage.network.clearance import queries
from maillage.network.clearance.actions.networks import (
    NetworkRefused,
    accept_many,
    close_network,
    open_network,
    take_word_back,
    verify_many,
)
from maillage.network.clearance.models import Network, Perimeter
from maillage.places.actions.sheet import edit_sheet
from maillage.places.actions.suggestions import Proposed, suggest
from maillage.places.models import Place, Suggestion, Verification
from tests.places.test_record import LA_MAILLE, record

pytestmark = pytest.mark.usefixtures("small_ground")
BY = "test:Inès"


@pytest.fixture
def jura(now: datetime, small_ground: None) -> Network:
    return open_network(name="Réseau du Jura", scopes=["dep:39"], by=BY, now=now)


@pytest.fixture
def maille(now: datetime, small_ground: None) -> Place:
    return Place.objects.get(pk=record(LA_MAILLE, now=now).place_ids[0])


@pytest.fixture
def faraway(now: datetime, small_ground: None) -> Place:
    draft = replace(LA_MAILLE, ref="44", values={"name": "L’Escale", "commune": "44109", "activities": ["fablab"]})
    return Place.objects.get(pk=record(draft, now=now).place_ids[0])


def officer(scope: str, now: datetime, role: str = "network_officer") -> str:
    user = User.objects.create_user(f"{role}.{scope.replace(':', '')}@exemple.fr")
    Membership.objects.create(user=user, role=role, scope=scope, given_at=now, given_by="test")
    return signature(user.pk, role)


def suggested(now: datetime, **given: Any) -> Suggestion:
    return suggest(proposed=Proposed(**{"kind": "edit", **given}), by="visiteur", now=now).made


class TestPerimeter:
    def test_it_holds_the_places_of_its_territories_and_no_other(
        self, jura: Network, maille: Place, faraway: Place
    ) -> None:
        assert list(queries.places_of(jura)) == [maille]
        assert queries.holds(jura, maille)
        assert not queries.holds(jura, faraway)

    def test_a_theme_narrows_it(self, maille: Place, faraway: Place, now: datetime) -> None:
        fabs = open_network(name="Fablabs", scopes=["france"], themes=["fablab"], by=BY, now=now)
        assert list(queries.places_of(fabs)) == [faraway]

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"name": " "}, "Un réseau a un nom\u202f: écrivez-le."),
            ({"scopes": []}, "Un réseau suit au moins un territoire\u202f: écrivez par exemple dep:39."),
            ({"themes": ["danse"]}, "Activité inconnue\u202f: danse."),
            (
                {"scopes": ["place:00000000-0000-4000-8000-000000000000"]},
                "Un réseau suit des territoires, pas un lieu seul.",
            ),
        ],
    )
    def test_what_makes_no_network_is_refused(self, now: datetime, given: dict[str, Any], said: str) -> None:
        with pytest.raises(NetworkRefused) as refused:
            open_network(**{"name": "Réseau", "scopes": ["dep:39"], "by": BY, "now": now, **given})
        assert str(refused.value) == said
        assert not Network.objects.exists()

    def test_the_database_names_a_territory_once(self, jura: Network) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Perimeter.objects.create(network=jura, scope="dep:39")


class TestCleared:
    def test_the_map_of_a_network_lags_without_a_fork(self, jura: Network, maille: Place, now: datetime) -> None:
        verify_many(network=jura, place_ids=[maille.pk], how="visite", by=BY, now=now)
        later = now + timedelta(days=3)
        edit_sheet(place_id=maille.pk, values={"name": "La Maille & Cie"}, seen=1, by=BY, now=later)
        one = queries.cleared(jura)[0]
        assert (one.values["name"], one.place.name, one.behind, one.number) == (
            "La Maille", "La Maille & Cie", True, 1,
        )  # fmt: skip
        feature = Client().get(reverse("network_geojson", args=[jura.slug])).json()["features"][0]
        assert (feature["properties"]["name"], feature["properties"]["revision"]) == ("La Maille", 1)
        verify_many(network=jura, place_ids=[maille.pk], how="", by=BY, now=later)
        one = queries.cleared(jura)[0]
        assert (one.values["name"], one.behind, one.number) == ("La Maille & Cie", False, 2)

    def test_all_of_several_are_verified_or_none(
        self, jura: Network, maille: Place, faraway: Place, now: datetime
    ) -> None:
        with pytest.raises(NetworkRefused) as refused:
            verify_many(network=jura, place_ids=[maille.pk, faraway.pk], how="", by=BY, now=now)
        assert str(refused.value) == ("Un de ces lieux n’est pas du périmètre de ce réseau\u202f: rechargez la page.")
        assert not Verification.objects.exists()

    def test_a_word_is_taken_back_and_a_closed_network_speaks_no_more(
        self, jura: Network, maille: Place, now: datetime
    ) -> None:
        verify_many(network=jura, place_ids=[maille.pk], how="", by=BY, now=now)
        assert take_word_back(network=jura, place_id=maille.pk, by=BY, now=now) == 1
        assert queries.cleared(jura) == []
        close_network(network=jura, by=BY, now=now)
        assert queries.network_by_slug(jura.slug) is None
        assert Client().get(reverse("network", args=[jura.slug])).status_code == 404


class TestAnswers:
    def test_nothing_ticked_is_said_and_does_nothing(self, jura: Network, maille: Place, now: datetime) -> None:
        with pytest.raises(NetworkRefused) as refused:
            accept_many(network=jura, suggestions=[], by=BY, now=now)
        assert str(refused.value) == "Rien n’est coché\u202f: cochez les suggestions à accepter, puis validez."
        with pytest.raises(NetworkRefused) as refused:
            verify_many(network=jura, place_ids=[], how="", by=BY, now=now)
        assert str(refused.value) == "Rien n’est coché\u202f: cochez les fiches dont vous répondez, puis validez."

    def test_several_are_accepted_each_by_itself(
        self, jura: Network, maille: Place, faraway: Place, now: datetime
    ) -> None:
        good = suggested(now, place=maille, values={"phone": "03 84 11 22 33"})
        new = suggested(now, kind="new", values={"name": "Le Nid", "commune": "39093"})
        stale = suggested(now, place=maille, values={"email": "a@exemple.fr"})
        edit_sheet(place_id=maille.pk, values={"email": "a@exemple.fr"}, seen=1, by=BY, now=now)
        elsewhere = suggested(now, place=faraway, values={"phone": "02 40 11 22 33"})
        ids = [good.pk, new.pk, stale.pk, elsewhere.pk]
        done = accept_many(network=jura, suggestions=ids, by=officer("dep:39", now), now=now)
        assert done.accepted == 2
        assert done.refused == {
            stale.pk: "La fiche dit déjà tout cela\u202f: refusez la suggestion en la remerciant.",
            elsewhere.pk: "Cette suggestion n’est pas du périmètre de ce réseau.",
        }
        states = dict(Suggestion.objects.values_list("pk", "state"))
        assert [states[pk] for pk in ids] == ["accepted", "accepted", "pending", "pending"]

    @pytest.mark.parametrize(
        ("role", "scope"), [("network_officer", "dep:25"), ("observer", "dep:39"), ("facilitator", "place")]
    )
    def test_who_does_not_speak_for_a_network_changes_nothing(
        self, jura: Network, maille: Place, now: datetime, role: str, scope: str
    ) -> None:
        by = officer(f"place:{maille.pk}" if scope == "place" else scope, now, role)
        one = suggested(now, place=maille, values={"phone": "03 84 11 22 33"})
        with pytest.raises(PermissionDenied):
            accept_many(network=jura, suggestions=[one.pk], by=by, now=now)
        with pytest.raises(PermissionDenied):
            verify_many(network=jura, place_ids=[maille.pk], how="", by=by, now=now)
        assert Suggestion.objects.get().state == "pending"

    def test_the_waiting_list_is_that_of_the_perimeter(
        self, jura: Network, maille: Place, faraway: Place, now: datetime
    ) -> None:
        mine = suggested(now, place=maille, values={"phone": "03 84 11 22 33"})
        suggested(now, place=faraway, values={"phone": "02 40 11 22 33"})
        assert [one.suggestion for one in queries.waiting_for(jura)] == [mine]
        assert queries.tally(jura, now=now) == queries.Tally(places=1, verified=0, behind=0, waiting=1)


class TestPages:
    def test_ines_answers_from_her_phone(self, jura: Network, maille: Place, now: datetime) -> None:
        one = suggested(now, place=maille, values={"phone": "03 84 11 22 33"}, said="appelé hier")
        by = officer("dep:39", now)
        client = Client()
        client.force_login(User.objects.get(pk=int(by.split(":")[1])))
        with time_machine.travel(now, tick=False):
            page = client.get(reverse("network_queue", args=[jura.slug])).content.decode()
            assert "appelé hier" in page
            url = reverse("network_answer", args=[jura.slug, one.pk])
            refused = client.post(url, {"refuser": "1"})
            assert refused.status_code == 409
            assert "Un refus demande un motif" in refused.content.decode()
            done = client.post(url, {"accepter": "1", "choix": "1", "champ": ["phone"]}, follow=True)
        assert "C’est publié" in done.content.decode()
        maille.refresh_from_db()
        assert maille.phone == "03 84 11 22 33"

    def test_each_network_shows_its_own_map_in_the_language_of_the_page(
        self, jura: Network, maille: Place, now: datetime
    ) -> None:
        by = officer("dep:39", now)
        url, client = reverse("network", args=[jura.slug]), Client()
        with time_machine.travel(now, tick=False):
            empty = client.get(url).content.decode()
            verify_many(network=jura, place_ids=[maille.pk], how="Visite", by=by, now=now)
            french, english = client.get(url).content.decode(), client.get(f"/en{url}").content.decode()
        assert ("La carte en tableau" in empty, "La carte en tableau" in french) == (False, True)
        assert "The map as a table" in english and "La carte en tableau" not in english

    def test_strange_posts_break_nothing(self, jura: Network, maille: Place, now: datetime) -> None:
        by = officer("dep:39", now)
        client = Client()
        client.force_login(User.objects.get(pk=int(by.split(":")[1])))
        for name in ("network_queue", "network_verify"):
            for value in ("\x00", "x" * 5_000, str(UUID(int=3)), "'"):
                url = reverse(name, args=[jura.slug])
                answer = client.post(url, {"suggestion": value, "lieu": value, "comment": value})
                assert answer.status_code in (302, 409), (name, value)
        assert not Verification.objects.exists()


def test_the_command_opens_lists_and_closes(capsys: pytest.CaptureFixture[str], small_ground: None) -> None:
    assert main(["network", "open", "Réseau du Jura", "--territory", "dep:39"]) == 0
    assert main(["network", "list"]) == 0
    assert main(["network", "close", "reseau-du-jura"]) == 0
    assert main(["network", "close", "reseau-du-jura"]) == 1
    told = capsys.readouterr()
    assert told.out == (
        "Réseau ouvert : Réseau du Jura, page /reseaux/reseau-du-jura/\n"
        "reseau-du-jura  Réseau du Jura  dep:39\n"
        "Réseau fermé : Réseau du Jura. Ce qu’il a vérifié garde son nom et son jour.\n"
    )
    assert told.err == ("maillage network : aucun réseau « reseau-du-jura ». Voyez « maillage network list ».\n")
