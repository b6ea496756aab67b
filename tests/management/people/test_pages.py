"""The pages of persons as the team uses them: without JavaScript, in both languages, in a fixed number of questions."""

import csv
import io
import json
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from maillage.management.people.actions.bodies import add_membership, add_organisation
from maillage.management.people.actions.erasing import erase_person
from maillage.management.people.actions.merging import merge_persons
from maillage.management.people.actions.persons import add_person, leave
from maillage.management.people.models import Membership, Organisation, Person
from maillage.management.people.queries import persons as queries
from maillage.management.people.queries.persons import PAGE
from tests.people import People, signed_in
from tests.web.page import Page

THOMAS = {"name": "Thomas Petit", "phone": "0612345678", "email": "thomas@example.org"}
HOSTILE = '<img src=x onerror=alert(1)>\u202e\x07 O’Neil & "Cie" {{ seat }}'
PAGES = ("manage_people", "manage_people_add", "manage_people_duplicates", "manage_people_bodies")


@pytest.fixture
def nadine(people: People) -> Client:
    return signed_in(people.nadine)


def made(people: People, now: datetime, name: str = "Thomas Petit", **more: str) -> int:
    return add_person(place=people.place, raw={"name": name, **more}, by="essai", now=now)


def url(people: People, name: str, *args: int, english: bool = False) -> str:
    with override("en" if english else "fr"):
        return reverse(name, args=[people.place.slug, *args])


def read(client: Client, address: str, status: int = 200) -> Page:
    answer = client.get(address)
    assert answer.status_code == status
    page = Page(answer.content.decode())
    assert page.problems == []
    return page


def post(client: Client, address: str, **data: Any) -> Any:
    return client.post(address, data)


class TestList:
    def test_somebody_is_found_by_any_part_of_what_is_known(
        self, people: People, nadine: Client, now: datetime
    ) -> None:
        made(people, now, "Éloïse Lœuillet", phone="0692 12 34 56", email="eloise@example.org")
        made(people, now)
        address = url(people, "manage_people")
        for text in ("eloise", "LŒUIL", "loeuillet elo", "06 92 12 34", "+262 692 12", "eloise@EX"):
            page = read(nadine, f"{address}?q={text.replace('+', '%2B')}")
            assert "Éloïse Lœuillet" in page.text and "Thomas Petit" not in page.text, text
            assert "1 personne pour" in page.text
        for text in ("eloise martin", "%25", "_", "zzz", "z" * 5000):
            page = read(nadine, f"{address}?q={text}")
            assert "Personne ici ne porte ce nom, ce numéro ou cette adresse." in page.text, text

    def test_the_list_comes_by_fifty_in_the_order_of_names(self, people: People, nadine: Client, now: datetime) -> None:
        for number in range(PAGE + 1):
            made(people, now, f"Personne {number:03}")
        first, second = (read(nadine, f"{url(people, 'manage_people')}?page={page}") for page in (1, 2))
        assert "Personne 000" in first.text and f"Personne {PAGE - 1:03}" in first.text
        assert f"Personne {PAGE:03}" not in first.text and f"Personne {PAGE:03}" in second.text
        assert "Page 1 sur 2" in first.text
        for odd in ("0", "-1", "999999", "deux", "1e9"):
            read(nadine, f"{url(people, 'manage_people')}?page={odd}")

    def test_who_left_is_apart(self, people: People, nadine: Client, now: datetime) -> None:
        leave(place=people.place, person_id=made(people, now), by="essai", now=now)
        assert "Thomas Petit" not in read(nadine, url(people, "manage_people")).text
        assert "Thomas Petit" in read(nadine, url(people, "manage_people") + "?parties=1").text

    def test_the_desk_leads_there_for_its_own_team_only(self, people: People) -> None:
        for person, leads in (
            (people.nadine, True),
            (people.karim, True),
            (people.ines, False),
            (people.perrin, False),
        ):
            page = read(signed_in(person), reverse("manage", args=[people.place.slug]))
            assert (url(people, "manage_people") in page.links) == leads, person.key


