"""What programs read of what is free, and what they book with the key of a place."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from maillage.accounts.rules import OBSERVER
from maillage.journal.models import Mail
from maillage.management.bookings.models import Booking, Settings, Space
from maillage.management.people.models import Person
from maillage.places.models import Place
from tests.api.conftest import bearer, key_of
from tests.management.bookings.hall import Hall, hall

NADINE, PERRIN = "la-boutique-de-nadine", "l-atelier-de-m-perrin"
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def venue(places: None, now: datetime):
    with time_machine.travel(now, tick=False):
        yield hall(Place.objects.get(slug=NADINE))


def body(space: Space, **changed):
    return {
        "space": space.pk,
        "start": "2026-11-24T10:00:00+01:00",
        "end": "2026-11-24T11:00:00+01:00",
        "name": "Thomas Petit",
        "email": "thomas@example.org",
    } | changed


def book(client: Client, secret: str, told, **headers: str):
    return client.post("/api/v1/bookings", told, content_type="application/json", headers=bearer(secret) | headers)


def test_what_is_free_is_told_with_how_many_at_a_time(client: Client, venue: Hall, now: datetime) -> None:
    assert book(client, key_of(NADINE, now), body(venue.desks, units=7)).status_code == 201
    address = f"/api/v1/spaces/{venue.desks.pk}/availability"
    told = client.get(f"{address}?from=2026-11-24&to=2026-11-24")
    assert told.status_code == 200
    opened = {"start": "2026-11-24T07:00:00Z", "end": "2026-11-24T19:00:00Z"}
    assert told.json() == {
        "space": venue.desks.pk,
        "name": "Bureaux",
        "place": NADINE,
        "zone": "Europe/Paris",
        "first_day": "2026-11-24",
        "last_day": "2026-11-24",
        "open": [opened],
        "free": [
            {"start": "2026-11-24T07:00:00Z", "end": "2026-11-24T09:00:00Z", "units": 9},
            {"start": "2026-11-24T09:00:00Z", "end": "2026-11-24T10:00:00Z", "units": 2},
            {"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T19:00:00Z", "units": 9},
        ],
    }
    assert tuple(client.get(address).json()[name] for name in ("first_day", "last_day")) == ("2026-11-22", "2026-11-28")
    Settings.objects.update(is_online=False)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("asked", "parameter", "reason"),
    [
        ("from=0000-01-01", "from", "attendu\u202f: un jour comme 2026-11-24, de 1971 à 2098"),
        ("from=99999-01-01", "from", "attendu\u202f: un jour comme 2026-11-24, de 1971 à 2098"),
        ("to=2026-11-31", "to", "attendu\u202f: un jour comme 2026-11-24, de 1971 à 2098"),
        ("from=2026-11-24&to=2026-12-25", "to", "du premier au dernier jour, de 1 à 31 jours"),
        ("from=2026-11-24&to=2026-11-23", "to", "du premier au dernier jour, de 1 à 31 jours"),
    ],
)
def test_days_that_cannot_be_asked_are_named(
    client: Client, venue: Hall, asked: str, parameter: str, reason: str
) -> None:
    told = client.get(f"/api/v1/spaces/{venue.room.pk}/availability?{asked}")
    assert (told.status_code, told["Content-Type"]) == (400, "application/problem+json")
    (error,) = told.json()["errors"]
    assert (error["parameter"], error["reason"]) == (parameter, reason)


def test_a_program_books_once_under_a_key(client: Client, venue: Hall, now: datetime) -> None:
    secret = key_of(NADINE, now)
    first = book(client, secret, body(venue.room), **{"Idempotency-Key": "k1"})
    (booking,) = Booking.objects.all()
    assert (first.status_code, first.json()) == (
        201,
        {
            "id": booking.pk,
            "space": venue.room.pk,
            "status": "confirmed",
            "start": "2026-11-24T09:00:00Z",
            "end": "2026-11-24T10:00:00Z",
            "expires_at": None,
        },
    )
    again = book(client, secret, body(venue.room), **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()) == (201, first.json())
    other = book(client, secret, body(venue.room, name="Zoé"), **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["title"]) == (422, "Clé d’idempotence déjà prise")
    assert (Booking.objects.count(), Person.objects.count(), Mail.objects.count()) == (1, 1, 1)


def test_what_is_taken_is_told_with_what_to_do(client: Client, venue: Hall, now: datetime) -> None:
    secret = key_of(NADINE, now)
    book(client, secret, body(venue.room))
    told = book(client, secret, body(venue.room, name="Zoé"))
    assert (told.status_code, told["Content-Type"]) == (409, "application/problem+json")
    assert told.json()["detail"] == "«\u202fSalle du four\u202f» n’est plus libre."
    assert told.json()["errors"] == [
        {
            "reason": "«\u202fSalle du four\u202f» n’est plus libre. Quelqu’un l’a réservé à cette heure.",
            "mend": "Choisissez une autre heure, un autre espace, ou mettez-vous sur la liste d’attente.",
        }
    ]
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"space": "1"}, [("/space", f"un nombre entier est attendu, de 1 à {2**63 - 1}")]),
        ({"units": True}, [("/units", "un nombre entier est attendu, de 1 à 50")]),
        ({"hold": 1}, [("/hold", "true ou false est attendu")]),
        ({"name": ["a"]}, [("/name", "un texte de 120 signes au plus est attendu")]),
        ({"autre": 1}, [("/autre", "champ inconnu")]),
        ({"name": " "}, [("/name", "il manque un nom")]),
        *(
            (
                {"start": text},
                [
                    (
                        "/start",
                        "attendu\u202f: un instant et son fuseau (2026-11-24T10:00:00+01:00), de 1971 à 2098",
                    )
                ],
            )
            for text in ("2026-11-24T10:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "x" * 10_000, None, 5)
        ),
    ],
)
def test_fields_are_refused_by_name(client: Client, venue: Hall, now: datetime, changed, errors) -> None:
    told = book(client, key_of(NADINE, now), body(venue.room) | changed)
    assert told.status_code == 422
    assert [(error["pointer"], error["reason"]) for error in told.json()["errors"]] == errors
    assert not Booking.objects.exists()


def test_a_key_books_in_its_place_alone_and_only_if_it_may_receive(client: Client, venue: Hall, now: datetime) -> None:
    assert client.post("/api/v1/bookings", body(venue.room), content_type="application/json").status_code == 401
    assert book(client, key_of(NADINE, now, role=OBSERVER), body(venue.room)).status_code == 403
    elsewhere = book(client, key_of(PERRIN, now), body(venue.room))
    assert (elsewhere.status_code, elsewhere.json()["detail"]) == (
        404,
        "Cette clé n’est pas celle d’un lieu qui a cet espace.",
    )
    assert not Booking.objects.exists()
    assert not Person.objects.exists()


def test_a_hold_is_no_booking_yet(client: Client, venue: Hall, now: datetime) -> None:
    told = book(client, key_of(NADINE, now), body(venue.room, hold=True)).json()
    assert (told["status"], told["expires_at"]) == ("held", f"{now + timedelta(minutes=15):%Y-%m-%dT%H:%M:%SZ}")
    assert not Mail.objects.exists()
