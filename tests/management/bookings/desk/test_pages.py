"""Every page of the team opens, in both languages, and leads where it says."""

import pytest

from maillage.management.bookings.actions.hours import add_closure
from maillage.management.bookings.actions.reserving import Asked, reserve
from maillage.management.bookings.models import OpeningRule, Unit
from tests.management.bookings.hall import hours


@pytest.fixture
def lived_in(venue, chief, tuesday, now):
    start, end = hours(tuesday)
    thomas = venue.person(now=now)
    booking = reserve(asked=Asked(space=venue.desks, start=start, end=end, person=thomas), by=chief, now=now)
    add_closure(place=venue.place, raw={"first_day": "2026-12-24", "reason": "Noël"}, by=chief, now=now)
    return {
        "room": venue.desks.pk,
        "unit": Unit.objects.filter(space=venue.desks).first().pk,
        "opening": OpeningRule.objects.first().pk,
        "booking": booking.pk,
    }


PAGES = [
    "espaces/",
    "espaces/ajouter/",
    "espaces/{room}/",
    "espaces/{room}/retirer/",
    "espaces/{room}/unites/",
    "espaces/unites/{unit}/",
    "espaces/heures/",
    "espaces/fermetures/",
    "espaces/agendas/",
    "espaces/reglages/",
    "jour/",
    "jour/2026-11-24/",
    "passages/",
    "reserver/",
    "reservations/{booking}/",
    "reservations/{booking}/annuler/",
]


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_and_every_link_of_it_leads_somewhere(desk, lived_in, people, client_of, path, language):
    page = desk(path.format(**lived_in), language=language).page
    assert len(page.attributes["h1"]) == 1
    client = client_of(people.nadine)
    ours = {link.partition("#")[0] for link in page.links if "/gerer/" in link}
    answers = {link: client.get(link).status_code for link in sorted(ours) if not link.endswith("/gerer/")}
    assert {link: status for link, status in answers.items() if status != 200} == {}


@pytest.mark.parametrize("path", ["espaces/", "jour/", "reserver/"])
def test_an_empty_place_says_what_to_do_next(desk, people, path):
    page = desk(path).page
    assert f"/gerer/{people.place.slug}/espaces/ajouter/" in {link.partition("?")[0] for link in page.links}


def test_a_colleague_receives_and_does_not_run(desk, lived_in, people):
    assert "Thomas" in desk("jour/2026-11-24/", by=people.karim).page.text
    for path in ("espaces/", "espaces/heures/", f"espaces/{lived_in['room']}/"):
        desk(path, by=people.karim, to=403)
    desk("jour/", by=people.ines, to=403)


def test_closures_are_said_in_days_or_in_hours(desk, venue, chief, now):
    for raw in (
        {"first_day": "2026-12-24", "reason": "Veille"},
        {"first_day": "2027-01-01", "last_day": "2027-01-03"},
        {"first_day": "2027-01-05", "opens": "12:00", "closes": "14:00"},
        {"first_day": "2027-01-06", "opens": "12:00"},
    ):
        add_closure(place=venue.place, raw=raw, by=chief, now=now)
    text = desk("espaces/fermetures/").page.text
    assert "Jeudi 24 décembre 2026" in text and "décembre 2026," not in text and "Veille" in text
    assert "Du vendredi 1er janvier 2027 au dimanche 3 janvier 2027" in text
    assert "Mardi 5 janvier 2027, 12\u202fh\u202f–\u202f14\u202fh" in text
    assert "Mercredi 6 janvier 2027, 12\u202fh\u202f–\u202f0\u202fh" in text
