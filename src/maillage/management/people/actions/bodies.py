"""Organisations of a place, and the memberships of persons, alone or through one of them."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from maillage.accounts.rules import HOST
from maillage.management.people.actions.door import (
    PeopleRefused,
    departement_of,
    enter,
    note,
    once,
    one_of,
    organisation_of,
    refuse,
)
from maillage.management.people.models import Membership, Organisation
from maillage.management.people.rules.entries import read_membership, read_organisation
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

KEPT = ("name", "folded", "siret", "email", "phone", "address")


@transaction.atomic
def add_organisation(*, place: Place, raw: Mapping[str, str], by: str, now: datetime, idempotency_key: str = "") -> int:
    """Add an organisation, which may pay for persons; its number. Raises `PeopleRefused`."""
    here = enter(HOST, place, by)
    read = read_organisation(raw, departement=departement_of(here))
    if read.wrongs:
        raise PeopleRefused(read.wrongs)

    def add() -> int:
        made = Organisation.objects.create(place=here, created_at=now, **read.values)
        note("people.organisation_added", made, by=by, now=now)
        return int(made.pk)

    return once(idempotency_key, add, place=here, by=by, now=now, told=dict(raw))


@transaction.atomic
def change_organisation(
    *, place: Place, organisation_id: int, raw: Mapping[str, str], by: str, now: datetime
) -> list[str]:
    """Change what is known of an organisation; the fields that changed."""
    here = enter(HOST, place, by)
    organisation = organisation_of(here, organisation_id)
    read = read_organisation(raw, departement=departement_of(here))
    if read.wrongs:
        raise PeopleRefused(read.wrongs)
    changed = [name for name in KEPT if getattr(organisation, name) != read.values[name]]
    if not changed:
        return []
    for name in changed:
        setattr(organisation, name, read.values[name])
    organisation.save(update_fields=changed)
    fields = [name for name in changed if name != "folded"]
    note("people.organisation_changed", organisation, by=by, now=now, fields=fields)
    return fields


@transaction.atomic
def add_membership(
    *,
    place: Place,
    person_id: int,
    raw: Mapping[str, str],
    organisation_id: int | None = None,
    by: str,
    now: datetime,
    idempotency_key: str = "",
) -> int:
    """Say what a person is to the place, from a day to a day, and which organisation pays, if one does."""
    here = enter(HOST, place, by)
    person = one_of(here, person_id)
    read = read_membership(raw)
    paying = None
    if organisation_id is not None:
        paying = Organisation.objects.filter(pk=organisation_id, place=here, merged_into__isnull=True).first()
        if paying is None:
            read.wrong(
                "organisation",
                _("cette organisation n’est pas de ce lieu"),
                _("choisissez-en une de la liste, ou ajoutez-la"),
            )
    if read.wrongs:
        raise PeopleRefused(read.wrongs)

    def add() -> int:
        made = Membership.objects.create(person=person, organisation=paying, **read.values)
        note("people.membership_added", person, by=by, now=now, membership=made.pk, kind=made.kind)
        return int(made.pk)

    told = {**raw, "person": person.pk, "organisation": organisation_id}
    return once(idempotency_key, add, place=here, by=by, now=now, told=told)


@transaction.atomic
def end_membership(*, place: Place, person_id: int, membership_id: int, ends_on: date, by: str, now: datetime) -> None:
    """Say the last day of a membership of somebody: its first one at the earliest."""
    person = one_of(enter(HOST, place, by), person_id)
    found = Membership.objects.get(pk=membership_id, person=person)
    if ends_on < found.starts_on:
        raise refuse(
            "ends_on",
            _("ce jour est avant le premier"),
            _("écrivez un jour qui vient après, ou le premier jour lui-même"),
        )
    if found.ends_on == ends_on:
        return
    found.ends_on = ends_on
    found.save(update_fields=["ends_on"])
    note("people.membership_ended", person, by=by, now=now, membership=found.pk, ends_on=ends_on.isoformat())
