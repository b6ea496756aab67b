"""Who sells at a place, said again whenever it changes: what was issued keeps the seller of its day."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from maillage.management.billing.actions.door import BillingRefused, enter, note
from maillage.management.billing.models import Seller
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.rules.parties import read_seller
from maillage.places.models import Place


@transaction.atomic
def set_seller(*, place: Place, raw: Mapping[str, str], by: str, now: datetime) -> Seller:
    """Say who sells from a day on, today unless another is given; said twice for one day, the last holds."""
    here = enter(place, by)
    read = read_seller(raw, today=today_at(here, now))
    if read.wrongs:
        raise BillingRefused(read.wrongs)
    values = {name: value for name, value in read.values.items() if name != "since"}
    since = read.values["since"]
    known = Seller.objects.filter(place=here, since=since).first()
    if known is not None and all(getattr(known, name) == value for name, value in values.items()):
        return known
    signed = {"created_at": now, "created_by": by}
    made, _ = Seller.objects.update_or_create(place=here, since=since, defaults={**values, **signed})
    note("billing.seller_said", made, place=here, by=by, now=now, since=since.isoformat())
    return made
