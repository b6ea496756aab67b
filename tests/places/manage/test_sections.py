"""The sections of the sheet: what they read, what they refuse, what they cannot touch."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from maillage.journal.queries import aside
from maillage.places.actions.sheet import edit_sheet
from maillage.places.forms import SECTIONS
from maillage.places.models import Place, Revision, SourceRecord
from maillage.places.queries.team import desk, shown
from maillage.places.rules.drafts import FIELDS
from maillage.territory.models import Commune, Ground
from tests.people import People, signed_in

pytestmark = pytest.mark.django_db


def url(people: People, section: str) -> str:
    return reverse("manage_section", args=[people.place.slug, section])


def form_of(html: str) -> dict[str, list[str]]:
    """What a browser would post of a page's form, as it stands."""
    posted: dict[str, list[str]] = {}
    body = html[html.index('class="form"') :]
    for tag in re.findall(r"<input\b[^>]*>", body):
        found = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        ticked = found.get("type") not in ("radio", "checkbox") or " checked" in tag
        if "name" in found and ticked:
            posted.setdefault(found["name"], []).append(unescape(found.get("value", "")))
    for name, value in re.findall(r'<textarea [^>]*?name="([^"]*)"[^>]*>\n?(.*?)</textarea>', body, re.DOTALL):
        posted.setdefault(name, []).append(unescape(value))
    return posted


def post(people: People, section: str, /, **answers: Any) -> HttpResponse:
    """Open a section, change some answers, and save."""
    client = signed_in(people.nadine)
    page = client.get(url(people, section))
    assert page.status_code == 200
    return client.post(url(people, section), form_of(page.content.decode()) | answers)


def told(people: People, *names: str) -> dict[str, Any]:
    values = shown(Place.objects.get(pk=people.place.pk))
    return {name: values[name] for name in names}


def mistakes(html: str) -> list[str]:
    return [
        " ".join(unescape(re.sub(r"<[^>]+>", "", one)).split())
        for one in re.findall(r'<p class="ask__wrong".*?</p>', html, re.DOTALL)
    ]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_opened_and_saved_changes_nothing(people: People, section: str) -> None:
    before = shown(people.place)
    response = post(people, section)
    assert (response.status_code, response.url) == (302, f"/gerer/{people.place.slug}/")
    assert shown(Place.objects.get(pk=people.place.pk)) == before
    assert Revision.objects.filter(place=people.place).count() == 1
    assert not SourceRecord.objects.filter(source__slug="lieu").exists()


@pytest.mark.parametrize("section", SECTIONS)
def test_nothing_else_can_be_written_through_a_section(people: People, section: str) -> None:
    before = Place.objects.filter(pk=people.place.pk).values().get()
    names = {field.attname for field in Place._meta.get_fields() if hasattr(field, "attname")}
    names |= {field.name for field in Place._meta.get_fields()} | set(FIELDS)
    ours = set(SECTIONS[section].fields) | set(SECTIONS[section].controls)
    hostile = dict.fromkeys(names - ours, "2001-01-01")
    hostile |= {"place_id": str(people.other.pk), "by": "compte:1:operator", "now": "2001-01-01"}
    response = post(people, section, **hostile)
    assert response.status_code == 302
    assert Place.objects.filter(pk=people.place.pk).values().get() == before


def test_an_unknown_section_is_not_found(people: People) -> None:
    assert signed_in(people.nadine).get(url(people, "provenance")).status_code == 404


def test_who_only_looks_may_not_edit(people: People) -> None:
    for person in (people.perrin, people.lila, people.thomas, people.officer_elsewhere):
        assert signed_in(person).get(url(people, "contact")).status_code == 403
        assert signed_in(person).post(url(people, "contact"), {"phone": "03 84 00 00 00"}).status_code == 403
    assert Client().get(url(people, "contact")).status_code == 302
    assert told(people, "phone") == {"phone": ""}


