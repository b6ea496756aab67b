import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import segno
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from maillage.journal.queries import aside
from maillage.network.exchange.sources.demo import SOURCES
from maillage.network.exchange.sources.demo_cast import cast
from maillage.places.actions import confirm_place, record_many, remove_place, rename_slug
from maillage.places.actions.photos import add_photo
from maillage.places.actions.sheet import close_place
from maillage.places.models import Place
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.territory.models import Commune
from maillage.territory.queries.towns import towns

TUESDAY_MORNING = datetime.fromisoformat("2026-11-24T10:00:00+01:00")
MAILLE = "/lieux/la-maille-chamblay/"


@pytest.fixture(autouse=True)
def clean_cache() -> Iterator[None]:
    aside.clear()
    yield
    aside.clear()


@pytest.fixture
def the_cast(small_ground: None, now: datetime) -> None:
    """The places of the cast, with their lives, without their photos."""
    for place in cast(towns(), now=now):
        for step in place.steps:
            recorded = record_many(drafts=[step.draft], sources=SOURCES, by=step.by, now=step.at, reason=step.reason)
        if place.confirmed_at:
            confirm_place(place_id=recorded.place_ids[0], by=place.confirmed_by, now=place.confirmed_at)


def record(now: datetime, **values: Any) -> Place:
    """A real place that one dataset speaks of."""
    census = SourceFacts("recensement", "Recensement", "Licence Ouverte 2.0", publisher="Un producteur")
    given = {"name": "La Poche", "commune": "39093"} | values
    draft = Draft("recensement", str(uuid4()), given, given, "Licence Ouverte 2.0", dated="2019-06", slug="la-poche")
    recorded = record_many(drafts=[draft], sources={"recensement": census}, by="commande:import", now=now)
    return Place.objects.get(pk=recorded.place_ids[0])


