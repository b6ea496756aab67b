"""The price lists of a place: a new one, often a copy of the last, and its lines until another has taken over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from maillage.management.billing.actions.door import BillingRefused, enter, note, once, refuse
from maillage.management.billing.models import Price, PriceList
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.queries.subjects import subjects
from maillage.management.billing.rules import prices as rules
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _


@transaction.atomic
def add_list(
    *,
    place: Place,
    raw: Mapping[str, str],
    copies: int | None,
    by: str,
    now: datetime,
    idempotency_key: str = "",
) -> int:
    """Begin a list of prices from a day on; `copies` is the list whose lines it takes over."""
    here = enter(place, by)
    told = {"act": "list", "raw": dict(raw), "copies": copies}

    def act() -> int:
        return _add_list(here, raw, copies, by=by, now=now)

    return once(idempotency_key, act, place=here, told=told, by=by, now=now)


def _add_list(place: Place, raw: Mapping[str, str], copies: int | None, *, by: str, now: datetime) -> int:
    read = rules.read_list(raw)
    if read.wrongs:
        raise BillingRefused(read.wrongs)
    if PriceList.objects.filter(place=place, since=read.values["since"]).exists():
        raise refuse("since", _("une liste commence déjà ce jour-là"), _("changez-la, ou choisissez un autre jour"))
    made = PriceList.objects.create(place=place, **read.values, created_at=now, created_by=by)
    source = PriceList.objects.get(pk=copies, place=place) if copies else None
    lines = Price.objects.filter(price_list=source).order_by("position", "pk") if source else ()
    for line in lines:
        line.pk, line.price_list = None, made
        line._state.adding = True
        line.save(force_insert=True)
    note("billing.list_added", made, place=place, by=by, now=now, label=made.title, since=made.since.isoformat())
    return made.pk


@transaction.atomic
def add_price(
    *, place: Place, list_id: int, raw: Mapping[str, str], by: str, now: datetime, idempotency_key: str = ""
) -> int:
    """Add a line to a list."""
    here = enter(place, by)
    told = {"act": "price", "list": list_id, "raw": dict(raw)}

    def act() -> int:
        return _add_price(here, list_id, raw, by=by, now=now)

    return once(idempotency_key, act, place=here, told=told, by=by, now=now)


def _add_price(place: Place, list_id: int, raw: Mapping[str, str], *, by: str, now: datetime) -> int:
    found = _list_here(place, list_id, now)
    there = Price.objects.filter(price_list=found).count()
    if there >= rules.MOST_PRICES:
        raise refuse("label", _("cette liste a déjà %(n)d lignes", n=there), _("retirez-en une avant d’en ajouter"))
    made = _save(Price(price_list=found, position=there), place, raw)
    note("billing.price_added", made, place=place, by=by, now=now, label=made.label)
    return made.pk


@transaction.atomic
def change_price(*, place: Place, price_id: int, raw: Mapping[str, str], by: str, now: datetime) -> bool:
    """Change a line of a list that nothing has taken over from; says whether anything changed."""
    here = enter(place, by)
    found = Price.objects.get(pk=price_id, price_list__place=here)
    _list_here(here, found.price_list_id, now)
    before = _facts(found)
    _save(found, here, raw)
    if _facts(found) == before:
        return False
    note("billing.price_changed", found, place=here, by=by, now=now, label=found.label)
    return True


@transaction.atomic
def remove_price(*, place: Place, price_id: int, by: str, now: datetime) -> None:
    """Take a line out of a list; what was sold at it keeps its price."""
    here = enter(place, by)
    found = Price.objects.get(pk=price_id, price_list__place=here)
    _list_here(here, found.price_list_id, now)
    note("billing.price_removed", found, place=here, by=by, now=now, label=found.label)
    found.delete()


def _list_here(place: Place, list_id: int, now: datetime) -> PriceList:
    found = PriceList.objects.select_for_update(of=("self",)).get(pk=list_id, place=place)
    others = PriceList.objects.filter(place=place).values_list("since", flat=True)
    if rules.is_past(found.since, others, today_at(place, now)):
        raise refuse(
            "list", _("une autre liste a remplacé celle-ci"), _("changez la liste en cours, ou ajoutez-en une")
        )
    return found


def _save(row: Price, place: Place, raw: Mapping[str, str]) -> Price:
    read = rules.read_price(raw, [one.word for one in subjects(place)])
    if read.wrongs:
        raise BillingRefused(read.wrongs)
    for name, value in read.values.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as twice:
        raise refuse("label", _("cette ligne est déjà dans la liste"), _("changez celle qui y est")) from twice
    return row


def _facts(row: Price) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