class TestPlain:
    def test_what_is_typed_is_written_with_its_reason_and_signature(self, people: People) -> None:
        response = post(
            people,
            "contact",
            phone="03 84 00 00 00",
            website="la-maille.example.org",
            links="https://example.org/a\n\nhttps://example.org/b",
            pourquoi="Nouvelle ligne",
        )
        assert response.status_code == 302
        assert told(people, "phone", "website", "links") == {
            "phone": "03 84 00 00 00",
            "website": "https://la-maille.example.org",
            "links": ["https://example.org/a", "https://example.org/b"],
        }
        revision = Revision.objects.get(place=people.place, number=2)
        assert revision.by == f"compte:{people.nadine.user.pk}:facilitator"
        assert revision.reason == "Nouvelle ligne"

    def test_mistakes_are_told_beside_the_field_and_nothing_is_written(self, people: People) -> None:
        response = post(people, "contact", phone="appelez-moi", email="a@", website="javascript:alert(1)", links="")
        html = response.content.decode()
        assert response.status_code == 422
        assert mistakes(html) == [
            "Numéro illisible : écrivez 03 84 00 00 00 ou +33 3 84 00 00 00.",
            "Adresse électronique illisible : écrivez nom@domaine.fr.",
            "Adresse refusée : donnez une adresse qui commence par https://.",
        ]
        assert 'role="alert"' in html and 'href="#id-phone"' in html
        assert 'value="appelez-moi"' in html
        assert told(people, "phone", "email", "website") == {"phone": "", "email": "", "website": ""}
        assert Revision.objects.filter(place=people.place).count() == 1

    def test_a_number_cut_short_is_refused(self, people: People) -> None:
        response = post(people, "contact", phone="03 84 12")
        assert response.status_code == 422
        assert mistakes(response.content.decode()) == [
            "Il manque des chiffres à ce numéro : écrivez les dix, ou +687… pour un numéro d’outre-mer."
        ]
        for whole in ("3949", "118 218", "+687 25 83 00", "0384123456"):
            assert post(people, "contact", phone=whole).status_code == 302
        html = Client().get(f"/lieux/{people.place.slug}/").content.decode()
        assert "03 84 12 34 56</span>" in html

    def test_two_numbers_are_asked_apart_and_those_of_a_file_call_the_first(self, people: People) -> None:
        two = "03 53 01 39 93 / 06 12 34 56 78"
        response = post(people, "contact", phone=two)
        assert response.status_code == 422
        assert mistakes(response.content.decode()) == [
            "Ce champ ne tient qu’un numéro, celui que l’on appelle d’un geste : gardez ici celui où l’on répond le "
            "mieux, et dites l’autre dans la présentation."
        ]
        for kept, links in ((two, {"+33353013993"}), ("35301", set())):
            Place.objects.filter(pk=people.place.pk).update(phone=kept)
            aside.clear()
            html = Client().get(f"/lieux/{people.place.slug}/").content.decode()
            assert kept in html
            assert set(re.findall(r'href="tel:([^"]*)"', html)) == links

    def test_an_address_of_the_web_is_kept_in_small_letters(self, people: People) -> None:
        assert post(people, "contact", website="HTTPS://La-Maille.Example.org/Agenda").status_code == 302
        assert told(people, "website") == {"website": "https://la-maille.example.org/Agenda"}

    @pytest.mark.parametrize("demo", [True, False])
    def test_the_licence_promised_is_that_of_the_record(self, people: People, demo: bool) -> None:
        Place.objects.filter(pk=people.place.pk).update(is_demo=demo)
        html = signed_in(people.nadine).get(url(people, "contact")).content.decode()
        assert post(people, "contact", phone="03 84 00 00 00").status_code == 302
        licence = SourceRecord.objects.get(place=people.place, values__phone="03 84 00 00 00").licence
        assert licence == ("CC0 1.0 (fiction)" if demo else "Licence Ouverte 2.0")
        assert f"sous {licence}" in html

    def test_a_place_keeps_its_name(self, people: People) -> None:
        response = post(people, "presentation", name="  ")
        assert response.status_code == 422
        assert mistakes(response.content.decode()) == ["Le nom manque : donnez le nom que les gens connaissent."]

    def test_a_description_is_typed_plainly_and_kept_safe(self, people: People) -> None:
        post(people, "presentation", description="Un **café** <script>alert(1)</script>\r\n\r\n- mardi\r\n- jeudi")
        kept = told(people, "description")["description"]
        assert kept == (
            "<p>Un <strong>café</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p><ul><li>mardi</li><li>jeudi</li></ul>"
        )
        page = signed_in(people.nadine).get(url(people, "presentation")).content.decode()
        assert "Un **café** &lt;script&gt;alert(1)&lt;/script&gt;\n\n- mardi\n- jeudi</textarea>" in page
        assert post(people, "presentation").status_code == 302
        assert told(people, "description")["description"] == kept

    def test_a_description_too_long_is_refused_whole_not_cut(self, people: People) -> None:
        response = post(people, "presentation", description="é" * 5001)
        assert response.status_code == 422
        assert mistakes(response.content.decode()) == [
            "Dépasse 5000 caractères : raccourcissez, ou racontez le reste sur votre site."
        ]

    def test_boxes_are_ticked_and_emptied(self, people: People) -> None:
        post(people, "activites", activities=["cafe", "fablab"], services=[])
        assert told(people, "activities", "services") == {"activities": ["fablab", "cafe"], "services": []}
        response = post(people, "activites", activities=["piscine"])
        assert response.status_code == 422
        assert mistakes(response.content.decode())[0].startswith("Mot inconnu : piscine")

    def test_a_date_is_written_as_people_do(self, people: People) -> None:
        post(people, "structure", opened_on="6/2019")
        assert told(people, "opened_on") == {"opened_on": "2019-06"}
        assert mistakes(post(people, "structure", opened_on="hier").content.decode()) == [
            "Ce n’est pas une date : écrivez 2019, 06/2019 ou 30/06/2019."
        ]
        assert mistakes(post(people, "structure", opened_on="31/02/2019").content.decode()) == [
            "Cette date n’existe pas : écrivez 2019, 06/2019 ou 30/06/2019."
        ]

    @pytest.mark.parametrize("status", ["open", "dormant", "closed", "project"])
    def test_only_a_place_being_prepared_opens_in_the_future(self, people: People, status: str) -> None:
        for typed in (str(timezone.localdate().year + 1), (timezone.localdate() + timedelta(1)).strftime("%d/%m/%Y")):
            Place.objects.filter(pk=people.place.pk).update(status=status)
            response = post(people, "structure", opened_on=typed)
            if status == "project":
                assert response.status_code == 302
            else:
                assert response.status_code == 422
                assert mistakes(response.content.decode()) == [
                    "Cette date est à venir, et la fiche dit que le lieu a déjà ouvert : corrigez-la, ou dites d’abord "
                    "dans « État du lieu » qu’il est en projet."
                ]
        for typed in (str(timezone.localdate().year), timezone.localdate().strftime("%d/%m/%Y")):
            assert post(people, "structure", opened_on=typed).status_code == 302