class TestAdding:
    def test_a_name_and_a_telephone_are_enough_and_twice_is_once(self, people: People, nadine: Client) -> None:
        page = read(nadine, url(people, "manage_people_add"))
        (key,) = page.head("input", name="jeton")
        given = {"name": "Thomas", "phone": "0612345678", "jeton": key["value"]}
        first, again = (post(nadine, url(people, "manage_people_add"), **given) for _ in range(2))
        person = Person.objects.get()
        assert first.url == again.url == url(people, "manage_people_one", person.pk)
        assert [one["href"] for one in read(nadine, first.url).attributes["a"] if "tel:" in one.get("href", "")] == [
            "tel:+33612345678"
        ]
        other = post(nadine, url(people, "manage_people_add"), **{**given, "name": "Ève"})
        assert other.status_code == 422 and Person.objects.count() == 1
        page = Page(other.content.decode())
        assert "ce formulaire a déjà servi, avec d’autres réponses" in page.text
        assert page.head("input", name="jeton")[0]["value"] != key["value"]
        assert page.head("input", name="name")[0]["value"] == "Ève"

    def test_what_is_wrong_is_told_beside_it_and_nothing_typed_is_lost(self, people: People, nadine: Client) -> None:
        answer = post(nadine, url(people, "manage_people_add"), name="x" * 10_000, phone="12", note="à vélo")
        page = Page(answer.content.decode())
        assert answer.status_code == 422 and page.problems == [] and not Person.objects.exists()
        assert "2 réponses sont à revoir. Rien n’est encore enregistré." in page.text
        assert "Dépasse 120 caractères\u202f: raccourcissez." in page.text
        assert page.head("input", name="note")[0]["value"] == "à vélo"
        assert page.head("input", name="phone")[0]["aria-invalid"] == "true"

    def test_signs_of_html_are_letters(self, people: People, nadine: Client, now: datetime) -> None:
        answer = post(nadine, url(people, "manage_people_add"), name=HOSTILE, note=HOSTILE)
        person = Person.objects.get()
        assert person.name == '<img src=x onerror=alert(1)> O’Neil & "Cie" {{ seat }}'
        made(people, now, HOSTILE)
        add_organisation(place=people.place, raw={"name": HOSTILE}, by="essai", now=now)
        names = [(name, ()) for name in PAGES] + [("manage_people_erase", (person.pk,))]
        for address in (answer.url, *(url(people, name, *args) for name, args in names)):
            page = read(nadine, address)
            assert not [one for one in page.attributes.get("img", []) if "onerror" in one]
        assert person.name in read(nadine, answer.url).text


class TestSheet:
    def test_it_is_changed_and_told_in_both_languages(self, people: People, nadine: Client, now: datetime) -> None:
        address = url(people, "manage_people_one", made(people, now))
        assert post(nadine, address, **{**THOMAS, "name": "Tom Petit"}).url == address
        assert "Enregistré." in read(nadine, address).text
        post(nadine, address, **{**THOMAS, "name": "Tom Petit"})
        assert "Rien n’a changé." in read(nadine, address).text
        assert "Download everything (JSON)" in read(nadine, "/en" + address).text
        for name in PAGES:
            french, english = (read(nadine, url(people, name, english=spoken)).text for spoken in (False, True))
            assert french != english and "Personnes" in french and "People" in english

    def test_a_membership_is_added_and_ended(self, people: People, nadine: Client, now: datetime) -> None:
        person = made(people, now)
        body = add_organisation(place=people.place, raw={"name": "Foyer rural"}, by="essai", now=now)
        address = url(people, "manage_people_membership", person)
        late = post(nadine, address, kind="member", starts_on="2026-09-01", ends_on="2026-01-01")
        assert late.status_code == 422
        assert [one for one in Page(late.content.decode()).attributes["details"] if "open" in one]
        assert (
            "Dernier jour · ce jour est avant le premier\u202f: écrivez un jour qui vient après, ou rien."
            in Page(late.content.decode()).text
        )
        given = {"kind": "member", "fee_class": "body", "starts_on": "2026-01-01", "organisation": body, "jeton": "m"}
        for _ in range(2):
            assert post(nadine, address, **given).url == url(people, "manage_people_one", person)
        page = read(nadine, url(people, "manage_people_one", person))
        assert "en cours" in page.text and "Payé par une organisation · Foyer rural" in page.text
        assert "Foyer rural" in read(nadine, url(people, "manage_people")).text
        assert "Thomas Petit" in read(nadine, url(people, "manage_people_body", body)).text
        ended = url(people, "manage_people_membership_end", person, Membership.objects.get().pk)
        assert post(nadine, ended, ends_on="demain").status_code == 422
        assert post(nadine, ended, ends_on="2026-02-01").status_code == 302
        assert Membership.objects.get().ends_on.isoformat() == "2026-02-01"
        assert nadine.get(ended).status_code == 302 and nadine.get(address).status_code == 302

    def test_leaving_returning_and_an_account_that_is_not_proved(
        self, people: People, nadine: Client, now: datetime
    ) -> None:
        person = made(people, now, email="inconnu@example.org")
        address = url(people, "manage_people_state", person)
        post(nadine, address, faire="partir")
        page = read(nadine, url(people, "manage_people_one", person))
        assert "Partie le" in page.text and page.head("button", name="faire", value="revenir")
        post(nadine, address, faire="revenir")
        post(nadine, address, faire="autre chose")
        assert Person.objects.get().left_at is None
        page = read(nadine, url(people, "manage_people_one", person))
        assert page.head("button", value="partir") and page.head("button", value="relier")
        answer = post(nadine, address, faire="relier")
        assert answer.status_code == 422
        assert "aucun compte n’a confirmé cette adresse électronique" in answer.content.decode()

    def test_everything_is_downloaded_by_who_runs_the_place(
        self, people: People, nadine: Client, now: datetime
    ) -> None:
        person = made(people, now, **{**THOMAS, "note": "=HYPERLINK(1)"})
        dated = {"kind": "member", "starts_on": "2026-01-01"}
        add_membership(place=people.place, person_id=person, raw=dated, by="essai", now=now)
        answer = nadine.get(url(people, "manage_people_json", person))
        assert answer["Content-Disposition"] == f'attachment; filename="personne-{person}.json"'
        told = json.loads(answer.content)
        assert told["slug"] == people.place.slug
        assert told["people.person"][0]["email"] == "thomas@example.org"
        assert told["people.membership"][0]["starts_on"] == "2026-01-01"
        answer = nadine.get(url(people, "manage_people_csv", person))
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        assert rows[0] == ["table", "ligne", "donnée", "valeur"]
        assert ["personne", "1", "note de l’équipe", "'=HYPERLINK(1)"] in rows
        assert "no-store" in answer["Cache-Control"] or "private" in answer["Cache-Control"]
        for name in ("manage_people_json", "manage_people_csv", "manage_people_erase"):
            assert signed_in(people.karim).get(url(people, name, person)).status_code == 403
        page = read(signed_in(people.karim), url(people, "manage_people_one", person))
        assert url(people, "manage_people_erase", person) not in page.links


