"""Book at the desk for somebody who has no login: a name, and maybe a telephone, are enough."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from maillage.accounts.rules import HOST
from maillage.journal import actions as journal
from maillage.management.bookings.actions.reserving import Asked, lock, reserve, reserve_all
from maillage.management.bookings.models import Booking
from maillage.management.bookings.queries.desk import desk_caller, payer_of, zone_here
from maillage.management.bookings.rules.clock import local_day, zone_named
from maillage.management.people.actions.door import PeopleRefused, refuse
from maillage.management.people.actions.persons import add_person
from maillage.management.people.models import Person
from maillage.management.people.queries.persons import present
from maillage.management.people.rules.entries import read_person
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence as _


@transaction.atomic
def book_for(
    *,
    place: Place,
    who: Mapping[str, str],
    asked: Sequence[dict[str, Any]],
    pattern: dict[str, Any] | None,
    by: str,
    now: datetime,
    idempotency_key: str = "",
) -> list[Booking]:
    """Book one time, or all those of a series, for a person of this place, who is added if nobody knows them yet.

    `asked` are the arguments of `Asked`, without the person; where they name no organisation, the membership of the
    person says which one pays. Raises `PeopleRefused`, or `Refused` with nothing written;
    under a key asked again, gives what was made the first time, `KeyReused` for another request.
    """
    lock(place)
    let_in(HOST, place, by)
    if not idempotency_key:
        return _book(place, who, asked, pattern, by=by, now=now)
    answer = journal.once(
        caller=desk_caller(place, by),
        key=idempotency_key,
        fingerprint=_fingerprint(who, asked, pattern),
        now=now,
        act=lambda: {"bookings": [one.pk for one in _book(place, who, asked, pattern, by=by, now=now)]},
    )
    return list(Booking.objects.filter(pk__in=answer["bookings"]).select_related("person").order_by("start"))


def _fingerprint(who: Mapping[str, str], asked: Sequence[dict[str, Any]], pattern: dict[str, Any] | None) -> str:
    told = [{name: getattr(value, "pk", value) for name, value in one.items()} for one in asked]
    written = json.dumps([dict(who), told, pattern], sort_keys=True, default=str)
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _book(
    place: Place,
    who: Mapping[str, str],
    asked: Sequence[dict[str, Any]],
    pattern: dict[str, Any] | None,
    *,
    by: str,
    now: datetime,
) -> list[Booking]:
    person = person_named(place, who)
    if person is None:
        person = Person.objects.get(pk=add_person(place=place, raw=who, by=by, now=now))
    usual = {"organisation": payer_of(person, local_day(asked[0]["start"], zone_named(zone_here(place))))}
    wanted = [Asked(**{**usual, **one}, person=person, at_desk=True) for one in asked]
    if pattern is None:
        return [reserve(asked=one, by=by, now=now) for one in wanted]
    series = reserve_all(asked=wanted, pattern=pattern, by=by, now=now)
    return list(Booking.objects.filter(series=series, part_of__isnull=True).order_by("start"))


def person_named(place: Place, who: Mapping[str, str]) -> Person | None:
    """The one person of this place whom these words mean; None for somebody new, `PeopleRefused` when it may be two."""
    departement = str(place.commune.departement_id or "") if place.commune else ""
    read = read_person(who, departement=departement)
    if read.wrongs:
        raise PeopleRefused(read.wrongs)
    alike = present(place).filter(folded=read.values["folded"]).order_by("pk")
    known = [name for name in ("phone_dialled", "email") if read.values[name]]
    sure = [person for person in alike[:20] if all(getattr(person, name) in ("", read.values[name]) for name in known)]
    exact = [person for person in sure if any(getattr(person, name) == read.values[name] for name in known)]
    found = exact or sure
    if not found and _has_left(place, read.values):
        problem = _("cette personne est partie d’ici")
        raise refuse("name", problem, _("notez d’abord son retour, sur sa page, parmi celles qui sont parties"))
    if len(found) > 1:
        problem = _("plusieurs personnes portent ce nom ici")
        raise refuse("name", problem, _("ajoutez le téléphone ou le courriel que vous avez d’elle"))
    return found[0] if found else None


def _has_left(place: Place, values: Mapping[str, Any]) -> bool:
    """Whether somebody of this name, and of this telephone or e-mail where they are said, left this place."""
    gone = Person.objects.filter(
        place=place, merged_into__isnull=True, erased_at__isnull=True, left_at__isnull=False, folded=values["folded"]
    )
    known = [name for name in ("phone_dialled", "email") if values[name]]
    return any(all(getattr(one, name) in ("", values[name]) for name in known) for one in gone[:20])