@pytest.mark.parametrize(
    ("who", "source", "signed"),
    [
        ("nadine", "Le lieu lui-même", "l’équipe du lieu"),
        ("ines", "Le réseau", "le réseau"),
        ("operator", "L’exploitant du site", "l’exploitant du site"),
    ],
)
def test_the_page_tells_who_says_what_and_who_confirmed_it(people: People, who: str, source: str, signed: str) -> None:
    client = signed_in(getattr(people, who))
    here = url(people, "contact")
    answers = form_of(client.get(here).content.decode()) | {"phone": "03 84 00 00 00"}
    assert client.post(here, answers).status_code == 302
    assert client.post(reverse("manage_confirm", args=[people.place.slug])).status_code == 302
    html = Client().get(reverse("place", args=[people.place.slug])).content.decode()
    row = re.search(r'<tr><th scope="row">Téléphone</th>(.*?)</tr>', html)
    assert row and f"<td>{source}</td>" in unescape(row[1])
    assert f", par {signed}." in html
    voices = {"Le lieu lui-même", "Le réseau", "L’exploitant du site"}
    assert not [other for other in voices - {source} if f"<td>{other}</td>" in unescape(html)]


def test_an_officer_is_told_that_the_place_comes_first(people: People) -> None:
    post(people, "contact", phone="03 84 00 00 00")
    client = signed_in(people.ines)
    here = f"/en{url(people, 'contact')}"
    response = client.post(here, form_of(client.get(here).content.decode()) | {"phone": "03 84 99 99 99"})
    assert response.status_code == 422
    assert (
        "Telephone: “Le lieu lui-même” already says so, and comes before you. Ask them to change it; nothing was saved."
        in response.content.decode()
    )
    assert told(people, "phone") == {"phone": "03 84 00 00 00"}


ENGLISH = [
    ("contact", {"phone": "appelez-moi"}, "Number that cannot be read: write 03 84 00 00 00 or +33 3 84 00 00 00."),
    (
        "contact",
        {"phone": "03 84 12"},
        "This number lacks some digits: write all ten, or +687… for an overseas number.",
    ),
    ("contact", {"email": "a@"}, "E-mail address that cannot be read: write name@domain.fr."),
    (
        "contact",
        {"website": "javascript:alert(1)"},
        "Address refused: give an address that starts with https://.",
    ),
    ("structure", {"siret": "123"}, "A Siret has 14 digits: check the 14 digits of the Siret."),
    (
        "structure",
        {"siret": "12345678901234"},
        "The check digit of this Siret is wrong: check the 14 digits of the Siret.",
    ),
    ("structure", {"opened_on": "hier"}, "This is not a date: write 2019, 06/2019 or 30/06/2019."),
    ("presentation", {"name": ""}, "The name is missing: give the name people know."),
    ("presentation", {"name": "é" * 201}, "Longer than 200 characters: shorten it."),
    ("venir", {"capacity": "douze"}, "This is not a number of people: write a whole number, from 0 to 999999."),
    (
        "horaires",
        {"facon": "texte", "opening_hours": "Mo 25:00-26:00; Xx 10:00-12:00"},
        "The opening hours do not follow the OpenStreetMap syntax (“Xx”): write for instance: "
        "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off; Aug off.",
    ),
    (
        "horaires",
        {"jour0": "ouvert", "h00": "9", "h01": "12:00"},
        "The time is missing or cannot be read: write 09:00.",
    ),
    (
        "adresse",
        {"commune_cherche": "Zzyzx"},
        "No commune is called “Zzyzx”: check its name, or give its postcode.",
    ),
    ("adresse", {"postal_code": "1400"}, "A postcode has 5 digits: keep the leading zero: 01400."),
]


@pytest.mark.parametrize(("section", "answers", "said"), ENGLISH)
def test_what_is_wrong_is_told_in_the_language_of_the_page(
    people: People, section: str, answers: dict[str, str], said: str
) -> None:
    client = signed_in(people.nadine)
    here = f"/en{url(people, section)}"
    response = client.post(here, form_of(client.get(here).content.decode()) | answers)
    assert response.status_code == 422
    html = response.content.decode()
    assert mistakes(html) == [said]
    assert 'class="ask__wrong"' in html and not re.search(r'class="ask__wrong"[^>]*lang="fr"', html)


