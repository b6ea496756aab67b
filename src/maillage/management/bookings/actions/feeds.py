"""Calendars kept elsewhere that close a place or a space: added, removed, read. None of these touches a booking."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from maillage.accounts.rules import RUN
from maillage.management.bookings.actions.hours import subject_of, whose
from maillage.management.bookings.actions.reserving import Busy, lock
from maillage.management.bookings.actions.spaces import SpacesRefused, note, refuse
from maillage.management.bookings.models import Closure, Feed
from maillage.management.bookings.queries.feeds import due, free_to_read
from maillage.management.bookings.queries.spaces import settings_of
from maillage.management.bookings.rules.clock import local_day, zone_named
from maillage.management.bookings.rules.entries import read_feed_entry
from maillage.management.bookings.rules.feeds import HORIZON
from maillage.management.bookings.rules.spans import Span
from maillage.management.bookings.sources import outside
from maillage.management.bookings.sources.outside import Answer, Asked
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence as _
from maillage.territory.sources import guarded

MOST_FEEDS = 10
AT_ONCE = 3
EVERY, LONGEST_WAIT = timedelta(minutes=14), timedelta(hours=12)
"""A little less than a quarter of an hour: the round that comes then finds it due. Failures wait longer and longer."""
WHOLE_EVERY = timedelta(hours=20)
"""The days ahead move on: what has not changed is read again all the same."""


@transaction.atomic
def add_feed(*, place: Place, raw: Mapping[str, str], by: str, now: datetime) -> Feed:
    """Follow a calendar, for a place or for one of its spaces; it is read by `read_one`, or at the next round."""
    lock(place)
    let_in(RUN, place, by)
    read = read_feed_entry(raw)
    space = whose(place, raw)
    if read.wrongs:
        raise SpacesRefused(read.wrongs)
    address = read.values["address"]
    _refuse_address(address)
    known = Feed.objects.filter(place=place)
    if same := known.filter(space=space, address=address).first():
        return same
    if known.count() >= MOST_FEEDS:
        raise refuse("address", _("ce lieu suit déjà %(n)d agendas", n=MOST_FEEDS), _("retirez-en un"))
    feed = Feed.objects.create(
        place=place,
        space=space,
        name=read.values["name"] or (urlsplit(address).hostname or "")[:80],
        address=address,
        added_at=now,
        added_by=by,
        next_read_at=now,
    )
    # The address is often a secret of its own: the journal, which more people read, keeps the host alone.
    host = urlsplit(address).hostname
    note("bookings.feed_added", place, subject_of(place, space), by=by, now=now, feed=feed.pk, host=host)
    return feed


def _refuse_address(address: str) -> None:
    try:
        host = guarded.checked(address, loopback=settings.FEEDS_FROM_LOOPBACK).hostname
    except guarded.NotHad as problem:
        if problem.code == "password":
            raise refuse(
                "address",
                _("cette adresse contient un mot de passe"),
                _("demandez au service une adresse de partage, sans nom ni mot de passe"),
            ) from problem
        raise refuse(
            "address",
            _("cette adresse ne va pas"),
            _("collez celle que le service donne pour «\u202fs’abonner\u202f»\u202f: elle commence par https://"),
        ) from problem
    if host == urlsplit(settings.SITE_URL).hostname and not settings.FEEDS_FROM_LOOPBACK:
        raise refuse("address", _("cette adresse est celle de ce site"), _("donnez celle d’un autre agenda"))


@transaction.atomic
def remove_feed(*, place: Place, feed_id: int, by: str, now: datetime) -> None:
    """Follow a calendar no longer: what it closed is open again."""
    lock(place)
    let_in(RUN, place, by)
    feed = Feed.objects.select_for_update(of=("self",)).get(pk=feed_id, place=place)
    closures = Closure.objects.filter(feed=feed)
    count = closures.count()
    closures.delete()
    subject = subject_of(place, feed.space)
    feed.delete()
    note("bookings.feed_removed", place, subject, by=by, now=now, feed=feed_id, closures=count)


def read_one(*, place: Place, feed_id: int, by: str, now: datetime) -> Feed:
    """Read a calendar now; a failure is written on it and leaves what it closed. One read at a time.

    The other host is asked outside of any transaction: however long it takes, nobody waits for it but who asked.
    """
    let_in(RUN, place, by)
    feed = Feed.objects.select_related("space").get(pk=feed_id, place=place)
    if not settings.OFFLINE and _take(feed, now):
        _settle(feed, outside.ask(_asked(feed, now)), by=by, now=now)
    return Feed.objects.get(pk=feed_id)


def read_due(*, by: str, now: datetime, most: int = 60) -> int:
    """Read the calendars whose time has come, the one that waits most first; says how many it looked at.

    A few at once, each in its own process: one that drags on leaves the others their turn.
    """
    if settings.OFFLINE:
        return 0
    feeds = [feed for feed in due(now=now)[:most] if _take(feed, now)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(outside.ask, [_asked(feed, now) for feed in feeds])
        for feed, answer in zip(feeds, answers, strict=True):
            _settle(feed, answer, by=by, now=now)
    return len(feeds)


def _take(feed: Feed, now: datetime) -> bool:
    return bool(free_to_read(now=now).filter(pk=feed.pk).update(taken_at=now))


def _asked(feed: Feed, now: datetime) -> Asked:
    zone = settings_of(feed.place).zone
    first = local_day(now, zone_named(zone))
    fresh = feed.whole_read_at is not None and feed.whole_read_at > now - WHOLE_EVERY
    return Asked(
        address=feed.address,
        zone=zone,
        first=first.isoformat(),
        last=(first + HORIZON).isoformat(),
        etag=feed.etag if fresh else "",
        loopback=settings.FEEDS_FROM_LOOPBACK,
    )


def _settle(feed: Feed, answer: Answer, *, by: str, now: datetime) -> None:
    """Write what a read told, if the calendar is still followed; a place too busy to write in keeps its turn."""
    try:
        with transaction.atomic():
            lock(feed.place)
            fresh = Feed.objects.select_for_update(of=("self",)).select_related("space").filter(pk=feed.pk).first()
            if fresh is None:
                return
            if answer.problem:
                _failed(fresh, answer, by=by, now=now)
            else:
                _had(fresh, answer, by=by, now=now)
    except Busy:
        Feed.objects.filter(pk=feed.pk).update(taken_at=None)


def _failed(feed: Feed, answer: Answer, *, by: str, now: datetime) -> None:
    is_first = feed.failing_since is None
    feed.last_problem, feed.problem_detail = answer.problem[:20], answer.detail[:80]
    feed.failing_since = feed.failing_since or now
    feed.failures += 1
    feed.next_read_at = now + min(EVERY * 2 ** min(feed.failures - 1, 8), LONGEST_WAIT)
    feed.taken_at = None
    feed.save()
    if is_first:
        subject = subject_of(feed.place, feed.space)
        note("bookings.feed_failed", feed.place, subject, by=by, now=now, feed=feed.pk, problem=answer.problem)


def _had(feed: Feed, answer: Answer, *, by: str, now: datetime) -> None:
    was_failing = feed.failing_since is not None
    feed.last_problem = feed.problem_detail = ""
    feed.failing_since, feed.failures = None, 0
    feed.last_read_at, feed.next_read_at, feed.taken_at = now, now + EVERY, None
    closed = opened = 0
    if not answer.same:
        feed.whole_read_at, feed.etag = now, answer.etag[:200]
        feed.occurrences, feed.unread = answer.occurrences, answer.unread
        feed.unknown_zones = ", ".join(answer.zones)[:200]
        closed, opened = _replace(feed, answer.spans)
    feed.save()
    if closed or opened or was_failing:
        subject = subject_of(feed.place, feed.space)
        note("bookings.feed_read", feed.place, subject, by=by, now=now, feed=feed.pk, closed=closed, opened=opened)


def _replace(feed: Feed, spans: Iterable[Span]) -> tuple[int, int]:
    """Close what a calendar blocks, open what it blocks no more; how many of each. The rest keeps its row."""
    wanted = {(span.start, span.end) for span in spans}
    known = {(start, end): pk for pk, start, end in feed.closures.values_list("pk", "start", "end")}
    gone = [pk for when, pk in known.items() if when not in wanted]
    for first in range(0, len(gone), 500):
        Closure.objects.filter(pk__in=gone[first : first + 500]).delete()
    new = sorted(wanted - known.keys())
    given = {"place": feed.place, "space": feed.space, "feed": feed, "reason": feed.name}
    Closure.objects.bulk_create([Closure(**given, start=start, end=end) for start, end in new], batch_size=100)
    return len(new), len(gone)
