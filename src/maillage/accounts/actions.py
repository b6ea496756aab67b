"""Everything that changes who may do what: one transaction each, with its audit event."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from maillage.accounts import emails, permissions, queries
from maillage.accounts.models import ApiKey, Invitation, Membership, User
from maillage.accounts.rules import (
    ERASED_HOST,
    EVERYWHERE,
    INVITATION_LASTS,
    OPERATOR,
    ROLES,
    AddressRefused,
    address,
    digest,
    is_erased,
    signature,
)
from maillage.journal import actions as journal
from maillage.journal.emails import one_line

UNANSWERED_KEPT = timedelta(days=90)
LAST_USE_EVERY = timedelta(hours=1)
LONGEST_ADDRESS = 254
LONGEST_NAME = 150
ERASED = "compte effacé"
OVER = "Ce lien a déjà servi, a expiré ou a été annulé : demandez-en un autre."


class InvitationRefused(ValueError):
    """An invitation cannot be made or accepted; the message says why and what to do."""


class AccountRefused(ValueError):
    """An account or a role cannot change so; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation just made, with the secret of its link, which nobody can read again."""

    invitation: Invitation
    token: str


@transaction.atomic
def invite(
    *,
    email: str,
    role: str,
    scope: str,
    by: str,
    now: datetime,
    signs_in: bool = False,
    lasts: timedelta = INVITATION_LASTS,
) -> Invited:
    """Make a link that gives `role` in `scope` to the person of `email`, once; earlier ones for the same cease."""
    to = _readable(email)
    permissions.check_role(role, scope)
    earlier = queries.all_of(_waiting(email__iexact=to, scope=scope), to)
    _waiting(pk__in=[one.pk for one in earlier]).update(revoked_at=now, revoked_by=by)
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        email=to,
        role=role,
        scope=scope,
        digest=digest(token),
        signs_in=signs_in,
        created_at=now,
        created_by=by,
        expires_at=now + lasts,
    )
    journal.write(
        action="accounts.invited", by=by, now=now, subject=scope, detail={"invitation": made.pk, "role": role}
    )
    return Invited(made, token)


def _readable(email: str) -> str:
    """The address to which an invitation goes, as it is kept."""
    try:
        to = address(email)
        validate_email(to)
        if is_erased(to):
            raise InvitationRefused("Personne ne reçoit de courriel à cette adresse\u202f: écrivez-en une autre.")
        if len(to) > LONGEST_ADDRESS:
            raise ValidationError("too long")
    except AddressRefused as refused:
        raise InvitationRefused(str(refused)) from refused
    except ValidationError as error:
        raise InvitationRefused("Cette adresse électronique est illisible : écrivez nom@domaine.fr.") from error
    return to


@transaction.atomic
def invite_by_mail(
    *, email: str, role: str, scope: str, place_name: str, inviter: str, by: str, now: datetime
) -> Invited:
    """Invite somebody and send them the link: both happen, or neither."""
    invited = invite(email=email, role=role, scope=scope, by=by, now=now)
    emails.send_invitation(invitation=invited.invitation, token=invited.token, place_name=place_name, inviter=inviter)
    return invited


@transaction.atomic
def accept(*, token: str, by: User | None, now: datetime, name: str = "") -> Membership:
    """Give the invited person the role, and an account if they have none; the link is then spent.

    `by` is whoever is signed in. An account that exists accepts only by itself, unless the link signs in. `name` names
    an account that has no name yet.
    """
    journal.lock_order()
    made = Invitation.objects.select_for_update().filter(digest=digest(token)).first()
    if made is None or made.used_at or made.revoked_at or made.expires_at <= now or not queries.giver_stays(made):
        raise InvitationRefused(OVER)
    user = queries.account(_readable(made.email))
    if user is not None and not user.is_active:
        raise InvitationRefused("Ce compte est désactivé : écrivez à l’exploitant du site.")
    if user is not None and user != by and not made.signs_in:
        raise InvitationRefused(f"Cette invitation est pour {made.email} : connectez-vous avec ce compte.")
    if user is None:
        user = _welcome(made.email)
    elif made.signs_in:
        _vouch_for(user)
    if name and not user.name:
        user.name = one_line(name)[:LONGEST_NAME]
        user.save(update_fields=["name"])
    given = _give(user, made.role, made.scope, made.created_by, now)
    made.used_at, made.used_by = now, user
    made.save(update_fields=["used_at", "used_by"])
    journal.write(
        action="accounts.joined",
        by=signature(user.pk, given.role),
        now=now,
        subject=made.scope,
        detail={"invitation": made.pk, "role": given.role},
    )
    return given


def _welcome(email: str) -> User:
    """The account of a new person, or the one that another invitation makes at this very moment."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(email)
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    except IntegrityError:
        found = queries.account(email)
        if found is None:
            raise
        return found
    return user


