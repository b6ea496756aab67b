"""A carnet or an allowance used by hand, what is beyond it charged, a slip undone, a lost one cancelled."""

from datetime import date, datetime

from django.db import transaction

from maillage.accounts.rules import HOST, RUN
from maillage.management.billing.actions.customers import customer_for
from maillage.management.billing.actions.door import enter, refuse
from maillage.management.billing.actions.issuing import issue_at_once
from maillage.management.billing.rules.drafts import DraftLine
from maillage.management.passes.actions import ledger
from maillage.management.passes.actions.door import own_key, pass_here
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.models import Movement, Pass
from maillage.management.passes.queries.ledger import balance
from maillage.management.passes.rules.formulas import rates_of
from maillage.management.passes.rules.ledger import HALVES
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

MOST_PIECES = 100


@transaction.atomic
def use(
    *,
    place: Place,
    pass_id: int,
    subject: str,
    quantity: int,
    day: date,
    key: str,
    by: str,
    now: datetime,
    half: str = "",
    beyond: bool = False,
) -> Movement | None:
    """Take what so much of a thing is worth; `beyond` charges what an allowance lacks at its price of the unit more.

    A half-day counts once on the carnet of a person; several may come on an organisation's.
    """
    here = enter(place, by, HOST)
    found = pass_here(here, pass_id)
    rate = next((one for one in rates_of(found.rates) if one.subject == subject), None)
    if rate is None:
        raise refuse("subject", _("ce carnet ne vaut pas pour cela"), _("choisissez une chose de la liste"))
    if not 1 <= quantity <= MOST_PIECES:
        raise refuse(
            "quantity", _("ce nombre ne se peut pas"), _("écrivez un nombre entier, de 1 à %(n)d", n=MOST_PIECES)
        )
    if half and half not in HALVES:
        raise refuse("half", _("ce choix n’existe pas"), _("choisissez matin ou après-midi"))
    own = own_key(here, "use", key)
    units = rate.units * quantity
    counted = half if rate.unit == "half_day" and found.person_id else ""
    known = Movement.objects.filter(key=own).first()
    if beyond and known is not None:
        units = -known.amount
    elif beyond:
        units = _charge(found, units, subject, key=own, by=by, now=now)
    if not units:
        return None
    return ledger.redeem(
        pass_id=found.pk,
        units=units,
        place=here,
        day=day,
        half=counted,
        subject=subject,
        key=own,
        by=by,
        now=now,
    )


def _charge(found: Pass, units: int, subject: str, *, key: str, by: str, now: datetime) -> int:
    """Invoice the units that an allowance lacks; how many are left to take from it."""
    price = found.formula.overage_cents if found.formula else None
    if price is None:
        raise refuse("beyond", _("cette formule n’a pas de prix au-delà"), _("payez le reste au tarif à l’unité"))
    # Who waits here sees what the others took: the turn of writers is theirs already.
    left = max(balance(found.pk), 0)
    short = units - left
    if short <= 0:
        return units
    place = found.place
    assert place is not None
    account = customer_for(
        place=place, person_id=found.person_id, organisation_id=found.organisation_id, by=by, now=now
    )
    label = str(_("%(name)s\u202f: au-delà de ce qui est compris", name=found.formula.name if found.formula else ""))
    line = DraftLine(label, short * 1000, "each", price, subject=subject)
    issue_at_once(place=place, customer_id=account, lines=[line], key=key, by=by, now=now)
    return left


@transaction.atomic
def undo(*, place: Place, movement_id: int, by: str, now: datetime) -> Movement:
    """Undo a use that was a slip: its units come back; undone twice, it is undone once."""
    here = enter(place, by, HOST)
    done = Movement.objects.filter(pk=movement_id).first()
    if done is None:
        raise PassRefused("not_that")
    found = pass_here(here, done.of_id)
    if done.place_id not in (None, found.place_id):
        raise PassRefused("elsewhere")
    return ledger.restore(movement_id=movement_id, key=f"undo:{movement_id}", by=by, now=now)


@transaction.atomic
def cancel(*, place: Place, pass_id: int, key: str, by: str, now: datetime) -> Movement:
    """Take what is left of a carnet that is lost or given back; its invoice stays, a credit note is made apart."""
    here = enter(place, by, RUN)
    found = pass_here(here, pass_id)
    return ledger.cancel(pass_id=found.pk, key=own_key(here, "cancel", key), by=by, now=now)