class TestHours:
    def test_a_week_is_filled_day_by_day(self, people: People) -> None:
        days = {f"jour{day}": "ferme" for day in range(7)}
        days |= {"jour0": "ouvert", "h00": "09:00", "h01": "12:00", "h02": "14:00", "h03": "18:00", "jour1": "veille"}
        assert post(people, "horaires", **days, feries="1", rdv="1").status_code == 302
        assert told(people, "opening_hours") == {
            "opening_hours": 'Mo-Tu 09:00-12:00,14:00-18:00; PH off || "sur rendez-vous"'
        }

    def test_hours_the_grid_cannot_say_stay_as_they_are(self, people: People) -> None:
        oh = "Jul-Aug Mo-Fr 09:00-12:00; We[1] 14:00-18:00"
        assert post(people, "horaires", facon="texte", opening_hours=oh).status_code == 302
        page = signed_in(people.nadine).get(url(people, "horaires")).content.decode()
        assert re.search(r'value="texte"[^>]* checked', page)
        assert post(people, "horaires").status_code == 302
        assert told(people, "opening_hours") == {"opening_hours": oh}

    def test_the_grid_left_as_it_was_keeps_the_text_to_the_letter(self, people: People) -> None:
        post(people, "horaires", facon="texte", opening_hours="Mo,Tu,We 09:00-12:00")
        post(people, "horaires")
        assert told(people, "opening_hours") == {"opening_hours": "Mo,Tu,We 09:00-12:00"}

    def test_an_evening_may_pass_midnight(self, people: People) -> None:
        week = {f"jour{day}": "ferme" for day in range(7)}
        for end, written in (("02:00", "Fr 18:00-02:00"), ("06:00", "Fr 18:00-06:00"), ("00:00", "Fr 18:00-24:00")):
            answers = week | {"jour4": "ouvert", "h40": "18:00", "h41": end, "feries": ""}
            assert post(people, "horaires", **answers).status_code == 302
            assert told(people, "opening_hours") == {"opening_hours": written}

    def test_hours_that_end_before_they_start_are_told_in_english(self, people: People) -> None:
        answers = {"jour0": "ouvert", "h00": "14:00", "h01": "10:00", "facon": "grille"}
        html = signed_in(people.nadine).post(f"/en{url(people, 'horaires')}", answers).content.decode()
        assert mistakes(html) == [
            "It ends before it starts: correct one of the two times; an evening may run past midnight, until 06:00."
        ]

    def test_a_night_that_another_source_tells_of_stays_as_it_was_written(self, people: People) -> None:
        assert post(people, "horaires", facon="texte", opening_hours="Fr 22:00-08:00", sur=["nuit"]).status_code == 302
        assert post(people, "horaires").status_code == 302
        assert told(people, "opening_hours") == {"opening_hours": "Fr 22:00-08:00"}

    def test_hours_written_by_hand_that_run_until_the_next_morning_are_asked_about(self, people: People) -> None:
        answers = {"facon": "texte", "opening_hours": "Mo 09:00-12:00; Tu 14:00-10:00"}
        response = post(people, "horaires", **answers)
        html = unescape(response.content.decode())
        assert response.status_code == 422
        assert "<h2>Est-ce bien une nuit entière\u202f?</h2>" in html
        assert "<p>Ces heures courent jusqu’au lendemain, après 6\u202fh\u202f:</p>" in html
        assert re.findall("<li>(Mardi.*?)</li>", html) == ["Mardi\u202f: 14\u202fh – 10\u202fh"]
        assert told(people, "opening_hours") == {"opening_hours": "Mo-Su 08:00-18:30"}
        assert post(people, "horaires", **answers, sur=["nuit"]).status_code == 302
        assert told(people, "opening_hours") == {"opening_hours": "Mo 09:00-12:00; Tu 14:00-10:00"}

    def test_a_day_may_have_three_openings(self, people: People) -> None:
        clocks = ("09:00", "12:00", "14:00", "17:00", "20:00", "23:00")
        answers = {f"jour{day}": "ferme" for day in range(7)} | {"jour0": "ouvert", "feries": ""}
        answers |= {f"h0{n}": clock for n, clock in enumerate(clocks)}
        assert post(people, "horaires", **answers).status_code == 302
        assert told(people, "opening_hours") == {"opening_hours": "Mo 09:00-12:00,14:00-17:00,20:00-23:00"}
        page = signed_in(people.nadine).get(url(people, "horaires")).content.decode()
        assert re.search(r'value="grille"[^>]* checked', page)
        assert re.findall(r'name="h0\d" value="([^"]*)"', page) == list(clocks)
        assert page.count('<details class="day__more" open>') == 1
        assert post(people, "horaires", h04="22:00", h05="").status_code == 422

    def test_what_is_saved_says_every_day_that_changed(self, people: People) -> None:
        week = {f"jour{day}": "ferme" for day in (0, 5, 6)} | {f"jour{day}": "veille" for day in (2, 3, 4)}
        client = signed_in(people.nadine)
        answers = form_of(client.get(url(people, "horaires")).content.decode())
        answers |= week | {"jour1": "ouvert", "h10": "18:00", "h11": "02:00", "feries": ""}
        html = client.post(url(people, "horaires"), answers, follow=True).content.decode()
        told_there = re.search(r'data-level="success">([^<]*)<', html)
        assert told_there and unescape(told_there[1]) == (
            "Enregistré et publié, voici vos horaires. Mardi au vendredi\u202f: 18\u202fh – 2\u202fh."
        )

    def test_a_look_says_the_hours_in_words_and_saves_nothing(self, people: People) -> None:
        week = {f"jour{day}": "ferme" for day in range(7)} | {"jour5": "ouvert", "h50": "10:00", "h51": "12:30"}
        response = post(people, "horaires", **week, apercu="1")
        assert response.status_code == 200
        assert "10\u202fh – 12\u202fh\u202f30" in response.content.decode()
        assert told(people, "opening_hours") == {"opening_hours": "Mo-Su 08:00-18:30"}

    def test_closures_of_the_year_stand_beside_the_grid(self, people: People) -> None:
        post(people, "horaires", facon="texte", opening_hours="Mo 09:00-12:00; PH off; Aug 1-15 off")
        assert post(people, "horaires").status_code == 302
        assert told(people, "opening_hours") == {"opening_hours": "Mo 09:00-12:00; PH off; Aug 1-15 off"}
        answers = {"jour0": "ouvert", "h00": "10:00", "h01": "12:00", "conge1du": "24/12", "conge1au": "02/01"}
        assert post(people, "horaires", **answers).status_code == 302
        assert told(people, "opening_hours") == {
            "opening_hours": "Mo 10:00-12:00; PH off; Aug 1-15 off; Dec 24-Jan 2 off"
        }

    @pytest.mark.parametrize(
        ("first", "last", "written"),
        [
            ("1er août", "15 août", "Aug 1-15 off"),
            ("1 aout", "15 AOÛT", "Aug 1-15 off"),
            ("le 24 déc.", "2 janv", "Dec 24-Jan 2 off"),
            ("1 August", "15 aug", "Aug 1-15 off"),
            ("15 août", "", "Aug 15 off"),
        ],
    )
    def test_a_closure_is_written_with_the_name_of_its_month(
        self, people: People, first: str, last: str, written: str
    ) -> None:
        assert post(people, "horaires", conge0du=first, conge0au=last).status_code == 302
        assert told(people, "opening_hours")["opening_hours"].endswith(f"; {written}")

    @pytest.mark.parametrize(
        ("answers", "said"),
        [
            ({"conge0du": "32/08"}, "Ce jour ne se lit pas : écrivez le jour et le mois, comme 15/08 ou 15 août."),
            ({"conge0du": "1 jui"}, "Ce jour ne se lit pas : écrivez le jour et le mois, comme 15/08 ou 15 août."),
            (
                {"conge0du": "01/08/2027", "conge0au": "15/08/2027"},
                "Une fermeture de la grille revient chaque année : écrivez le jour et le mois sans l’année, comme "
                "15/08 ; pour une seule année, dites-le en présentation.",
            ),
            (
                {"conge0au": "15/08"},
                "Le premier jour de la fermeture manque : donnez-le ; pour un seul jour, remplissez « du » et laissez "
                "« au » vide.",
            ),
            (
                {"conge0du": "15/08", "conge0au": "01/08"},
                "La fin est avant le début : corrigez l’un des deux jours.",
            ),
        ],
    )
    def test_a_closure_that_cannot_be_is_told(self, people: People, answers: dict[str, str], said: str) -> None:
        response = post(people, "horaires", **answers)
        assert response.status_code == 422
        assert mistakes(response.content.decode()) == [said]

    def test_what_the_grid_would_lose_is_named_and_asked_first(self, people: People) -> None:
        oh = "Mo 09:00-12:00; Jul-Aug Sa 10:00-12:00"
        post(people, "horaires", facon="texte", opening_hours=oh)
        grid = {"facon": "grille", "jour0": "ouvert", "h00": "09:00", "h01": "12:00"}
        for answers, status in (({"apercu": "1"}, 200), ({}, 422)):
            response = post(people, "horaires", **grid, **answers)
            assert response.status_code == status
            lost = re.findall(r'role="alert">.*?<ul>(.*?)</ul>', response.content.decode(), re.DOTALL)
            assert [unescape(one) for one in lost] == [
                "<li>De juillet à août, samedi\u202f: 10\u202fh – 12\u202fh</li>"
            ]
            assert told(people, "opening_hours") == {"opening_hours": oh}
        assert post(people, "horaires", **grid, sur=["perdre"]).status_code == 302
        assert told(people, "opening_hours") == {"opening_hours": "Mo 09:00-12:00"}

    @pytest.mark.parametrize(
        ("answers", "said"),
        [
            ({"h00": "09:00", "h01": ""}, "L’heure manque ou ne se lit pas : écrivez 09:00."),
            ({"h00": "", "h01": ""}, "Le jour est ouvert, sans heures : donnez-les, ou dites-le fermé."),
            ({"h00": "09:00", "h01": "09:00"}, "L’heure de fin est aussi celle du début : corrigez l’une des deux."),
            (
                {"h00": "14:00", "h01": "10:00"},
                "L’heure de fin est avant celle du début : corrigez l’une des deux ; une soirée peut passer minuit, "
                "jusqu’à 06:00.",
            ),
            (
                {"h00": "09:00", "h01": "12:00", "h02": "14:00", "h03": "08:00"},
                "L’heure de fin est avant celle du début : corrigez l’une des deux ; une soirée peut passer minuit, "
                "jusqu’à 06:00.",
            ),
            (
                {"h00": "09:00", "h01": "12:00", "h02": "11:00", "h03": "18:00"},
                "Les deux plages se chevauchent : séparez-les, ou n’en gardez qu’une.",
            ),
            (
                {"facon": "texte", "opening_hours": "lundi 9h"},
                "Les horaires sont écrits en français : écrivez les jours Mo Tu We Th Fr Sa Su et les heures "
                "09:00-12:00 ; par exemple : Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off; Aug off.",
            ),
        ],
    )
    def test_a_mistake_is_told_beside_its_day(self, people: People, answers: dict[str, str], said: str) -> None:
        response = post(people, "horaires", **{"jour0": "ouvert", **answers})
        assert response.status_code == 422
        assert mistakes(response.content.decode()) == [said]
        assert told(people, "opening_hours") == {"opening_hours": "Mo-Su 08:00-18:30"}


