"""Somebody runs a place that nobody runs here yet: the published address, a network's word or a letter proves it."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from maillage.accounts.actions import InvitationRefused, invite_by_mail
from maillage.accounts.rules import CLEAR, FACILITATOR, digest, place_scope
from maillage.journal import actions as journal
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.models import Claim, Place
from maillage.places.permissions import has_team, let_in
from maillage.places.queries.claims import was_suggested

BY_EMAIL, BY_NETWORK, BY_LETTER = "email", "network", "letter"
LASTS = timedelta(days=60)
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Signs that nobody takes for another on paper."""
CODE_SIGNS, MOST_TRIES = 10, 200
"""So many codes exist that two hundred tries find none, and that a stranger’s do not stop the letter of another."""
SIGNED = "revendication"
INVITER = "Maillage"


@transaction.atomic
def claim_by_email(*, place: Place, uses: dict[str, int], now: datetime) -> None:
    """Send the link that opens a place to the address that its own sheet publishes: whoever reads it runs the place."""
    here = _free(place)
    if not here.email:
        raise PlaceRefused(_("La fiche ne publie aucune adresse électronique\u202f: choisissez un autre moyen."))
    if was_suggested(here, "email"):
        raise PlaceRefused(
            _("Cette adresse vient d’une suggestion, elle ne prouve rien\u202f: choisissez un autre moyen.")
        )
    _invite(here, here.email, by=SIGNED, now=now)
    journal.write(action="claims.mailed", by=SIGNED, now=now, subject=str(here.pk))
    journal.spend(uses=uses, now=now)


@transaction.atomic
def ask(*, place: Place, proof: str, email: str, message: str, uses: dict[str, int], by: str, now: datetime) -> Claim:
    """Ask a network to answer for oneself, or for a letter at the address of the place; asking again is once."""
    if proof not in (BY_NETWORK, BY_LETTER):
        raise PlaceRefused(_("Choisissez comment prouver que ce lieu est le vôtre."))
    here = _free(place)
    if proof == BY_LETTER and not (here.street and here.city):
        raise PlaceRefused(
            _("La fiche n’a pas d’adresse complète où envoyer une lettre\u202f: choisissez un autre moyen.")
        )
    Claim.objects.filter(place=here, email__iexact=email, settled_at__isnull=True, expires_at__lte=now).update(
        settled_at=now, settled_by=SIGNED, reason="sans suite"
    )
    waiting = Claim.objects.filter(place=here, email__iexact=email, settled_at__isnull=True).first()
    if waiting is not None:
        return waiting
    made = Claim.objects.create(
        place=here,
        email=email,
        proof=proof,
        message=message.strip()[:600],
        asked_at=now,
        asked_by=by,
        expires_at=now + LASTS,
    )
    journal.write(
        action="claims.asked", by=by, now=now, subject=str(here.pk), detail={"claim": made.pk, "proof": proof}
    )
    journal.spend(uses=uses, now=now)
    return made


@transaction.atomic
def grant(*, claim_id: int, by: str, now: datetime) -> Claim:
    """Answer for somebody: the link that opens the place goes to their address."""
    found = _open(claim_id, now)
    let_in(CLEAR, found.place, by)
    _invite(_free(found.place), found.email, by=SIGNED, now=now)
    return _settle(found, granted=True, reason="", by=by, now=now)


@transaction.atomic
def decline(*, claim_id: int, reason: str, by: str, now: datetime) -> Claim:
    """Say that this is not who runs the place."""
    if not reason.strip():
        raise PlaceRefused(_("Un refus demande un motif\u202f: il reste dans le journal."))
    found = _open(claim_id, now)
    let_in(CLEAR, found.place, by)
    return _settle(found, granted=False, reason=reason, by=by, now=now)


@transaction.atomic
def write_letter(*, claim_id: int, by: str, now: datetime) -> str:
    """The code to print in the letter of a claim; printed anew, the former one no longer opens."""
    found = _open(claim_id, now)
    let_in(CLEAR, found.place, by)
    if found.proof != BY_LETTER:
        raise PlaceRefused(_("Cette demande ne passe pas par une lettre."))
    code = "".join(secrets.choice(LETTERS) for _sign in range(CODE_SIGNS))
    found.digest, found.tries = digest(code), 0
    found.posted_at, found.posted_by, found.expires_at = now, by, now + LASTS
    found.save(update_fields=["digest", "tries", "posted_at", "posted_by", "expires_at"])
    journal.write(action="claims.posted", by=by, now=now, subject=str(found.place_id), detail={"claim": found.pk})
    return code


@transaction.atomic
def open_by_code(*, place: Place, code: str, uses: dict[str, int], now: datetime) -> bool:
    """Whether a code from a letter opens a place: the link then goes to the address of who asked for the letter.

    A wrong code counts against every letter that waits; after too many, a new letter is needed.
    """
    here = _free(place)
    waiting = Claim.objects.select_for_update().filter(place=here, settled_at__isnull=True, expires_at__gt=now)
    journal.spend(uses=uses, now=now)
    given = digest(code.upper().replace(" ", "").replace("-", ""))
    found = None
    for one in waiting.exclude(digest="").filter(tries__lt=MOST_TRIES).order_by("pk"):
        if secrets.compare_digest(one.digest, given):
            found = one
            continue
        one.tries += 1
        one.save(update_fields=["tries"])
    if found is None:
        return False
    _invite(here, found.email, by=SIGNED, now=now)
    _settle(found, granted=True, reason="", by=SIGNED, now=now)
    return True


def _free(place: Place) -> Place:
    journal.lock_order()
    here = Place.objects.select_for_update(of=("self",)).select_related("commune__departement").get(pk=place.pk)
    if here.removed_at:
        raise PlaceRefused(_("Ce lieu a quitté le registre."))
    if has_team(here):
        raise PlaceRefused(_("Ce lieu a déjà une équipe ici\u202f: demandez-lui de vous inviter."))
    return here


def _open(claim_id: int, now: datetime) -> Claim:
    journal.lock_order()
    rows = Claim.objects.select_for_update(of=("self",)).select_related("place__commune__departement")
    found = rows.filter(pk=claim_id, settled_at__isnull=True, expires_at__gt=now).first()
    if found is None:
        raise PlaceRefused(_("Cette demande a déjà sa réponse, ou son délai est passé\u202f: rechargez la page."))
    return found


def _invite(place: Place, email: str, *, by: str, now: datetime) -> None:
    try:
        invite_by_mail(
            email=email,
            role=FACILITATOR,
            scope=place_scope(place.pk),
            place_name=place.name,
            inviter=INVITER,
            by=by,
            now=now,
        )
    except InvitationRefused as refused:
        raise PlaceRefused(str(refused)) from refused


def _settle(found: Claim, *, granted: bool, reason: str, by: str, now: datetime) -> Claim:
    found.is_granted, found.reason, found.digest = granted, reason.strip()[:300], ""
    found.settled_at, found.settled_by = now, by
    found.save()
    act = "granted" if granted else "declined"
    journal.write(action=f"claims.{act}", by=by, now=now, subject=str(found.place_id), detail={"claim": found.pk})
    return found
