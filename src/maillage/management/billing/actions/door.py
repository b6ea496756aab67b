"""What every act on money passes first: its turn, its right, the rows it writes on.

Money is the business of who runs the place (`run`): a colleague who hosts sees persons and bookings, and no account. A
room above that sells something lets in whom it wants by its own rule, then calls `issue_at_once` or `customer_for`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from maillage.accounts.rules import RUN
from maillage.journal import actions as journal
from maillage.management.billing.models import Customer, Draft, Invoice
from maillage.management.people.rules.entries import Wrong
from maillage.places.labels import say
from maillage.places.models import Place
from maillage.places.permissions import let_in


class BillingRefused(ValueError):
    """Something about money cannot be; `wrongs` by field say what and the mend. Nothing is written."""

    def __init__(self, wrongs: Mapping[str, Wrong]) -> None:
        self.wrongs = {name: (say(one.problem), say(one.mend)) for name, one in wrongs.items()}
        super().__init__(" ".join(_said(*one) for one in self.wrongs.values()))


def _said(problem: str, mend: str) -> str:
    text = _("%(problem)s\u202f: %(mend)s.") % {"problem": problem, "mend": mend}
    return text[:1].upper() + text[1:]


def refuse(name: str, problem: str, mend: str) -> BillingRefused:
    """A refusal for one reason."""
    return BillingRefused({name: Wrong(problem, mend)})


def enter(place: Place, by: str, act: str = RUN) -> Place:
    """Take one's turn, then see again that who signs still may; the place as it is now."""
    journal.lock_order()
    here = Place.objects.select_related("commune__departement").get(pk=place.pk)
    let_in(act, here, by)
    return here


def customer_here(place: Place, customer_id: int) -> Customer:
    """An account of this place to write on; one of another place does not exist here."""
    rows = Customer.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=customer_id, place=place)


def draft_here(place: Place, draft_id: int) -> Draft:
    """A draft of this place to write on, with its customer and the invoice that it corrects."""
    rows = Draft.objects.select_for_update(of=("self",)).select_related("customer", "corrects")
    return rows.get(pk=draft_id, place=place)


def invoice_here(place: Place, invoice_id: int) -> Invoice:
    """An invoice of this place, which never changes: whoever adds to it waits at its row."""
    rows = Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("customer")
    return rows.get(pk=invoice_id, place=place)


def note(action: str, subject: models.Model, *, place: Place, by: str, now: datetime, **detail: Any) -> None:
    """Write the audit event of an act on money: which row, where, and never who."""
    journal.write(
        action=action,
        by=by,
        now=now,
        subject=f"{subject._meta.model_name}:{subject.pk}",
        detail={"place": str(place.pk), **detail},
    )


def once(key: str, act: Callable[[], int], *, place: Place, by: str, now: datetime, told: Any) -> int:
    """Do an act once for one form: sent again, it gives the number of what it made the first time.

    Raises `KeyReused` when the key comes back with something else told.
    """
    if not key:
        return act()
    written = json.dumps(told, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    answer = journal.once(
        caller=f"{by} billing:{place.pk}"[:120],
        key=key[:255],
        fingerprint=hashlib.sha256(written).hexdigest(),
        now=now,
        act=lambda: {"id": act()},
    )
    return int(answer["id"])