class TestAddress:
    def test_a_street_keeps_the_place_where_it_is(self, people: People) -> None:
        before = told(people, "lat", "lon", "precision", "commune")
        assert post(people, "adresse", street="2 rue du Lavoir", postal_code="39380").status_code == 302
        assert told(people, "lat", "lon", "precision", "commune") == before
        assert told(people, "street", "postal_code") == {"street": "2 rue du Lavoir", "postal_code": "39380"}

    def test_a_commune_is_found_by_its_name_and_the_old_point_is_asked_about(self, people: People) -> None:
        asked = post(people, "adresse", commune_cherche="Mouchard", city="")
        assert asked.status_code == 422
        assert 'name="sur" value="point"' in asked.content.decode()
        assert told(people, "commune") == {"commune": "39093"}
        assert post(people, "adresse", commune_cherche="Mouchard", city="", point="centre").status_code == 302
        assert told(people, "commune", "lat", "lon", "precision") == {
            "commune": "39370",
            "lat": 46.9776,
            "lon": 5.7893,
            "precision": "commune",
        }

    def test_the_old_point_may_be_confirmed(self, people: People) -> None:
        before = told(people, "lat", "lon", "precision")
        response = post(people, "adresse", commune="39370", city="", sur=["point"])
        assert response.status_code == 302
        assert told(people, "commune", "lat", "lon", "precision") == {"commune": "39370", **before}

    def test_another_commune_asks_about_the_rest_of_the_address(self, people: People) -> None:
        Place.objects.filter(pk=people.place.pk).update(street="2 rue du Lavoir", postal_code="39380", city="Chamblay")
        near = {"point": "centre", "postal_code": "39380", "city": "Chamblay"}
        asked = {
            "Mouchard": "La commune devient Mouchard, Jura (39). Le code postal 39380 n’est pas l’un des siens\u202f: "
            "relisez-le. La localité reste «\u202fChamblay\u202f»\u202f: relisez-la.",
            "Paris": "La commune devient Paris, Paris (75). C’est à 325\u202fkm de Chamblay. Est-ce bien là\u202f? "
            "Le code postal 39380 n’est pas l’un des siens\u202f: relisez-le. "
            "La localité reste «\u202fChamblay\u202f»\u202f: relisez-la.",
        }
        for words, text in asked.items():
            response = post(people, "adresse", commune_cherche=words, **near)
            html = unescape(response.content.decode())
            assert response.status_code == 422
            assert text in re.findall("<p>(La commune devient.*?)</p>", html)
            assert f"Oui, c’est bien {words}, et l’adresse est juste" in html
            assert re.search(r'name="commune" value="39093"', html), "the commune of today is still offered"
            assert told(people, "commune", "city") == {"commune": "39093", "city": "Chamblay"}
        sure = {"sur": ["commune:75056"], "postal_code": "75010", "city": ""}
        assert post(people, "adresse", commune_cherche="Paris", **near | sure).status_code == 302
        assert told(people, "commune", "postal_code") == {"commune": "75056", "postal_code": "75010"}

    def test_several_communes_are_given_to_choose_among(self, people: People) -> None:
        response = post(people, "adresse", commune_cherche="39380")
        html = response.content.decode()
        assert response.status_code == 422
        assert 'value="39546"' in html
        assert mistakes(html) == ["Plusieurs communes portent ce nom ou ce code postal : laquelle est-ce ?"]

    def test_the_most_communes_given_is_said(self, people: People, now: datetime) -> None:
        homonyms = [Commune(code=f"5900{n}", name="Saint-Aubin", departement_id="44") for n in range(9)]
        Commune.objects.bulk_create(homonyms)
        Ground.objects.create(kind="folder", label="suivant", loaded_at=now, fingerprint="3" * 64)
        html = post(people, "adresse", commune_cherche="Saint-Aubin").content.decode()
        assert len(re.findall('name="commune" value="5900', html)) == 8
        assert mistakes(html) == [
            "Plusieurs communes portent ce nom ou ce code postal : laquelle est-ce ? "
            "Voici les huit premières. Si elle n’y est pas, donnez son code postal."
        ]

    def test_a_commune_nobody_knows_is_told(self, people: People) -> None:
        response = post(people, "adresse", commune_cherche="Zzyzx")
        assert response.status_code == 422
        assert mistakes(response.content.decode()) == [
            "Aucune commune ne s’appelle « Zzyzx » : vérifiez son nom, ou donnez son code postal."
        ]

    def test_a_point_by_hand_is_as_exact_as_it_is_said(self, people: People) -> None:
        answers = {"point": "ici", "lat": "46.9920, 5.7040", "lon": "", "precision": "street"}
        assert post(people, "adresse", **answers).status_code == 302
        assert told(people, "lat", "lon", "precision") == {"lat": 46.992, "lon": 5.704, "precision": "street"}

    def test_a_point_far_from_its_commune_is_questioned_once_not_refused(self, people: People) -> None:
        answers = {"point": "ici", "lat": "47.26", "lon": "6.01", "precision": "address"}
        asked = post(people, "adresse", **answers)
        assert asked.status_code == 422
        token = re.search(r'name="sur" value="(loin:[^"]+)"', asked.content.decode())
        assert token
        assert post(people, "adresse", **answers, sur=[token[1]]).status_code == 302
        assert told(people, "lat", "lon") == {"lat": 47.26, "lon": 6.01}

    @pytest.mark.parametrize(
        ("answers", "said"),
        [
            ({"lat": "5.7", "lon": "46.9"}, "Latitude et longitude semblent échangées : échangez-les."),
            (
                {"lat": "0", "lon": "-30"},
                "Le point n’est pas en France : vérifiez les coordonnées, en degrés décimaux.",
            ),
            ({"lat": "nord", "lon": "5.7"}, "Ce n’est pas un nombre de degrés : écrivez par exemple 46.99151."),
            (
                {"lat": "46.9", "lon": ""},
                "La coordonnée manque : écrivez-la, par exemple 46.99151, ou choisissez le centre de la commune.",
            ),
        ],
    )
    def test_a_point_that_cannot_be_is_refused(self, people: People, answers: dict[str, str], said: str) -> None:
        before = told(people, "lat", "lon")
        response = post(people, "adresse", point="ici", **answers)
        assert response.status_code == 422
        assert mistakes(response.content.decode()) == [said]
        assert told(people, "lat", "lon") == before


