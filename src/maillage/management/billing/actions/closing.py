"""Periods are closed one after the other: nothing is written into them any more."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum

from maillage.management.billing.actions.books import turn, values_of
from maillage.management.billing.actions.door import BillingRefused, enter, note, refuse
from maillage.management.billing.models import Closing, Entry, Series
from maillage.management.billing.queries.books import first_open_day, periods
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.rules import chain, closings
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _


@transaction.atomic
def close(*, place: Place, period: str, on: date, by: str, now: datetime) -> Closing:
    """Close the day, month or year that a day is in, and keep its totals since the first line, and the chain's end."""
    here = enter(place, by)
    if period not in closings.PERIODS:
        raise refuse("period", _("on clôture un jour, un mois ou une année"), _("choisissez l’un des trois"))
    turn(here)
    asked = closings.period_of(period, on)
    wrong = closings.refusal(asked, periods(here), first_open=first_open_day(here), today=today_at(here, now))
    if wrong:
        raise BillingRefused({"on": wrong})
    held = Entry.objects.filter(place=here)
    last = held.order_by("-position").first()
    sums = held.filter(on__lte=asked.ends_on).aggregate(debit=Sum("debit_cents"), credit=Sum("credit_cents"))
    before = Closing.objects.filter(place=here).order_by("-pk").first()
    closing = Closing(
        place=here,
        period=period,
        starts_on=asked.starts_on,
        ends_on=asked.ends_on,
        last_position=last.position if last else 0,
        debit_cents=sums["debit"] or 0,
        credit_cents=sums["credit"] or 0,
        chain=last.digest if last else "",
        before=before.digest if before else "",
        closed_at=now,
        closed_by=by,
    )
    closing.digest = chain.linked(values_of(closing, chain.CLOSING), closing.before)
    closing.save(force_insert=True)
    count, _is_new = Series.objects.get_or_create(place=here, name=chain.CLOSINGS)
    count.last_number, count.last_on = count.last_number + 1, asked.ends_on
    count.save(update_fields=["last_number", "last_on"])
    note("billing.closed", closing, place=here, by=by, now=now, kind=period, ends_on=asked.ends_on.isoformat())
    return closing
