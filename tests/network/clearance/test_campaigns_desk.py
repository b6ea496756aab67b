"""The desk of a census: prepared with what is wanting, opened, read by territory, heard by telephone, closed."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from maillage.accounts.models import Membership, User
from maillage.journal.actions import forget_person
from maillage.journal.models import Mail
from maillage.network.clearance.actions import campaigns as acts
from maillage.network.clearance.actions.census_answers import keep_step, send
from maillage.network.clearance.actions.demo_census import take_census
from maillage.network.clearance.actions.still_mails import ask_still, fall_silent
from maillage.network.clearance.models import Answer, Campaign, Network, StillAsked
from maillage.network.clearance.queries.campaigns import followed, needs, proposed
from maillage.network.clearance.queries.census_links import mark_of
from maillage.places.models import Place
from tests.network.clearance.census import BY, HEAT, WORD, invitation, jura, maille, opened
from tests.places.test_record import LA_MAILLE, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_ground")]
DAYS = timedelta(days=1)


@pytest.fixture
def network(now: datetime, small_ground: None) -> Network:
    return jura(now)


@pytest.fixture
def ines(now: datetime) -> Client:
    user = User.objects.create_user("ines@exemple.fr")
    Membership.objects.create(user=user, role="network_officer", scope="dep:39", given_at=now, given_by="test")
    client = Client()
    client.force_login(user)
    return client


def places(now: datetime, count: int, **values: object) -> list[Place]:
    drafts = [
        replace(
            LA_MAILLE,
            ref=f"{values.get('name', 'n')}{n}",
            values={**LA_MAILLE.values, "name": f"Lieu {n}", "email": "", **values},
        )
        for n in range(count)
    ]
    return list(Place.objects.filter(pk__in=record(*drafts, now=now).place_ids).order_by("sort_name"))


def page(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def at(name: str, *args: object) -> str:
    return reverse(name, args=["reseau-du-jura", *args])


class TestPrepared:
    def test_what_visitors_look_for_and_most_places_lack_is_ticked(
        self, network: Network, ines: Client, now: datetime
    ) -> None:
        places(now, 2)
        places_with = record(
            replace(LA_MAILLE, ref="h", values={**LA_MAILLE.values, "opening_hours": "Mo 09:00-12:00"}), now=now
        )
        assert places_with.created == 1
        found, count = needs(network, now=now)
        wanted = {one.field: (one.missing, one.old) for one in found}
        assert (count, wanted["opening_hours"], wanted["phone"]) == (3, (2, 1), (0, 3))
        assert "siret" not in proposed(found)
        with time_machine.travel(now, tick=False):
            shown = page(ines.get(at("network_census_new")))
        ticked = re.findall(r'name="fields" value="(\w+)" checked', shown)
        assert set(ticked) == set(proposed(found))
        assert "manque\u202f: 2, ancien\u202f: 1" in shown

    def test_it_is_written_down_previewed_opened_and_only_then_asked(
        self, ines: Client, network: Network, now: datetime
    ) -> None:
        maille(now)
        typed = {
            "name": "Recensement 2026",
            "edition": "2026",
            "closes_on": "2026-12-31",
            "fields": ["phone", "access", "rien"],
            "q0_texte": "Comment chauffez-vous ?",
            "q0_nature": "choice",
            "q0_choix": "bois\ngaz",
        }
        with time_machine.travel(now, tick=False):
            wrong = ines.post(at("network_census_new"), {**typed, "closes_on": "demain", "q0_choix": "bois"})
            assert wrong.status_code == 409
            assert "une par ligne, de deux à 12" in page(wrong)
            assert ines.post(at("network_census_new"), typed).url == at("network_census", "2026")
            census = Campaign.objects.get()
            assert (census.state, census.fields, Mail.objects.count()) == ("draft", ["phone", "access"], 0)
            preview = page(ines.get(at("network_census_preview", "2026")))
            assert "03 53 01 00 01" in preview
            assert 'value="2026-2"' in page(ines.get(at("network_census_new")))
            assert "Comment chauffez-vous\u202f?" in preview, "its mark never falls to the next line"
            assert ines.get(at("network_census_results", "2026")).status_code == 404
            ines.post(at("network_census_change", "2026"), {**typed, "name": "Recensement d’hiver"})
            assert ines.post(at("network_census", "2026"), {"rien": "1"}).status_code == 409
            ines.post(at("network_census", "2026"), {"ouvrir": "1"})
            assert "0 % ont répondu\u202f: 0 lieu" in page(ines.get(at("network_census", "2026"))).replace(
                "\u202f%", " %"
            )
        census.refresh_from_db()
        assert (census.name, census.state, Mail.objects.count()) == ("Recensement d’hiver", "open", 1)

    def test_a_draft_is_thrown_away(self, network: Network, ines: Client, now: datetime) -> None:
        from tests.network.clearance.census import prepared

        acts.prepare(network=network, given=prepared(), by=BY, now=now)
        ines.post(at("network_census", "2026"), {"effacer": "1"})
        assert not Campaign.objects.exists()


class TestFollowed:
    def test_progress_letters_calls_and_answers(self, network: Network, ines: Client, now: datetime) -> None:
        maille(now)
        by_post = places(
            now, 1, name="La Poste restante", street="2 rue du Lavoir", city="Chamblay", postal_code="39380"
        )
        nobody = places(now, 1, name="Le Nid", phone="03 84 00 00 01")
        census = opened(network, now)
        line = followed(census, now=now).lines[0]
        assert (line.label, line.answered, line.seen, line.unseen, line.unreached) == ("Jura", 0, 0, 1, 2)
        with time_machine.travel(now, tick=False):
            letters = page(ines.post(at("network_census_letters", "2026")))
            code = re.search(r"letter__code\">([A-Z0-9]{5}-[A-Z0-9]{5})", letters)[1]
            assert "2 rue du Lavoir" in letters
            assert code in page(ines.post(at("network_census_letters", "2026")))
            calls = ines.get(at("network_census_contacts", "2026")).content.decode("utf-8-sig").splitlines()
            assert calls[0] == "lieu;commune;téléphone;site;où il en est;rappels"
            assert "n’a reçu ni courriel ni lettre" in calls[1]
            one = invitation(census, nobody[0]).pk if nobody[0].name == "Le Nid" else None
            assert one is not None
            first = at("network_census_phone", "2026", one)
            step = at("network_census_phone_step", "2026", one, "activites")
            assert "Vous remplissez au téléphone" in page(ines.get(first))
            ines.post(step, {"garder": "1", "seen": "1", "access": ["velo"]})
            ines.post(at("network_census_phone_step", "2026", one, "questions"), {"q_emplois": "=1+1"})
            ines.post(at("network_census_phone_step", "2026", one, "questions"), {"q_emplois": "12"})
            ines.post(at("network_census_phone_step", "2026", one, "relire"), {"exact": "1"})
            rows = ines.get(at("network_census_answers", "2026")).content.decode("utf-8-sig").splitlines()
        answer = Answer.objects.get()
        assert (answer.way, answer.answered_by.rpartition(":")[2]) == ("phone", "network_officer")
        assert any("Le Nid;39093;a répondu;2026-11-22;téléphone;12" in row for row in rows)
        assert len(rows) == 4
        assert invitation(census, by_post[0]).posted_at == now

    def test_the_public_reads_totals_and_no_small_count(self, network: Network, now: datetime) -> None:
        everyone = places(now, 8, email="")
        census = opened(network, now, questions=[HEAT, WORD])
        for rank, place in enumerate(everyone[:7]):
            one = invitation(census, place)
            replies = {"chauffage": "bois" if rank < 6 else "gaz", "mot": "Notre chat s’appelle Zoé"}
            keep_step(invitation_id=one.pk, replies=replies, by=BY, now=now)
            send(invitation_id=one.pk, way="phone", by=BY, now=now)
        told = page(Client().get(at("network_census_results", "2026")))
        assert "7 lieux sur 8" in told
        assert "<td>" not in told, "read day after day, the difference would be one place's answer"
        assert "paraîtront ici à la clôture" in told
        acts.close_census(campaign=census, by=BY, now=now)
        told = page(Client().get(at("network_census_results", "2026")))
        assert "7 lieux sur 8" in told
        assert "Zoé" not in told
        assert re.findall(r"<td>(\w+)</td>", told) == ["masqué", "masqué", "0"]

    def test_new_places_are_invited_later_and_nobody_twice(self, network: Network, ines: Client, now: datetime) -> None:
        maille(now)
        census = opened(network, now)
        places(now, 2)
        with time_machine.travel(now, tick=False):
            assert "Inviter 2 lieux arrivés depuis" in page(ines.get(at("network_census", "2026")))
            ines.post(at("network_census", "2026"), {"inviter": "1"})
            ines.post(at("network_census", "2026"), {"inviter": "1"})
        assert census.invitations.count() == 3

    def test_whoever_is_erased_is_forgotten(self, network: Network, now: datetime) -> None:
        place = maille(now)
        census = opened(network, now, questions=[WORD])
        one = invitation(census, place)
        keep_step(invitation_id=one.pk, replies={"mot": "Écrire à bonjour@maille.exemple.fr"}, by=BY, now=now)
        send(invitation_id=one.pk, way="phone", by=BY, now=now)
        forget_person(addresses=["bonjour@maille.exemple.fr"], name="")
        assert invitation(census, place).email == ""
        assert Answer.objects.get().replies["mot"]["value"] == "Écrire à …"


class TestStillRight:
    @pytest.fixture(autouse=True)
    def mail_server(self, settings: object) -> None:
        settings.SMTP = {"host": "localhost"}  # type: ignore[attr-defined]

    def test_a_place_nobody_confirmed_for_a_year_is_asked_once_a_year(self, now: datetime) -> None:
        place = maille(now)
        assert ask_still(by="tâche", now=now + 300 * DAYS) == 0
        assert ask_still(by="tâche", now=now + 366 * DAYS) == 1
        mail = Mail.objects.get()
        assert mail.subject == "La fiche de La Maille est-elle toujours exacte\u202f?"
        link = re.search(r"http://localhost:8000(/toujours-exact/\S+)", mail.body)[1]
        assert [ask_still(by="tâche", now=now + n * DAYS) for n in (367, 700, 732)] == [0, 0, 1]
        with time_machine.travel(now + 733 * DAYS, tick=False):
            Client().post(link)
        place.refresh_from_db()
        assert place.confirmed_by == "courriel-du-lieu"
        assert ask_still(by="tâche", now=now + 1090 * DAYS) == 0

    def test_never_fiction_nor_who_asked_for_silence_nor_who_is_in_a_census(
        self, network: Network, settings: object, now: datetime
    ) -> None:
        later = now + 400 * DAYS
        place = maille(now)
        Place.objects.update(is_demo=True)
        assert ask_still(by="tâche", now=later) == 0
        Place.objects.update(is_demo=False)
        census = opened(network, later, closes_on=(later + 20 * DAYS).date())
        assert ask_still(by="tâche", now=later) == 0
        acts.close_census(campaign=census, by=BY, now=later)
        fall_silent(mark=mark_of("Bonjour@maille.exemple.fr "), by="visiteur", now=later)
        assert ask_still(by="tâche", now=later) == 0
        Place.objects.filter(pk=place.pk).update(email="autre@maille.exemple.fr")
        settings.STILL_MAILS = 0  # type: ignore[attr-defined]
        assert ask_still(by="tâche", now=later) == 0
        settings.STILL_MAILS, settings.SMTP = 20, None  # type: ignore[attr-defined]
        assert ask_still(by="tâche", now=later) == 0
        assert not StillAsked.objects.exists()


def test_the_demo_has_a_census_and_writes_to_nobody(now: datetime) -> None:
    network = jura(now - 300 * DAYS, is_demo=True)
    drafts = [
        replace(LA_MAILLE, ref=f"d{n}", demo=True, values={**LA_MAILLE.values, "name": f"Lieu {n}", "email": "a@b.fr"})
        for n in range(10)
    ]
    ids = record(*drafts, now=now - 200 * DAYS).place_ids
    take_census(place=Place.objects.get(pk=ids[0]), network=network, by="commande:demo", now=now)
    told = followed(Campaign.objects.get(), now=now)
    assert told.invited == 10
    assert 0 < told.answered < 10
    assert not Mail.objects.exists()
