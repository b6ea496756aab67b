"""Formulas: written once, since what was sold keeps its rates; to change one, retire it and write another."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from maillage.management.billing.actions.door import BillingRefused, enter, once, refuse
from maillage.management.billing.queries.subjects import subjects
from maillage.management.passes.actions.door import note
from maillage.management.passes.models import Formula
from maillage.management.passes.rules.formulas import read_formula
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _


@transaction.atomic
def add_formula(*, place: Place, raw: Mapping[str, str], by: str, now: datetime, idempotency_key: str = "") -> int:
    """Write a formula of a place; its number."""
    here = enter(place, by)

    def act() -> int:
        read = read_formula(raw, [one.word for one in subjects(here, kind="space")])
        if read.wrongs:
            raise BillingRefused(read.wrongs)
        if Formula.objects.filter(place=here, name=read.values["name"], archived_at__isnull=True).exists():
            raise refuse("name", _("une formule porte déjà ce nom"), _("donnez-lui-en un autre"))
        made = Formula.objects.create(place=here, **read.values, created_at=now, created_by=by)
        note("passes.formula_added", made, place=here, by=by, now=now, label=made.name)
        return int(made.pk)

    return once(idempotency_key, act, place=here, by=by, now=now, told={"act": "formula", "raw": dict(raw)})


@transaction.atomic
def archive_formula(*, place: Place, formula_id: int, by: str, now: datetime) -> None:
    """Sell a formula no more; what was sold stays good, and subscriptions to it go on."""
    here = enter(place, by)
    found = Formula.objects.select_for_update(of=("self",)).get(pk=formula_id, place=here)
    if found.archived_at is not None:
        return
    found.archived_at = now
    found.save(update_fields=["archived_at"])
    note("passes.formula_archived", found, place=here, by=by, now=now, label=found.name)
