"""The desk of a network under attack: others' identifiers, half a perimeter, what a shared cache would keep."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from maillage.accounts.models import Membership, User
from maillage.network.clearance.actions.networks import close_network, open_network
from maillage.network.clearance.models import Network
from maillage.places import actions
from maillage.places.models import Place, Suggestion, Verification
from tests.network.clearance.test_networks import BY, faraway, jura, maille, officer, suggested
from tests.places.test_record import LA_MAILLE, record

__all__ = ["faraway", "jura", "maille"]
pytestmark = pytest.mark.usefixtures("small_ground")


def desk(scope: str, now: datetime, role: str = "network_officer") -> Client:
    officer(scope, now, role)
    client = Client()
    client.force_login(User.objects.latest("pk"))
    return client


def posted(client: Client, page: str, network: Network, *more: object, **given: object) -> tuple[int, str]:
    answer = client.post(reverse(page, args=[network.slug, *more]), given)
    return answer.status_code, answer.content.decode()


def test_a_page_with_the_buttons_of_an_officer_is_nobody_elses(jura: Network, maille: Place, now: datetime) -> None:
    url = reverse("network", args=[jura.slug])
    mine, theirs = desk("dep:39", now).get(url), Client().get(url)
    assert reverse("network_queue", args=[jura.slug]) in mine.content.decode()
    assert reverse("network_queue", args=[jura.slug]) not in theirs.content.decode()
    for answer in (mine, theirs):
        assert "Cookie" in answer.headers["Vary"]
        assert "public" not in answer.headers.get("Cache-Control", "")


@pytest.mark.parametrize(("scope", "role"), [("dep:25", "network_officer"), ("dep:39", "observer")])
def test_who_does_not_speak_for_it_writes_nothing(
    jura: Network, maille: Place, now: datetime, scope: str, role: str
) -> None:
    one = suggested(now, place=maille, values={"phone": "03 84 11 22 33"})
    client = desk(scope, now, role)
    assert posted(client, "network_answer", jura, one.pk, accepter="1")[0] == 403
    assert posted(client, "network_queue", jura, suggestion=one.pk)[0] == 403
    assert posted(client, "network_verify", jura, lieu=maille.pk)[0] == 403
    assert Suggestion.objects.get().state == "pending"
    assert not Verification.objects.exists()


def test_what_is_elsewhere_gone_or_junk_is_refused_in_words(
    jura: Network, maille: Place, faraway: Place, now: datetime
) -> None:
    client = desk("dep:39", now)
    other = suggested(now, place=faraway, values={"phone": "03 84 11 22 33"})
    assert posted(client, "network_answer", jura, other.pk, accepter="1")[0] == 404
    assert posted(client, "network_answer", jura, uuid4(), accepter="1")[0] == 404
    status, page = posted(client, "network_queue", jura, suggestion=[other.pk, uuid4(), "\x00", "x" * 9_000])
    assert status == 409
    assert "Cette suggestion n’est pas du périmètre de ce réseau." in page
    status, page = posted(client, "network_queue", jura, suggestion=[uuid4() for _ in range(101)])
    assert status == 409
    actions.remove_place(place_id=maille.pk, reason="inventé", by=BY, now=now)
    for gone in (maille.pk, faraway.pk, uuid4()):
        status, page = posted(client, "network_verify", jura, lieu=gone, comment="\x00")
        assert status == 409
        assert "Un de ces lieux n’est pas du périmètre de ce réseau" in page
    assert Suggestion.objects.get().state == "pending"
    assert not Verification.objects.exists()


def test_half_a_perimeter_gives_half_a_word(maille: Place, faraway: Place, now: datetime) -> None:
    wide = open_network(name="Jura et Loire", scopes=["dep:39", "dep:44"], by=BY, now=now)
    client = desk("dep:39", now)
    one = suggested(now, place=faraway, values={"phone": "03 84 11 22 33"})
    assert posted(client, "network_verify", wide, lieu=[maille.pk, faraway.pk])[0] == 403
    assert posted(client, "network_answer", wide, one.pk, refuser="1", motif="non")[0] == 403
    status, page = posted(client, "network_queue", wide, suggestion=one.pk)
    assert status == 409
    assert "Votre rôle ne permet pas d’en décider." in page
    assert not Verification.objects.exists()
    assert Suggestion.objects.get().state == "pending"


def test_a_closed_network_answers_nothing(jura: Network, maille: Place, now: datetime) -> None:
    client = desk("dep:39", now)
    close_network(network=jura, by=BY, now=now)
    assert posted(client, "network_verify", jura, lieu=maille.pk)[0] == 404
    assert posted(client, "network_queue", jura)[0] == 404


def test_an_answer_taken_back_too_late_is_refused_in_words(jura: Network, maille: Place, now: datetime) -> None:
    client = desk("dep:39", now)
    first = suggested(now, place=maille, values={"phone": "03 84 11 22 33"})
    assert posted(client, "network_answer", jura, first.pk, accepter="1")[0] == 302
    second = suggested(now, place=maille, values={"phone": "03 84 99 99 99"})
    assert posted(client, "network_answer", jura, second.pk, accepter="1")[0] == 302
    assert posted(client, "network_answer", jura, first.pk, reprendre="1")[0] == 409
    assert Place.objects.get().phone == "03 84 99 99 99"
    assert posted(client, "network_answer", jura, second.pk)[0] == 409


def test_many_suggestions_are_shown_and_answered_by_parts(jura: Network, maille: Place, now: datetime) -> None:
    for number in range(120):
        suggested(now, place=maille, values={"phone": f"03 84 11 2{number // 10:02} {number % 10}0"})
    client = desk("dep:39", now)
    page = client.get(reverse("network_queue", args=[jura.slug]))
    assert page.status_code == 200
    assert len(page.context["waiting"]) == 100


def test_a_role_lost_between_page_and_button_answers_nothing(jura: Network, maille: Place, now: datetime) -> None:
    client = desk("dep:39", now)
    assert client.get(reverse("network_verify", args=[jura.slug])).status_code == 200
    Membership.objects.all().delete()
    assert posted(client, "network_verify", jura, lieu=maille.pk)[0] == 403
    assert not Verification.objects.exists()


def test_a_move_proposed_out_of_the_perimeter_waits_within_it(jura: Network, now: datetime) -> None:
    place = Place.objects.get(pk=record(LA_MAILLE, now=now).place_ids[0])
    suggested(now, place=place, values={"commune": "44109"})
    page = desk("dep:39", now).get(reverse("network_queue", args=[jura.slug]))
    assert [one["one"].place for one in page.context["waiting"]] == [place]