def _vouch_for(user: User) -> None:
    """The machine itself vouches for the address of an account: nothing is left to verify by mail."""
    own = queries.first_of(EmailAddress.objects.filter(user=user, email__iexact=user.email), user.email)
    if own is None:
        first = not EmailAddress.objects.filter(user=user, primary=True).exists()
        own = EmailAddress(user=user, email=user.email.lower(), primary=first)
    if not own.verified and own.can_set_verified():
        own.verified = True
        own.save()


def _give(user: User, role: str, scope: str, by: str, now: datetime) -> Membership:
    """Give a role; an invitation never lowers the one a person has."""
    User.objects.select_for_update().get(pk=user.pk)
    has = Membership.objects.filter(user=user, scope=scope).first()
    if has is None:
        return Membership.objects.create(user=user, role=role, scope=scope, given_at=now, given_by=by)
    if ROLES.index(role) < ROLES.index(has.role):
        has.role, has.given_at, has.given_by = role, now, by
        has.save(update_fields=["role", "given_at", "given_by"])
    return has


@transaction.atomic
def give_role(*, user: User, role: str, scope: str, by: str, now: datetime) -> Membership:
    """Give exactly this role in this scope, more or less than the one held there before."""
    journal.lock_order()
    permissions.check_role(role, scope)
    User.objects.select_for_update().get(pk=user.pk)
    has = Membership.objects.filter(user=user, scope=scope).first()
    if has is not None and has.role == role:
        return has
    if has is not None and has.role == OPERATOR:
        _refuse_last_operator(user)
    given, _ = Membership.objects.update_or_create(
        user=user, scope=scope, defaults={"role": role, "given_at": now, "given_by": by}
    )
    detail = {"account": user.pk, "role": role, "before": has.role if has else ""}
    journal.write(action="accounts.role_given", by=by, now=now, subject=scope, detail=detail)
    if has is not None:
        _withdraw(user, by, now)
    return given


@transaction.atomic
def bring_in(*, email: str, name: str, role: str, scope: str, by: str, now: datetime) -> User:
    """Give a person an account, a name and a role without asking them; whoever has these keeps them."""
    user = queries.account(_readable(email)) or _welcome(email)
    if not user.name:
        user.name = name
        user.save(update_fields=["name"])
    if not Membership.objects.filter(user=user, scope=scope).exists():
        give_role(user=user, role=role, scope=scope, by=by, now=now)
    return user


@transaction.atomic
def forget_scopes(*, scopes: Sequence[str], host: str, by: str, now: datetime) -> None:
    """Delete what is left where places go for ever: roles, invitations and keys, and the accounts of the demo."""
    invented = User.objects.filter(email__iendswith=f"@{host}")
    for user in invented:
        _end_sessions(user)
    gone = {"accounts": invented.count()}
    Invitation.objects.filter(email__iendswith=f"@{host}").delete()
    invented.delete()
    left: tuple[tuple[str, type[Membership | Invitation | ApiKey]], ...] = (
        ("roles", Membership),
        ("invitations", Invitation),
        ("keys", ApiKey),
    )
    for name, table in left:
        gone[name] = sum(
            table.objects.filter(scope__in=scopes[start : start + 500]).delete()[0]
            for start in range(0, len(scopes), 500)
        )
    if any(gone.values()):
        journal.write(action="accounts.scopes_forgotten", by=by, now=now, detail=gone)


