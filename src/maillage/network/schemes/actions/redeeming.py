"""At the door: a half-day is spent once, given back when it was a mistake, or settled after a tablet was offline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from maillage.accounts.rules import HOST
from maillage.journal import actions as journal
from maillage.management.passes.actions import ledger
from maillage.management.passes.actions.ledger import PassRefused
from maillage.management.passes.models import Movement
from maillage.management.passes.queries.ledger import balance
from maillage.management.passes.rules.ledger import RESTORED
from maillage.management.people.rules.entries import Wrong
from maillage.network.schemes.actions.door import SchemesRefused, note, refuse, scheme_here
from maillage.network.schemes.models import Claim, Issue, Redemption, Scheme
from maillage.network.schemes.permissions import is_own_issue
from maillage.network.schemes.queries.door import (
    claim_of_nonce,
    clocks_of,
    facts_of,
    issue_of_code,
    redemption_of_nonce,
    typed_code,
)
from maillage.network.schemes.queries.keys import keys_at
from maillage.network.schemes.queries.roaming import is_a_carnet
from maillage.network.schemes.rules import door, tokens
from maillage.places.labels import say
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.sentences import sentence as _

LONGEST_NONCE = 40
SETTLED, TO_SETTLE = "settled", "to_settle"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a tablet counted while it had no network: the text that was shown, when by its own clock, and its number."""

    nonce: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of what a tablet counted; `said` is a sentence for who holds it."""

    nonce: str
    state: str
    said: str = ""


@transaction.atomic
def redeem(*, place: Place, text: str, nonce: str, by: str, now: datetime) -> Redemption:
    """Spend a half-day of the pass that is shown; the same form sent again is the same half-day.

    Raises `SchemesRefused`, `PassRefused`: each says why not.
    """
    here = _enter(place, by)
    if not 0 < len(nonce) <= LONGEST_NONCE:
        raise refuse("code", _("ce formulaire a perdu son numéro"), _("rechargez la page"))
    known = redemption_of_nonce(here, nonce)
    if known is not None:
        return _again(known, text)
    issue = _shown(text, here)
    day, half = door.half_of(now, clocks_of(here))
    return _spend(issue, here, at=now, day=day, half=half, nonce=nonce, by=by, now=now)


def _again(known: Redemption, text: str) -> Redemption:
    """What a number did already, while it stands and for the pass that is shown."""
    _of_it(known, text)
    if Movement.objects.filter(undoes=known.movement_id, kind=RESTORED).exists():
        problem = _("cette demi-journée a été rendue au passe")
        raise refuse("code", problem, _("rechargez la page pour la recompter"))
    return known


def _of_it(known: Redemption, text: str) -> None:
    if typed_code(_code_in(text)) != known.issue.of.code:
        raise refuse("code", _("ce formulaire a déjà servi à un autre passe"), _("rechargez la page"))


@transaction.atomic
def undo(*, place: Place, redemption_id: int, by: str, now: datetime) -> Redemption:
    """Give back a half-day counted by mistake, as long as it stands on no statement."""
    here = _enter(place, by)
    found = Redemption.objects.select_related("movement", "scheme", "issue__of").get(pk=redemption_id, place=here)
    if hasattr(found, "line"):
        raise refuse("code", _("cette demi-journée est sur un relevé signé"), _("voyez-le avec qui finance"))
    scheme_here(found.scheme_id)
    ledger.restore(movement_id=found.movement_id, key=f"undo:{found.pk}", by=by, now=now)
    _give_back(found, by=by, now=now)
    note("schemes.restored", found, scheme=found.scheme, by=by, now=now, place=str(here.pk))
    return found


def _give_back(found: Redemption, *, by: str, now: datetime) -> None:
    """Return to the budget what comes back on a pass that was cancelled: nobody can spend it any more."""
    issue = Issue.objects.get(pk=found.issue_id)
    units = balance(issue.of_id)
    if issue.revoked_at is None or units <= 0:
        return
    ledger.cancel(pass_id=issue.of_id, key=f"undo:{found.pk}:revoked", by=by, now=now)
    issue.freed_cents += units * found.price_cents
    issue.save(update_fields=["freed_cents"])


@transaction.atomic
def settle(*, place: Place, counted: Sequence[Counted], tablet_now: datetime, by: str, now: datetime) -> list[Settled]:
    """Settle what a tablet counted offline, in its order: the first that arrives wins, whatever clocks say.

    What loses becomes a claim to settle: shown to the place and to the funder, and paid by nobody. Sent again, a
    number has the answer that it had.
    """
    here = _enter(place, by)
    return [_settle_one(one, here, tablet_now=tablet_now, by=by, now=now) for one in counted]


def _settle_one(one: Counted, here: Place, *, tablet_now: datetime, by: str, now: datetime) -> Settled:
    known = redemption_of_nonce(here, one.nonce)
    if known is not None and typed_code(_code_in(one.text)) == known.issue.of.code:
        return Settled(one.nonce, SETTLED)
    lost = claim_of_nonce(here, one.nonce)
    if lost is not None:
        return Settled(one.nonce, TO_SETTLE, lost.reason)
    when = door.placed(counted_at=one.at, tablet_now=tablet_now, now=now)
    day, half = door.half_of(when.at, clocks_of(here))
    try:
        with transaction.atomic():
            if known is not None:
                _of_it(known, one.text)
            issue = _shown(one.text, here)
            if when.reason:
                raise SchemesRefused({"code": door.REASONS[when.reason]})
            _spend(issue, here, at=when.at, day=day, half=half, nonce=one.nonce, by=by, now=now, tablet_at=one.at)
    except (SchemesRefused, PassRefused) as refused:
        return _claim(one, here, day=day, half=half, reason=str(refused), by=by, now=now)
    told = _("l’horloge de la tablette est fausse\u202f: le jour compté est celui du serveur")
    return Settled(one.nonce, SETTLED, say(told) if when.is_corrected else "")


def _claim(one: Counted, here: Place, *, day: date, half: str, reason: str, by: str, now: datetime) -> Settled:
    issue = issue_of_code(_code_in(one.text))
    made = Claim.objects.create(
        scheme=issue.scheme if issue and _is_here(issue.scheme, here) else None,
        place=here,
        code=issue.of.code if issue else typed_code(_code_in(one.text)),
        day=day,
        half=half,
        nonce=one.nonce,
        reason=reason[:300],
        tablet_at=one.at,
        claimed_at=now,
        claimed_by=by,
    )
    journal.write(action="schemes.claimed", by=by, now=now, subject=f"claim:{made.pk}", detail={"place": str(here.pk)})
    return Settled(one.nonce, TO_SETTLE, made.reason)


def _is_here(scheme: Scheme, place: Place) -> bool:
    return scheme.accreditations.filter(place=place).exists()


def _code_in(text: str) -> str:
    """The code that a text holds, whatever its signature is worth; empty where none can be read."""
    parts = tokens.token_in(text).split(".")
    return tokens.code_in(parts[2]) if len(parts) == 4 else text


def _enter(place: Place, by: str) -> Place:
    journal.lock_order()
    here = Place.objects.select_related("commune__departement").get(pk=place.pk)
    let_in(HOST, here, by)
    return here


def _shown(text: str, here: Place) -> Issue:
    """The pass that is shown, typed or signed; a signature that does not hold is refused before any look-up."""
    if not tokens.looks_signed(text):
        typed = issue_of_code(text)
        if typed is None:
            raise SchemesRefused({"code": door.REASONS["carnet" if is_a_carnet(text) else "unknown"]})
        return typed
    try:
        said = tokens.read(text, keys_at(here))
    except tokens.BadToken as bad:
        raise SchemesRefused({"code": Wrong(bad.problem, bad.mend)}) from bad
    found = issue_of_code(said.code)
    if found is None or (found.scheme_id, found.of.starts_on, found.of.ends_on) != (
        said.scheme,
        said.starts_on,
        said.ends_on,
    ):
        raise SchemesRefused({"code": door.REASONS["changed"]})
    return found


def _spend(
    issue: Issue,
    here: Place,
    *,
    at: datetime,
    day: date,
    half: str,
    nonce: str,
    by: str,
    now: datetime,
    tablet_at: datetime | None = None,
) -> Redemption:
    own = is_own_issue(issue, here)
    reason = door.refusal(facts_of(issue, here, at=at, day=day, half=half, is_own_issue=own))
    if not reason and issue.revoked_at is not None:
        reason = "revoked"
    if reason:
        raise SchemesRefused({"code": door.REASONS[reason]})
    movement = ledger.redeem(
        pass_id=issue.of_id,
        place=here,
        day=day,
        half=half,
        subject=f"scheme:{issue.scheme_id}",
        key=f"door:{here.pk}:{nonce}",
        by=by,
        now=now,
    )
    given: Mapping[str, object] = {"scheme": issue.scheme, "issue": issue, "movement": movement, "place": here}
    made = Redemption.objects.create(
        **given,
        day=day,
        half=half,
        price_cents=issue.scheme.price_cents,
        nonce=nonce,
        is_offline=tablet_at is not None,
        tablet_at=tablet_at,
        redeemed_at=now,
        redeemed_by=by,
    )
    note("schemes.redeemed", made, scheme=issue.scheme, by=by, now=now, place=str(here.pk))
    return made