class TestTwice:
    def test_it_is_proposed_with_its_reason_merged_and_parted(
        self, people: People, nadine: Client, now: datetime
    ) -> None:
        kept, other = made(people, now, phone="0612345678"), made(people, now, "Petit Thomas", phone="+33612345678")
        made(people, now, "Karim Benali")
        page = read(nadine, url(people, "manage_people_duplicates"))
        assert "même téléphone, même nom" in page.text and "Karim" not in page.text.split("Rien ne se fusionne")[1]
        merge = url(people, "manage_people_merge", kept, other)
        assert merge in page.links and merge in read(nadine, url(people, "manage_people_one", kept)).links
        assert "Est-ce une seule personne" in read(nadine, merge).text
        assert Person.objects.filter(merged_into__isnull=True).count() == 3
        itself = url(people, "manage_people_merge", kept, kept)
        assert nadine.get(itself).url == post(nadine, itself).url == url(people, "manage_people_one", kept)
        assert post(nadine, merge).url == url(people, "manage_people_one", kept)
        assert "Aucun doublon en vue." in read(nadine, url(people, "manage_people_duplicates")).text
        again = post(nadine, merge)
        assert again.status_code == 404, "the same form sent again finds nobody to merge"
        assert nadine.get(url(people, "manage_people_one", other)).url == url(people, "manage_people_one", kept)
        part = url(people, "manage_people_part", other)
        for _ in range(2):
            assert post(nadine, part).status_code == 302
        assert Person.objects.filter(merged_into__isnull=True).count() == 3

    def test_a_sheet_proposes_whom_the_list_of_duplicates_does(
        self, people: People, nadine: Client, now: datetime
    ) -> None:
        names = "Thomas Petit|Petit Thomas|T. Petit|Tomas Petit|Thomas Petti|Bertrand|Bertand|Jean-Pierre|Jeanpierre"
        for name in names.split("|"):
            made(people, now, name)
        made(people, now, "Zed", phone="0612345678", email="zed@example.org")
        made(people, now, "Ali", email="zed@example.org")
        made(people, now, "Bob", phone="0612345678")
        listed = {frozenset((pair.one.pk, pair.other.pk)) for pair in queries.duplicates(people.place)}
        assert len(listed) >= 12
        shown = set()
        for person in Person.objects.all():
            shown |= {frozenset((person.pk, other.pk)) for other, _ in queries.sheet(people.place, person).alike}
        assert shown == listed

    def test_two_organisations_merge_and_part(self, people: People, nadine: Client, now: datetime) -> None:
        bodies = [
            add_organisation(place=people.place, raw={"name": name}, by="essai", now=now)
            for name in ("Foyer", "Le Foyer")
        ]
        merge = url(people, "manage_people_body_merge", bodies[0])
        assert post(nadine, merge, autre=bodies[1]).url == url(people, "manage_people_body", bodies[0])
        moved = nadine.get(url(people, "manage_people_body", bodies[1]))
        assert moved.url == url(people, "manage_people_body", bodies[0])
        part = url(people, "manage_people_body_part", bodies[1])
        assert part in read(nadine, url(people, "manage_people_body", bodies[0])).html
        for _ in range(2):
            assert post(nadine, part).status_code == 302
        assert Organisation.objects.filter(merged_into__isnull=True).count() == 2
        for odd in ("", "0", "x", "9" * 30, str(bodies[0])):
            assert post(nadine, merge, autre=odd).status_code in (302, 404, 422), odd

    def test_erasing_asks_once_and_then_the_person_is_nowhere(
        self, people: People, nadine: Client, now: datetime
    ) -> None:
        person = made(people, now)
        erase = url(people, "manage_people_erase", person)
        assert "Cela ne peut pas se défaire." in read(nadine, erase).text
        assert Person.objects.get().name == "Thomas Petit"
        assert post(nadine, erase).url == url(people, "manage_people")
        assert "Thomas" not in read(nadine, url(people, "manage_people")).text.split("Chercher")[1]
        for name in ("one", "erase", "json", "csv"):
            assert nadine.get(url(people, f"manage_people_{name}", person)).status_code == 404
        for name in ("one", "erase", "state", "membership"):
            assert post(nadine, url(people, f"manage_people_{name}", person), **THOMAS).status_code == 404


