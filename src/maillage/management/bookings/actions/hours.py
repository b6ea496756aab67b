"""When a place takes bookings, and how: opening hours, closures, settings. None of these touches a booking."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from maillage.accounts.rules import RUN
from maillage.management.bookings.actions.reserving import lock
from maillage.management.bookings.actions.spaces import SpacesRefused, note, refuse
from maillage.management.bookings.models import Closure, OpeningRule, Settings, Space
from maillage.management.bookings.rules.clock import boundary, zone_named
from maillage.management.bookings.rules.entries import read_closure, read_opening, read_settings
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence as _

MOST_RULES = 200
SET = ("zone", "half_day_minute", "closes_on_holidays", "school_zone", "is_online")


@transaction.atomic
def add_openings(
    *, place: Place, raw: Mapping[str, str], weekdays: Iterable[str], by: str, now: datetime
) -> list[OpeningRule]:
    """Open a place, or one space, at some hours of some weekdays, all year or in a season."""
    lock(place)
    let_in(RUN, place, by)
    read = read_opening(raw, weekdays)
    space = whose(place, raw)
    if read.wrongs:
        raise SpacesRefused(read.wrongs)
    values = read.values
    rules = OpeningRule.objects.filter(place=place)
    if rules.count() + len(values["weekdays"]) > MOST_RULES:
        raise refuse(
            "weekdays", _("ce lieu a déjà %(n)d horaires", n=MOST_RULES), _("retirez ceux qui ne servent plus")
        )
    given = {name: value for name, value in values.items() if name != "weekdays"}
    made = []
    for weekday in values["weekdays"]:
        same = rules.filter(space=space, weekday=weekday, **given).first()
        made.append(same or OpeningRule.objects.create(place=place, space=space, weekday=weekday, **given))
    note("bookings.opened", place, subject_of(place, space), by=by, now=now, openings=[rule.pk for rule in made])
    return made


@transaction.atomic
def remove_opening(*, place: Place, opening_id: int, by: str, now: datetime) -> None:
    """Take some hours back."""
    lock(place)
    let_in(RUN, place, by)
    rule = OpeningRule.objects.get(pk=opening_id, place=place)
    subject = subject_of(place, rule.space)
    told = [rule.weekday, rule.opens_minute, rule.closes_minute]
    rule.delete()
    note("bookings.opening_removed", place, subject, by=by, now=now, hours=told)


@transaction.atomic
def add_closure(*, place: Place, raw: Mapping[str, str], by: str, now: datetime) -> Closure:
    """Close a place, or one space, for some days or hours."""
    zone = zone_named(lock(place).zone)
    let_in(RUN, place, by)
    read = read_closure(raw)
    space = whose(place, raw)
    if read.wrongs:
        raise SpacesRefused(read.wrongs)
    values = read.values
    start = boundary(values["first_day"], values["opens_minute"], zone)
    end = boundary(values["last_day"], values["closes_minute"], zone)
    if end <= start:
        raise refuse("last_day", _("la fin vient avant le début"), _("choisissez une fin qui vient après"))
    if end <= now:
        raise refuse("first_day", _("ces jours sont passés"), _("choisissez des jours à venir"))
    closure = Closure.objects.create(place=place, space=space, start=start, end=end, reason=values["reason"])
    note("bookings.closed", place, subject_of(place, space), by=by, now=now, closure=closure.pk)
    return closure


@transaction.atomic
def remove_closure(*, place: Place, closure_id: int, by: str, now: datetime) -> None:
    """Open again what was to be closed by hand; what a calendar closes is opened in that calendar."""
    lock(place)
    let_in(RUN, place, by)
    closure = Closure.objects.get(pk=closure_id, place=place, feed__isnull=True)
    subject = subject_of(place, closure.space)
    told = [closure.start.isoformat(), closure.end.isoformat()]
    closure.delete()
    note("bookings.closure_removed", place, subject, by=by, now=now, hours=told)


@transaction.atomic
def change_settings(*, place: Place, raw: Mapping[str, str], by: str, now: datetime) -> list[str]:
    """Change how a place takes bookings; the settings that changed."""
    found: Settings = lock(place)
    let_in(RUN, place, by)
    read = read_settings(raw)
    if read.wrongs:
        raise SpacesRefused(read.wrongs)
    changed = [name for name in SET if getattr(found, name) != read.values[name]]
    if not changed:
        return []
    for name in changed:
        setattr(found, name, read.values[name])
    found.save(update_fields=changed)
    note("bookings.settings_changed", place, f"place:{place.pk}", by=by, now=now, fields=changed)
    return changed


def whose(place: Place, raw: Mapping[str, str]) -> Space | None:
    """The space that a form names, None for the whole place; one of another place is refused."""
    text = raw.get("space", "")[:9]
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() else 0
    space = Space.objects.filter(pk=number, place=place, archived_at__isnull=True).first()
    if space is None:
        raise refuse("space", _("cet espace n’est pas de ce lieu"), _("choisissez-en un de la liste"))
    return space


def subject_of(place: Place, space: Space | None) -> str:
    """What an act on hours is about, for the journal."""
    return f"space:{space.pk}" if space else f"place:{place.pk}"
