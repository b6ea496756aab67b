"""Who pays in an invoice run, and what of it was issued already."""

from datetime import date

from django.db.models import Q

from maillage.management.billing.models import Invoice
from maillage.management.billing.rules.run import Payer, Run, pays, prefix_of
from maillage.management.people.models import Membership
from maillage.places.models import Place


def payers(place: Place, run: Run, *, on: date) -> list[Payer]:
    """Those whose membership of the asked kinds holds on a day, by name: an organisation once, for all its own."""
    rows = Membership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on),
        person__place=place,
        person__merged_into__isnull=True,
        person__erased_at__isnull=True,
        kind__in=run.kinds,
        starts_on__lte=on,
    ).select_related("person", "organisation")
    found: dict[str, Payer] = {}
    own: dict[str, set[int]] = {}
    for row in rows.order_by("pk"):
        if not pays(row.fee_class):
            continue
        body = row.organisation
        one = Payer(body.name, 0, organisation_id=body.pk) if body else Payer(row.person.name, 0, row.person_id)
        found.setdefault(one.ref, one)
        own.setdefault(one.ref, set()).add(row.person_id)
    told = [Payer(one.name, len(own[ref]), one.person_id, one.organisation_id) for ref, one in found.items()]
    return sorted(told, key=lambda one: (one.name.casefold(), one.ref))


def issued_in(place: Place, run: Run) -> dict[str, Invoice]:
    """The invoices of a run, by their key."""
    rows = Invoice.objects.filter(place=place, key__startswith=prefix_of(run)).order_by("pk")
    return {one.key: one for one in rows}
