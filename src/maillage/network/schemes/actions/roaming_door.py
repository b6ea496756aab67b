"""At the door of a host: a carnet of another place of an agreement is used once, or given back when it was a slip."""

from datetime import date, datetime

from django.db import transaction

from maillage.accounts.rules import HOST
from maillage.management.passes.actions import ledger
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.models import Pass
from maillage.management.passes.rules.ledger import read_code
from maillage.network.schemes.actions.door import SchemesRefused, refuse
from maillage.network.schemes.actions.roaming import enter, note
from maillage.network.schemes.models import Roaming, RoamingVisit
from maillage.network.schemes.queries.door import clocks_of
from maillage.network.schemes.queries.roaming import is_back, shown_at, visit_of_nonce
from maillage.network.schemes.rules import roaming as rules
from maillage.network.schemes.rules.door import half_of
from maillage.places.models import Place
from maillage.places.rules.sentences import sentence as _

LONGEST_NONCE = 40


@transaction.atomic
def count(*, place: Place, text: str, nonce: str, by: str, now: datetime) -> RoamingVisit:
    """Take a half-day here from a carnet of another place; the same form sent again is the same half-day.

    Raises `SchemesRefused`, `PassRefused`: each says why not.
    """
    here = enter(place, by, HOST)
    if not 0 < len(nonce) <= LONGEST_NONCE:
        raise refuse("code", _("ce formulaire a perdu son numéro"), _("rechargez la page"))
    known = visit_of_nonce(here, nonce)
    if known is not None:
        return _again(known, text)
    day, half = half_of(now, clocks_of(here))
    shown = shown_at(here, text, day=day, now=now)
    reason = rules.refusal(shown.facts)
    if reason or shown.carnet is None or shown.agreement is None:
        raise SchemesRefused({"code": rules.REASONS[reason or "unknown"]})
    units = shown.facts.units or 0
    return _count(shown.agreement, shown.carnet, here, units, day=day, half=half, nonce=nonce, by=by, now=now)


def _again(known: RoamingVisit, text: str) -> RoamingVisit:
    """What a number did already, while it stands and for the carnet that is shown."""
    if read_code(text) != known.movement.of.code:
        raise refuse("code", _("ce formulaire a déjà servi à un autre carnet"), _("rechargez la page"))
    if is_back(known):
        problem = _("cette demi-journée a été rendue au carnet")
        raise refuse("code", problem, _("rechargez la page pour la recompter"))
    return known


def _count(
    agreement: Roaming,
    carnet: Pass,
    here: Place,
    units: int,
    *,
    day: date,
    half: str,
    nonce: str,
    by: str,
    now: datetime,
) -> RoamingVisit:
    """One movement of the ledger, and the half-day that it is worth; several may come on an organisation's carnet."""
    home = carnet.place
    assert home is not None
    movement = ledger.redeem(
        pass_id=carnet.pk,
        units=units,
        place=here,
        day=day,
        half="" if carnet.organisation_id else half,
        subject=f"roaming:{agreement.pk}",
        key=f"roaming:{here.pk}:{nonce}",
        by=by,
        now=now,
    )
    made = RoamingVisit.objects.create(
        agreement=agreement,
        host=here,
        home=home,
        movement=movement,
        day=day,
        half=half,
        price_cents=agreement.price_cents,
        nonce=nonce,
        counted_at=now,
        counted_by=by,
    )
    note("schemes.roaming_counted", made, place=here, by=by, now=now)
    return made


@transaction.atomic
def undo(*, place: Place, visit_id: int, by: str, now: datetime) -> RoamingVisit:
    """Give back a half-day that was counted by mistake, as long as the host has not signed its month."""
    here = enter(place, by, HOST)
    rows = RoamingVisit.objects.select_related("movement__of", "agreement", "home")
    found = rows.get(pk=visit_id, host=here)
    if hasattr(found, "line"):
        raise refuse(
            "code",
            _("cette demi-journée est sur un relevé signé"),
            _("faites un avoir sur sa facture, à «\u202fArgent\u202f»"),
        )
    try:
        ledger.restore(movement_id=found.movement_id, key=f"roaming-undo:{found.pk}", by=by, now=now)
    except PassRefused as refused:
        if refused.reason != "undone":
            raise
        return found
    note("schemes.roaming_restored", found, place=here, by=by, now=now)
    return found
