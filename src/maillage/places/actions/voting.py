"""Neighbours settle a suggestion where nobody else looks: no team runs the place, no officer follows its territory."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from maillage.accounts.models import User
from maillage.journal import actions as journal
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.sheet import SheetOvertaken
from maillage.places.actions.suggestions import accept, refuse
from maillage.places.actions.voices import NEIGHBOURLY
from maillage.places.models import Suggestion, Vote
from maillage.places.queries.votes import is_open_to_votes, open_to_votes, tally
from maillage.places.rules.suggesting import OLD_ENOUGH, verdict

SAID = "Les voix des voisins"


@transaction.atomic
def vote(*, suggestion_id: UUID, user: User, is_for: bool, now: datetime) -> str:
    """Give one's voice, or change it while the suggestion waits; what the voices then say (`rules.suggesting.verdict`).

    The voice is kept under a fingerprint, never under the account. Raises `PlaceRefused` for a suggestion that is not
    theirs to settle, or an account too young.
    """
    journal.lock_order()
    rows = Suggestion.objects.select_for_update(of=("self",)).select_related("place__commune", "commune")
    found = rows.filter(pk=suggestion_id).first()
    if found is None or not is_open_to_votes(found):
        raise PlaceRefused(_("Cette suggestion ne se tranche pas, ou plus, par les voix\u202f: rechargez la page."))
    if now - user.joined_at < OLD_ENOUGH:
        raise PlaceRefused(
            _("Votre compte est tout neuf\u202f: votre voix comptera %(days)d jours après votre inscription.")
            % {"days": OLD_ENOUGH.days}
        )
    given = {"is_for": is_for, "voted_at": now, "voted_by": NEIGHBOURLY}
    Vote.objects.update_or_create(suggestion=found, voter=fingerprint(found, user), defaults=given)
    journal.write(action="suggestions.voted", by=NEIGHBOURLY, now=now, subject=str(found.pk))
    return _settle(found, now)


def fingerprint(suggestion: Suggestion, user: User) -> str:
    """Who votes on one suggestion: it tells neither whose voice this is, nor which others are theirs."""
    return salted_hmac("maillage.places.vote", f"{suggestion.pk}:{user.pk}", algorithm="sha256").hexdigest()


def settle_by_votes(*, now: datetime) -> int:
    """Settle what enough voices have settled since; each in its own transaction. How many were."""
    done = 0
    for one in open_to_votes():
        with transaction.atomic():
            journal.lock_order()
            found = Suggestion.objects.select_for_update(of=("self",)).filter(pk=one.pk).first()
            if found is not None and is_open_to_votes(found) and _settle(found, now) in ("accepted", "refused"):
                done += 1
    return done


def _settle(found: Suggestion, now: datetime) -> str:
    count = tally([found.pk])[found.pk]
    said = verdict(count.voices_for, count.against, suggested_at=found.suggested_at, now=now)
    try:
        with transaction.atomic():
            if said == "accepted":
                accept(suggestion_id=found.pk, reason=SAID, by=NEIGHBOURLY, now=now)
            elif said == "refused":
                refuse(suggestion_id=found.pk, reason=SAID, by=NEIGHBOURLY, now=now)
    except (PlaceRefused, SheetOvertaken):
        return "person"
    return said
