"""What every act on formulas and carnets passes first; whoever hosts sells and uses them, whoever runs decides them."""

from datetime import datetime
from typing import Any

from django.db import models

from maillage.journal import actions as journal
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.models import Pass
from maillage.management.passes.rules.ledger import FUNDED
from maillage.places.models import Place

LONGEST_FORM_KEY = 55


def pass_here(place: Place, pass_id: int) -> Pass:
    """A carnet or an allowance that this place sold; one of another place, or of a funder, does not exist here."""
    rows = Pass.objects.select_related("formula", "person", "organisation", "place__commune__departement")
    found = rows.filter(pk=pass_id, place=place).exclude(kind=FUNDED).first()
    if found is None:
        raise PassRefused("unknown")
    return found


def own_key(place: Place, act: str, key: str) -> str:
    """The key of a form as the ledger keeps it: no place meets another's."""
    if not 0 < len(key) <= LONGEST_FORM_KEY:
        raise PassRefused("key")
    return f"{act}:{place.pk}:{key}"


def note(action: str, subject: models.Model, *, place: Place, by: str, now: datetime, **detail: Any) -> None:
    """Write the audit event of an act: which row, where, and never who."""
    told = {"place": str(place.pk), **detail}
    journal.write(action=action, by=by, now=now, subject=f"{subject._meta.model_name}:{subject.pk}", detail=told)
