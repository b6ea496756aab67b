"""The cast, signed in: every role, in the place of Nadine (`place`), around it, and in the place of Lila (`other`).

    def test_something(people, client_of):
        client_of(people.nadine).get(f"/gerer/{people.place.slug}/")

`people` loads what is missing of the ground and of the places, so that it stands alone or beside `registry`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client

from maillage.accounts.actions import accept, invite
from maillage.accounts.models import User
from maillage.accounts.rules import (
    COLLEAGUE,
    EVERYWHERE,
    FACILITATOR,
    NETWORK_OFFICER,
    OBSERVER,
    OPERATOR,
    place_scope,
)
from maillage.places.actions import record_many
from maillage.places.models import Place
from maillage.places.rules.drafts import Draft
from maillage.territory.models import Ground
from tests import ground
from tests.remembered import remembered
from tests.web import cast

LILA = {
    "name": "L’Escale de Lila",
    "commune": "44109",
    "city": "Nantes",
    "lat": 47.2182,
    "lon": -1.5503,
    "precision": "address",
    "status": "project",
    "activities": ["fablab", "cafe"],
}


@dataclass(frozen=True)
class Person:
    """Somebody in front of the site; `user` is None for a visitor who never signed in."""

    key: str
    user: User | None = None

    @property
    def email(self) -> str:
        return self.user.email if self.user else ""


@dataclass(frozen=True)
class People:
    place: Place
    other: Place
    nadine: Person
    """Facilitator of `place`."""
    karim: Person
    """Colleague of `place`."""
    operator: Person
    ines: Person
    """Network officer of the région of `place`."""
    officer_elsewhere: Person
    """Network officer of a région that holds neither place."""
    perrin: Person
    """Observer of the EPCI of `place`."""
    lila: Person
    """Facilitator of `other`."""
    thomas: Person
    """Signed in, without any role."""
    gone: Person
    """Was facilitator of `place`; the account is deactivated."""
    anonymous: Person

    def everybody(self) -> list[Person]:
        return [found for one in fields(self) if isinstance(found := getattr(self, one.name), Person)]


def _place(ref: str, values: dict, now: datetime) -> Place:
    draft = Draft(source="recensement", ref=ref, values=values, raw={}, licence=cast.CENSUS.licence, dated="2026-03")
    if not Place.objects.filter(name=values["name"]).exists():
        record_many(drafts=[draft], sources={cast.CENSUS.slug: cast.CENSUS}, by="essai", now=now)
    return Place.objects.select_related("commune__departement").get(name=values["name"])


def join(email: str, name: str, role: str, scope: str, now: datetime) -> User:
    """An account that came in as everybody does: invited, then accepted."""
    made = invite(email=email, role=role, scope=scope, by="essai", now=now)
    user = accept(token=made.token, by=None, now=now).user
    user.name = name
    user.save(update_fields=["name"])
    return user


def gather(now: datetime) -> People:
    """Bring everybody in; may be called where the ground and the cast's places are there already."""
    if not Ground.objects.exists():
        ground.load(now=now)
    place = _place("0", cast.PLACES[0], now)
    other = _place("lila", LILA, now)
    here, there = place_scope(place.pk), place_scope(other.pk)
    thomas = User.objects.create_user("thomas@example.org", name="Thomas")
    EmailAddress.objects.create(user=thomas, email=thomas.email, verified=True, primary=True)
    gone = join("gone@example.org", "Gaël", FACILITATOR, here, now)
    gone.is_active = False
    gone.save(update_fields=["is_active"])

    def person(key: str, name: str, role: str, scope: str) -> Person:
        return Person(key, join(f"{key}@example.org", name, role, scope, now))

    return People(
        place=place,
        other=other,
        nadine=person("nadine", "Nadine", FACILITATOR, here),
        karim=person("karim", "Karim", COLLEAGUE, here),
        operator=person("operator", "Odile", OPERATOR, EVERYWHERE),
        ines=person("ines", "Inès", NETWORK_OFFICER, "reg:27"),
        officer_elsewhere=person("officer_elsewhere", "Paul", NETWORK_OFFICER, "reg:11"),
        perrin=person("perrin", "M. Perrin", OBSERVER, "epci:243900420"),
        lila=person("lila", "Lila", FACILITATOR, there),
        thomas=Person("thomas", thomas),
        gone=Person("gone", gone),
        anonymous=Person("anonymous"),
    )


def signed_in(person: Person, **options: object) -> Client:
    """A client of somebody who has just come in by a code; `options` are those of `django.test.Client`."""
    client = Client(**options)
    if person.user is not None:
        client.force_login(person.user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "code", "at": time.time()}]
        session["account_authentication_methods_user"] = str(person.user.pk)
        session.save()
    return client


def cookies_of(person: Person, site: str) -> list[dict[str, str]]:
    """The session cookie for `context.add_cookies` of playwright; `site` is the address of the live server."""
    cookie = signed_in(person).cookies.get(settings.SESSION_COOKIE_NAME)
    return [{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": site}] if cookie else []


@pytest.fixture
def people(db: None, now: datetime) -> People:
    return remembered(("people", now), lambda: gather(now))


@pytest.fixture
def client_of(db: None) -> Callable[..., Client]:
    return signed_in
