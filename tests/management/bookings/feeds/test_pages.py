"""The page of the calendars that a place follows: added, read, in trouble, removed."""

import pytest

from maillage.management.bookings.models import Closure, Feed
from tests.management.bookings.feeds.hosts import Host

pytestmark = pytest.mark.usefixtures("online")


def test_a_calendar_is_followed_read_and_removed(desk, venue, outside: tuple[str, type[Host]]):
    empty = desk("espaces/agendas/").page
    assert "Aucun agenda n’est suivi" in empty.text
    address = f"{outside[0]}/good?secret=1"
    page = desk("espaces/agendas/", {"address": address, "name": "<b>Mairie", "space": str(venue.room.pk)}).page
    assert "L’agenda est lu." in page.text and "<b>Mairie" in page.text
    assert "Ferme 52 moments à venir, du 25 novembre 2026 au 17 novembre 2027." in page.text
    assert "secret=1" not in page.text and "127.0.0.1" in page.text
    feed = Feed.objects.get()
    assert "<b>Mairie : 52 moments fermés." in desk("espaces/").page.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Aucune fermeture n’est prévue." in desk("espaces/fermetures/").page.text
    assert "L’agenda est lu." in desk(f"espaces/agendas/{feed.pk}/lire/", {}).page.text
    assert "Ne plus suivre" in desk(f"espaces/agendas/{feed.pk}/retirer/").page.text
    assert "n’est plus suivi" in desk(f"espaces/agendas/{feed.pk}/retirer/", {}).page.text
    assert not Closure.objects.exists()


def test_what_is_wrong_is_said_with_since_when(desk, venue, outside):
    page = desk("espaces/agendas/", {"address": f"{outside[0]}/page", "name": "Mairie"}).page
    text = page.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "L’adresse mène à une page web, pas à un agenda." in text
    assert "En panne depuis dimanche 22 novembre 2026 à 10 h 30. Il ne ferme rien encore." in text
    english = desk("espaces/agendas/", language="/en").page.text
    assert "The address leads to a web page, not to a calendar." in english


def test_a_refused_address_keeps_what_was_written(desk, venue):
    page = desk("espaces/agendas/", {"address": "mairie", "name": "Mairie"}).page
    assert "cette adresse ne va pas" in page.text.lower()
    assert not Feed.objects.exists()


def test_offline_is_said_in_words(desk, venue, settings, outside):
    settings.OFFLINE = True
    assert "Ce serveur ne va pas sur le réseau" in desk("espaces/agendas/").page.text
    page = desk("espaces/agendas/", {"address": f"{outside[0]}/good"}).page
    assert "Noté, mais rien n’est lu" in page.text and outside[1].asked == []


def test_what_is_left_out_is_told(desk, venue, outside):
    lost = b"BEGIN:VEVENT\r\nUID:x\r\nDTSTART:2026ZZ\r\nEND:VEVENT\r\n"
    zone = b"BEGIN:VEVENT\r\nUID:y\r\nDTSTART;TZID=Mars/Olympus:20261125T080000\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
    outside[1].body = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + lost + zone + b"END:VCALENDAR\r\n"
    text = desk("espaces/agendas/", {"address": f"{outside[0]}/good"}).page.text
    assert "1 événement illisible est laissé de côté" in text
    assert "Fuseau inconnu (Mars/Olympus)" in text