def text_of(client: Client, url: str, status: int = 200) -> str:
    """The words of a page, without its tags."""
    response = client.get(url)
    assert response.status_code == status
    body = re.sub(r"<script.*?</script>|<style.*?</style>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@time_machine.travel(TUESDAY_MORNING, tick=False)
def test_the_page_of_the_lived_in_place_says_all_it_knows(the_cast: None, client: Client) -> None:
    page = text_of(client, MAILLE)
    for said in (
        "Lieu fictif (démonstration)",
        "Bureaux partagés, ateliers d’artisans, aide au numérique et café associatif",
        "à Chamblay, Jura (39)",
        "Ouvert en ce moment, jusqu’à 18 h",
        "Lundi au samedi 9 h – 18 h",
        "Jours fériés fermé",
        "2 place de l’Ancienne-École 39380 Chamblay",
        "Le point est à l’adresse.",
        "03 53 01 39 93",
        "Venir Poussez la porte bleue.",
        "Aider Il manque deux personnes",
        "Accessible en fauteuil roulant",
        "Structure porteuse Association Les Mailles du Val",
        "Ouvert depuis avril 2022",
        "Capacité 38 personnes",
        "La Consigne du lavoir",
        "à vol d’oiseau",
        "Dernière confirmation le 3 novembre 2026, par Nadine, animatrice.",
        "Réseau régional fictif dit : 03 53 01 39 90",
        "Licence : CC0 1.0 (fiction).",
    ):
        assert said in page
    assert "None" not in page


def test_links_reach_people_and_other_programs(the_cast: None, client: Client) -> None:
    html = client.get(MAILLE).content.decode()
    for link in (
        'href="tel:+33353013993"',
        'href="mailto:bonjour@la-maille.example.org"',
        'href="https://la-maille.example.org"',
        'href="geo:46.9926,5.7019"',
        f'<link rel="canonical" href="{django_settings.SITE_URL}{MAILLE}">',
        '<meta property="og:title" content="La Maille">',
        f'<meta property="og:url" content="{django_settings.SITE_URL}{MAILLE}">',
        'hreflang="en"',
    ):
        assert link in html


def jsonld(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, flags=re.DOTALL)
    assert found
    return json.loads(found[1])


def test_the_page_speaks_schema_org(the_cast: None, client: Client) -> None:
    told = jsonld(client.get(MAILLE).content.decode())
    assert told["@type"] == ["Place", "LocalBusiness"]
    assert told["name"] == "La Maille"
    assert told["mainEntityOfPage"] == f"{django_settings.SITE_URL}{MAILLE}"
    assert told["address"]["postalCode"] == "39380"
    assert {"name": "Wi-Fi", "propertyID": "wifi"}.items() <= told["amenityFeature"][2].items()
    assert told["dateModified"] == "2026-08-22"


def test_hostile_words_stay_words(small_ground: None, now: datetime, client: Client) -> None:
    hostile = '</script><script>alert("1")</script>'
    record(now, name=hostile, operator="<b>x</b>", prices="{{ 7 }}", opening_hours="<i>", phone='01" onclick="x')
    html = client.get("/lieux/la-poche/").content.decode()
    assert "<script>alert" not in html and "<b>x</b>" not in html and "<i>" not in html and 'onclick="x"' not in html
    assert jsonld(html)["name"] == hostile
    assert "<script>alert" not in client.get("/lieux/la-poche/affiche/").content.decode()
    assert "<script>alert" not in client.get("/lieux/la-poche/historique/").content.decode()


def test_what_is_unknown_is_said(small_ground: None, now: datetime, client: Client) -> None:
    record(now)
    page = text_of(client, "/lieux/la-poche/")
    for said in (
        "Activité non précisée à Chamblay, Jura (39)",
        "Horaires pas encore renseignés",
        "On ne connaît que la commune : le point est en son centre.",
        "Ni téléphone, ni courriel, ni site pour l’instant.",
        "Ce lieu n’a pas encore dit ce qu’on peut y faire ensemble.",
        "Pas encore renseigné : services, accessibilité, prix, ouvert depuis, capacité, structure porteuse "
        "et forme juridique.",
        "Personne n’a encore confirmé cette fiche.",
        "Recensement (Un producteur), juin 2019.",
    ):
        assert said in page
    assert "None" not in page and "fictif" not in page


def test_hours_that_cannot_be_read_are_shown_as_written(small_ground: None, now: datetime, client: Client) -> None:
    record(now, opening_hours="du mardi au samedi, l’après-midi")
    page = text_of(client, "/lieux/la-poche/")
    assert "du mardi au samedi, l’après-midi Horaires non lus : les voici tels que la source les donne." in page
    assert "On ne peut pas dire si c’est ouvert en ce moment" in page


@time_machine.travel(TUESDAY_MORNING, tick=False)
def test_a_place_overseas_is_seen_by_its_own_clock(the_cast: None, client: Client) -> None:
    page = text_of(client, "/lieux/la-varangue-ouverte-saint-leu/")
    assert "Ouvert en ce moment, jusqu’à 17 h 30" in page and "À l’heure du lieu." in page


def test_a_closed_place_has_a_dignified_stone(the_cast: None, client: Client) -> None:
    page = text_of(client, "/lieux/le-quai-d-en-face-mouchard/")
    for said in (
        "Ce lieu a fermé en janvier 2025.",
        "Il avait ouvert en octobre 2019, et vécu 5 ans. Cause : modèle économique.",
        "Sa fiche reste, pour mémoire",
        "Fermeture janvier 2025",
    ):
        assert said in page
    for unsaid in ("Quand", "Joindre", "Venir, participer, aider", "Pas encore"):
        assert unsaid not in page


CAUSE = r'<tr><th scope="row">Cause de la fermeture</th><td>(.*?)</td><td>(.*?)</td>'


@pytest.mark.parametrize(
    ("census", "team", "row"),
    [
        ("economie", "equipe", ("équipe épuisée ou partie", "Recensement dit : modèle économique")),
        ("economie", "inconnue", ("cause inconnue", "Recensement dit : modèle économique")),
        ("inconnue", "equipe", ("équipe épuisée ou partie", "")),
        ("inconnue", "inconnue", None),
        ("", "inconnue", None),
    ],
)
def test_that_the_cause_is_not_known_is_no_news_where_it_is_told(
    small_ground: None, now: datetime, client: Client, census: str, team: str, row: tuple[str, str] | None
) -> None:
    said = {"status": "closed", "closed_on": "2025", "closed_cause": census} if census else {}
    place = record(now, **said)
    by = "essai"
    close_place(place_id=place.pk, closed_on="2025-06", cause=team, seen=1, by=by, now=now)
    html = client.get("/lieux/la-poche/").content.decode()
    found = re.search(CAUSE, html)
    assert bool(found) == bool(row)
    if found and row:
        told = unescape(found[1]).replace("\u202f", " ")
        assert told == row[0] + (f"<br><small>{row[1]}</small>" if row[1] else "")
        assert found[2] == "Le lieu lui-même"


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("le-chantier-des-marees-nantes", "En projet : ce lieu n’est pas encore ouvert"),
        ("la-consigne-du-lavoir-vaudrey", "En sommeil"),
    ],
)
def test_other_states(the_cast: None, client: Client, slug: str, said: str) -> None:
    assert said in text_of(client, f"/lieux/{slug}/")


