"""Cheques brought to the bank: each on one slip, and once; the books say so on the day that the bank has them."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max, Sum

from maillage.management.billing.actions.books import write_slip
from maillage.management.billing.actions.door import BillingRefused, enter, note, once, refuse
from maillage.management.billing.models import Payment, Slip, SlipCheque
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.payments import cheques_at_hand
from maillage.management.billing.rules.payments import day_wrong
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


@transaction.atomic
def bank_slip(*, place: Place, slip_id: int, on: date | None, by: str, now: datetime) -> int:
    """Say that the bank has credited a slip: its cheques become money there; how many cents. Said again, nothing more.

    A cheque that was undone meanwhile is not counted.
    """
    here = enter(place, by)
    slip = Slip.objects.select_for_update(of=("self",)).select_related("place").get(pk=slip_id, place=here)
    cheques = Payment.objects.filter(on_slip__slip=slip, undone_by__isnull=True)
    if slip.banked_on is not None:
        return 0
    wrong = day_wrong(on, today_at(here, now))
    if wrong or on is None:
        raise BillingRefused({"banked_on": wrong} if wrong else {})
    if on < slip.made_on:
        problem = _("ce jour est d’avant le bordereau")
        raise refuse("banked_on", problem, _("écrivez celui du relevé de la banque"))
    cents = cheques.aggregate(sum=Sum("amount_cents"))["sum"] or 0
    if cents <= 0:
        raise refuse("banked_on", _("tous les chèques de ce bordereau sont annulés"), _("il n’y a rien à créditer"))
    slip.banked_on, slip.banked_at, slip.banked_by = on, now, by
    slip.save(update_fields=["banked_on", "banked_at", "banked_by"])
    write_slip(slip=slip, cents=cents, by=by, now=now)
    note("billing.slip_banked", slip, place=here, by=by, now=now, cents=cents, on=on.isoformat())
    return int(cents)
