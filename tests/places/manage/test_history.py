import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from maillage.accounts import actions as accounts
from maillage.accounts.models import ApiKey, User
from maillage.accounts.rules import key_signature, place_scope, signature
from maillage.journal.models import AuditEvent
from maillage.places.actions import confirm_place
from maillage.places.actions.sheet import edit_sheet
from maillage.places.models import Place, Revision
from tests.people import People, signed_in
from tests.web.page import Page


@pytest.fixture
def nadine(people: People) -> Client:
    return signed_in(people.nadine)


def address(people: People, name: str = "manage_history", *args: Any) -> str:
    return reverse(name, args=[people.place.slug, *args])


def last(place: Place) -> int:
    return Revision.objects.filter(place=place).order_by("-number").values_list("number", flat=True).first() or 0


def edit(people: People, now: datetime, by: str = "", place: Place | None = None, **values: Any) -> int:
    place = place or people.place
    by = by or signature(people.nadine.user.pk, "facilitator")
    number = edit_sheet(place_id=place.pk, values=values, seen=last(place), by=by, now=now)
    assert number
    return number


def read(client: Client, path: str, status: int = 200) -> Page:
    answer = client.get(path)
    assert answer.status_code == status
    page = Page(answer.content.decode())
    assert page.problems == []
    return page


def phone(people: People) -> str:
    return Place.objects.get(pk=people.place.pk).phone


def test_each_change_is_told_with_its_author_and_both_values(nadine: Client, people: People, now: datetime) -> None:
    edit(people, now + timedelta(hours=1), phone="03 84 00 00 01")
    edit(people, now + timedelta(hours=2), phone="03 84 00 00 02")
    text = read(nadine, address(people)).text
    for told in ("Nadine", "03 84 00 00 01", "03 84 00 00 02"):
        assert told in text
    assert text.index("n° 3") < text.index("n° 2")


def test_changes_of_one_day_carry_their_hour_on_the_clocks_of_the_place(people: People, now: datetime) -> None:
    edit(people, now.replace(month=7, day=1, hour=7, minute=5), by="commande:invite", phone="03 84 00 00 01")
    said = "1er juillet 2026, 9\u202fh\u202f05"
    for client, name in ((signed_in(people.karim), "manage_history"), (Client(), "place_history")):
        html = client.get(address(people, name)).content.decode()
        assert f">{said}</time>" in html
        assert "commande:" not in html


def test_names_are_for_those_who_work_together(people: People, now: datetime) -> None:
    edit(people, now, phone="03 84 00 00 01")
    assert "Nadine" in read(signed_in(people.karim), address(people)).text.split("Qui a changé quoi")[1]
    observer = read(signed_in(people.perrin), address(people))
    assert "par Nadine" not in observer.text and "Animation du lieu" in observer.text
    assert not [link for link in observer.links if "reprendre" in link]


def test_an_address_never_stands_for_a_missing_name(people: People, now: datetime) -> None:
    edit(people, now, phone="03 84 00 00 01")
    people.nadine.user.name = ""
    people.nadine.user.save()
    assert "@" not in read(signed_in(people.karim), address(people)).text


def test_who_left_keeps_a_name_and_an_erased_account_none(nadine: Client, people: People, now: datetime) -> None:
    edit(people, now, by=signature(people.karim.user.pk, "colleague"), phone="03 84 00 00 01")
    people.karim.user.memberships.all().delete()
    assert "par Karim" in read(nadine, address(people)).text
    people.karim.user.delete()
    text = read(nadine, address(people)).text
    assert "Karim" not in text and "par compte effacé" in text


def test_a_program_and_a_file_are_told_apart_from_people(nadine: Client, people: People, now: datetime) -> None:
    key, _secret = accounts.make_key(
        name="Agenda", role="colleague", scope=place_scope(people.place.pk), by="essai", now=now
    )
    edit(people, now, by=key_signature(key.pk, "colleague"), phone="03 84 00 00 01")
    edit(people, now + timedelta(hours=1), by="commande:import", phone="03 84 00 00 02")
    text = read(nadine, address(people)).text
    assert "Agenda" in text and "d’un fichier ou d’un jeu de données" in text


def test_a_confirmation_is_part_of_the_story(nadine: Client, people: People, now: datetime) -> None:
    confirm_place(place_id=people.place.pk, by=signature(people.karim.user.pk, "colleague"), now=now)
    assert "Fiche confirmée" in read(nadine, address(people)).text


