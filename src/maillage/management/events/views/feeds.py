"""The programme to follow from elsewhere: calendars, RSS and JSON Feed, of the agenda and of each place."""

from collections.abc import Callable, Iterable
from datetime import UTC
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from maillage.management.bookings.views.calendars import CALENDAR
from maillage.management.events.labels import KINDS
from maillage.management.events.queries import ics, public
from maillage.management.events.queries.public import Shown
from maillage.management.events.rules.ical import CANCELLED, CONFIRMED, Entry, written
from maillage.management.events.views import words
from maillage.management.events.views.asked import Answer, answer
from maillage.places.queries import place_by_slug
from maillage.places.views.detail import elsewhere

KEPT_S = 300
DAYS = 30
"""How far ahead a feed looks where no day is asked."""
MOST = 100
MOST_IN_CALENDAR = 300
View = Callable[..., HttpResponseBase]


def followed(view: View) -> View:
    """A file that programs ask again and again: kept for some minutes, and « unchanged » while it is."""

    @conditional_page
    @cache_control(public=True, max_age=KEPT_S)
    @require_safe
    @wraps(view)
    def given(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return given


@followed
def agenda_ics(request: HttpRequest) -> HttpResponseBase:
    """The agenda of a question as a calendar, three months ahead unless days are asked."""
    told = answer(request, most=MOST_IN_CALENDAR, days=3 * DAYS)
    page = words.event_pages()
    entries = (_entry(one, page(one.place.slug, one.event.slug)) for one in told.found.rows)
    return _calendar(_("Maillage\u202f: l’agenda"), entries)


@followed
def agenda_rss(request: HttpRequest) -> HttpResponseBase:
    """The agenda of a question as RSS."""
    told = answer(request, most=MOST, days=DAYS)
    return _rss(_("Maillage\u202f: l’agenda"), _urls("agenda", told), told.found.rows)


@followed
def agenda_json(request: HttpRequest) -> HttpResponseBase:
    """The agenda of a question as JSON Feed."""
    told = answer(request, most=MOST, days=DAYS)
    return _json(_("Maillage\u202f: l’agenda"), _urls("agenda", told), told.found.rows)


def _urls(name: str, told: Answer) -> Callable[[str], str]:
    return lambda kind: words.address(f"{name}{kind}") + told.query()


@followed
def place_ics(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The programme of a place as a calendar: what is called off stays in it, and says so."""
    found = place_by_slug(slug)
    place = found.place
    if place is None:
        return elsewhere(request, found, "place_agenda_ics")
    page = words.event_pages()
    where, point = ics.where(place), _point(place)
    entries = (
        Entry(
            uid=f"session-{row['pk']}@{ics.host()}",
            start=row["start"],
            end=row["end"],
            changed_at=max(row["changed_at"], row["event__changed_at"]),
            summary=row["event__title"],
            description=_description(place, row["reason"] if row["cancelled_at"] else row["event__summary"]),
            url=page(place.slug, row["event__slug"]),
            status=CANCELLED if row["cancelled_at"] else CONFIRMED,
            sequence=row["sequence"],
            category=str(KINDS[row["event__kind"]]),
            location=where,
            point=point,
        )
        for row in public.fed(place, now=timezone.now())
    )
    return _calendar(place.name, entries)


@followed
def place_rss(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The programme of a place as RSS."""
    found = place_by_slug(slug)
    if found.place is None:
        return elsewhere(request, found, "place_agenda_rss")
    rows = public.of_place(found.place, now=timezone.now(), most=MOST).rows
    return _rss(found.place.name, _urls_of(found.place), rows)


@followed
def place_json(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The programme of a place as JSON Feed."""
    found = place_by_slug(slug)
    if found.place is None:
        return elsewhere(request, found, "place_agenda_json")
    rows = public.of_place(found.place, now=timezone.now(), most=MOST).rows
    return _json(found.place.name, _urls_of(found.place), rows)


def _urls_of(place: Any) -> Callable[[str], str]:
    return lambda kind: words.address(f"place_agenda{kind}", place.slug)


def _calendar(name: str, entries: Iterable[Entry]) -> HttpResponse:
    return HttpResponse(written(name, entries), content_type=CALENDAR)


def _point(place: Any) -> tuple[float, float] | None:
    return None if place.lat is None or place.lon is None else (place.lat, place.lon)


def _description(place: Any, text: str) -> str:
    return " · ".join(part for part in (_("Fictif (démonstration)") if place.is_demo else "", text) if part)


def _entry(one: Shown, url: str) -> Entry:
    session, event, place = one.session, one.event, one.place
    return Entry(
        uid=f"session-{session.pk}@{ics.host()}",
        start=session.start,
        end=session.end,
        changed_at=max(session.changed_at, event.changed_at),
        summary=event.title,
        description=_description(place, session.reason if session.cancelled_at else event.summary),
        location=ics.where(place),
        url=url,
        status=CANCELLED if session.cancelled_at else CONFIRMED,
        sequence=session.sequence,
        category=str(KINDS[event.kind]),
        point=_point(place),
    )


def _says(one: Shown) -> str:
    told = words.row(one, now=timezone.now())
    parts = [capfirst(told["when"]), ics.where(one.place), told["price"], told["seats"], one.event.summary]
    if told["demo"]:
        parts.insert(0, _("Fictif (démonstration)"))
    return " · ".join(str(part) for part in (*parts, told["reason"]) if part)


def _title(one: Shown) -> str:
    day = words.day_in_words(one.session.start.astimezone(one.zone).date(), "l j F")
    title = f"{one.event.title}, {day}"
    return _("Annulé\u202f: %(title)s") % {"title": title} if one.session.cancelled_at else title


def _rss(title: str, urls: Callable[[str], str], rows: Iterable[Shown]) -> HttpResponse:
    feed = Rss201rev2Feed(
        title=title,
        link=urls(""),
        description=_("Ce qui a lieu bientôt."),
        language=get_language(),
        feed_url=urls("_rss"),
    )
    for one in rows:
        changed = max(one.session.changed_at, one.event.changed_at)
        feed.add_item(
            title=_title(one),
            link=words.address("event", one.place.slug, one.event.slug),
            description=_says(one),
            unique_id=f"session-{one.session.pk}@{ics.host()}",
            unique_id_is_permalink=False,
            pubdate=changed,
            updateddate=changed,
        )
    response = HttpResponse(content_type=feed.content_type)
    feed.write(response, "utf-8")
    return response


def _json(title: str, urls: Callable[[str], str], rows: Iterable[Shown]) -> HttpResponse:
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": urls(""),
        "feed_url": urls("_json"),
        "language": get_language(),
        "items": [_item(one) for one in rows],
    }
    return JsonResponse(told, content_type="application/feed+json", json_dumps_params={"ensure_ascii": False})


def _item(one: Shown) -> dict[str, Any]:
    session, event = one.session, one.event
    return {
        "id": f"session-{session.pk}@{ics.host()}",
        "url": words.address("event", one.place.slug, event.slug),
        "title": _title(one),
        "content_text": _says(one),
        "date_published": max(event.published_at or session.made_at, session.made_at).astimezone(UTC).isoformat(),
        "date_modified": max(session.changed_at, event.changed_at).astimezone(UTC).isoformat(),
        "tags": [str(KINDS[event.kind])],
        "_maillage": {
            "start": session.start.astimezone(one.zone).isoformat(),
            "end": session.end.astimezone(one.zone).isoformat(),
            "cancelled": session.cancelled_at is not None,
            "free_seats": one.free,
            "place": reverse("place", args=[one.place.slug]),
            "demo": one.place.is_demo,
        },
    }
