"""Accounts that owe and pay: opened for a person, an organisation or a name alone, and kept true."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from maillage.journal import actions as journal
from maillage.management.billing.actions.door import BillingRefused, customer_here, enter, note, once, refuse
from maillage.management.billing.models import Customer
from maillage.management.billing.queries.customers import of_party
from maillage.management.billing.rules.parties import CUSTOMER, CUSTOMER_CHECKS, read_customer, read_siret
from maillage.management.people.models import Organisation, Person
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _


@transaction.atomic
def add_customer(
    *,
    place: Place,
    raw: Mapping[str, str],
    by: str,
    now: datetime,
    person_id: int | None = None,
    organisation_id: int | None = None,
    idempotency_key: str = "",
) -> int:
    """Open an account, of a person or an organisation of this place, or of neither; its number."""
    here = enter(place, by)
    party = _party(here, person_id, organisation_id)
    read = read_customer(raw)
    if read.wrongs:
        raise BillingRefused(read.wrongs)
    told = {**raw, "person": person_id, "organisation": organisation_id}
    return once(
        idempotency_key, lambda: _open(here, {**read.values, **party}, by, now), place=here, by=by, now=now, told=told
    )


@transaction.atomic
def customer_for(
    *, place: Place, by: str, now: datetime, person_id: int | None = None, organisation_id: int | None = None
) -> int:
    """The account of a person or an organisation, opened if need be; for rooms that let in who signs themselves."""
    journal.lock_order()
    found = of_party(place, person_id=person_id, organisation_id=organisation_id)
    if found is not None:
        return int(found.pk)
    party = _party(place, person_id, organisation_id)
    if not party:
        raise refuse("customer", _("il manque qui paie"), _("choisissez une personne ou une organisation"))
    known = party.get("person") or party["organisation"]
    return _open(place, {**suggested(known), **party}, by, now)


@transaction.atomic
def change_customer(*, place: Place, customer_id: int, raw: Mapping[str, str], by: str, now: datetime) -> list[str]:
    """Change what is known of an account; the fields that changed. Invoices keep what they said."""
    here = enter(place, by)
    customer = customer_here(here, customer_id)
    read = read_customer(raw)
    if read.wrongs:
        raise BillingRefused(read.wrongs)
    changed = [name for name in (*CUSTOMER, *CUSTOMER_CHECKS) if getattr(customer, name) != read.values[name]]
    if not changed:
        return []
    for name in changed:
        setattr(customer, name, read.values[name])
    customer.save(update_fields=changed)
    note("billing.customer_changed", customer, place=here, by=by, now=now, fields=changed)
    return changed


def suggested(known: Person | Organisation) -> dict[str, str]:
    """What an account takes from somebody known: name, e-mail, and of an organisation its Siret if its key holds."""
    values = {"name": known.name, "email": known.email}
    if isinstance(known, Organisation):
        values |= {"street": known.address[:200], "siret": _siret(known.siret)}
    return values


def _siret(text: str) -> str:
    try:
        return read_siret(text) if text else ""
    except ValueError:
        return ""


def _party(place: Place, person_id: int | None, organisation_id: int | None) -> dict[str, Any]:
    if person_id is not None and organisation_id is not None:
        raise refuse(
            "customer", _("un compte est d’une personne ou d’une organisation"), _("choisissez l’une ou l’autre")
        )
    here = {"place": place, "merged_into__isnull": True}
    if person_id is not None:
        return {"person": Person.objects.get(pk=person_id, erased_at__isnull=True, **here)}
    if organisation_id is not None:
        return {"organisation": Organisation.objects.get(pk=organisation_id, **here)}
    return {}


def _open(place: Place, values: Mapping[str, Any], by: str, now: datetime) -> int:
    made = Customer.objects.create(place=place, created_at=now, created_by=by, **values)
    note("billing.customer_added", made, place=place, by=by, now=now)
    return int(made.pk)
