"""The fictional place has spaces and bookings, once; they go with it, and nobody else's do."""

from maillage.cli import demo
from maillage.management.bookings.actions.demo import furnish
from maillage.management.bookings.models import Booking, Closure, Feed, Settings, Space
from maillage.management.people.models import Organisation, Person
from maillage.places.models import Place
from tests.management.bookings.hall import hours


def fill(place, now):
    place.is_demo = True
    place.save(update_fields=["is_demo"])
    return furnish(place=place, by="commande:demo", now=now)


def test_the_demo_has_spaces_and_bookings_to_come_once(people, now):
    assert fill(people.place, now) == 4
    assert list(Space.objects.order_by("order").values_list("name", flat=True)) == [
        "Tout le lieu",
        "Bureaux",
        "Salle du four",
        "Découpe laser",
    ]
    leads = Booking.objects.filter(part_of__isnull=True)
    assert leads.count() == 6 and Booking.objects.count() == 6 + 11
    assert all(one.start > now and one.start.weekday() < 6 for one in leads)
    assert sorted(Person.objects.values_list("name", flat=True)) == ["Karim", "Lila", "Odette", "Thomas"]
    assert furnish(place=people.place, by="commande:demo", now=now) == 0
    assert Booking.objects.count() == 17


def test_a_real_place_is_never_furnished(people, now):
    assert furnish(place=people.place, by="commande:demo", now=now) == 0
    assert not Space.objects.exists()


def test_the_demo_goes_with_whom_it_knows_and_what_is_real_stays(people, venue, tuesday, now):
    fill(people.other, now)
    guardian = Person.objects.create(place=people.other, name="Mère", created_at=now)
    Person.objects.create(place=people.other, name="Enfant", is_child=True, guardian=guardian, created_at=now)
    Person.objects.create(place=people.other, name="Double", merged_into=guardian, created_at=now)
    body = Organisation.objects.create(place=people.other, name="Amis", created_at=now)
    Organisation.objects.create(place=people.other, name="Amies", merged_into=body, created_at=now)
    followed = {"name": "Mairie", "address": "https://mairie.invalid/", "added_at": now, "added_by": "essai"}
    feed = Feed.objects.create(place=people.other, **followed, next_read_at=now)
    Closure.objects.create(place=people.other, feed=feed, start=now, end=tuesday)
    start, end = hours(tuesday)
    given = {"place": venue.place, "space": venue.room, "unit": venue.room.units.get(), "start": start, "end": end}
    real = Booking.objects.create(**given, status="confirmed", made_at=now, made_by="essai", changed_at=now)
    mine = venue.person(now=now)
    assert demo.forget(by="commande:demo", now=now) == 1
    assert list(Booking.objects.all()) == [real] and list(Person.objects.all()) == [mine]
    assert not Place.objects.filter(pk=people.other.pk).exists() and not Organisation.objects.exists()
    assert Space.objects.count() == 4 and Settings.objects.count() == 1