def test_a_distance_from_an_estimated_centre_is_told_roughly_or_not_at_all(
    small_ground: None, now: datetime, client: Client
) -> None:
    Commune.objects.filter(pk="39093").update(centre_kind=Commune.Centre.ESTIMATED)
    record(now)
    record(now, name="Tout près", commune="39546", lat=46.9915, lon=5.704, precision="address")
    record(now, name="Plus loin", commune="39370", lat=46.9776, lon=5.7893, precision="address")
    page = text_of(client, "/lieux/la-poche/")
    assert "Tout près à quelques kilomètres" in page
    assert "Plus loin environ 5 km à vol d’oiseau" in page
    assert not re.search(r"\d m\b|\d,\d km", page)


def test_two_places_known_by_their_commune_have_no_distance(small_ground: None, now: datetime, client: Client) -> None:
    record(now)
    record(now, name="L’Autre")
    page = text_of(client, "/lieux/la-poche/")
    assert "dans la même commune" in page and "à vol d’oiseau" not in page


def test_raw_rows_are_shown_without_what_speaks_of_a_person(small_ground: None, now: datetime, client: Client) -> None:
    record(now, phone="03 53 01 00 00", email="jeanne@example.org", prices="écrire à jeanne@example.org")
    html = client.get("/lieux/la-poche/").content.decode()
    raw = html[html.index('<dl class="raw"') :]
    assert "La Poche" in raw and "jeanne" not in raw[: raw.index("</dl>")] and "03 53" not in raw[: raw.index("</dl>")]


@pytest.mark.parametrize("page", ["", "affiche/", "historique/"])
class TestElsewhere:
    def test_a_moved_address_leads_to_the_new_one(
        self, the_cast: None, now: datetime, client: Client, page: str
    ) -> None:
        place = Place.objects.get(slug="la-maille-chamblay")
        rename_slug(place_id=place.pk, slug="la-maille", by="compte:nadine", now=now)
        response = client.get(MAILLE + page)
        assert (response.status_code, response["Location"]) == (301, f"/lieux/la-maille/{page}")

    def test_a_removed_place_is_gone(self, the_cast: None, now: datetime, client: Client, page: str) -> None:
        place = Place.objects.get(slug="la-maille-chamblay")
        remove_place(place_id=place.pk, reason="À la demande de l’équipe", by="compte:ines", now=now)
        assert "À la demande de l’équipe" in text_of(client, MAILLE + page, status=410)

    def test_an_unknown_place_is_not_found(self, db: None, client: Client, page: str) -> None:
        assert "404" in text_of(client, f"/lieux/nulle-part/{page}", status=404)


def test_the_english_page_answers(the_cast: None, client: Client) -> None:
    response = client.get(f"/en{MAILLE}")
    assert response.status_code == 200
    assert 'lang="en"' in response.content.decode()


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_queries_of_a_page_are_few_and_do_not_grow(the_cast: None, now: datetime, client: Client) -> None:
    """Seven or eight for the place, the rest is what the map and the frame ask of the ground and of the registry."""
    text_of(client, "/lieux/la-consigne-du-lavoir-vaudrey/")
    lived_in, again = queries_of(client, MAILLE), queries_of(client, MAILLE)
    assert lived_in <= 17
    assert again == 2
    for number in range(8):
        record(now, name=f"Voisin {number}", lat=46.99 + number / 500, lon=5.70)
    text_of(client, "/lieux/la-consigne-du-lavoir-vaudrey/")
    assert queries_of(client, MAILLE) <= lived_in


def test_the_history_tells_who_when_why_before_and_after(the_cast: None, client: Client) -> None:
    page = text_of(client, f"{MAILLE}historique/")
    for said in (
        "5 changements depuis son entrée au registre.",
        "22 août 2026, 11 h 30 par Nadine, animatrice La rampe est posée",
        "Capacité d’accueil Avant : 24 Après : 38",
        "Nom Avant : Télécentre de l’ancienne école Après : La Maille",
        "22 septembre 2021, 11 h 30 par Inès, réseau régional Repéré lors d’une visite",
    ):
        assert said in page
    first = page[page.index("22 septembre 2021") :]
    assert "Avant" not in first
    assert page.index("22 août 2026") < page.index("22 septembre 2021")


def test_the_history_tells_the_confirmation_at_its_date(small_ground: None, now: datetime, client: Client) -> None:
    place = record(now, opening_hours="Tu-Fr 09:00-18:00")
    confirm_place(place_id=place.pk, by="Nadine, animatrice", now=now + timedelta(days=3))
    page = text_of(client, "/lieux/la-poche/historique/")
    assert "par Nadine, animatrice Fiche confirmée" in page
    assert page.index("Fiche confirmée") < page.index("par import d’un fichier")
    assert "1 changement depuis son entrée au registre." in page
    for words in (page, text_of(client, "/lieux/la-poche/")):
        assert "Mardi au vendredi : 9 h – 18 h" in words and "Tu-Fr" not in words.split("Les lignes")[0]
        assert "Chamblay" in words and "Commune 39093" not in words
    assert "Commune Après : Chamblay" in page


