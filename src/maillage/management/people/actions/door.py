"""What every act passes first: its turn, its right, its person of this place."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from maillage.journal import actions as journal
from maillage.management.people.models import Organisation, Person
from maillage.management.people.rules.entries import Wrong
from maillage.places.labels import say
from maillage.places.models import Place
from maillage.places.permissions import let_in


class PeopleRefused(ValueError):
    """Something cannot be written; `wrongs` by field say what and the mend. Nothing is written."""

    def __init__(self, wrongs: Mapping[str, Wrong]) -> None:
        self.wrongs = {name: (say(one.problem), say(one.mend)) for name, one in wrongs.items()}
        super().__init__(" ".join(f"{_said(*one)}" for one in self.wrongs.values()))


def _said(problem: str, mend: str) -> str:
    text = _("%(problem)s\u202f: %(mend)s.") % {"problem": problem, "mend": mend}
    return text[:1].upper() + text[1:]


def refuse(name: str, problem: str, mend: str) -> PeopleRefused:
    """A refusal for one reason."""
    return PeopleRefused({name: Wrong(problem, mend)})


def enter(act: str, place: Place, by: str) -> Place:
    """Take one's turn, then see again that who signs still may: a role may be lost meanwhile. The place as it is now.

    The place's row is not locked: a booking holds it while it waits for this turn.
    """
    journal.lock_order()
    here = Place.objects.select_related("commune__departement").get(pk=place.pk)
    let_in(act, here, by)
    return here


def departement_of(place: Place) -> str:
    """The département whose telephone plan a place has; empty where nobody knows."""
    return str(place.commune.departement_id or "") if place.commune else ""


def one_of(place: Place, person_id: int) -> Person:
    """A person of this place to write on; one of another place, merged or erased does not exist here."""
    rows = Person.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=person_id, place=place, merged_into__isnull=True, erased_at__isnull=True)


def organisation_of(place: Place, organisation_id: int) -> Organisation:
    """An organisation of this place to write on; one of another place, or merged, does not exist here."""
    rows = Organisation.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=organisation_id, place=place, merged_into__isnull=True)


def note(action: str, subject: Person | Organisation, *, by: str, now: datetime, **detail: Any) -> None:
    """Write the audit event of an act on a person or an organisation: which, where, and never who."""
    journal.write(
        action=action,
        by=by,
        now=now,
        subject=f"{subject._meta.model_name}:{subject.pk}",
        detail={"place": str(subject.place_id), **detail},
    )


def once(key: str, act: Callable[[], int], *, place: Place, by: str, now: datetime, told: Mapping[str, Any]) -> int:
    """Do an act once for one form: sent again, it gives the number of what it made the first time."""
    if not key:
        return act()
    written = json.dumps(told, sort_keys=True, default=str)
    return int(
        journal.once(
            caller=f"{by} people:{place.pk}"[:120],
            key=key[:255],
            fingerprint=hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest(),
            now=now,
            act=lambda: {"id": act()},
        )["id"]
    )
