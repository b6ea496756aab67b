"""Volunteers' hours, valued in the books: what is given without money (accounts 864 and 875)."""

import hashlib
from datetime import date, datetime

from django.db import transaction

from maillage.management.billing.actions.books import append, open_day, turn
from maillage.management.billing.actions.door import note, refuse
from maillage.management.billing.models import Entry
from maillage.management.billing.rules import accounts, chain
from maillage.management.billing.rules.accounts import Posting
from maillage.management.billing.rules.documents import net_of
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

MOST_HOURS_MILLI = 100_000_000
MOST_RATE_CENTS = 100_000


@transaction.atomic
def record_volunteering(
    *, place: Place, hours_milli: int, rate_cents: int, on: date, label: str, by: str, now: datetime, key: str
) -> int:
    """Write hours at a rate in the books, once under a key, however late it comes back; says which writing it is.

    For rooms that let in who signs themselves. The same key with another value or day is refused.
    """
    if not key:
        raise refuse("key", _("il manque la clé de ces heures"), _("donnez-en une, qui soit à elles seules"))
    cents = net_of(hours_milli, rate_cents)
    if not (0 < hours_milli <= MOST_HOURS_MILLI and 0 < rate_cents <= MOST_RATE_CENTS and cents > 0):
        raise refuse("hours", _("ces heures ne valent rien, ou trop"), _("vérifiez les heures et le taux"))
    series = turn(place)
    piece = f"BEN-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"
    known = Entry.objects.filter(place=place, piece=piece, account=accounts.VOLUNTEERS).first()
    if known is not None:
        if (known.debit_cents, known.piece_on) != (cents, on):
            raise refuse("key", _("cette clé a déjà servi à d’autres heures"), _("donnez-en une nouvelle"))
        return int(known.writing)
    writing = append(
        place=place,
        journal=chain.OTHER,
        on=open_day(place, on, now),
        piece=piece,
        piece_on=on,
        label=label,
        postings=(Posting(accounts.VOLUNTEERS, cents), Posting(accounts.VOLUNTEERING, -cents)),
        by=by,
        now=now,
    )
    note("billing.volunteering_written", series, place=place, by=by, now=now)
    return writing
