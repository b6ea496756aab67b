"""Somebody is forgotten: what tells who they were goes, in every room; dates and counts stay."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from maillage.accounts.rules import RUN
from maillage.journal import actions as journal
from maillage.management.people.actions.door import enter, note, one_of, refuse
from maillage.management.people.models import Apart, Person
from maillage.management.people.queries.accounts import address_serves_elsewhere
from maillage.management.people.queries.held import forgetters, holders
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _


@transaction.atomic
def erase_person(*, place: Place, person_id: int, by: str, now: datetime) -> None:
    """Take away name, e-mail, telephone, note and account of somebody and of all merged into them, for good.

    Whoever answers for a child here is refused: the child first needs somebody else; so is whom a room above
    holds, with its reason. Mails to an address that an account or another place has too are left to them: they are
    erased with their month.
    """
    person = one_of(enter(RUN, place, by), person_id)
    if Person.objects.filter(guardian=person, merged_into__isnull=True, erased_at__isnull=True).exists():
        raise refuse(
            "children",
            _("cette personne répond d’un enfant"),
            _("confiez d’abord cet enfant à quelqu’un d’autre, ou effacez-le aussi"),
        )
    same = [person, *Person.objects.filter(merged_into=person, erased_at__isnull=True)]
    ids = [one.pk for one in same]
    for holder in holders():
        if Person.objects.filter(holder.held(), pk__in=ids).exists():
            raise refuse("held", *holder.reason())
    addresses = {one.email for one in same if one.email and not address_serves_elsewhere(one)}
    for forgetter in forgetters():
        forgetter.forget_persons(persons=ids, by=by, now=now)
    Apart.objects.filter(Q(one__in=ids) | Q(other__in=ids)).delete()
    journal.forget_person(addresses=addresses, name="")
    Person.objects.filter(pk__in=ids).update(
        name="",
        folded="",
        email="",
        phone="",
        phone_dialled="",
        note="",
        account=None,
        guardian=None,
        moved={},
        left_at=person.left_at or now,
        erased_at=now,
    )
    note("people.person_erased", person, by=by, now=now, merged=ids[1:])
