"""Who a pass was for is forgotten: on demand, with the person of a place, and once the period is over.

A pass stays good for whoever bears its card; its home and age band, which point at nobody, stay for the report.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from maillage.journal import actions as journal
from maillage.management.passes.rules.ledger import read_code
from maillage.management.people.models import Person
from maillage.management.people.queries.retention import period
from maillage.management.people.rules.retention import months_later
from maillage.network.schemes.actions.door import funded, note, refuse
from maillage.network.schemes.models import Issue, Scheme
from maillage.network.schemes.rules.eligibility import contact_print
from maillage.places.rules.sentences import sentence as _

KNOWN = ~Q(holder="") | ~Q(contact="")


@transaction.atomic
def forget_holder(*, scheme_id: int, code: str, by: str, now: datetime) -> None:
    """Take name and contact out of a pass and of those it replaces; forgotten twice is forgotten once."""
    scheme = funded(scheme_id, by)
    found = Issue.objects.filter(scheme=scheme, of__code=read_code(code)).first()
    if found is None:
        raise refuse("code", _("ce code n’est pas celui d’un passe de ce dispositif"), _("relisez-le signe par signe"))
    same = [found.pk]
    before = found.replaces
    while before is not None:
        same.append(before.pk)
        before = before.replaces
    after = Issue.objects.filter(replaces=found).first()
    while after is not None:
        same.append(after.pk)
        after = Issue.objects.filter(replaces=after).first()
    if _forget(Issue.objects.filter(pk__in=same)):
        note("schemes.holder_forgotten", found, scheme=scheme, by=by, now=now)


def forget_persons(*, persons: Sequence[int], by: str, now: datetime) -> None:
    """Take out of every scheme what was kept of somebody whom a place erases, known again by e-mail or telephone."""
    texts = {
        text for pair in Person.objects.filter(pk__in=persons).values_list("email", "phone") for text in pair if text
    }
    if not texts:
        return
    for scheme in Scheme.objects.filter(pk__in=Issue.objects.exclude(contact="").values("scheme")).order_by("pk"):
        prints = {contact_print(scheme.pepper, text) for text in texts} - {""}
        if count := _forget(Issue.objects.filter(scheme=scheme, contact__in=prints)):
            note("schemes.holder_forgotten", scheme, scheme=scheme, by=by, now=now, passes=count)


@transaction.atomic
def forget_due(*, by: str, now: datetime) -> int:
    """Forget who had the passes of schemes that ended so long ago that the law wants it; says how many passes."""
    kept = period(now.date())
    if kept is None or kept.value is None:
        return 0
    journal.lock_order()
    done = 0
    known = Issue.objects.filter(KNOWN).values("scheme")
    for scheme in Scheme.objects.filter(pk__in=known, ends_on__lt=now.date()).order_by("pk"):
        if months_later(scheme.ends_on, kept.value) >= now.date():
            continue
        count = _forget(Issue.objects.filter(scheme=scheme))
        note("schemes.holder_forgotten", scheme, scheme=scheme, by=by, now=now, passes=count, months=kept.value)
        done += count
    return done


def _forget(rows: QuerySet[Issue]) -> int:
    return rows.filter(KNOWN).update(holder="", contact="")