def test_a_long_history_shows_its_latest_hundred(small_ground: None, now: datetime, client: Client) -> None:
    place = record(now)
    for number in range(2, 140):
        place.revisions.create(number=number, at=now, by="compte:7", changes={"capacity": [None, number]})
    html = client.get("/lieux/la-poche/historique/").content.decode()
    assert html.count("<time") == 100
    assert "Les 100 derniers sont montrés ici." in html


def test_the_poster_carries_the_code_of_the_public_page(the_cast: None, client: Client) -> None:
    html = client.get(f"{MAILLE}affiche/").content.decode()
    expected = BytesIO()
    url = f"{django_settings.SITE_URL}{MAILLE}"
    segno.make(url, error="m", micro=False).save(expected, kind="svg", border=0, xmldecl=False, svgns=False)
    drawn = re.search(r' d="([^"]+)"', expected.getvalue().decode())
    assert drawn and drawn[1] in html
    assert "lieu fictif (démonstration)" in html and "Lundi au samedi" in html


@pytest.mark.parametrize(
    ("known", "promise"),
    [
        ({}, "Scannez\u202f: la fiche de ce lieu"),
        ({"street": "1 rue du Four"}, "Scannez\u202f: accès"),
        (
            {"opening_hours": "Tu-Fr 09:00-18:00", "how_to_come": "À pied.", "how_to_help": "Une heure par mois."},
            "Scannez\u202f: horaires du jour, accès et comment participer",
        ),
        ({"opening_hours": "Tu-Fr 09:00-18:00", "status": "closed"}, "Scannez\u202f: la fiche de ce lieu"),
    ],
)
def test_the_poster_promises_only_what_the_page_tells(
    small_ground: None, now: datetime, client: Client, known: dict[str, str], promise: str
) -> None:
    record(now, **known)
    assert f"<p>{promise}</p>" in unescape(client.get("/lieux/la-poche/affiche/").content.decode())


@pytest.mark.parametrize(
    ("url", "warned"),
    [("http://localhost:8000", True), ("http://127.0.0.1:8123", True), ("https://lieux.exemple.org", False)],
)
def test_the_poster_warns_of_an_address_that_no_telephone_can_reach(
    small_ground: None, now: datetime, client: Client, settings: Any, url: str, warned: bool
) -> None:
    settings.SITE_URL = url
    record(now)
    said = "L’adresse de cette affiche ne marche que sur cet ordinateur : donnez MAILLAGE_URL avant d’imprimer."
    assert (said in text_of(client, "/lieux/la-poche/affiche/")) is warned


@pytest.fixture
def photo(the_cast: None, now: datetime, tmp_path: Path, settings: Any) -> str:
    settings.MEDIA_ROOT = tmp_path
    buffer = BytesIO()
    Image.new("RGB", (1500, 1000), "#e39a1b").save(buffer, "PNG")
    place = Place.objects.get(slug="la-maille-chamblay")
    add_photo(
        place_id=place.pk,
        data=buffer.getvalue(),
        alt="La salle « des grands »",
        licence="CC0",
        by="compte:nadine",
        now=now + timedelta(days=1),
    )
    return place.photos.get().file.url


def test_photos_load_late_keep_their_place_and_say_what_they_show(photo: str, client: Client) -> None:
    html = client.get(MAILLE).content.decode()
    image = re.search(r"<img [^>]*>", html)
    assert image
    for said in ('width="720"', 'height="480"', 'loading="lazy"', 'alt="La salle « des grands »"', "-small.webp"):
        assert said in image[0]
    assert f'<meta property="og:image" content="{django_settings.SITE_URL}{photo}">' in html


def test_a_photo_is_kept_a_day_by_browsers(photo: str, client: Client) -> None:
    for url in (photo, photo.replace(".webp", "-small.webp")):
        response = client.get(url, headers={"accept-encoding": "gzip"})
        assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
        assert response["Cache-Control"] == "public, max-age=86400, s-maxage=300, immutable"
        assert b"".join(response)[:4] == b"RIFF"
        response.close()


@pytest.mark.parametrize("name", ["0" * 40 + ".webp", "../secret", "..%2f..%2fsecret", "a.svg", "x" * 500])
def test_no_other_file_is_served(db: None, client: Client, name: str) -> None:
    assert client.get(f"/media/photos/{name}").status_code == 404
