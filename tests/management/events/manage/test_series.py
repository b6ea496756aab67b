"""A digital-support session every Tuesday until June: said once, shown whole, then written."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from maillage.management.bookings.actions.hours import change_settings
from maillage.management.bookings.actions.reserving import Asked, reserve
from maillage.management.bookings.models import Booking
from maillage.management.events.models import Event, Seat, Session
from tests.management.bookings.hall import hours
from tests.management.events.workshop import BY

RAW = {
    "title": "Permanence numérique",
    "kind": "digital",
    "theme": "procedures",
    "audience": "seniors",
    "price": "open",
    "price_euros": "2,50",
    "takes_registrations": "1",
}
WEEKLY = {"day": "2026-11-24", "starts": "10:00", "ends": "12:00", "until": "2027-06-29", "every_weeks": "1"}


def flat(page) -> str:
    return re.sub(r"\s*\n\s*", " ", page.text)


@pytest.fixture
def event(desk) -> Event:
    desk("ajouter/", {**RAW, "jeton": "un"})
    return Event.objects.get()


def test_an_event_is_added_once_and_nobody_sees_it(desk, event, client):
    assert (event.theme, event.price, event.price_cents, event.published_at) == ("procedures", "open", 250, None)
    page = desk("ajouter/", {**RAW, "jeton": "un"}).page
    assert Event.objects.count() == 1 and "Permanence numérique\u202f: quand\u202f?" in page.text
    answer = desk("ajouter/", {**RAW, "title": "Autre", "jeton": "un"})
    assert answer.status_code == 422 and "ce formulaire a déjà servi" in answer.page.text
    assert client.get(f"/lieux/{event.place.slug}/agenda/{event.slug}/").status_code == 404
    shown = desk(f"{event.pk}/en-ligne/", {}).page
    assert "C’est en ligne" in shown.text
    assert client.get(f"/lieux/{event.place.slug}/agenda/{event.slug}/").status_code == 200
    assert "Il n’est plus en ligne." in desk(f"{event.pk}/en-ligne/", {"cacher": "1"}).page.text


def test_what_is_wrong_is_told_beside_it_and_nothing_is_written(desk):
    answer = desk("ajouter/", {**RAW, "title": "", "price": "fixed", "price_euros": "cinq", "organisation": "99"})
    assert answer.status_code == 422 and not Event.objects.exists()
    assert "il manque un titre\u202f: écrivez celui de l’affiche." in answer.page.text
    assert "ce montant est illisible" in answer.page.text
    assert answer.page.head("input", name="title")[0]["aria-invalid"] == "true"
    assert answer.page.head("option", value="digital")[0].get("selected") == ""


def test_an_event_sent_back_as_it_opened_changes_nothing(desk, event):
    page = desk(f"{event.pk}/modifier/").page
    sent = {one["name"]: one["value"] for one in page.attributes["input"] if one.get("name") and "value" in one}
    assert sent["price_euros"] == "2,50"
    sent |= {name: RAW[name] for name in ("kind", "theme", "audience", "price")}
    before = Event.objects.values().get()
    desk(f"{event.pk}/modifier/", sent)
    assert Event.objects.values().get() == before
    desk(f"{event.pk}/modifier/", {**sent, "title": "Aide numérique"})
    assert Event.objects.get().title == "Aide numérique"


def test_a_series_shows_its_conflicts_then_is_written_with_seats_and_room(desk, event, venue, hidden, tuesday, now):
    raw = {"zone": "Europe/Paris", "half_day": "13:30", "school_zone": "A", "closes_on_holidays": "1"}
    change_settings(place=venue.place, raw=raw, by=BY, now=now)
    start, end = hours(tuesday + timedelta(weeks=1))
    reserve(asked=Asked(space=venue.room, start=start, end=end), by="page", now=now)
    path = f"{event.pk}/seances/ajouter/"
    asked = {**WEEKLY, "space": str(venue.room.pk), "capacity": "6", "skip_school": "1", "jeton": "serie"}
    shown = desk(path, asked)
    page, text = shown.page, flat(shown.page)
    assert shown.status_code == 200
    assert "Permanence numérique · Salle du four · 6 places · 1 jour bloqué, rien n’est encore écrit" in text
    assert "«\u202fSalle du four\u202f» n’est plus libre. Quelqu’un l’a réservé à cette heure." in text
    assert "Vacances de Noël" in text and not Session.objects.exists() and Booking.objects.count() == 1
    picks, offers = hidden(page)["pick"], [one["value"] for one in page.attributes["option"] if one["value"]]
    assert len(picks) >= 20 and offers
    other = datetime.fromtimestamp(int(offers[0].partition(":")[0]), UTC)
    sent = {**hidden(page), "pick": [*picks, offers[0]]}
    done = desk(path, sent).page
    count = len(picks) + 1
    assert f"{count} séances ajoutées. Mettez l’événement en ligne quand tout est prêt." in done.text
    made = list(Session.objects.select_related("booking"))
    assert len(made) == count and {one.capacity for one in made} == {6} and Seat.objects.count() == 6 * count
    assert {(one.booking.start, one.booking.end) for one in made} == {(one.start, one.end) for one in made}
    assert {one.start.astimezone(ZoneInfo("Europe/Paris")).hour for one in made if one.start != other} == {10}
    again = desk(path, sent).page
    assert f"{count} séances ajoutées." in again.text and Session.objects.count() == count


def test_nothing_kept_writes_nothing_and_what_went_meanwhile_is_told(desk, event, venue, hidden, tuesday, now):
    path = f"{event.pk}/seances/ajouter/"
    asked = {**WEEKLY, "until": "2026-12-15", "space": str(venue.room.pk), "capacity": "6"}
    page = desk(path, asked).page
    sent = hidden(page)
    nothing = desk(path, {**sent, "pick": ["", "x:y", "9999999999:9999999999"]})
    assert nothing.status_code == 422 and "Aucun jour n’est gardé." in nothing.page.text
    start, end = hours(tuesday)
    reserve(asked=Asked(space=venue.room, start=start, end=end), by="page", now=now)
    refused = desk(path, sent)
    assert refused.status_code == 422 and "n’est plus libre" in refused.page.text
    assert not Session.objects.exists() and Booking.objects.count() == 1


def test_one_free_time_is_written_at_once_and_the_same_start_is_refused(desk, event):
    path = f"{event.pk}/seances/ajouter/"
    once = {**WEEKLY, "until": "", "capacity": "6", "space": ""}
    assert "1 séance ajoutée." in desk(path, once).page.text
    answer = desk(path, once)
    assert answer.status_code == 422 and Session.objects.count() == 1
    assert "une séance de cet événement commence déjà à cette heure" in answer.page.text
    shown = desk(path, {**once, "until": "2026-12-08"}).page
    assert "Une séance commence déjà à cette heure." in shown.text and "1 jour bloqué" in shown.text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"capacity": "0"}, "ce nombre ne va pas"),
        ({"capacity": ""}, "il manque le nombre de places"),
        ({"space": "987654"}, "cette salle n’est plus là"),
        ({"day": ""}, "il manque le jour"),
        ({"starts": "midi"}, "cette heure est illisible"),
        ({"day": "2027-03-28", "starts": "02:30", "ends": "04:00"}, "les horloges avancent"),
        ({"day": "2026-11-20"}, "cette heure est déjà passée"),
        ({"until": "2026-11-01"}, ""),
        ({"until": "2035-11-01"}, ""),
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_is_written(desk, event, venue, wrong, told):
    asked = {**WEEKLY, "until": "", "capacity": "6", **wrong}
    answer = desk(f"{event.pk}/seances/ajouter/", asked)
    assert answer.status_code == 422 and told in answer.page.text and not Session.objects.exists()
