"""Registering without an account: one form, the waiting list, the limits, and the link of the mail."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar

from maillage.journal.models import Mail
from maillage.management.bookings.views.bounds import MOST
from maillage.management.events.actions.sessions import cancel_session
from maillage.management.events.models import Event, Registration, Session
from maillage.management.events.queries.links import token_of
from maillage.management.people.models import Person
from tests.management.events.public.test_agenda import said
from tests.management.events.public.test_event import base
from tests.management.events.workshop import BY, Workshop
from tests.people import People

THOMAS = {"name": "Thomas Petit", "email": "Thomas@Example.org", "party": "1"}


def address(one: Workshop) -> str:
    return f"{base(one)}{one.session.pk}/inscription/"


def sent(client: Client, where: str, **changed: str):
    form = client.get(where).content.decode()
    found = re.search(r'name="cle" value="([^"]+)"', form)
    return client.post(where, {"cle": found[1] if found else "", **THOMAS, **changed})


def alerts(response) -> str:
    found = re.findall(r'role="alert".*?</div>', response.content.decode(), re.DOTALL)
    return re.sub(r"[ \n]+", " ", unescape(re.sub(r"<[^>]+>", " ", " ".join(found)))).strip()


def test_one_form_registers(client: Client, repair: Workshop) -> None:
    page = said(client, address(repair))
    assert [one["name"] for one in page.attributes["input"] if one.get("type") != "hidden"] == ["name", "email"]
    assert [one["name"] for one in page.attributes["select"]] == ["party"]
    response = sent(client, address(repair), party="3")
    assert response.status_code == 302
    assert repair.counted() == (12, 3, 0)
    lead = Registration.objects.get(part_of__isnull=True)
    assert response["Location"] == f"/inscription/{token_of(lead)}/"
    assert (lead.person.name, lead.person.email, lead.made_by) == ("Thomas Petit", "thomas@example.org", "visiteur")
    ticket = client.get(response["Location"])
    assert ticket["Referrer-Policy"] == "same-origin"
    assert "noindex" in ticket["X-Robots-Tag"]
    text = said(client, response["Location"]).text
    assert "Inscription faite" in text
    assert "Mardi 24 novembre 2026, de 10\u202fh à 12\u202fh" in text
    assert "3 personnes" in text
    assert response["Location"] in Mail.objects.get().body


def test_the_same_form_twice_registers_once(client: Client, repair: Workshop) -> None:
    form = client.get(address(repair)).content.decode()
    key = re.search(r'name="cle" value="([^"]+)"', form)[1]
    first, again = (client.post(address(repair), {"cle": key, **THOMAS}) for _ in range(2))
    assert first["Location"] == again["Location"]
    assert repair.counted() == (12, 1, 0)
    other = client.post(address(repair), {"cle": key, **THOMAS, "name": "Zoe", "email": "zoe@example.org"})
    assert (other.status_code, repair.counted()) == (422, (12, 1, 0))
    assert "Ce formulaire a déjà servi" in alerts(other)


def test_a_full_session_offers_its_waiting_list(client: Client, small: Workshop) -> None:
    small.come("Lila", 2)
    assert "Me mettre sur la liste d’attente" in said(client, address(small)).text
    response = sent(client, address(small))
    assert small.states() == {"Lila": "confirmed", "Thomas Petit": "waiting"}
    text = said(client, response["Location"]).text
    assert "Vous êtes sur la liste d’attente" in text
    assert "Quitter la liste d’attente" in text


def test_withdrawing_asks_once_then_moves_the_list_up(client: Client, small: Workshop) -> None:
    lila = small.come("Lila", 2)
    sent(client, address(small))
    link = f"/inscription/{token_of(lila)}/"
    assert "annuler=1" in " ".join(said(client, link).links)
    assert "Oui, annuler" in said(client, f"{link}?annuler=1").text
    assert small.states()["Lila"] == "confirmed"
    assert client.post(link, {"annuler": "1"}).status_code == 302
    assert small.states() == {"Lila": "cancelled", "Thomas Petit": "confirmed"}
    assert "Inscription annulée" in said(client, link).text
    assert client.post(link, {"annuler": "1"}).status_code == 302


def test_nobody_withdraws_once_it_has_begun(client: Client, repair: Workshop) -> None:
    link = f"/inscription/{token_of(repair.come('Lila'))}/"
    with time_machine.travel(repair.session.start + timedelta(minutes=1), tick=False):
        assert "annuler=1" not in " ".join(said(client, link).links)
        response = client.post(link, {"annuler": "1"})
    assert (response.status_code, repair.states()) == (409, {"Lila": "confirmed"})
    assert "Cette séance a déjà commencé" in alerts(response)


@pytest.mark.parametrize(
    ("changed", "status", "field", "why"),
    [
        ({"name": ""}, 422, "name", ""),
        ({"email": ""}, 422, "email", "Il manque votre adresse électronique"),
        ({"email": "pas une adresse"}, 422, "email", ""),
        ({"party": "7"}, 422, "party", "Ce nombre de personnes ne va pas"),
        ({"party": "0"}, 422, "party", ""),
        ({"party": "trois"}, 422, "party", ""),
        ({"party": "-1"}, 422, "party", ""),
        ({"party": "²"}, 422, "party", ""),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: Client, repair: Workshop, changed: dict[str, str], status: int, field: str, why: str
) -> None:
    response = sent(client, address(repair), **changed)
    assert response.status_code == status
    assert f'href="#{field}"' in response.content.decode()
    assert why in alerts(response)
    assert repair.counted() == (12, 0, 0)
    assert not Person.objects.exists()


def test_what_no_longer_takes_anybody_says_so(client: Client, repair: Workshop, now: datetime) -> None:
    for change, why in (
        ({"start": now - timedelta(hours=1)}, "Cette séance est passée ou a commencé."),
        ({"capacity": None}, "On y vient sans s’inscrire"),
    ):
        before = Session.objects.values("start", "capacity").get()
        Session.objects.update(**change)
        page = said(client, address(repair))
        assert why in page.text
        assert "form" not in page.attributes or not page.head("form", method="post")
        assert client.post(address(repair), THOMAS).status_code in (200, 409)
        assert Registration.objects.count() == 0
        Session.objects.update(**before)
    cancel_session(place=repair.place, session_id=repair.session.pk, reason="Neige", by=BY, now=now)
    assert "Cette séance est annulée. Neige" in said(client, address(repair)).text


def test_a_stranger_who_knows_an_address_learns_no_link(client: Client, repair: Workshop) -> None:
    repair.come("Thomas")
    response = sent(client, address(repair), name="Thomas", email="thomas@example.org")
    assert response.status_code == 422
    assert "inscription/" not in (response.headers.get("Location") or "")
    assert token_of(Registration.objects.get()) not in response.content.decode()


def test_one_visitor_asks_so_often_in_a_day(client: Client, repair: Workshop) -> None:
    for n in range(MOST):
        assert sent(client, address(repair), name=f"N{n}", email="n@example.org").status_code == 302
    response = sent(client, address(repair), name="Une de trop", email="n@example.org")
    assert response.status_code == 429
    assert f"{MOST} demandes en un jour" in alerts(response)
    assert repair.counted()[1] == MOST


def test_what_came_to_nothing_is_not_counted(client: Client, repair: Workshop) -> None:
    for _ in range(MOST + 2):
        assert sent(client, address(repair), name="").status_code == 422
    assert sent(client, address(repair)).status_code == 302


def test_who_is_signed_in_registers_as_themselves(
    people: People, repair: Workshop, client_of: Callable[..., Client]
) -> None:
    mine = Person.objects.create(place=repair.place, name="Tom", account=people.thomas.user, created_at=repair.now)
    thomas = client_of(people.thomas)
    assert 'value="thomas@example.org"' in thomas.get(address(repair)).content.decode()
    assert sent(thomas, address(repair)).status_code == 302
    lead = Registration.objects.get()
    assert lead.person == mine
    assert lead.made_by == f"compte:{people.thomas.user.pk}:self"


def test_the_link_gives_a_file_that_follows_what_becomes_of_it(client: Client, small: Workshop, now: datetime) -> None:
    lila, zoe = small.come("Lila", 2), small.come("Zoe")

    def told(lead: Registration) -> tuple[str, str, int]:
        response = client.get(f"/inscription/{token_of(lead)}/agenda.ics")
        assert response["Content-Type"].startswith("text/calendar")
        (event,) = Calendar.from_ical(response.content).walk("VEVENT")
        return str(event["uid"]), str(event["status"]), int(event["sequence"])

    first = told(zoe)
    assert first[1] == "TENTATIVE"
    client.post(f"/inscription/{token_of(lila)}/", {"annuler": "1"})
    moved, gone = told(zoe), told(lila)
    assert (moved[0], moved[1], gone[1]) == (first[0], "CONFIRMED", "CANCELLED")
    assert moved[2] > first[2]
    cancel_session(place=small.place, session_id=small.session.pk, reason="Snow", by=BY, now=now)
    assert told(zoe)[1] == "CANCELLED"
    assert told(zoe)[2] > moved[2]


def test_a_wrong_link_opens_nothing(client: Client, repair: Workshop) -> None:
    token = token_of(repair.come("Lila"))
    for wrong in (f"{token[:-1]}x", "1-abc", f"2{token}"):
        response = client.get(f"/inscription/{wrong}/")
        assert (response.status_code, "Ce lien n’ouvre rien" in response.content.decode()) == (404, True)
        assert client.get(f"/inscription/{wrong}/agenda.ics").status_code == 404


def test_who_registered_keeps_the_link_when_it_is_hidden(client: Client, repair: Workshop) -> None:
    link = f"/inscription/{token_of(repair.come('Lila'))}/"
    Event.objects.update(published_at=None)
    assert "Inscription faite" in said(client, link).text