class TestOvertaken:
    @pytest.fixture
    def conflict(self, people: People) -> tuple[Client, Any]:
        """Nadine types a phone and a website; meanwhile Karim has changed the phone."""
        client = signed_in(people.nadine)
        answers = form_of(client.get(url(people, "contact")).content.decode())
        self.karim_says(people, "03 84 11 11 11")
        answers |= {"phone": ["03 84 22 22 22"], "website": ["https://example.org"]}
        return client, client.post(url(people, "contact"), answers)

    @staticmethod
    def karim_says(people: People, phone: str, **more: Any) -> None:
        edit_sheet(
            place_id=people.place.pk,
            values={"phone": phone, **more},
            seen=desk(people.place).seen,
            by=f"compte:{people.karim.user.pk}:colleague",
            now=timezone.now() - timedelta(minutes=2),
        )

    def forms(self, html: str) -> list[dict[str, list[str]]]:
        told = []
        for form in re.findall(r"<form method=\"post\" action.*?</form>", html, re.DOTALL):
            answers: dict[str, list[str]] = {}
            for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form):
                answers.setdefault(name, []).append(unescape(value))
            told.append(answers)
        return told

    def test_it_says_whose_change_and_keeps_both(self, people: People, conflict: tuple[Client, Any]) -> None:
        response = conflict[1]
        html = response.content.decode()
        assert response.status_code == 409
        assert "Karim" in html and "03 84 11 11 11" in html and "03 84 22 22 22" in html
        assert told(people, "phone", "website") == {"phone": "03 84 11 11 11", "website": ""}

    def test_mine_may_be_kept(self, people: People, conflict: tuple[Client, Any]) -> None:
        client, response = conflict
        mine = self.forms(response.content.decode())[0]
        assert client.post(url(people, "contact"), mine).status_code == 302
        assert told(people, "phone", "website") == {"phone": "03 84 22 22 22", "website": "https://example.org"}

    def test_theirs_may_be_kept_with_the_rest_of_mine(self, people: People, conflict: tuple[Client, Any]) -> None:
        client, response = conflict
        theirs = self.forms(response.content.decode())[1]
        assert client.post(url(people, "contact"), theirs).status_code == 302
        assert told(people, "phone", "website") == {"phone": "03 84 11 11 11", "website": "https://example.org"}

    def test_mine_keeps_what_i_did_not_touch_as_the_colleague_left_it(self, people: People) -> None:
        client = signed_in(people.nadine)
        answers = form_of(client.get(url(people, "contact")).content.decode())
        self.karim_says(people, "03 84 11 11 11", links=["https://example.org/a"], email="karim@example.org")
        asked = client.post(url(people, "contact"), answers | {"phone": ["03 84 22 22 22"]}).content.decode()
        assert re.findall(r'<h2 id="both-\d+">([^<]*)</h2>', asked) == ["Téléphone"]
        assert len(self.forms(asked)) == 1
        assert client.post(url(people, "contact"), self.forms(asked)[0]).status_code == 302
        assert told(people, "phone", "links", "email") == {
            "phone": "03 84 22 22 22",
            "links": ["https://example.org/a"],
            "email": "karim@example.org",
        }

    def test_two_long_texts_are_whole_and_what_differs_is_marked(self, people: People) -> None:
        before = "On y répare, on y lit, on y mange. " * 30
        client = signed_in(people.nadine)
        answers = form_of(client.get(url(people, "presentation")).content.decode())
        self.karim_says(people, "03 84 11 11 11", description=f"<p>{before}Le lundi aussi.</p>")
        answers |= {"description": [f"{before}Le mardi aussi."]}
        response = client.post(url(people, "presentation"), answers)
        html = response.content.decode()
        assert response.status_code == 409
        spoken = re.sub(r'<span class="sr">.*?</span>', "", html)
        sides = [unescape(re.sub(r"<[^>]*>", "", side)) for side in re.findall(r'<dd class="side".*?</dd>', spoken)]
        assert sides == [f"{before}Le lundi aussi.", f"{before}Le mardi aussi."]
        assert re.findall(r"<(?:del|ins)>.*?</(?:del|ins)>", spoken) == [
            "<del>lundi</del>",
            "<ins>mardi</ins>",
        ]

    def test_different_fields_of_a_section_are_both_kept_unasked(self, people: People) -> None:
        client = signed_in(people.nadine)
        answers = form_of(client.get(url(people, "contact")).content.decode())
        self.karim_says(people, "03 84 11 11 11", links=["https://example.org/a"])
        answers |= {"website": ["https://example.org"]}
        assert client.post(url(people, "contact"), answers).status_code == 302
        assert told(people, "phone", "links", "website") == {
            "phone": "03 84 11 11 11",
            "links": ["https://example.org/a"],
            "website": "https://example.org",
        }

    def test_an_address_left_alone_follows_the_colleague(self, people: People) -> None:
        client = signed_in(people.nadine)
        answers = form_of(client.get(url(people, "adresse")).content.decode())
        edit_sheet(
            place_id=people.place.pk,
            values={"lat": 46.992, "lon": 5.704, "precision": "street"},
            seen=1,
            by=f"compte:{people.karim.user.pk}:colleague",
            now=timezone.now(),
        )
        assert client.post(url(people, "adresse"), answers).status_code == 302
        assert told(people, "lat", "precision") == {"lat": 46.992, "precision": "street"}
        asked = client.post(url(people, "adresse"), answers | {"street": ["2 rue du Lavoir"]})
        assert asked.status_code == 409
        assert client.post(url(people, "adresse"), self.forms(asked.content.decode())[0]).status_code == 302
        assert told(people, "street")["street"] == "2 rue du Lavoir"
        assert told(people, "lat", "precision") != {"lat": 46.992, "precision": "street"}

    def test_a_page_that_was_tampered_with_trusts_nothing(self, people: People) -> None:
        self.karim_says(people, "03 84 11 11 11")
        assert post(people, "contact", phone="03 84 22 22 22", seen="9" * 4000).status_code == 409


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_costs_a_fixed_number_of_queries(
    people: People, section: str, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(people.nadine)
    client.get(url(people, section))
    with django_assert_max_num_queries(13):
        assert client.get(url(people, section)).status_code == 200


@pytest.mark.parametrize("junk", ["\x00", "a" * 30_000, "{{7*7}}", "‮", "-1", "1e999"])
@pytest.mark.parametrize("section", SECTIONS)
def test_junk_never_breaks_a_section(people: People, section: str, junk: str) -> None:
    client = signed_in(people.nadine)
    answers = dict.fromkeys((*SECTIONS[section].controls, "seen", "laisse", "pourquoi"), junk)
    for point in ("ici", junk):
        answers |= {"point": point, "facon": point} if section in ("adresse", "horaires") else {}
        assert client.post(url(people, section), answers).status_code in (302, 409, 422)
