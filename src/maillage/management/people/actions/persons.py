"""Persons of a place: they come, change, leave, return, and are linked to an account that proved their address."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from maillage.accounts.models import User
from maillage.accounts.rules import HOST
from maillage.journal import actions as journal
from maillage.management.people.actions.door import (
    PeopleRefused,
    departement_of,
    enter,
    note,
    once,
    one_of,
    refuse,
)
from maillage.management.people.models import Person
from maillage.management.people.queries.accounts import account_confirmed, confirmed_addresses
from maillage.management.people.queries.persons import of_account
from maillage.management.people.rules.entries import read_person
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

KEPT = ("name", "folded", "email", "phone", "phone_dialled", "note", "is_child", "guardian_id")
HIDDEN = ("folded", "phone_dialled")


@transaction.atomic
def add_person(
    *,
    place: Place,
    raw: Mapping[str, str],
    is_child: bool = False,
    guardian_id: int | None = None,
    by: str,
    now: datetime,
    idempotency_key: str = "",
) -> int:
    """Add somebody known by a name, and maybe a telephone or an e-mail; the number of the person.

    Raises `PeopleRefused`; under a key asked again, gives the person made the first time.
    """
    here = enter(HOST, place, by)
    told = {**raw, "is_child": is_child, "guardian_id": guardian_id}
    values = _values(here, raw, is_child, guardian_id)
    return once(idempotency_key, lambda: _add(here, values, by=by, now=now).pk, place=here, by=by, now=now, told=told)


@transaction.atomic
def introduce(
    *,
    place: Place,
    raw: Mapping[str, str],
    account: User | None = None,
    at_desk: bool = False,
    by: str,
    now: datetime,
) -> Person:
    """The person of this place who introduces themselves, to book or to register: known already, else added.

    Who signs in is the person of that account, from then on where the address is one they confirmed; a visitor is
    known by name and e-mail together, and learns nothing of what is held. Raises `PeopleRefused`.
    """
    mine = of_account(place, account.pk) if account else None
    if mine is not None:
        return mine
    person = _known_or_added(place, raw, at_desk=at_desk, by=by, now=now)
    if account is not None and person.account_id is None and person.email in confirmed_addresses(account):
        _link(person, account, by=by, now=now)
    return person


def _known_or_added(place: Place, raw: Mapping[str, str], *, at_desk: bool, by: str, now: datetime) -> Person:
    values = _values(place, raw, False, None)
    if values["email"]:
        alike = Person.objects.filter(place=place, merged_into__isnull=True, erased_at__isnull=True, is_child=False)
        known = alike.filter(email=values["email"], folded=values["folded"]).order_by("pk").first()
        if known is not None and known.left_at is not None and at_desk:
            # The team may know what a stranger must not learn.
            raise refuse(
                "name",
                _("cette personne est partie d’ici"),
                _("notez d’abord son retour, sur sa page, parmi celles qui sont parties"),
            )
        if known is not None:
            return known
    return _add(place, values, by=by, now=now)


def _add(place: Place, values: Mapping[str, Any], *, by: str, now: datetime) -> Person:
    person = Person.objects.create(place=place, created_at=now, **values)
    note("people.person_added", person, by=by, now=now)
    return person


@transaction.atomic
def change_person(
    *,
    place: Place,
    person_id: int,
    raw: Mapping[str, str],
    is_child: bool = False,
    guardian_id: int | None = None,
    by: str,
    now: datetime,
) -> list[str]:
    """Change what is known of somebody; the fields that changed, none when all was so already."""
    here = enter(HOST, place, by)
    person = one_of(here, person_id)
    values = _values(here, raw, is_child, guardian_id, of=person)
    changed = [name for name in KEPT if getattr(person, name) != values[name]]
    if not changed:
        return []
    for name in changed:
        setattr(person, name, values[name])
    person.save(update_fields=[name.removesuffix("_id") for name in changed])
    fields = [name.removesuffix("_id") for name in changed if name not in HIDDEN]
    note("people.person_changed", person, by=by, now=now, fields=fields)
    return fields


def _values(
    place: Place, raw: Mapping[str, str], is_child: bool, guardian_id: int | None, of: Person | None = None
) -> dict[str, Any]:
    read = read_person(raw, departement=departement_of(place))
    guardian = _guardian(place, guardian_id, of) if is_child and guardian_id else None
    if is_child and guardian is None:
        read.wrong(
            "guardian",
            _("il manque qui répond de cet enfant"),
            _("choisissez un adulte de ce lieu, ou ajoutez-le d’abord"),
        )
    if is_child and of is not None and Person.objects.filter(guardian=of).exists():
        read.wrong(
            "is_child",
            _("cette personne répond elle-même d’un enfant"),
            _("confiez d’abord cet enfant à quelqu’un d’autre"),
        )
    if read.wrongs:
        raise PeopleRefused(read.wrongs)
    return {**read.values, "is_child": is_child, "guardian_id": guardian.pk if guardian else None}


def _guardian(place: Place, guardian_id: int, of: Person | None) -> Person | None:
    rows = Person.objects.filter(place=place, merged_into__isnull=True, erased_at__isnull=True, is_child=False)
    return (rows.exclude(pk=of.pk) if of else rows).filter(pk=guardian_id).first()


@transaction.atomic
def leave(*, place: Place, person_id: int, by: str, now: datetime) -> None:
    """Note that somebody left: no longer in the list, no new booking; all that was stays, and they may return."""
    _set_left(place, person_id, now, "people.person_left", by=by, now=now)


@transaction.atomic
def come_back(*, place: Place, person_id: int, by: str, now: datetime) -> None:
    """Put somebody who left back in the list."""
    _set_left(place, person_id, None, "people.person_returned", by=by, now=now)


def _set_left(place: Place, person_id: int, left_at: datetime | None, action: str, *, by: str, now: datetime) -> None:
    person = one_of(enter(HOST, place, by), person_id)
    if (person.left_at is None) == (left_at is None):
        return
    person.left_at = left_at
    person.save(update_fields=["left_at"])
    note(action, person, by=by, now=now)


@transaction.atomic
def link_account(*, place: Place, person_id: int, by: str, now: datetime) -> None:
    """Link somebody to the account that has confirmed their e-mail; refused where none has."""
    person = one_of(enter(HOST, place, by), person_id)
    account = account_confirmed(person.email)
    if person.is_child or account is None:
        raise refuse(
            "account",
            _("aucun compte n’a confirmé cette adresse électronique"),
            _("demandez à la personne de créer son compte avec elle, puis revenez"),
        )
    other = of_account(person.place, account.pk)
    if other is not None and other.pk != person.pk:
        raise refuse(
            "account",
            _("ce compte est déjà celui d’une autre personne de ce lieu"),
            _("fusionnez-les si c’est la même"),
        )
    _link(person, account, by=by, now=now)


def _link(person: Person, account: User, *, by: str, now: datetime) -> None:
    if person.account_id == account.pk:
        return
    person.account = account
    person.save(update_fields=["account"])
    note("people.account_linked", person, by=by, now=now, account=account.pk)


@transaction.atomic
def unlink_account(*, place: Place, person_id: int, by: str, now: datetime) -> None:
    """Part somebody from an account linked by mistake."""
    person = one_of(enter(HOST, place, by), person_id)
    if person.account_id is None:
        return
    account, person.account = person.account_id, None
    person.save(update_fields=["account"])
    note("people.account_unlinked", person, by=by, now=now, account=account)


@transaction.atomic
def link_own(*, account: User, by: str, now: datetime) -> int:
    """Link an account to the persons, one a place, who have an address that it has confirmed; how many it found."""
    journal.lock_order()
    rows = Person.objects.filter(
        email__in=confirmed_addresses(account),
        account__isnull=True,
        merged_into__isnull=True,
        erased_at__isnull=True,
        is_child=False,
    )
    linked = 0
    for person in rows.select_related("place").order_by("place", "pk").select_for_update(of=("self",), no_key=True):
        if of_account(person.place, account.pk) is None:
            _link(person, account, by=by, now=now)
            linked += 1
    return linked
