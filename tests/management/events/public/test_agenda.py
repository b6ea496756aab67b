"""What takes place near somebody, day by day: where, from when to when, what, for whom."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from maillage.management.events.actions.programme import archive, unpublish
from maillage.management.events.actions.sessions import cancel_session
from maillage.management.events.models import Event, Session
from maillage.management.events.queries.links import token_of
from maillage.places.models import Place
from tests.management.events.workshop import BY, Workshop, workshop
from tests.people import People
from tests.web.page import Page

HOUR = timedelta(hours=1)


def said(client: Client, address: str, status: int = 200) -> Page:
    response = client.get(address)
    assert response.status_code == status
    page = Page(response.content.decode())
    assert page.problems == []
    page.text = re.sub(r"[ \n]+", " ", page.text)
    return page


def test_a_week_is_told_day_by_day(client: Client, repair: Workshop, tuesday: datetime, now: datetime) -> None:
    workshop(repair.place, tuesday + timedelta(days=1), seats=None, now=now, title="Café", takes_registrations="")
    workshop(repair.place, tuesday + timedelta(days=9), seats=4, now=now, title="Plus tard")
    repair.come("Lila", 3)
    page = said(client, "/agenda/")
    assert "Du dimanche 22 novembre au samedi 28 novembre · 2 séances" in page.text
    assert "Mardi 24 novembre 10\u202fh – 12\u202fh Repair café" in page.text
    assert "La Boutique de Nadine, Chamblay" in page.text
    assert "Atelier Gratuit 9 places libres" in page.text
    assert "Mercredi 25 novembre 10\u202fh – 12\u202fh Café" in page.text
    assert "sans inscription" in page.text
    assert "Plus tard" not in page.text
    assert "Lila" not in page.html


def test_what_is_not_on_the_programme_is_nowhere(client: Client, repair: Workshop, now: datetime) -> None:
    cases = {
        "hidden": lambda: unpublish(place=repair.place, event_id=repair.event.pk, by=BY, now=now),
        "removed": lambda: Place.objects.filter(pk=repair.place.pk).update(removed_at=now, removed_reason="Doublon"),
        "closed": lambda: Place.objects.filter(pk=repair.place.pk).update(status="closed"),
    }
    for name, act in cases.items():
        Event.objects.update(published_at=now)
        Place.objects.filter(pk=repair.place.pk).update(removed_at=None, removed_reason="Snow", status="open")
        assert "Repair café" in said(client, "/agenda/").text
        act()
        shown = [f"/agenda{kind}" for kind in ("/", ".ics", ".rss", ".json")] + ["/api/v1/events"]
        assert (name, [one for one in shown if "Repair" in client.get(one).content.decode()]) == (name, [])


def test_a_commune_is_found_by_name_by_code_and_by_point(client: Client, repair: Workshop, people: People) -> None:
    for where in ("pres=Chamblay", "pres=39093", "lat=46.99&lon=5.7", "pres=46.99,5.7"):
        page = said(client, f"/agenda/?{where}")
        assert (where, "Repair café" in page.text) == (where, True)
    assert "L’agenda autour de Chamblay" in said(client, "/agenda/?pres=Chamblay").text
    assert "dans la même commune" in said(client, "/agenda/?pres=39093").text
    assert "Repair café" not in said(client, "/agenda/?pres=Nantes").text


def test_the_radius_is_that_of_the_question(client: Client, repair: Workshop) -> None:
    Place.objects.filter(pk=repair.place.pk).update(lat=47.0, lon=5.7)
    far = "lat=47.0&lon=6.1"
    assert "Repair café" not in said(client, f"/agenda/?{far}").text
    page = said(client, f"/agenda/?{far}&rayon=50")
    assert "Repair café" in page.text
    assert "30\u202fkm à vol d’oiseau" in page.text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("genre=workshop", True),
        ("genre=culture", False),
        ("public=seniors", True),
        ("du=2026-11-25&au=2026-11-30", False),
        ("du=2026-11-24&au=2026-11-24", True),
        ("du=2020-01-01", True),
        ("du=2026-11-24", True),
    ],
)
def test_kind_audience_and_days_narrow_it(client: Client, repair: Workshop, query: str, shown: bool) -> None:
    assert ("Repair café" in said(client, f"/agenda/?{query}").text) is shown


def test_an_audience_is_theirs_and_everybody_s(client: Client, repair: Workshop) -> None:
    Event.objects.update(audience="children")
    assert "Repair café" not in said(client, "/agenda/?public=seniors").text
    assert "Repair café" in said(client, "/agenda/?public=children").text


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("du=demain", "«\u202fdemain\u202f» n’est pas un jour"),
        ("du=2026-11-25&au=2026-11-24", "venait avant le premier"),
        ("rayon=12", "n’est pas un rayon proposé"),
        ("lat=91&lon=5", "Ce point n’est pas lisible"),
        ("lat=46", "Ce point n’est pas lisible"),
        ("genre=secret", "n’est pas un mot de l’agenda"),
        ("pres=Zzyzzyva", "Aucune commune ne s’appelle «\u202fZzyzzyva\u202f»"),
        ("du=2026-11-25&au=2027-11-24", "trois mois à la fois"),
    ],
)
def test_what_is_not_understood_is_said(client: Client, repair: Workshop, query: str, why: str) -> None:
    assert why in said(client, f"/agenda/?{query}").text


def test_nothing_says_what_to_try(client: Client, repair: Workshop) -> None:
    page = said(client, "/agenda/?pres=Nantes&genre=culture")
    assert "Rien n’est annoncé pour cette question." in page.text
    ways = [link for link in page.links if link.startswith(("/agenda/?", "/agenda/", "/lieux/?"))]
    assert "/agenda/?pres=Nantes&rayon=50&genre=culture" in ways
    assert "/agenda/?pres=Nantes" in ways
    assert "/lieux/?q=Nantes" in ways
    assert [client.get(way).status_code for way in ways] == [200] * len(ways)


def test_what_is_called_off_stays_and_says_why(client: Client, repair: Workshop, now: datetime) -> None:
    cancel_session(place=repair.place, session_id=repair.session.pk, reason="Fuite d’eau", by=BY, now=now)
    page = said(client, "/agenda/")
    assert "annulée Fuite d’eau" in page.text


def test_demo_content_is_marked(client: Client, repair: Workshop) -> None:
    Place.objects.filter(pk=repair.place.pk).update(is_demo=True)
    assert "Repair café fictif" in said(client, "/agenda/").text
    assert "Fictif (démonstration)" in client.get("/agenda.rss").content.decode()
    assert client.get("/agenda.json").json()["items"][0]["_maillage"]["demo"] is True
    address = f"/lieux/{repair.place.slug}/agenda/{repair.event.slug}/"
    page = said(client, address)
    assert "Lieu fictif (démonstration)" in page.text
    assert page.head("meta", name="robots") == [{"name": "robots", "content": "noindex, follow"}]
    assert address not in client.get("/sitemap.xml").content.decode()


def test_a_full_session_says_so(client: Client, small: Workshop) -> None:
    small.come("Lila", 2)
    assert "complet, liste d’attente" in said(client, "/agenda/").text


def test_pages_follow_each_other(client: Client, repair: Workshop, tuesday: datetime, now: datetime) -> None:
    many(repair, 70, tuesday)
    page = said(client, "/agenda/")
    assert "71 séances" in page.text
    (more,) = [link for link in page.links if "page=2" in link]
    second = said(client, more)
    assert page.html.count('<li class="happening"') + second.html.count('<li class="happening"') == 71
    own = f"/lieux/{repair.place.slug}/agenda/"
    assert [link for link in said(client, own).links if "page=2" in link] == [f"{own}?page=2"]
    assert said(client, f"{own}?page=99").html.count('<li class="happening"') == 11


def many(repair: Workshop, count: int, start: datetime, *, step: timedelta = timedelta(minutes=1)) -> None:
    """So many sessions more of the same event, each with its seats counted."""
    Session.objects.bulk_create(
        Session(
            event=repair.event,
            start=start + (n + 1) * step,
            end=start + (n + 1) * step + HOUR,
            capacity=10,
            made_at=repair.now,
            made_by="essai",
            changed_at=repair.now,
        )
        for n in range(count)
    )


@pytest.mark.parametrize(
    "address", ["/agenda/", "/agenda/?pres=39093", "/lieux/{slug}/agenda/", "/lieux/{slug}/agenda/{event}/"]
)
def test_a_page_asks_the_same_number_of_questions_whatever_the_programme(
    client: Client, repair: Workshop, tuesday: datetime, address: str
) -> None:
    url = address.format(slug=repair.place.slug, event=repair.event.slug)
    asked = []
    for count in (0, 1, 30):
        many(repair, count, tuesday + len(asked) * HOUR)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        asked.append(len(captured))
    assert len(set(asked)) == 1
    assert asked[0] <= 14


def test_the_page_of_a_place_leads_to_its_programme(client: Client, repair: Workshop, now: datetime) -> None:
    page = said(client, f"/lieux/{repair.place.slug}/")
    assert f"/lieux/{repair.place.slug}/agenda/" in page.links
    assert "bientôt\u202f: Repair café, mardi 24 novembre à 10\u202fh" in page.text
    cancel_session(place=repair.place, session_id=repair.session.pk, reason="Snow", by=BY, now=now)
    assert f"/lieux/{repair.place.slug}/agenda/" not in said(client, f"/lieux/{repair.place.slug}/").links


def test_a_place_with_nothing_to_come_says_how_to_reach_it(client: Client, people: People) -> None:
    page = said(client, f"/lieux/{people.place.slug}/agenda/")
    assert "Rien n’est annoncé pour l’instant." in page.text
    assert "joignez le lieu" in page.text


def test_the_menu_and_the_home_lead_here(client: Client, repair: Workshop) -> None:
    assert said(client, "/").links.count("/agenda/") == 2


def test_what_was_put_away_is_gone(client: Client, repair: Workshop, now: datetime) -> None:
    link = f"/inscription/{token_of(repair.come('Lila'))}/"
    cancel_session(place=repair.place, session_id=repair.session.pk, reason="Neige", by=BY, now=now)
    address = f"/lieux/{repair.place.slug}/agenda/{repair.event.slug}/"
    assert address in said(client, link).links
    archive(place=repair.place, event_id=repair.event.pk, by=BY, now=now)
    said(client, address, 404)
    page = said(client, link)
    assert "Séance annulée" in page.text
    assert address not in page.links
