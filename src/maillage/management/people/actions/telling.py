"""Who took away what is held about somebody: the place answers for every copy."""

from datetime import datetime

from django.db import transaction

from maillage.accounts.rules import RUN
from maillage.management.people.actions.door import enter, note
from maillage.management.people.models import Person
from maillage.places.models import Place


@transaction.atomic
def note_download(*, place: Place, person_id: int, kind: str, by: str, now: datetime) -> None:
    """Write down that everything held about a person of this place is taken away in a file of this kind."""
    here = enter(RUN, place, by)
    person = Person.objects.get(pk=person_id, place=here, erased_at__isnull=True)
    note("people.downloaded", person, by=by, now=now, kind=kind)
