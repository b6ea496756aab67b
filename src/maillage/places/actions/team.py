"""Who joins the team of a place: invitations and keys, bounded."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from maillage.accounts import actions as accounts
from maillage.accounts.actions import InvitationRefused, Invited
from maillage.accounts.models import ApiKey, Invitation, Membership
from maillage.accounts.rules import COLLEAGUE, FACILITATOR, OBSERVER, TEAM, place_scope
from maillage.journal import actions as journal
from maillage.places.models import Place
from maillage.places.permissions import let_in
from maillage.places.rules.text import one_line

ROLES = (COLLEAGUE, FACILITATOR, OBSERVER)
"""The roles a place's team may give."""
KEY_ROLES = (OBSERVER, COLLEAGUE)
MOST_WAITING = 20
MOST_A_DAY = 30
MOST_KEYS = 20


class KeyRefused(ValueError):
    """A key cannot be made; the message says why and what to do."""


def _let_in(place: Place, by: str) -> str:
    """See again, in one's turn, that who signs still runs this team: they may be losing it now. The place's scope."""
    locked = Place.objects.select_for_update().get(pk=place.pk)
    journal.lock_order()
    let_in(TEAM, locked, by)
    return place_scope(locked.pk)


@transaction.atomic
def invite_colleague(*, place: Place, email: str, role: str, inviter: str, by: str, now: datetime) -> Invited:
    """Invite somebody to a place by mail, within what one place may send."""
    if role not in ROLES:
        raise InvitationRefused(_("Ce rôle ne se donne pas ici\u202f: choisissez l’un de ceux proposés."))
    if len(email) > 254 or one_line(email) != email:
        raise InvitationRefused(_("Cette adresse électronique est illisible\u202f: écrivez nom@domaine.fr."))
    scope = _let_in(place, by)
    made = Invitation.objects.filter(scope=scope)
    waiting = made.filter(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)
    if waiting.exclude(email__iexact=email).count() >= MOST_WAITING:
        raise InvitationRefused(
            _("%(n)d invitations attendent déjà une réponse\u202f: annulez-en une, ou attendez qu’elle serve.")
            % {"n": MOST_WAITING}
        )
    if made.filter(created_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise InvitationRefused(
            _("Ce lieu a fait %(n)d invitations en un jour\u202f: reprenez demain.") % {"n": MOST_A_DAY}
        )
    return accounts.invite_by_mail(
        email=email, role=role, scope=scope, place_name=place.name, inviter=inviter, by=by, now=now
    )


@transaction.atomic
def invite_again(*, place: Place, invitation_id: int, inviter: str, by: str, now: datetime) -> Invited:
    """Send a new link in place of one that still waits; an invitation of another place does not exist here."""
    waiting = Invitation.objects.filter(scope=place_scope(place.pk), used_at__isnull=True, revoked_at__isnull=True)
    made = waiting.get(pk=invitation_id)
    return invite_colleague(place=place, email=made.email, role=made.role, inviter=inviter, by=by, now=now)


@transaction.atomic
def make_key(*, place: Place, name: str, role: str, by: str, now: datetime) -> str:
    """Make a key for a program of this place; returns its secret, which nobody can read again."""
    called = one_line(name[:400])
    if not called or len(called) > 100:
        raise KeyRefused(_("Donnez un nom à cette clé, de 100 signes au plus\u202f: le programme qui s’en servira."))
    if role not in KEY_ROLES:
        raise KeyRefused(_("Dites ce que la clé permet\u202f: lire, ou lire et écrire."))
    scope = _let_in(place, by)
    if ApiKey.objects.filter(scope=scope, revoked_at__isnull=True).count() >= MOST_KEYS:
        raise KeyRefused(
            _("Ce lieu a déjà %(n)d clés de programme\u202f: retirez celles qui ne servent plus.") % {"n": MOST_KEYS}
        )
    return accounts.make_key(name=called, role=role, scope=scope, by=by, now=now)[1]


@transaction.atomic
def dismiss(*, place: Place, membership_id: int, by: str, now: datetime, only_of: int | None = None) -> None:
    """Take away a role held in this place; with `only_of`, of that account only."""
    scope = place_scope(place.pk) if only_of is not None else _let_in(place, by)
    held = Membership.objects.filter(scope=scope)
    found = (held if only_of is None else held.filter(user=only_of)).get(pk=membership_id)
    accounts.dismiss(membership_id=found.pk, scope=scope, by=by, now=now)
