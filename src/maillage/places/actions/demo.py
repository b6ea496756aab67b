"""Taking the demo away."""

from datetime import datetime

from django.db import transaction

from maillage.accounts import actions as accounts
from maillage.accounts.rules import DEMO_HOST, place_scope
from maillage.journal import actions as journal
from maillage.places.models import Place, Source, Suggestion


@transaction.atomic
def forget_demo(*, by: str, now: datetime) -> int:
    """Delete every fictional place with its records, history, photos and people; returns how many.

    Real places keep everything, and a fictional source that still speaks of one of them stays.
    """
    fictional = Place.objects.filter(is_demo=True)
    count = fictional.count()
    accounts.forget_scopes(
        scopes=[place_scope(pk) for pk in fictional.values_list("pk", flat=True)], host=DEMO_HOST, by=by, now=now
    )
    Suggestion.objects.filter(is_demo=True).delete()
    fictional.delete()
    Source.objects.filter(is_demo=True, records__isnull=True).delete()
    if count:
        journal.write(action="places.demo_removed", by=by, now=now, detail={"places": count})
    return count
