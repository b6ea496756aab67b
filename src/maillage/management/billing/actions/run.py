"""The invoice run: one invoice a payer, each in a transaction of its own, so that a run that stopped goes on."""

import time
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from maillage.management.billing.actions.customers import customer_for
from maillage.management.billing.actions.door import enter, refuse
from maillage.management.billing.actions.issuing import issue_at_once
from maillage.management.billing.models import Invoice
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.invoices import document_of
from maillage.management.billing.queries.run import issued_in, payers
from maillage.management.billing.rules.run import Payer, Run, is_same, key_of, line_for
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _


def issue_run(
    *, place: Place, run: Run, by: str, now: datetime, most_seconds: float | None = None
) -> Iterator[Invoice]:
    """Issue what is left of a run, one by one; asked again it goes on where it stopped, and repeats nothing.

    Another line under the name of a run that began is refused before anything is issued.
    """
    done = issued_in(place, run)
    for first in list(done.values())[:1]:
        if not is_same(run, document_of(first).lines[0]):
            raise refuse(
                "name", _("un tirage de ce nom a déjà commencé avec une autre ligne"), _("donnez-lui un autre nom")
            )
    started = time.monotonic()
    for payer in payers(place, run, on=today_at(place, now)):
        if key_of(run, payer) in done:
            continue
        if most_seconds is not None and time.monotonic() - started > most_seconds:
            return
        yield issue_to(place=place, run=run, payer=payer, by=by, now=now)


@transaction.atomic
def issue_to(*, place: Place, run: Run, payer: Payer, by: str, now: datetime) -> Invoice:
    """Issue the invoice of one payer, whose account is opened if need be."""
    here = enter(place, by)
    party = {"person_id": payer.person_id, "organisation_id": payer.organisation_id}
    return issue_at_once(
        place=here,
        customer_id=customer_for(place=here, by=by, now=now, **party),
        lines=[line_for(run, payer)],
        key=key_of(run, payer),
        by=by,
        now=now,
        delivered_from=run.starts,
        delivered_to=run.ends,
    )