def test_a_change_is_taken_back_once_it_was_shown(nadine: Client, people: People, now: datetime) -> None:
    number = edit(people, now, phone="03 84 00 00 01")
    back = address(people, "manage_take_back", number)
    page = read(nadine, back)
    assert "03 84 00 00 01" in page.text and phone(people) == "03 84 00 00 01", "asking changes nothing"
    answer = nadine.post(back)
    assert (answer.status_code, answer["Location"]) == (302, address(people))
    assert phone(people) == ""
    event = AuditEvent.objects.filter(action="places.recorded").order_by("pk").last()
    assert event.by == signature(people.nadine.user.pk, "facilitator")


def test_what_changed_again_since_is_not_lost(nadine: Client, people: People, now: datetime) -> None:
    number = edit(people, now, phone="03 84 00 00 01")
    edit(people, now + timedelta(hours=1), by=signature(people.karim.user.pk, "colleague"), phone="03 84 00 00 02")
    back = address(people, "manage_take_back", number)
    page = read(nadine, back, status=409)
    assert "changé depuis" in page.text
    assert [f for f in page.attributes.get("form", []) if f.get("method") == "post"] == [], "no button that cannot work"
    assert nadine.post(back).status_code == 409
    assert phone(people) == "03 84 00 00 02"


def test_a_change_made_while_one_reads_is_not_lost(nadine: Client, people: People, now: datetime) -> None:
    number = edit(people, now, phone="03 84 00 00 01")
    back = address(people, "manage_take_back", number)
    read(nadine, back)
    edit(people, now + timedelta(hours=1), phone="03 84 00 00 02")
    answer = nadine.post(back)
    assert answer.status_code == 409 and Page(answer.content.decode()).problems == []
    assert phone(people) == "03 84 00 00 02"


def test_the_first_revision_and_photos_are_refused_in_words(nadine: Client, people: People, now: datetime) -> None:
    arrival = read(nadine, address(people, "manage_take_back", 1), status=409)
    assert "il n’y a rien avant elle à remettre." in arrival.text
    photos = Revision.objects.create(
        place=people.place, number=last(people.place) + 1, at=now, by="essai", changes={"photos": [[], ["La façade"]]}
    )
    page = read(nadine, address(people, "manage_take_back", photos.number), status=409)
    assert "Les photos se retirent et se remettent sur la page des photos." in page.text
    assert reverse("manage_photos", args=[people.place.slug]) in page.links
    assert nadine.post(address(people, "manage_take_back", photos.number)).status_code == 409
    told = read(nadine, address(people))
    assert address(people, "manage_take_back", photos.number) not in told.links
    assert told.links.count(reverse("manage_photos", args=[people.place.slug])) == 2


def test_a_change_of_another_place_does_not_exist_here(nadine: Client, people: People, now: datetime) -> None:
    for n in range(3):
        number = edit(people, now + timedelta(hours=n), by="essai", place=people.other, phone=f"03 84 00 00 1{n}")
    assert number > last(people.place)
    before = Revision.objects.count()
    for unknown in (number, 0, 10**30):
        back = address(people, "manage_take_back", unknown)
        assert (nadine.get(back).status_code, nadine.post(back).status_code) == (404, 404)
    assert Revision.objects.count() == before


def many(people: People, now: datetime, count: int) -> None:
    start = last(people.place)
    for n in range(1, count + 1):
        at = now + timedelta(minutes=n)
        changes = {"phone": [f"03 84 00 {n - 1:02} 00", f"03 84 00 {n:02} 00"]}
        Revision.objects.create(place=people.place, number=start + n, at=at, by="essai", changes=changes)


def test_a_long_story_has_pages_that_hold_everything_once(nadine: Client, people: People, now: datetime) -> None:
    many(people, now, 59)
    for minute in (5, 55):
        confirm_place(place_id=people.place.pk, by="essai", now=now + timedelta(minutes=minute, seconds=30))
    first, second = read(nadine, address(people)), read(nadine, f"{address(people)}?page=2")
    numbers = [name for page in (first, second) for name in page.ids if name.startswith("n")]
    assert numbers == [f"n{n}" for n in range(60, 0, -1)]
    assert (first.text.count("Fiche confirmée"), second.text.count("Fiche confirmée")) == (1, 1)
    assert "?page=2" in first.links and "?page=1" in second.links


@pytest.mark.parametrize("page", ["0", "-1", "9999", "99999999999", "deux", "", "٣"])
def test_a_strange_page_is_a_page(nadine: Client, people: People, page: str) -> None:
    read(nadine, f"{address(people)}?page={page}")


