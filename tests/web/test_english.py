"""The English site is in English: what stays in French is what places wrote, marked as French, and proper names."""

import re
from datetime import datetime
from html.parser import HTMLParser

import pytest
from django.test import Client

from maillage.places.actions import record_many, remove_place
from maillage.places.models import Place, Source
from maillage.territory.models import Commune, Departement, Epci, Ground, Region
from tests.web import cast
from tests.web.page import VOID, Page

FRENCH = re.compile(
    r"\b(le|la|les|des|du|un|une|et|est|sont|ce|cette|qui|que|dont|pour|sur|dans|avec|sans|par|pas|aux?|en|ou|où"
    r"|lieux?|ouvert|fermé|horaires|liste|carte|chercher|voir)\b|[«»]|\w’(?!s\b|re\b|t\b)\w|[\s\u00a0\u202f][:;!?]",
    re.IGNORECASE,
)
KEPT = (
    "Défenseur des droits",
    "Fabrique de territoire",
    "Fabrique numérique de territoire",
    "tiers-lieu",
    "grande école",
    "Licence Ouverte",
)
SAID = ("aria-label", "title", "alt", "data-done", "data-found", "data-refused")
PAGES = [
    "/",
    "/lieux/",
    "/lieux/?page=2&activite=coworking&service=wifi",
    "/lieux/?territoire=dep-39&intention=fabriquer",
    "/lieux/?pres=39093&minutes=30&ouvert=1",
    "/lieux/?pres=47.0,5.7&minutes=5&statut=closed",
    "/lieux/?q=rien-de-tel",
    "/lieux/?q=chamblai",
    "/lieux/?territoire=xx&pres=bad&minutes=abc&bbox=1,2&intention=foo",
    "/lieux/?bbox=9,9,1,1&minutes=900&pres=39093",
    "/lieux/?territoire=dep-976&pres=99999",
    "/lieux/la-boutique-de-nadine/",
    "/lieux/la-boutique-de-nadine/affiche/",
    "/lieux/la-boutique-de-nadine/historique/",
    "/lieux/l-atelier-de-m-perrin/",
    "/lieux/les-communs-de-vaudrey/",
    "/lieux/l-ancienne-poste/",
    "/lieux/la-parleuse/",
    "/lieux/la-parleuse/historique/",
    "/lieux/le-disparu/",
    "/doc/",
    "/doc/donnees/",
    "/doc/categories/",
    "/doc/accessibilite/",
    "/doc/mentions/",
    "/doc/servir/",
    "/observatoire/",
    "/observatoire/rural/",
    "/rien/",
    "/lieux/?q=a%00b",
]
PROSE = {
    "description": "<p>On y vient pour parler.</p>",
    "how_to_come": "Poussez la porte.",
    "how_to_join": "Venez le mardi.",
    "how_to_help": "Il manque des chaises.",
    "prices": "Prix libre pour les voisins",
    "opening_hours": "le mardi et le jeudi",
}


class Said(HTMLParser):
    """What an English page says outside what is marked as French: texts and spoken attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open = [("", "en")]
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        language = found.get("lang", self._open[-1][1])
        if language == "en":
            self.texts += [found[name] for name in SAID if name in found]
        if tag not in VOID:
            self._open.append((tag, language))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        tag, language = self._open[-1]
        if language == "en" and tag not in ("script", "style", "code"):
            self.texts.append(data.strip())


@pytest.fixture
def talkative(registry: datetime) -> None:
    """A place that wrote of itself in French, and one that is gone."""
    said = [
        {"name": "La Parleuse", "commune": "39093", "city": "Chamblay", **PROSE},
        {"name": "Le Disparu", "commune": "39093", "city": "Chamblay"},
    ]
    drafts = [
        cast.Draft(source="recensement", ref=f"p{n}", values=values, raw=dict(values), licence="CC0 1.0")
        for n, values in enumerate(said)
    ]
    record_many(drafts=drafts, sources={cast.CENSUS.slug: cast.CENSUS}, by="essai", now=registry)
    gone = Place.objects.get(slug="le-disparu")
    remove_place(place_id=gone.pk, reason="Doublon signalé par le lieu.", by="essai", now=registry)


def french_left(html: str) -> list[str]:
    """Texts that look French once the names of places and of territories are taken out."""
    fields = [(Place, "name"), (Place, "city"), (Source, "name"), (Source, "publisher")]
    fields += [(Ground, "label"), *((model, "name") for model in (Commune, Departement, Epci, Region))]
    names = {name for model, field in fields for name in model.objects.values_list(field, flat=True)}
    out = re.compile(
        r"\S+/\S+|" + "|".join(map(re.escape, sorted(filter(None, [*names, *KEPT]), key=len, reverse=True)))
    )
    return [text for text in Said(html).texts if FRENCH.search(out.sub("·", text))]


@pytest.mark.parametrize("path", PAGES)
def test_an_english_page_says_nothing_in_french(client: Client, talkative: None, path: str) -> None:
    assert french_left(client.get(f"/en{path}").content.decode()) == []


@pytest.mark.parametrize("path", ["/", "/lieux/", "/doc/", "/rien/"])
def test_the_check_sees_french(client: Client, talkative: None, path: str) -> None:
    html = client.get(path).content.decode().replace('<html lang="fr">', '<html lang="en">')
    assert len(french_left(html)) > 5


def test_what_a_place_wrote_is_marked_as_french(client: Client, talkative: None) -> None:
    html = client.get("/en/lieux/la-parleuse/").content.decode()
    for text in ("Poussez la porte.", "Prix libre pour les voisins", "le mardi et le jeudi", "On y vient pour parler."):
        assert text in Page(html).text
        assert not [said for said in Said(html).texts if text in said]


@pytest.mark.parametrize(
    ("path", "french", "english"),
    [
        ("?q=rien-de-tel", "Aucun lieu pour «\u202frien-de-tel\u202f»", "No places for “rien-de-tel”"),
        ("?territoire=dep-44", "1 lieu, Loire-Atlantique (44)", "1 place, Loire-Atlantique (44)"),
        ("?territoire=dep-25", "30 lieux, Doubs (25)", "30 places, Doubs (25)"),
    ],
)
def test_none_one_and_many(client: Client, registry: datetime, path: str, french: str, english: str) -> None:
    assert Page(client.get(f"/lieux/{path}").content.decode()).text.startswith(f"{french} · Maillage")
    assert Page(client.get(f"/en/lieux/{path}").content.decode()).text.startswith(f"{english} · Maillage")


def test_times_and_dates_are_said_as_english_says_them(client: Client, registry: datetime) -> None:
    shop = Page(client.get("/en/lieux/la-boutique-de-nadine/").content.decode()).text
    assert "Open now, until 18:30" in shop
    assert "8:00 – 18:30" in shop
    workshop = Page(client.get("/en/lieux/l-atelier-de-m-perrin/").content.decode()).text
    assert "Closed, opens Wednesday at 9:00" in workshop
    assert "Registry last changed on Sunday 22 November 2026." in Page(client.get("/en/").content.decode()).text
