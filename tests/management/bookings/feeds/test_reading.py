"""A calendar closes what it blocks; one that breaks keeps what it closed, says so, and stops nobody else's."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from maillage.accounts.rules import signature
from maillage.journal.models import AuditEvent
from maillage.management.bookings.actions import feeds
from maillage.management.bookings.actions.feeds import add_feed, read_due, read_one, remove_feed
from maillage.management.bookings.actions.hours import add_closure, remove_closure
from maillage.management.bookings.actions.reserving import Asked, Refused, reserve
from maillage.management.bookings.actions.spaces import SpacesRefused
from maillage.management.bookings.models import Booking, Closure, Feed
from maillage.management.bookings.queries.desk import misfits
from tests.management.bookings.feeds.hosts import GOOD
from tests.management.bookings.feeds.written import at, calendar
from tests.management.bookings.hall import hours

pytestmark = pytest.mark.usefixtures("online")
ACTS = "bookings.feed_"


@pytest.fixture
def follow(venue, outside, chief, now):
    """Follow a calendar of the host of this test."""

    def followed(path: str, space=None) -> Feed:
        raw = {"address": f"{outside[0]}/{path}", "name": f"Mairie {path}", "space": str(space.pk) if space else ""}
        return add_feed(place=venue.place, raw=raw, by=chief, now=now)

    return followed


def acts() -> list[str]:
    rows = AuditEvent.objects.filter(action__startswith=ACTS).order_by("pk")
    return [action.removeprefix(ACTS) for action in rows.values_list("action", flat=True)]


def test_a_calendar_closes_a_space_and_says_nothing_of_its_events(follow, venue, chief, now, tuesday):
    feed = follow("good", venue.room)
    read = read_one(place=venue.place, feed_id=feed.pk, by=chief, now=now)
    assert (read.last_read_at, read.last_problem, read.occurrences, read.taken_at) == (now, "", 52, None)
    closures = Closure.objects.filter(feed=feed)
    assert {(one.space_id, one.reason) for one in closures} == {(venue.room.pk, "Mairie good")}
    start, end = hours(tuesday + timedelta(days=1))
    with pytest.raises(Refused) as refused:
        reserve(asked=Asked(space=venue.room, start=start, end=end), by="visiteur", now=now)
    assert "Dupont" not in str(refused.value)
    assert reserve(asked=Asked(space=venue.desks, start=start, end=end), by="visiteur", now=now).pk
    assert acts() == ["added", "read"]
    assert str(AuditEvent.objects.get(action="bookings.feed_added").detail["host"]) == "127.0.0.1"


def test_bookings_stay_and_are_listed(follow, venue, chief, now, tuesday):
    start, end = hours(tuesday + timedelta(days=1))
    thomas = venue.person(now=now)
    booking = reserve(asked=Asked(space=venue.room, start=start, end=end, person=thomas), by=chief, now=now)
    before = Booking.objects.values().get()
    assert misfits(venue.place, now=now).total == 0
    read_one(place=venue.place, feed_id=follow("good").pk, by=chief, now=now)
    assert [one.pk for one in misfits(venue.place, now=now).shown] == [booking.pk]
    assert Booking.objects.values().get() == before


def test_what_changes_there_changes_here_and_the_rest_keeps_its_row(follow, venue, outside, chief, now):
    feed = follow("good")
    read_one(place=venue.place, feed_id=feed.pk, by=chief, now=now)
    rows = set(Closure.objects.values_list("pk", "start"))
    read_one(place=venue.place, feed_id=feed.pk, by=chief, now=now + timedelta(minutes=15))
    assert outside[1].asked[-1][1]["If-None-Match"] == '"1"'
    assert set(Closure.objects.values_list("pk", "start")) == rows and acts() == ["added", "read"]
    outside[1].body = calendar(
        at(":20261202T080000Z", ":20261202T100000Z"), at(":20261203T080000Z", ":20261203T100000Z", uid="b")
    )
    later = now + timedelta(days=1)
    read_one(place=venue.place, feed_id=feed.pk, by=chief, now=later)
    assert "If-None-Match" not in outside[1].asked[-1][1], "the days ahead moved on: read whole"
    left = set(Closure.objects.values_list("pk", "start"))
    assert len(left) == 2 and len(left & rows) == 1
    assert AuditEvent.objects.filter(action="bookings.feed_read").last().detail["opened"] == 51


@pytest.mark.parametrize("path", ["gone", "page", "short", "bomb", "inside"])
def test_a_failed_read_keeps_what_was_closed_and_tells_since_when(follow, venue, chief, now, path):
    feed = follow("good")
    read_one(place=venue.place, feed_id=feed.pk, by=chief, now=now)
    Feed.objects.update(address=feed.address.replace("good", path), etag="")
    kept = set(Closure.objects.values_list("pk", flat=True))
    for minutes in (15, 30):
        read = read_one(place=venue.place, feed_id=feed.pk, by=chief, now=now + timedelta(minutes=minutes))
    assert set(Closure.objects.values_list("pk", flat=True)) == kept
    assert (read.failures, read.failing_since, read.last_read_at) == (2, now + timedelta(minutes=15), now)
    assert read.next_read_at == now + timedelta(minutes=30) + 2 * feeds.EVERY
    assert acts() == ["added", "read", "failed"]
    Feed.objects.update(address=feed.address)
    read = read_one(place=venue.place, feed_id=feed.pk, by=chief, now=now + timedelta(hours=2))
    assert (read.failures, read.failing_since, read.last_problem) == (0, None, "")
    assert acts() == ["added", "read", "failed", "read"]


def test_a_bad_one_stops_no_good_one(follow, now, monkeypatch):
    """Three that never end, one bomb, one good: the good one closes, and the round ends."""
    real = feeds.outside.ask
    endless = ("drip", "seconds")
    monkeypatch.setattr(
        feeds.outside,
        "ask",
        lambda asked: real(asked, seconds=3 if any(one in asked.address for one in endless) else 60),
    )
    for path in ("drip", "drip?b", "seconds", "bomb"):
        follow(path)
    good = follow("good")
    assert read_due(by="agendas", now=now) == 5
    told = dict(Feed.objects.values_list("name", "last_problem"))
    assert told == {"Mairie drip": "slow", "Mairie drip?b": "slow", "Mairie seconds": "slow"} | {
        "Mairie bomb": "big",
        "Mairie good": "",
    }
    assert Closure.objects.filter(feed=good).count() == 52
    assert read_due(by="agendas", now=now) == 0, "none is due twice"
    assert read_due(by="agendas", now=now + timedelta(minutes=15)) == 5
    assert read_due(by="agendas", now=now + timedelta(minutes=30)) == 1, "what fails waits longer and longer"


def test_one_reads_at_a_time_and_a_read_that_died_is_taken_up(follow, venue, outside, chief, now):
    feed = follow("good")
    Feed.objects.update(taken_at=now)
    assert read_one(place=venue.place, feed_id=feed.pk, by=chief, now=now).taken_at == now
    assert outside[1].asked == [] and read_due(by="agendas", now=now) == 0
    assert read_due(by="agendas", now=now + timedelta(minutes=3)) == 1


def test_a_calendar_removed_while_it_is_read_closes_nothing(follow, venue, chief, now, monkeypatch):
    feed = follow("good")

    settle = feeds._settle

    def removed_first(*given, **more) -> None:
        remove_feed(place=venue.place, feed_id=feed.pk, by=chief, now=now)
        settle(*given, **more)

    monkeypatch.setattr(feeds, "_settle", removed_first)
    assert read_due(by="agendas", now=now) == 1
    assert not Feed.objects.exists() and not Closure.objects.exists()


def test_what_a_calendar_closes_is_not_opened_by_hand_and_goes_with_it(follow, venue, chief, now):
    feed = follow("good")
    read_one(place=venue.place, feed_id=feed.pk, by=chief, now=now)
    own = add_closure(place=venue.place, raw={"first_day": "2026-12-24"}, by=chief, now=now)
    with pytest.raises(Closure.DoesNotExist):
        remove_closure(place=venue.place, closure_id=feed.closures.first().pk, by=chief, now=now)
    remove_feed(place=venue.place, feed_id=feed.pk, by=chief, now=now)
    assert list(Closure.objects.all()) == [own]
    assert AuditEvent.objects.get(action="bookings.feed_removed").detail["closures"] == 52


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("", "il manque l’adresse"),
        ("mairie", "cette adresse ne va pas"),
        ("javascript:alert(1)", "cette adresse ne va pas"),
        ("https://a.example/ b", "il y a un espace dans cette adresse"),
        ("https://moi:mot@a.example/", "cette adresse contient un mot de passe"),
        ("https://a.example/" + "x" * 1000, "dépasse 1000 caractères"),
    ],
)
def test_an_address_that_cannot_be_is_refused(venue, chief, now, address, problem):
    with pytest.raises(SpacesRefused) as refused:
        add_feed(place=venue.place, raw={"address": address}, by=chief, now=now)
    assert refused.value.wrongs["address"][0] == problem
    assert not Feed.objects.exists()


def test_our_own_address_and_one_too_many_are_refused_and_twice_is_once(venue, chief, now, settings, follow):
    settings.FEEDS_FROM_LOOPBACK, settings.SITE_URL = False, "https://lieux.example"
    with pytest.raises(SpacesRefused, match="celle de ce site"):
        add_feed(place=venue.place, raw={"address": "https://lieux.example/x.ics"}, by=chief, now=now)
    settings.FEEDS_FROM_LOOPBACK = True
    made = {follow(f"good?{n}").pk for n in [*range(feeds.MOST_FEEDS), 0]}
    assert len(made) == feeds.MOST_FEEDS
    with pytest.raises(SpacesRefused, match="suit déjà 10 agendas"):
        follow("good?10")


def test_who_may_not_run_the_place_follows_reads_and_removes_nothing(people, follow, venue, now):
    feed = follow("good")
    for person, role in ((people.karim, "colleague"), (people.lila, "facilitator")):
        given = {"place": venue.place, "by": signature(person.user.pk, role), "now": now}
        with pytest.raises(PermissionDenied):
            add_feed(raw={"address": "https://mairie.example/"}, **given)
        with pytest.raises(PermissionDenied):
            read_one(feed_id=feed.pk, **given)
        with pytest.raises(PermissionDenied):
            remove_feed(feed_id=feed.pk, **given)


def test_offline_nothing_is_asked(follow, venue, outside, chief, now, settings):
    settings.OFFLINE = True
    feed = follow("good")
    read = read_one(place=venue.place, feed_id=feed.pk, by=chief, now=now)
    assert (read_due(by="agendas", now=now), read.failures, outside[1].asked) == (0, 0, [])


def test_the_page_of_visitors_shows_the_name_given_here_alone(follow, venue, chief, now, client):
    read_one(place=venue.place, feed_id=follow("good", venue.room).pk, by=chief, now=now)
    said = client.get(reverse("booking", args=[venue.place.slug]) + "?jour=2026-11-25").content.decode()
    assert "Dupont" in GOOD.decode() and "Dupont" not in said
