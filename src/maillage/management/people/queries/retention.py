"""Whom a place is about to forget: no membership, no account, nothing in any room for as long as the law lets.

Whom a room above still holds (something is due) is not.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import DateField, DateTimeField, Exists, Max, Model, OuterRef, Q, QuerySet

from maillage.journal import legal
from maillage.journal.legal import Parameter
from maillage.management.people.models import Person
from maillage.management.people.queries.held import holders, pointing_at
from maillage.management.people.rules.retention import SOON_DAYS, months_later
from maillage.places.models import Place

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Soon:
    """Somebody about to be forgotten: the last day anything tells of them, and the day on which they are forgotten."""

    person: Person
    last: date
    on: date


def period(on: date) -> Parameter | None:
    """How many months a visitor is known after their last contact, as the law stands on a day."""
    return legal.parameter(legal.VISITOR_MONTHS, on)


def due(*, on: date) -> QuerySet[Person]:
    """The persons of every place whom the period has run out for; nobody where the period is unknown."""
    kept = period(on)
    if kept is None or kept.value is None:
        return Person.objects.none()
    cut = months_later(on, -kept.value)
    rows = Person.objects.filter(erased_at__isnull=True, merged_into__isnull=True, account__isnull=True)
    rows = rows.filter(memberships__isnull=True).exclude(_after(Person, cut))
    answered = Person.objects.filter(guardian=OuterRef("pk"), erased_at__isnull=True, merged_into__isnull=True)
    rows = rows.exclude(Exists(answered))
    for field in pointing_at(Person):
        if field.model is not Person and (later := _after(field.model, cut)):
            rows = rows.exclude(Exists(field.model._base_manager.filter(later, **{field.name: OuterRef("pk")})))
    for holder in holders():
        rows = rows.exclude(holder.held())
    return rows


def soon(place: Place, *, on: date) -> list[Soon]:
    """Whom a place will have forgotten two months from now, the first of them first."""
    rows = list(due(on=on + timedelta(days=SOON_DAYS)).filter(place=place).order_by("created_at", "pk")[:MOST_SHOWN])
    kept = period(on)
    months = kept.value if kept and kept.value is not None else 0
    last = _last_days(rows)
    told = [Soon(one, last[one.pk], max(on, months_later(last[one.pk], months) + timedelta(days=1))) for one in rows]
    return sorted(told, key=lambda one: (one.on, one.person.folded, one.person.pk))


def _dates(model: type[Model]) -> "list[DateField[Any, Any]]":
    return [field for field in model._meta.concrete_fields if isinstance(field, DateField)]


def _after(model: type[Model], cut: date) -> Q:
    """Rows that tell of the cut day or of a later one, by any of their dates."""
    start = datetime.combine(cut, time(), UTC)
    found = Q()
    for field in _dates(model):
        found |= Q(**{f"{field.name}__gte": start if isinstance(field, DateTimeField) else cut})
    return found


def _last_days(persons: list[Person]) -> dict[int, date]:
    """The last day that anything tells of these persons, in as many queries as there are tables."""
    last = {one.pk: max(_day(at) for at in (one.created_at, one.left_at) if at) for one in persons}
    for field in pointing_at(Person):
        dates = _dates(field.model)
        if field.model is Person or not dates:
            continue
        rows = field.model._base_manager.filter(**{f"{field.name}__in": list(last)})
        most = rows.order_by().values_list(field.attname).annotate(*(Max(one.name) for one in dates))
        for pk, *moments in most:
            last[pk] = max([last[pk], *(_day(moment) for moment in moments if moment)])
    return last


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
