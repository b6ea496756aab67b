"""What is known when a code is shown at the door of a place."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from maillage.management.passes.queries.ledger import by_code, standing
from maillage.management.passes.rules import ledger
from maillage.management.passes.rules.ledger import read_code
from maillage.management.people.rules.entries import Wrong
from maillage.network.schemes.models import Accreditation, Claim, Issue, Redemption
from maillage.network.schemes.queries.public import shown
from maillage.network.schemes.queries.schemes import standing_redemptions
from maillage.network.schemes.rules import tokens
from maillage.network.schemes.rules.door import REASONS, Facts, half_of, refusal
from maillage.places.models import Place
from maillage.places.rules.hours import is_open
from maillage.territory.rules.zones import zone_of


def clocks_of(place: Place) -> ZoneInfo:
    """The clocks of a place: those of its département."""
    return ZoneInfo(zone_of(place.commune.departement_id if place.commune else None))


def issue_of_code(text: str) -> Issue | None:
    """The pass of a scheme that a typed code names."""
    found = by_code(text)
    rows = Issue.objects.select_related("of", "scheme", "referrer")
    return rows.filter(of=found).first() if found else None


def pass_shown_at(place: Place, text: str) -> Issue | None:
    """The pass that is shown, typed or signed, where the place is accredited; any other does not exist there."""
    found = shown(text) if tokens.looks_signed(text) else issue_of_code(text)
    if found is None:
        return None
    here = Accreditation.objects.filter(scheme=found.scheme_id, place=place, state="accepted")
    return found if here.exists() else None


def why_not(issue: Issue, place: Place, *, now: datetime, is_own_issue: bool) -> Wrong | None:
    """Why a half-day may not be spent here and now; None when it may. Nothing is written."""
    day, half = half_of(now, clocks_of(place))
    reason = refusal(facts_of(issue, place, at=now, day=day, half=half, is_own_issue=is_own_issue))
    if reason or issue.revoked_at is not None:
        return REASONS[reason or "revoked"]
    return ledger.REASONS.get(ledger.refused(standing(issue.of), units=1, day=day, half=half, today=day))


def typed_code(text: str) -> str:
    """A code as it is kept; empty for what is none."""
    return read_code(text)


def facts_of(issue: Issue, place: Place, *, at: datetime, day: date, half: str, is_own_issue: bool) -> Facts:
    """What the rules of the door look at."""
    found = Accreditation.objects.filter(scheme=issue.scheme_id, place=place).first()
    departement = str(place.commune.departement_id or "") if place.commune else ""
    hours = place.opening_hours
    opened = is_open(hours, at, zone_of(departement), departement_code=departement) if hours else None
    now_here = standing_redemptions(place=place, day=day, half=half)
    person = False
    if issue.contact:
        twins = standing_redemptions(scheme=issue.scheme_id, issue__contact=issue.contact, day=day, half=half)
        person = twins.exclude(issue=issue).exists()
    return Facts(
        state=found.state if found else "",
        is_own_issue=is_own_issue,
        has_come_today=person,
        is_open=opened,
        capacity=place.capacity,
        present=now_here.count(),
    )


def redemption_of_nonce(place: Place, nonce: str) -> Redemption | None:
    rows = Redemption.objects.select_related("issue__of", "scheme")
    return rows.filter(place=place, nonce=nonce).first()


def claim_of_nonce(place: Place, nonce: str) -> Claim | None:
    return Claim.objects.filter(place=place, nonce=nonce).first()