def _refuse_last_operator(user: User) -> None:
    """Somebody must stay who can give roles; operators are locked, so that two do not leave at once."""
    others = Membership.objects.select_for_update().filter(role=OPERATOR, scope=EVERYWHERE, user__is_active=True)
    held = [given.user_id for given in others]
    if held == [user.pk]:
        raise AccountRefused("C’est le seul compte qui exploite ce site : donnez d’abord ce rôle à quelqu’un d’autre.")


@transaction.atomic
def revoke_invitation(*, invitation_id: int, scope: str, by: str, now: datetime) -> None:
    """Cancel an invitation of this scope that still waits; others do not exist here."""
    made = Invitation.objects.select_for_update().get(pk=invitation_id, scope=scope)
    if made.used_at or made.revoked_at:
        return
    made.revoked_at, made.revoked_by = now, by
    made.save(update_fields=["revoked_at", "revoked_by"])
    journal.write(action="accounts.invitation_revoked", by=by, now=now, subject=scope, detail={"invitation": made.pk})


@transaction.atomic
def dismiss(*, membership_id: int, scope: str, by: str, now: datetime) -> None:
    """Take away a role held in this scope, with the invitations and keys made under it; the account stays."""
    journal.lock_order()
    given = Membership.objects.select_for_update().get(pk=membership_id, scope=scope)
    if given.role == OPERATOR:
        _refuse_last_operator(given.user)
    detail = {"account": given.user_id, "role": given.role}
    given.delete()
    journal.write(action="accounts.dismissed", by=by, now=now, subject=scope, detail=detail)
    _withdraw(given.user, by, now)


def _withdraw(user: User, by: str, now: datetime) -> None:
    """Stop the invitations and keys that somebody made where they no longer run a team; called whenever they lose."""
    invitations, keys = queries.left_behind(user.pk, queries.held(user))
    for made in invitations.select_for_update():
        revoke_invitation(invitation_id=made.pk, scope=made.scope, by=by, now=now)
    for key in keys.select_for_update():
        revoke_key(key_id=key.pk, scope=key.scope, by=by, now=now)


def _waiting(**wanted: Any) -> QuerySet[Invitation]:
    return Invitation.objects.filter(used_at__isnull=True, revoked_at__isnull=True, **wanted)


def _close(waiting: QuerySet[Invitation], by: str, now: datetime) -> None:
    waiting.update(revoked_at=now, revoked_by=by)


@transaction.atomic
def set_active(*, user: User, active: bool, by: str, now: datetime) -> None:
    """Close an account, which ends its sessions, invitations and keys at once, or open it again without them."""
    journal.lock_order()
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.is_active == active:
        return
    if not active:
        if _operates(locked):
            _refuse_last_operator(locked)
        _end_sessions(locked)
    locked.is_active = active
    locked.save(update_fields=["is_active"])
    user.is_active = active
    action = "accounts.opened_again" if active else "accounts.deactivated"
    journal.write(action=action, by=by, now=now, subject=f"compte:{user.pk}")
    if not active:
        _withdraw(locked, by, now)


@transaction.atomic
def forget_second_proof(*, user: User, by: str, now: datetime) -> None:
    """Take away the app, passkeys and recovery codes of somebody who has lost them, and tell them so by mail.

    The address stays their way in; their sessions end, in case it is not they who asked.
    """
    journal.lock_order()
    locked = User.objects.select_for_update().get(pk=user.pk)
    held = Authenticator.objects.filter(user=locked)
    if not held.exists():
        return
    held.delete()
    _end_sessions(locked)
    emails.say_second_proof_is_gone(to=locked.email, now=now)
    journal.write(action="accounts.second_proof_forgotten", by=by, now=now, subject=f"compte:{user.pk}")


@transaction.atomic
def sweep_sessions(*, now: datetime) -> int:
    """Forget the sessions that have ended by themselves, and where they came from; returns how many."""
    ended = Session.objects.filter(expire_date__lt=now).delete()[0]
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return ended


