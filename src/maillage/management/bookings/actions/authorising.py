"""Who may use what: given to those who followed a training, taken back from one."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from maillage.accounts.rules import RUN
from maillage.journal import actions as journal
from maillage.management.bookings.actions.spaces import SpacesRefused, refuse
from maillage.management.bookings.models import Authorisation
from maillage.management.bookings.queries.authorisations import names_given, persons
from maillage.management.bookings.rules.authorisations import MOST_NAMES, read_giving
from maillage.management.people.actions.door import enter
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _


@transaction.atomic
def authorise(*, place: Place, person_ids: Sequence[int], raw: Mapping[str, str], by: str, now: datetime) -> int:
    """Note that these persons may use something from a day until another; how many could not already.

    All of them or none: SpacesRefused for somebody who is not of this place now. The same again is once.
    """
    here = enter(RUN, place, by)
    read = read_giving(raw, names_given(here))
    if read.wrongs:
        raise SpacesRefused(read.wrongs)
    asked = sorted(set(person_ids))
    if not asked:
        raise refuse("names", _("il manque à qui"), _("écrivez un nom par ligne"))
    if len(asked) > MOST_NAMES:
        raise refuse("names", _("plus de %(n)d personnes", n=MOST_NAMES), _("faites-le en deux fois"))
    known = persons(here, asked)
    if len(known) != len(asked):
        raise refuse("names", _("quelqu’un n’est plus dans la liste de ce lieu"), _("relisez les noms"))
    given = 0
    for person in known:
        if Authorisation.objects.filter(person=person, withdrawn_at__isnull=True, **read.values).exists():
            continue
        row = Authorisation.objects.create(person=person, given_by=by, **read.values)
        told = {"place": str(here.pk), "person": person.pk, "name": row.name}
        journal.write(action="bookings.authorised", by=by, now=now, subject=f"authorisation:{row.pk}", detail=told)
        given += 1
    return given


@transaction.atomic
def withdraw(*, place: Place, authorisation_id: int, by: str, now: datetime) -> None:
    """Take back from somebody what an authorisation gave them, with all others of that name; bookings stay."""
    here = enter(RUN, place, by)
    row = Authorisation.objects.get(pk=authorisation_id, person__place=here, withdrawn_at__isnull=True)
    same = Authorisation.objects.filter(person=row.person_id, name=row.name, withdrawn_at__isnull=True)
    ids = sorted(same.values_list("pk", flat=True))
    same.update(withdrawn_at=now)
    told = {"place": str(here.pk), "person": row.person_id, "name": row.name, "rows": ids}
    journal.write(action="bookings.unauthorised", by=by, now=now, subject=f"authorisation:{row.pk}", detail=told)
