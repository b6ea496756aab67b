"""The page of an event, and what search engines read of it."""

import json
import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from django.test import Client

from maillage.management.events.actions.sessions import cancel_session
from maillage.management.events.models import Event, Session
from maillage.places.models import Place
from tests.management.events.public.test_agenda import said
from tests.management.events.workshop import BY, Workshop, workshop


def base(one: Workshop) -> str:
    return f"/lieux/{one.place.slug}/agenda/{one.event.slug}/"


def jsonld(client: Client, one: Workshop) -> list[dict[str, Any]]:
    html = client.get(base(one)).content.decode()
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert "<" not in text
    return json.loads(text)


def test_an_event_says_when_for_whom_and_at_what_price(client: Client, repair: Workshop) -> None:
    Event.objects.update(summary="On répare.", price="fixed", price_cents=1250, audience="seniors")
    page = said(client, base(repair))
    assert "Repair café" in page.text
    assert "Mardi 24 novembre 2026, de 10\u202fh à 12\u202fh" in page.text
    assert "12 places libres" in page.text
    assert "12,50\u202f€" in page.text
    assert "Aînés" in page.text
    assert f"{base(repair)}{repair.session.pk}/inscription/" in page.links


def test_sessions_are_told_in_schema_org(client: Client, small: Workshop, now: datetime) -> None:
    (told,) = jsonld(client, small)
    assert (told["@type"], told["name"]) == ("EducationEvent", "Repair café")
    assert (told["startDate"], told["endDate"]) == ("2026-11-24T10:00:00+01:00", "2026-11-24T12:00:00+01:00")
    assert told["eventStatus"] == "https://schema.org/EventScheduled"
    assert told["location"]["@type"] == "Place"
    assert told["location"]["address"]["@type"] == "PostalAddress"
    assert told["organizer"]["name"] == "La Boutique de Nadine"
    assert told["offers"]["price"] == "0.00"
    assert told["offers"]["availability"] == "https://schema.org/InStock"
    assert (told["maximumAttendeeCapacity"], told["remainingAttendeeCapacity"]) == (2, 2)
    small.come("Lila", 2)
    assert jsonld(client, small)[0]["offers"]["availability"] == "https://schema.org/SoldOut"
    cancel_session(place=small.place, session_id=small.session.pk, reason="Snow", by=BY, now=now)
    (told,) = jsonld(client, small)
    assert told["eventStatus"] == "https://schema.org/EventCancelled"
    assert "offers" not in told


def test_hostile_words_stay_words(client: Client, repair: Workshop) -> None:
    bad = '</script><script>alert(1)</script>"&\u2028'
    Event.objects.update(title=bad, summary=bad, description=bad)
    (told,) = jsonld(client, repair)
    assert (told["name"], told["description"]) == (bad, bad)
    html = client.get(base(repair)).content.decode()
    assert "<script>alert" not in html
    assert said(client, "/agenda/").problems == []
    assert "alert(1)" in unescape(html)


def test_dates_past_are_apart(client: Client, repair: Workshop, now: datetime) -> None:
    Session.objects.update(start=now - timedelta(days=8), end=now - timedelta(days=7))
    page = said(client, base(repair))
    assert "Aucune date à venir pour l’instant." in page.text
    assert "Dates passées" in page.text
    assert "inscription" not in " ".join(page.links)


def test_an_address_follows_its_place(client: Client, repair: Workshop) -> None:
    moved = client.get(f"/lieux/rien/agenda/{repair.event.slug}/")
    assert moved.status_code == 404
    assert client.get(f"/lieux/{repair.place.slug}/agenda/rien/").status_code == 404
    Event.objects.update(published_at=None)
    assert client.get(base(repair)).status_code == 404
    assert client.get(f"{base(repair)}{repair.session.pk}/inscription/").status_code == 404
    Place.objects.filter(pk=repair.place.pk).update(removed_at=repair.now, removed_reason="Doublon")


def test_an_open_price_says_what_is_suggested(client: Client, repair: Workshop) -> None:
    Event.objects.update(price="open", price_cents=500)
    assert "Prix libre, 5\u202f€ conseillés" in said(client, base(repair)).text
    Event.objects.update(price="open", price_cents=None)
    assert "Prix libre" in said(client, base(repair)).text
    assert jsonld(client, repair)[0]["offers"]["price"] == "0.00"


def test_only_published_events_stand_in_the_sitemap(client: Client, repair: Workshop, now: datetime) -> None:
    workshop(repair.place, now + timedelta(days=3), seats=1, now=now, title="Brouillon")
    Event.objects.filter(title="Brouillon").update(published_at=None)
    listed = client.get("/sitemap.xml").content.decode()
    assert f"{base(repair)}</loc>" in listed
    assert "brouillon" not in listed