def forget_unanswered(*, now: datetime) -> int:
    """Forget the addresses of who never answered an invitation, which itself stays; returns how many."""
    unanswered = Invitation.objects.filter(used_at__isnull=True, expires_at__lt=now - UNANSWERED_KEPT)
    return unanswered.exclude(email="").update(email="")


def _operates(user: User) -> bool:
    return Membership.objects.filter(user=user, role=OPERATOR).exists()


def _end_sessions(user: User, addresses: Iterable[str] = ()) -> None:
    """End the sessions of somebody, and those that hold one of these addresses; allauth does not list them all."""
    UserSession.objects.filter(user=user).delete()
    for session in Session.objects.iterator():
        held = session.get_decoded()
        if held.get(SESSION_KEY) == str(user.pk) or any(own in str(held) for own in addresses):
            session.delete()


@transaction.atomic
def erase(*, user: User, by: str, now: datetime) -> None:
    """Forget who somebody is: their name, addresses, proofs, roles and sessions; what they did stays, without them."""
    journal.lock_order()
    locked = User.objects.select_for_update().get(pk=user.pk)
    if _operates(locked):
        _refuse_last_operator(locked)
    addresses = {locked.email, *EmailAddress.objects.filter(user=locked).values_list("email", flat=True)}
    nobody = f"efface-{locked.pk}@{ERASED_HOST}"
    _end_sessions(locked, addresses)
    for kept in (UserSession, EmailAddress, Authenticator, Membership):
        kept.objects.filter(user=locked).delete()
    _withdraw(locked, by, now)
    sent = {one.pk for own in addresses for one in queries.all_of(Invitation.objects.filter(email__iexact=own), own)}
    mine = Q(used_by=locked) | Q(pk__in=sent)
    _close(_waiting().filter(mine), by, now)
    Invitation.objects.filter(mine).update(email=nobody)
    journal.forget_person(addresses=addresses, name=locked.name)
    locked.email, locked.name, locked.is_active = nobody, ERASED, False
    locked.is_staff = locked.is_superuser = False
    locked.last_login = None
    locked.set_unusable_password()
    locked.save()
    user.refresh_from_db()
    journal.write(action="accounts.erased", by=by, now=now, subject=f"compte:{user.pk}")


@transaction.atomic
def make_key(*, name: str, role: str, scope: str, by: str, now: datetime) -> tuple[ApiKey, str]:
    """Make a key for a program; returns it with its secret, which nobody can read again."""
    secret = f"mlg_{secrets.token_urlsafe(32)}"
    made = ApiKey.objects.create(
        name=name.strip()[:100],
        role=role,
        scope=scope,
        start=secret[:12],
        digest=digest(secret),
        created_at=now,
        created_by=by,
    )
    journal.write(action="accounts.key_made", by=by, now=now, subject=scope, detail={"key": made.pk, "role": role})
    return made, secret


@transaction.atomic
def revoke_key(*, key_id: int, scope: str, by: str, now: datetime) -> None:
    """Take a key of this scope out of use."""
    made = ApiKey.objects.select_for_update().get(pk=key_id, scope=scope)
    if made.revoked_at:
        return
    made.revoked_at, made.revoked_by = now, by
    made.save(update_fields=["revoked_at", "revoked_by"])
    journal.write(action="accounts.key_revoked", by=by, now=now, subject=scope, detail={"key": made.pk})


@transaction.atomic
def rename(*, user: User, name: str, by: str, now: datetime) -> None:
    """Change how the team sees somebody."""
    if user.name == name:
        return
    journal.reword(said=emails.opening(str(user)), instead=emails.opening("…"))
    user.name = name
    user.save(update_fields=["name"])
    journal.write(action="accounts.renamed", by=by, now=now, subject=f"compte:{user.pk}")


@transaction.atomic
def note_change(*, user: User, action: str, by: str, now: datetime) -> None:
    """Write down that somebody changed how their account opens, in the transaction of that change."""
    journal.write(action=f"accounts.{action}", by=by, now=now, subject=f"compte:{user.pk}")


def note_key_use(*, key: ApiKey, now: datetime) -> None:
    """Note when a key last served, to the hour: reading must not become writing."""
    if key.last_used_at is None or now - key.last_used_at >= LAST_USE_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