def test_the_page_asks_a_fixed_number_of_questions(nadine: Client, people: People, now: datetime) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            nadine.get(address(people))
        return len(asked)

    many(people, now, 3)
    questions()
    few = questions()
    many(people, now + timedelta(days=1), 40)
    questions()
    assert questions() == few <= 13


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("", "par la clé « Site de la mairie », de Nadine Aubry"),
        ("/en", "by the key “Site de la mairie”, of Nadine Aubry"),
    ],
)
def test_what_a_key_wrote_names_the_key_and_who_made_it(
    people: People, language: str, said: str, now: datetime
) -> None:
    User.objects.filter(pk=people.nadine.user.pk).update(name="Nadine Aubry")
    scope, by = place_scope(people.place.pk), f"compte:{people.nadine.user.pk}:facilitator"
    accounts.make_key(name="Site de la mairie", role="colleague", scope=scope, by=by, now=now)
    signed = key_signature(ApiKey.objects.get().pk, "colleague")
    edit_sheet(place_id=people.place.pk, values={"phone": "03 84 00 00 00"}, seen=1, by=signed, now=now)
    confirm_place(place_id=people.place.pk, by=signed, now=now)
    here = f"{language}/gerer/{people.place.slug}/"
    for page, times in (("historique/", 2), ("", 1), ("historique/2/reprendre/", 1)):
        html = plain(signed_in(people.karim).get(here + page).content.decode())
        assert html.count(said) == times, page
    observer = plain(signed_in(people.perrin).get(here + "historique/").content.decode())
    assert "mairie" not in observer and "Aubry" not in observer
    public = plain(Client().get(f"{language}/lieux/{people.place.slug}/historique/").content.decode())
    assert "mairie" not in public and "Aubry" not in public
    assert ("by a program of the place" if language else "par un programme du lieu") in observer
    assert ("by a program of the place" if language else "par un programme du lieu") in public


def test_hours_in_the_history_are_written_as_each_language_writes(people: People, now: datetime) -> None:
    values = {"opening_hours": "Mo 09:00-12:00; Tu 14:00-18:30"}
    by = f"compte:{people.nadine.user.pk}:facilitator"
    edit_sheet(place_id=people.place.pk, values=values, seen=1, by=by, now=now)
    for language, said in (
        ("", "Lundi\u202f: 9\u202fh – 12\u202fh\u202f; mardi\u202f: 14\u202fh – 18\u202fh\u202f30"),
        ("/en", "Monday: 9:00 – 12:00; Tuesday: 14:00 – 18:30"),
    ):
        for page in (f"/gerer/{people.place.slug}/historique/", f"/lieux/{people.place.slug}/historique/"):
            assert said in unescape(signed_in(people.nadine).get(language + page).content.decode())


LONG = "<p>" + "On y répare, on y lit, on y mange. " * 30 + "Entrée {}.</p>"
"""Two of them differ by their last word only, long after what one reads at a glance."""
MARK = re.compile(r"<(del|ins)>([^<]*)</\1>")


def marks(html: str) -> set[tuple[str, str]]:
    """The marked passages, by their tag, without what is said to those who do not see."""
    without = re.sub(r'<span class="sr">.*?</span>', "", html)
    return {(tag, unescape(text).strip()) for tag, text in MARK.findall(without)}


def described(people: People, now: datetime) -> int:
    edit(people, now + timedelta(hours=1), description=LONG.format("libre"))
    return edit(people, now + timedelta(hours=2), description=LONG.format("payante"))


def test_what_differs_at_the_end_of_a_long_text_is_shown_and_marked(people: People, now: datetime) -> None:
    number = described(people, now)
    nadine = signed_in(people.nadine)
    for client, path in (
        (nadine, address(people)),
        (nadine, address(people, "manage_take_back", number)),
        (Client(), address(people, "place_history")),
    ):
        html = client.get(path).content.decode()
        assert Page(html).problems == []
        sides = (
            {("del", "payante."), ("ins", "libre.")}
            if "reprendre" in path
            else {("del", "libre."), ("ins", "payante.")}
        )
        assert marks(html) == sides, path
        assert html.count("Le texte entier") >= 2
        assert "(passage différent\u202f: </span>" in html and " fin du passage différent)" in html
        assert plain(LONG.format("libre")) in plain(re.sub(r'<span class="sr">.*?</span>', "", html))


def test_long_hours_are_told_whole(nadine: Client, people: People, now: datetime) -> None:
    weeks = "; ".join(f"{month} Mo-Fr 09:00-12:00,14:00-18:30" for month in ("Jan", "Mar", "May", "Jul"))
    for n, last in enumerate(("10:00-12:00", "10:00-13:00")):
        edit(people, now + timedelta(hours=n), opening_hours=f"{weeks}; Sep Sa {last}")
    text = plain(nadine.get(address(people)).content.decode())
    for said in ("samedi\u202f: 10\u202fh – 12\u202fh", "samedi\u202f: 10\u202fh – 13\u202fh"):
        assert " ".join(said.split()) in text.replace(" (passage différent :", "").replace(
            " fin du passage différent)", ""
        )
