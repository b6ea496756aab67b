"""Run by `bench.venue` in the environment of a throw-away site: one place with rooms, open day and night, told as JSON.

Every room has one unit; « tout » takes all those of « etage » at once; « bureaux » has three that replace each other.
`--bookings N` fills a place of 30 units as a busy year and a half would.
"""

import argparse
import json
import sys
from datetime import UTC, datetime, time, timedelta
from typing import Any

SLUG = "course"
FLOOR, SEATS = 3, 3
UNITS, DAY_SLOTS = 30, (8, 10, 14, 16, 18)
EMAIL = "banc@example.org"


def furnish(rooms: int, keys: int) -> dict[str, Any]:
    """The place, its spaces, a facilitator's cookie, and keys for programs."""
    from maillage.management.bookings.models import OpeningRule, Settings, Space, Unit
    from maillage.places.models import Place
    from maillage.territory.models import Commune

    now = datetime.now(UTC)
    commune = Commune.objects.order_by("code").first()
    place = Place.objects.create(slug=SLUG, name="Course", commune=commune, created_at=now, updated_at=now)
    Settings.objects.create(place=place, closes_on_holidays=False, is_online=True)
    OpeningRule.objects.bulk_create(
        OpeningRule(place=place, weekday=weekday, opens_minute=0, closes_minute=1440) for weekday in range(7)
    )
    given: dict[str, Any] = {"place": place, "kind": "room", "horizon_days": 700}
    spaces: dict[str, int] = {}
    for name in [*(f"salle-{n}" for n in range(rooms)), "etage", "bureaux"]:
        inside = Space.objects.create(**given, slug="tout", name="Tout") if name == "etage" else None
        space = Space.objects.create(**given, slug=name, name=name.capitalize(), inside=inside)
        spaces |= {name: space.pk} | ({"tout": inside.pk} if inside else {})
        many = {"etage": FLOOR, "bureaux": SEATS}.get(name, 1)
        Unit.objects.bulk_create(Unit(space=space, name=f"{name} {n}", order=n) for n in range(many))
    return {"slug": SLUG, "spaces": spaces, "cookie": cookie(place, now), "keys": secrets(place, keys, now)}


def cookie(place: Any, now: datetime) -> str:
    """A session of a facilitator of the place; the role is given by the house's own invitation."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from maillage.accounts.actions import accept, invite

    scope = f"place:{place.pk}"
    made = invite(email=EMAIL, role="facilitator", scope=scope, by="banc", now=now, signs_in=True)
    user = accept(token=made.token, by=None, now=now).user
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def secrets(place: Any, keys: int, now: datetime) -> list[str]:
    from maillage.accounts.actions import make_key

    scope = f"place:{place.pk}"
    return [make_key(name=f"k{n}", role="colleague", scope=scope, by="banc", now=now)[1] for n in range(keys)]


def crowd(bookings: int, persons: int) -> None:
    """Thirty units, booked five times a day by persons of the place, before and after today alike."""
    from maillage.management.bookings.models import Booking, Space, Unit
    from maillage.management.people.models import Person
    from maillage.management.people.rules.names import folded
    from maillage.places.models import Place

    now, place = datetime.now(UTC), Place.objects.get(slug=SLUG)
    names = [f"{FIRST[n % len(FIRST)]} {LAST[n // len(FIRST) % len(LAST)]}{n:05}" for n in range(persons)]
    Person.objects.bulk_create(
        Person(place=place, name=name, folded=folded(name), email=f"p{n}@example.org", created_at=now)
        for n, name in enumerate(names)
    )
    people = list(Person.objects.filter(place=place).values_list("pk", flat=True).order_by("pk"))
    desks = Space.objects.create(place=place, slug="postes", name="Postes", kind="desk", horizon_days=700)
    Unit.objects.bulk_create(Unit(space=desks, name=f"Poste {n}", order=n) for n in range(UNITS))
    units = list(Unit.objects.filter(space=desks).values_list("pk", flat=True).order_by("pk"))
    midnight = datetime.combine(now.date(), time(), UTC) - timedelta(days=bookings // (2 * UNITS * len(DAY_SLOTS)))
    rows = []
    for n in range(bookings):
        turn, unit = divmod(n, UNITS)
        day, slot = divmod(turn, len(DAY_SLOTS))
        # Every seventh is left out of nobody's week: some units are free where others are not.
        start = midnight + timedelta(days=day, hours=DAY_SLOTS[slot], minutes=30 * ((unit + day) % 2))
        given = {"status": "confirmed", "made_at": now, "made_by": "banc", "changed_at": now, "place": place}
        times = {"start": start, "end": start + timedelta(minutes=90)}
        rows.append(Booking(**given, **times, space=desks, unit_id=units[unit], person_id=people[n % len(people)]))
    Booking.objects.bulk_create(rows, batch_size=2_000)


FIRST = ("Anne", "Béatrice", "Chloé", "Denis", "Élodie", "François", "Gaëlle", "Hugo", "Inès", "Jean")
LAST = ("Martin", "Bernard", "Perrin", "Roux", "Vuillemin", "Lambert", "Girod", "Faivre", "Monnier", "Jacquot")


def hold(space: str, times: int) -> list[dict[str, str]]:
    """Offers whose time is over, one an hour from tomorrow on: the link of each, and what it kept."""
    from maillage.management.bookings.models import Booking, Space
    from maillage.management.bookings.queries.links import token_of
    from maillage.management.people.models import Person

    now = datetime.now(UTC)
    found = Space.objects.get(place__slug=SLUG, slug=space)
    person = Person.objects.create(place=found.place, name="Odette", email="odette@example.org", created_at=now)
    unit, first = found.units.get(), datetime.combine(now.date(), time(), UTC) + timedelta(days=2)
    made = []
    for n in range(times):
        start = first + timedelta(hours=n)
        one = Booking.objects.create(
            place=found.place,
            space=found,
            unit=unit,
            person=person,
            start=start,
            end=start + timedelta(hours=1),
            status="held",
            expires_at=now - timedelta(minutes=1),
            made_at=now - timedelta(minutes=20),
            made_by="banc",
            changed_at=now,
        )
        made.append({"ticket": token_of(one), "start": start.isoformat()})
    return made


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rooms", type=int, default=8)
    options.add_argument("--keys", type=int, default=0)
    options.add_argument("--bookings", type=int, default=0)
    options.add_argument("--persons", type=int, default=2_000)
    options.add_argument("--holds", type=int, default=0)
    options.add_argument("--guard", choices=["on", "off"], default="on")
    asked = options.parse_args()
    import django

    django.setup()
    told = furnish(asked.rooms, asked.keys)
    if asked.bookings:
        crowd(asked.bookings, asked.persons)
    if asked.holds:
        told["holds"] = hold("salle-0", asked.holds)
    if asked.guard == "off":
        from bench.race import unguard

        unguard()
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
