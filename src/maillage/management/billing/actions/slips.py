"""Cheques brought to the bank: each on one slip, and once."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from maillage.management.billing.actions.books import today_at
from maillage.management.billing.actions.door import enter, note, once, refuse
from maillage.management.billing.models import Slip, SlipCheque
from maillage.management.billing.queries.payments import cheques_at_hand
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

MOST_CHEQUES = 200


def make_slip(*, place: Place, cheques: Sequence[int], key: str, by: str, now: datetime) -> int:
    """Put cheques on a new slip, and give its number in the database; sent again, it is the same slip."""
    chosen = sorted(set(cheques))

    def act() -> int:
        return _made(place, chosen, by=by, now=now)

    with transaction.atomic():
        enter(place, by)
        return once(key, act, place=place, by=by, now=now, told={"act": "slip", "cheques": chosen})


def _made(place: Place, chosen: Sequence[int], *, by: str, now: datetime) -> int:
    if not chosen:
        raise refuse("cheques", _("aucun chèque n’est choisi"), _("cochez-en un au moins"))
    if len(chosen) > MOST_CHEQUES:
        raise refuse("cheques", _("un bordereau porte %(n)d chèques au plus", n=MOST_CHEQUES), _("faites-en deux"))
    at_hand = {cheque.pk: cheque for cheque in cheques_at_hand(place)}
    if any(number not in at_hand for number in chosen):
        problem = _("un de ces chèques est déjà remis ou annulé")
        raise refuse("cheques", problem, _("rechargez la page et choisissez de nouveau"))
    last = Slip.objects.filter(place=place).aggregate(last=Max("number"))["last"] or 0
    slip = Slip.objects.create(place=place, number=last + 1, made_on=today_at(place, now), made_at=now, made_by=by)
    SlipCheque.objects.bulk_create(SlipCheque(slip=slip, payment=at_hand[number]) for number in chosen)
    cents = sum(at_hand[number].amount_cents for number in chosen)
    note("billing.slip_made", slip, place=place, by=by, now=now, cheques=len(chosen), cents=cents)
    return slip.pk
