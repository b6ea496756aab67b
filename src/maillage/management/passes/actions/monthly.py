"""What each day brings: months of subscriptions that begin, passes whose last day is long over."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, Sum

from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.queries.days import today_at
from maillage.management.passes.actions import ledger
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.actions.selling import begin_month
from maillage.management.passes.models import Movement, Pass, Subscription
from maillage.management.passes.rules.formulas import months_begun

logger = logging.getLogger(__name__)
SETTLED_WITHIN = timedelta(days=7)
"""A tablet that was offline on a pass's last day brings its redemptions in within a week."""


def begin_months(*, by: str, now: datetime) -> int:
    """Issue the months of subscriptions that have begun, each in a transaction of its own; says how many."""
    rows = Subscription.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=now.date() - SETTLED_WITHIN))
    rows = rows.exclude(person__erased_at__isnull=False)
    begun = 0
    for one in rows.select_related("place__commune__departement", "formula", "person", "organisation").order_by("pk"):
        issued = set(Movement.objects.filter(key__startswith=f"month:{one.pk}:").values_list("key", flat=True))
        for number in months_begun(one.starts_on, one.ends_on, today_at(one.place, now)):
            if f"month:{one.pk}:{number}" in issued:
                continue
            try:
                begin_month(subscription=one, number=number, by=by, now=now)
            except (BillingRefused, PassRefused) as refused:
                logger.warning("Le mois %s de l’abonnement %s attend : %s", number, one.pk, refused)
                break
            begun += 1
    return begun


def expire_due(*, by: str, now: datetime) -> int:
    """Take what is left of passes whose last day is over for a week, each in a transaction of its own."""
    over = Pass.objects.filter(ends_on__lt=now.date() - SETTLED_WITHIN)
    left = over.annotate(left=Sum("movements__amount")).filter(left__gt=0).order_by("pk")
    expired = 0
    for found in left.iterator():
        with transaction.atomic():
            last = Movement.objects.filter(of=found).order_by("-pk").values_list("pk", flat=True).first()
            try:
                ledger.expire(pass_id=found.pk, key=f"expiry:{found.pk}:{last}", by=by, now=now)
            except PassRefused as refused:
                logger.warning("Le passe %s n’a pas expiré : %s", found.pk, refused)
                continue
        expired += 1
    return expired
