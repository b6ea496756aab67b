"""The places of a person, the desk of one, the confirmation and the state."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from maillage.accounts.rules import COLLEAGUE, place_scope
from maillage.journal.models import AuditEvent
from maillage.places.actions import confirm_place, remove_place
from maillage.places.models import Place, Revision
from maillage.places.queries.care import PAGE, charges
from tests.people import People, Person, join, signed_in
from tests.web import cast

pytestmark = pytest.mark.django_db


def names_of(html: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'<li class="charge".*?<h2><a [^>]*>(.*?)</a>', html)]


class TestMyPlaces:
    URL = "/gerer/"

    def test_a_visitor_signs_in_first(self) -> None:
        response = Client().get(self.URL)
        assert (response.status_code, response.url) == (302, f"{reverse('account_login')}?next=/gerer/")

    def test_one_place_only_is_where_one_goes(self, people: People) -> None:
        for person in (people.nadine, people.karim):
            response = signed_in(person).get(self.URL)
            assert (response.status_code, response.url) == (302, f"/gerer/{people.place.slug}/")

    def test_two_places_are_listed(self, people: People, now: Any) -> None:
        both = join("both@example.org", "Zoé", COLLEAGUE, place_scope(people.place.pk), now)
        both.memberships.create(role=COLLEAGUE, scope=place_scope(people.other.pk), given_at=now, given_by="essai")
        html = signed_in(Person("both", both)).get(self.URL).content.decode()
        assert set(names_of(html)) == {people.other.name, people.place.name}

    def test_who_has_no_role_is_told_how_to_get_one(self, people: People) -> None:
        response = signed_in(people.thomas).get(self.URL)
        assert response.status_code == 200
        assert "Demandez à quelqu’un de son équipe de vous inviter" in response.content.decode()
        assert people.place.name not in response.content.decode()

    @pytest.mark.parametrize(
        ("language", "said"),
        [
            (
                "",
                "La Boutique de Nadine a été retiré du registre le 22 novembre 2026. Motif : doublon de l’Escale "
                "Sa fiche et son histoire sont gardées. Si c’est une erreur, écrivez à l’exploitant de ce site : "
                "il peut le remettre.",
            ),
            (
                "/en",
                "La Boutique de Nadine was removed from the registry on 22 November 2026. Reason: doublon de l’Escale "
                "Its sheet and its history are kept. If this is a mistake, write to the operator of this site: "
                "they can put it back.",
            ),
        ],
    )
    def test_who_looked_after_a_removed_place_is_told_what_happened(
        self, people: People, now: Any, language: str, said: str
    ) -> None:
        remove_place(place_id=people.place.pk, reason="doublon de l’Escale", by="test", now=now)
        html = signed_in(people.nadine).get(f"{language}{self.URL}").content.decode()
        assert said in " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())
        assert "Aucun lieu n’est encore connu" not in html and 'role="search"' not in html.split("<main")[1]

    def test_one_removed_and_another_that_stands(self, people: People, now: Any) -> None:
        both = join("both@example.org", "Zoé", COLLEAGUE, place_scope(people.place.pk), now)
        both.memberships.create(role=COLLEAGUE, scope=place_scope(people.other.pk), given_at=now, given_by="essai")
        remove_place(place_id=people.place.pk, reason="doublon", by="test", now=now)
        response = signed_in(Person("both", both)).get(self.URL)
        assert response.status_code == 200
        assert names_of(response.content.decode()) == [people.other.name]
        assert "a été retiré du registre" in response.content.decode()

    def test_an_officer_is_not_told_of_every_place_that_left(self, people: People, now: Any) -> None:
        remove_place(place_id=people.place.pk, reason="doublon", by="test", now=now)
        assert "a été retiré du registre" not in signed_in(people.ines).get(self.URL).content.decode()

    def test_a_territory_shows_its_places_and_no_other(self, people: People) -> None:
        cast.load(now=people.place.created_at, more=30)
        response = signed_in(people.ines).get(self.URL)
        html = response.content.decode()
        assert len(names_of(html)) == PAGE
        everything = names_of(html) + names_of(signed_in(people.ines).get(self.URL + "?page=2").content.decode())
        assert people.place.name in everything
        assert people.other.name not in everything
        found = names_of(signed_in(people.ines).get(self.URL + "?q=mouchard").content.decode())
        assert found == ["L’Atelier de M. Perrin"]

    def test_what_needs_care_comes_first(self, people: People, now: Any) -> None:
        cast.load(now=now, more=2)
        for name, days in (("Bureau 01", 500), ("Bureau 02", 3)):
            place = Place.objects.get(name=name)
            confirm_place(place_id=place.pk, by="essai", now=now - timedelta(days=days))
        listed = [one.name for one in charges(["reg:27"], text="", page=1, now=now).items]
        assert listed[-3:] == ["Bureau 01", "Bureau 02", "L’Ancienne Poste"]

    @pytest.mark.parametrize("page", ["0", "-3", "99999", "x", "9" * 400])
    def test_a_page_that_is_not_there_is_the_nearest_one(self, people: People, page: str) -> None:
        cast.load(now=people.place.created_at, more=1)
        for text in ("", "\u202e%_'"):
            assert signed_in(people.ines).get(self.URL, {"page": page, "q": text}).status_code == 200

    def test_the_operator_searches_everywhere(self, people: People) -> None:
        html = signed_in(people.operator).get(self.URL + "?q=escale").content.decode()
        assert names_of(html) == [people.other.name]

    def test_many_places_cost_as_many_queries_as_few(self, people: People) -> None:
        client = signed_in(people.ines)
        cast.load(now=people.place.created_at, more=1)
        client.get(self.URL)
        counts = []
        for more in (1, 30):
            cast.load(now=people.place.created_at, more=more)
            client.get(self.URL)
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert client.get(self.URL).status_code == 200
            counts.append(len(seen))
        assert counts[0] == counts[1] <= 8


class TestDesk:
    def url(self, people: People) -> str:
        return f"/gerer/{people.place.slug}/"

    def page(self, people: People, person: Any) -> str:
        response = signed_in(person).get(self.url(people))
        assert response.status_code == 200
        return response.content.decode()

    def test_the_team_sees_what_it_may_do(self, people: People) -> None:
        html = self.page(people, people.nadine)
        for name in ("manage_confirm", "manage_state", "manage_photos", "manage_team", "manage_keys", "manage_history"):
            assert f'"{reverse(name, args=[people.place.slug])}"' in html
        for section in ("presentation", "adresse", "horaires", "contact", "activites", "venir", "structure"):
            assert reverse("manage_section", args=[people.place.slug, section]) in html
        assert reverse("manage_poster", args=[people.place.slug]) in html
        assert "Personne n’a encore confirmé cette fiche." in html
        assert "Tous les jours\u202f: 8\u202fh – 18\u202fh\u202f30" in html

    def test_what_a_role_may_not_do_is_not_shown(self, people: People) -> None:
        karim = self.page(people, people.karim)
        assert reverse("manage_state", args=[people.place.slug]) not in karim
        assert reverse("manage_keys", args=[people.place.slug]) not in karim
        perrin = self.page(people, people.perrin)
        for act in ("/confirmer/", "/fiche/", "/etat/", "/cles/"):
            assert f'"/gerer/{people.place.slug}{act}' not in perrin
        assert "<form" not in perrin

    def test_it_says_what_is_missing_and_why(self, people: People) -> None:
        html = self.page(people, people.nadine)
        lacking = re.findall(r"<li><a href=\"[^\"]*\">(.*?)</a> <span>(.*?)</span>", html)
        assert [unescape(what) for what, _why in lacking] == [
            "Un téléphone, un courriel ou un site",
            "La rue",
            "Quelques phrases de présentation",
            "Comment participer",
            "L’accessibilité",
            "Une photo",
        ]
        assert all(why for _what, why in lacking)

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"street": "2 rue du Lavoir", "precision": "commune"}, "Un point exact"),
            ({"street": "", "precision": "address"}, "La rue"),
            ({"street": "", "precision": "commune"}, "La rue et un point exact"),
        ],
    )
    def test_only_the_part_of_the_address_that_lacks_is_said(
        self, people: People, values: dict[str, str], said: str
    ) -> None:
        Place.objects.filter(pk=people.place.pk).update(**values)
        html = self.page(people, people.nadine)
        lacking = re.findall(r"<li><a href=\"[^\"]*/adresse/\">(.*?)</a> <span>", html)
        assert [unescape(what) for what in lacking] == [said]

    def test_it_is_kept_by_no_cache_and_indexed_by_nobody(self, people: People) -> None:
        response = signed_in(people.nadine).get(self.url(people))
        assert "no-store" in response["Cache-Control"]
        assert 'content="noindex, nofollow"' in response.content.decode()

    def test_it_costs_a_fixed_number_of_queries(self, people: People, django_assert_max_num_queries: Any) -> None:
        client = signed_in(people.nadine)
        client.get(self.url(people))
        with django_assert_max_num_queries(14):
            client.get(self.url(people))


class TestConfirm:
    def url(self, people: People) -> str:
        return reverse("manage_confirm", args=[people.place.slug])

    def test_one_press_says_that_the_sheet_is_right(self, people: People, now: Any) -> None:
        with time_machine.travel(now, tick=False):
            response = signed_in(people.nadine).post(self.url(people))
        assert (response.status_code, response.url) == (302, f"/gerer/{people.place.slug}/")
        place = Place.objects.get(pk=people.place.pk)
        assert (place.confirmed_at, place.confirmed_by) == (now, f"compte:{people.nadine.user.pk}:facilitator")
        assert AuditEvent.objects.filter(action="places.confirmed", subject=str(place.pk)).count() == 1
        desk = signed_in(people.karim).get(response.url).content.decode()
        assert "Dernière confirmation le 22 novembre 2026, par Nadine." in desk
        with time_machine.travel(now + timedelta(hours=1), tick=False):
            thanked = signed_in(people.nadine).get(response.url).content.decode()
        with time_machine.travel(now + timedelta(days=2), tick=False):
            asked = signed_in(people.nadine).get(response.url).content.decode()
        assert [f'action="{self.url(people)}"' in html for html in (thanked, asked)] == [False, True]

    def test_the_public_page_tells_it_without_any_name_or_number(self, people: People, now: Any) -> None:
        with time_machine.travel(now, tick=False):
            signed_in(people.nadine).post(self.url(people))
            for page in ("place", "place_history"):
                html = unescape(Client().get(reverse(page, args=[people.place.slug])).content.decode())
                assert "par l’équipe du lieu" in html
                assert "compte:" not in html and "nadine@" not in html

    def test_reading_the_address_confirms_nothing(self, people: People) -> None:
        assert signed_in(people.nadine).get(self.url(people)).status_code == 302
        assert Place.objects.get(pk=people.place.pk).confirmed_at is None

    def test_who_only_looks_confirms_nothing(self, people: People) -> None:
        assert signed_in(people.perrin).post(self.url(people)).status_code == 403
        assert Place.objects.get(pk=people.place.pk).confirmed_at is None


class TestState:
    def url(self, people: People) -> str:
        return reverse("manage_state", args=[people.place.slug])

    def post(self, people: People, **answers: str) -> Any:
        client = signed_in(people.nadine)
        seen = re.search(r'name="seen" value="(\d+)"', client.get(self.url(people)).content.decode())
        assert seen
        return client.post(self.url(people), {"seen": seen[1], **answers})

    def state(self, people: People) -> tuple[str, str, str]:
        place = Place.objects.get(pk=people.place.pk)
        return place.status, place.closed_on, place.closed_cause

    def test_a_closing_is_asked_once_more_then_written(self, people: People) -> None:
        asked = self.post(people, status="closed", closed_on="06/2026", closed_cause="equipe")
        assert asked.status_code == 200
        assert 'name="certain" value="oui"' in asked.content.decode()
        assert self.state(people) == ("open", "", "")
        done = self.post(people, status="closed", closed_on="06/2026", closed_cause="equipe", certain="oui")
        assert done.status_code == 302
        assert self.state(people) == ("closed", "2026-06", "equipe")
        assert Revision.objects.filter(place=people.place).count() == 2

    def test_date_and_cause_may_be_unknown(self, people: People) -> None:
        self.post(people, status="closed", closed_on="", closed_cause="", certain="oui")
        assert self.state(people) == ("closed", "", "inconnue")
        assert "Cause\u202f:" not in Client().get(reverse("place", args=[people.place.slug])).content.decode()

    def test_a_place_opens_again_sleeps_or_waits(self, people: People) -> None:
        self.post(people, status="closed", closed_on="2026", closed_cause="locaux", certain="oui")
        for status in ("open", "dormant", "project"):
            assert self.post(people, status=status, closed_on="2026", closed_cause="locaux").status_code == 302
            assert self.state(people) == (status, "", "")

    @pytest.mark.parametrize(
        ("answers", "said"),
        [
            (
                {"status": "closed", "closed_on": "2099"},
                "Cette date est à venir\u202f: revenez le dire quand ce sera fait.",
            ),
            (
                {"status": "closed", "closed_on": "x"},
                "Ce n’est pas une date\u202f: écrivez 2019, 06/2019 ou 30/06/2019.",
            ),
            ({"status": "perdu"}, "L’état manque\u202f: choisissez l’un des quatre."),
        ],
    )
    def test_a_mistake_is_told_and_nothing_is_written(self, people: People, answers: dict, said: str) -> None:
        response = self.post(people, **answers)
        assert response.status_code == 422
        wrong = re.findall(r'<p class="ask__wrong".*?>(.*?)</p>', response.content.decode())
        assert [unescape(one) for one in wrong] == [said]
        assert self.state(people) == ("open", "", "")

    def test_somebody_elses_change_is_shown_first(self, people: People) -> None:
        client = signed_in(people.nadine)
        self.post(people, status="dormant")
        response = client.post(self.url(people), {"seen": "1", "status": "project"})
        assert response.status_code == 409
        assert self.state(people)[0] == "dormant"

    def test_a_colleague_closes_nothing(self, people: People) -> None:
        for person in (people.karim, people.ines, people.perrin):
            assert signed_in(person).post(self.url(people), {"status": "closed", "certain": "oui"}).status_code == 403
        assert self.state(people) == ("open", "", "")
