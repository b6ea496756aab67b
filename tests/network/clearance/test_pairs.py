"""Two sheets that resemble each other: a person of the network says one or two, and takes it back."""

from dataclasses import replace
from datetime import datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from maillage.accounts.models import Membership, User
from maillage.network.clearance.actions.networks import open_network
from maillage.network.clearance.models import Network
from maillage.network.exchange.models import Candidate
from maillage.places.models import Merge, NotSame, Place
from tests.places.test_record import LA_MAILLE, record

pytestmark = pytest.mark.usefixtures("small_ground")
REASONS = [
    {"what": "name", "points": 40, "measured": 0.9},
    {"what": "address", "points": -15, "measured": 0.2},
    {"what": "distance", "points": 0, "measured": 320.0},
]


@pytest.fixture
def jura(now: datetime, small_ground: None) -> Network:
    return open_network(name="Réseau du Jura", scopes=["dep:39"], by="test", now=now)


@pytest.fixture
def ines(now: datetime) -> Client:
    user = User.objects.create_user("ines@exemple.fr")
    Membership.objects.create(user=user, role="network_officer", scope="dep:39", given_at=now, given_by="test")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def pair(now: datetime, small_ground: None) -> Candidate:
    twin = replace(LA_MAILLE, ref="2", values={"name": "La Maille (asso)", "commune": "39093"})
    ids = sorted(record(LA_MAILLE, twin, now=now).place_ids, key=str)
    return Candidate.objects.create(
        one_id=ids[0], other_id=ids[1], points=55, evidence={"reasons": REASONS}, found_at=now, found_by="test"
    )


def test_a_pair_is_shown_with_what_speaks_for_it_and_against(
    jura: Network, ines: Client, pair: Candidate, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        page = ines.get(reverse("network_pairs", args=[jura.slug]))
    told = page.context["pairs"][0]["reasons"]
    assert [(one["says"], one["is_for"], one["is_against"]) for one in told] == [
        ("noms proches à 90\u202f%", True, False),
        ("rues proches à 20\u202f%", False, True),
        ("points à 300\u202fm", False, False),
    ]


def test_one_place_or_two_and_back(jura: Network, ines: Client, pair: Candidate, now: datetime) -> None:
    url = reverse("network_pair", args=[jura.slug, pair.pk])
    with time_machine.travel(now, tick=False):
        assert ines.post(url, {}).status_code == 409
        assert ines.post(url, {"meme": "1", "motif": "même salle"}).status_code == 302
        assert Place.objects.public().count() == 1
        assert Merge.objects.get().reason == "même salle"
        assert ines.post(url, {"meme": "1"}).status_code == 404
        back = reverse("network_separate", args=[jura.slug, Merge.objects.get().pk])
        assert ines.post(back).status_code == 302
    assert Place.objects.public().count() == 2
    assert NotSame.objects.count() == 1


def test_two_places_are_told_apart_and_asked_no_more(
    jura: Network, ines: Client, pair: Candidate, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        done = ines.post(reverse("network_pair", args=[jura.slug, pair.pk]), {"distincts": "1"}, follow=True)
    assert "C’est noté pour toujours\u202f: ce sont deux lieux." in done.content.decode()
    assert NotSame.objects.count() == 1
    assert done.context["pairs"] == []


def test_a_pair_of_another_territory_is_not_there(ines: Client, pair: Candidate, now: datetime) -> None:
    user = User.objects.get()
    Membership.objects.create(user=user, role="network_officer", scope="dep:25", given_at=now, given_by="test")
    doubs = open_network(name="Réseau du Doubs", scopes=["dep:25"], by="test", now=now)
    with time_machine.travel(now, tick=False):
        assert ines.get(reverse("network_pairs", args=[doubs.slug])).context["pairs"] == []
        assert ines.post(reverse("network_pair", args=[doubs.slug, pair.pk]), {"meme": "1"}).status_code == 404
    assert Place.objects.public().count() == 2


def test_a_record_of_another_place_gets_its_own_sheet(ines: Client, jura: Network, now: datetime) -> None:
    other = replace(LA_MAILLE, ref="2", values={"name": "Le Fil", "commune": "39093"}, group="un")
    (pk,) = record(replace(LA_MAILLE, group="un"), other, now=now).place_ids
    place = Place.objects.get(pk=pk)
    address = reverse("network_records", args=[jura.slug, place.slug])
    with time_machine.travel(now, tick=False):
        page = ines.get(address)
        assert [one["may_leave"] for one in page.context["records"]] == [True, True]
        chosen = {"enregistrement": str(place.records.get(ref="2").pk)}
        mute = ines.post(address, chosen)
        assert (mute.status_code, mute.context["why"]) == (
            409,
            ["Une séparation demande un motif\u202f: dites à quoi vous voyez que c’est un autre lieu."],
        )
        assert ines.post(address, {"enregistrement": "²"}).status_code == 409
        done = ines.post(address, {**chosen, "motif": "une autre rue"}, follow=True)
    assert "«\u202fLe Fil\u202f» a sa propre fiche" in done.content.decode()
    assert [one["may_leave"] for one in done.context["records"]] == [False]
    assert Place.objects.public().count() == 2
    assert NotSame.objects.count() == 1
