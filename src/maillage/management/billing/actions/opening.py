"""What a year begins with: the balances that the closed year left, or what a place had before its books began here."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from maillage.management.billing.actions.books import append, turn
from maillage.management.billing.actions.door import BillingRefused, enter, note, refuse
from maillage.management.billing.models import Closing
from maillage.management.billing.queries.books import closed_until, opened_with, piece_of, standing
from maillage.management.billing.queries.days import today_at
from maillage.management.billing.rules import accounts, chain
from maillage.management.billing.rules.accounts import Posting
from maillage.management.billing.rules.closings import YEAR
from maillage.management.billing.rules.payments import day_wrong
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

OPENED = "OUV"
MOST_CENTS = 100_000_000


@transaction.atomic
def open_balances(*, place: Place, on: date | None, cents: Mapping[str, int], by: str, now: datetime) -> int:
    """Say what a place held when its books began here, account by account; the writing, 0 where nothing changes.

    Said again, only the difference is written: lines never change.
    """
    here = enter(place, by)
    if wrong := day_wrong(on, today_at(here, now)):
        raise BillingRefused({"on": wrong})
    for account, sum_cents in cents.items():
        if account not in accounts.OPENED or abs(sum_cents) > MOST_CENTS:
            raise refuse(account, _("ce compte ne s’ouvre pas ainsi"), _("choisissez-en un de la liste"))
    asked = {(account, ""): sum_cents for account, sum_cents in cents.items()}
    on = on or today_at(here, now)
    return _bring(here, on, OPENED, "Soldes d’ouverture", asked, {}, by=by, now=now)


@transaction.atomic
def carry_over(*, place: Place, year: int, by: str, now: datetime) -> int:
    """Begin a year with what the closed year before left: who owes, where money is; sales begin again from nothing.

    The result goes to the carry-forward (110), as the general assembly usually votes it.
    """
    here = enter(place, by)
    if not 1900 < year <= today_at(here, now).year:
        raise refuse("year", _("cette année n’a pas commencé"), _("attendez le 1er janvier"))
    if not Closing.objects.filter(place=here, period=YEAR, starts_on=date(year - 1, 1, 1)).exists():
        raise refuse("year", _("l’année %(year)s n’est pas close", year=str(year - 1)), _("clôturez-la d’abord"))
    until = closed_until(here)
    if until is not None and until >= date(year, 1, 1):
        raise refuse(
            "year",
            _("les comptes sont déjà clos jusqu’au %(until)s", until=f"{until:%d/%m/%Y}"),
            _("donnez ces soldes à qui tient les comptes\u202f: ils ne s’écrivent plus au 1er janvier"),
        )
    left = standing(here, year - 1)
    names = {key: name for key, (_cents, name) in left.items()}
    asked = {key: sum_cents for key, (sum_cents, _name) in left.items()}
    label = f"À nouveaux {year}"
    return _bring(here, date(year, 1, 1), piece_of(year), label, asked, names, by=by, now=now)


def _bring(
    place: Place,
    on: date,
    piece: str,
    label: str,
    asked: Mapping[tuple[str, str], int],
    names: Mapping[tuple[str, str], str],
    *,
    by: str,
    now: datetime,
) -> int:
    series = turn(place)
    gaps = accounts.brought(asked, opened_with(place, piece))
    postings = [Posting(key[0], cents, key[1], names.get(key, "")) for key, cents in gaps.items()]
    journal = chain.OPENING
    writing = append(
        place=place,
        journal=journal,
        on=on,
        piece=piece,
        piece_on=on,
        label=label,
        postings=postings,
        by=by,
        now=now,
    )
    if writing:
        note("billing.opened", series, place=place, by=by, now=now, on=on.isoformat(), accounts=len(postings))
    return writing