def test_a_person_of_another_place_is_not_there(people: People, nadine: Client, now: datetime) -> None:
    there = add_person(place=people.other, raw={**THOMAS, "name": "Thomas Ailleurs"}, by="essai", now=now)
    body = add_organisation(place=people.other, raw={"name": "Ailleurs"}, by="essai", now=now)
    here = made(people, now)
    addresses = [
        url(people, f"manage_people_{name}", there) for name in ("one", "json", "csv", "erase", "part", "state")
    ]
    addresses += [url(people, "manage_people_merge", here, there), url(people, "manage_people_merge", there, here)]
    addresses += [url(people, "manage_people_body", body), url(people, "manage_people_body_part", body)]
    for address in addresses:
        for answer in (nadine.get(address), post(nadine, address, **THOMAS)):
            assert answer.status_code == 404, address
            assert b"Ailleurs" not in answer.content
    for name in PAGES:
        text = read(nadine, url(people, name)).text
        assert "Ailleurs" not in text
    assert "Ailleurs" not in read(nadine, url(people, "manage_people") + "?q=thomas").text
    assert "Aucun doublon en vue." in read(nadine, url(people, "manage_people_duplicates")).text


def questions(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_pages_ask_the_same_number_of_questions_whatever_there_is(
    people: People, nadine: Client, now: datetime
) -> None:
    def more(count: int, start: int) -> None:
        body = add_organisation(place=people.place, raw={"name": f"Foyer {start}"}, by="essai", now=now)
        for number in range(start, start + count):
            person = made(people, now, f"Ève Martin {number}", phone="0612345678")
            twice = made(people, now, f"Ève Martin {number}")
            dated = {"kind": "member", "starts_on": "2026-01-01"}
            given = {"place": people.place, "raw": dated, "organisation_id": body, "by": "essai", "now": now}
            for whose in {person, *Person.objects.order_by("pk").values_list("pk", flat=True)[:1]}:
                add_membership(**given, person_id=whose)
        merged = {"place": people.place, "kept_id": person, "other_id": twice, "by": "essai", "now": now}
        merge_persons(**merged)

    more(2, 0)
    first = Person.objects.order_by("pk").values_list("pk", flat=True)[0]
    addresses = {name: url(people, name) for name in PAGES}
    addresses |= {name: url(people, name, first) for name in ("manage_people_one", "manage_people_json")}
    nadine.get(addresses["manage_people"])
    before = {name: questions(nadine, address) for name, address in addresses.items()}
    more(30, 10)
    assert {name: questions(nadine, address) for name, address in addresses.items()} == before
    del before["manage_people_json"]  # one for each table of the rooms above
    assert before == {
        "manage_people": 9,
        "manage_people_add": 7,
        "manage_people_duplicates": 10,
        "manage_people_bodies": 7,
        "manage_people_one": 16,
    }


def test_an_erased_person_stays_as_a_line_without_a_name(people: People, nadine: Client, now: datetime) -> None:
    person = made(people, now)
    body = add_organisation(place=people.place, raw={"name": "Foyer"}, by="essai", now=now)
    dated = {"kind": "member", "starts_on": "2026-01-01"}
    add_membership(place=people.place, person_id=person, raw=dated, organisation_id=body, by="essai", now=now)
    erase_person(place=people.place, person_id=person, by="essai", now=now)
    page = read(nadine, url(people, "manage_people_body", body))
    assert "Personne effacée" in page.text and "Thomas" not in page.text
