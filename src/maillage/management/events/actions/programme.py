"""What a place invites to: an event is written, shown to all, hidden again, put away."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from maillage.management.events.actions.door import EventsRefused, enter, event_here, note, once, refuse
from maillage.management.events.models import CANCELLED, Event, Registration, Session
from maillage.management.events.rules.entries import read_event
from maillage.management.people.models import Organisation
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.slugs import free_slug

MOST_EVENTS = 5_000
LONGEST_SLUG = 70
KEPT = (
    *("title", "summary", "description", "kind", "audience", "theme"),
    *("price", "price_cents", "takes_registrations", "organisation_id"),
)


@transaction.atomic
def add_event(*, place: Place, raw: Mapping[str, str], by: str, now: datetime, idempotency_key: str = "") -> Event:
    """Write an event that nobody but the team sees yet; its address stays, whatever its title becomes.

    Raises `EventsRefused`; under a key asked again, gives the event made the first time.
    """
    enter(place, by)
    values = _read(place, raw)
    made = once(
        idempotency_key,
        lambda: _add(place, values, by=by, now=now),
        caller=f"{by} events:{place.pk}",
        now=now,
        told=values,
    )
    return Event.objects.get(pk=made)


def _add(place: Place, values: Mapping[str, Any], *, by: str, now: datetime) -> int:
    known = set(Event.objects.filter(place=place).values_list("slug", flat=True))
    if len(known) >= MOST_EVENTS:
        raise refuse("title", _("ce lieu a déjà %(n)d événements", n=MOST_EVENTS), _("reprenez-en un plus ancien"))
    slug = free_slug(values["title"][:LONGEST_SLUG], "", known)
    event = Event.objects.create(place=place, slug=slug, made_at=now, made_by=by, changed_at=now, **values)
    note("events.added", event, by=by, now=now)
    return int(event.pk)


@transaction.atomic
def change_event(*, place: Place, event_id: int, raw: Mapping[str, str], by: str, now: datetime) -> Event:
    """Change what is said of an event; the same again writes nothing."""
    enter(place, by)
    event = event_here(place, event_id)
    values = _read(place, raw, of=event)
    changed = [name for name in KEPT if getattr(event, name) != values[name]]
    if not changed:
        return event
    if "takes_registrations" in changed and not values["takes_registrations"] and _expected(event, now):
        problem = _("des personnes sont inscrites à une séance à venir")
        raise refuse("takes_registrations", problem, _("laissez les inscriptions, ou annulez d’abord ces séances"))
    for name in changed:
        setattr(event, name, values[name])
    event.changed_at = now
    event.save(update_fields=[*(name.removesuffix("_id") for name in changed), "changed_at"])
    note("events.changed", event, by=by, now=now, fields=[name.removesuffix("_id") for name in changed])
    return event


@transaction.atomic
def publish(*, place: Place, event_id: int, by: str, now: datetime) -> Event:
    """Show an event and its sessions to all."""
    enter(place, by)
    event = event_here(place, event_id)
    if event.published_at is not None and event.archived_at is None:
        return event
    event.published_at, event.archived_at, event.changed_at = now, None, now
    event.save(update_fields=["published_at", "archived_at", "changed_at"])
    note("events.published", event, by=by, now=now)
    return event


@transaction.atomic
def unpublish(*, place: Place, event_id: int, by: str, now: datetime) -> Event:
    """Hide an event; who registered keeps the seat and the link."""
    enter(place, by)
    event = event_here(place, event_id)
    if event.published_at is None:
        return event
    event.published_at, event.changed_at = None, now
    event.save(update_fields=["published_at", "changed_at"])
    note("events.unpublished", event, by=by, now=now)
    return event


@transaction.atomic
def archive(*, place: Place, event_id: int, by: str, now: datetime) -> Event:
    """Put an event away, hidden, with its past; refused while it has sessions to come."""
    enter(place, by)
    event = event_here(place, event_id)
    if event.archived_at is not None:
        return event
    if ahead := _ahead(event, now).count():
        problem = _("des séances sont à venir\u202f: %(n)d", n=ahead)
        raise refuse("event", problem, _("annulez-les d’abord, ou attendez la dernière"))
    event.archived_at, event.published_at, event.changed_at = now, None, now
    event.save(update_fields=["archived_at", "published_at", "changed_at"])
    note("events.archived", event, by=by, now=now)
    return event


def _ahead(event: Event, now: datetime) -> Any:
    return Session.objects.filter(event=event, cancelled_at__isnull=True, end__gt=now)


def _expected(event: Event, now: datetime) -> bool:
    rows = Registration.objects.filter(session__in=_ahead(event, now)).exclude(state=CANCELLED)
    return rows.exists()


def _read(place: Place, raw: Mapping[str, str], of: Event | None = None) -> dict[str, Any]:
    read = read_event(raw)
    text = raw.get("organisation", "")[:12]
    number = int(text) if text.isascii() and text.isdigit() else 0
    if text and not Organisation.objects.filter(pk=number, place=place, merged_into__isnull=True).exists():
        read.wrong(
            "organisation",
            _("cette organisation n’est pas de ce lieu"),
            _("choisissez-en une de la liste, ou ajoutez-la"),
        )
    if of is not None and of.archived_at is not None:
        read.wrong("event", _("cet événement est rangé"), _("publiez-le de nouveau pour le reprendre"))
    if read.wrongs:
        raise EventsRefused(read.wrongs)
    return {**read.values, "organisation_id": number or None}
