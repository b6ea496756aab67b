"""Reads of who is who."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from maillage.accounts.models import ApiKey, Invitation, Membership, User
from maillage.accounts.rules import (
    EVERYWHERE,
    MAY,
    OPERATOR,
    ROLES,
    TEAM,
    AddressRefused,
    address,
    digest,
    read_key_signature,
    read_signature,
    same_address,
)

Addressed = TypeVar("Addressed", User, EmailAddress, Invitation)


def account(email: str) -> User | None:
    """The account of an address, whatever its capitals; one of several addresses counts once it is verified."""
    try:
        wanted = address(email)
    except AddressRefused:
        return None
    own = first_of(User.objects.filter(email__iexact=wanted), wanted)
    if own is not None:
        return own
    several = EmailAddress.objects.filter(email__iexact=wanted, verified=True).select_related("user")
    verified = first_of(several, wanted)
    return verified.user if verified else None


def all_of(rows: Iterable[Addressed], email: str) -> list[Addressed]:
    """Those of this very address: a database compares letters more loosely than mail servers do."""
    return [row for row in rows if same_address(row.email, email)]


def first_of(rows: Iterable[Addressed], email: str) -> Addressed | None:
    """The first of this very address, or None."""
    return next(iter(all_of(rows, email)), None)


def signing_in(email: str) -> tuple[User, str] | None:
    """The active account that an address opens, and the address kept there: the only one to which its mails go.

    Two reads whatever is found, so that the time taken tells nothing.
    """
    wanted = address(email)
    several = EmailAddress.objects.filter(email=wanted, verified=True).select_related("user")
    verified = first_of(several, wanted)
    own = first_of(User.objects.filter(email__iexact=wanted), wanted)
    found = verified.user if verified else own
    if found is None or not found.is_active:
        return None
    return found, address((verified or found).email)


def take_as_long_as_a_reset(email: str) -> None:
    """Read for an unknown address what making the link of a known one reads."""
    EmailAddress.objects.filter(email=email.lower()).first()
    list(EmailAddress.objects.filter(email=email.lower()).values_list("email", flat=True))


@dataclass(frozen=True, slots=True)
class Own:
    """One's own account, as its page shows it."""

    addresses: list[EmailAddress]
    roles: list[tuple[str, int, str]]
    """Role, in how many places or territories, and the scope if it is one alone."""
    passkeys: int
    has_app: bool
    has_rescue_codes: bool


def own(user: User) -> Own:
    """What a person has: addresses, roles, proofs."""
    proofs = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    scopes: dict[str, list[str]] = {}
    for role, scope in held(user):
        scopes.setdefault(role, []).append(scope)
    roles = [(role, len(own), own[0] if len(own) == 1 else "") for role in ROLES if (own := scopes.get(role))]
    return Own(
        addresses=list(EmailAddress.objects.filter(user=user).order_by("-primary", "email")),
        roles=roles,
        passkeys=proofs.count(Authenticator.Type.WEBAUTHN),
        has_app=Authenticator.Type.TOTP in proofs,
        has_rescue_codes=Authenticator.Type.RECOVERY_CODES in proofs,
    )


def held(user: object) -> list[tuple[str, str]]:
    """The roles of a signed-in, active person as (role, scope); nobody else has any."""
    if not isinstance(user, User) or not user.is_active:
        return []
    return list(Membership.objects.filter(user=user).order_by("pk").values_list("role", "scope"))


def signer(by: str) -> User | None:
    """The account behind a signature, as it is now; None for commands, programs and accounts that are gone."""
    read = read_signature(by)
    return User.objects.filter(pk=read[0]).first() if read else None


def has_operator() -> bool:
    """Whether anybody runs this site."""
    return Membership.objects.filter(role=OPERATOR, user__is_active=True).exists()


def team(scope: str) -> list[Membership]:
    """The people of one place, the oldest first."""
    return list(Membership.objects.filter(scope=scope).select_related("user").order_by("given_at", "pk"))


def pending_invitations(scope: str, *, now: datetime) -> list[Invitation]:
    """Invitations of one place that may still be accepted, the newest first."""
    waiting = Invitation.objects.filter(scope=scope, used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)
    return list(waiting.order_by("-created_at", "-pk"))


def invitation(token: str, *, now: datetime) -> Invitation | None:
    """The invitation that this secret still opens, or None."""
    waiting = Invitation.objects.filter(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)
    made = waiting.filter(digest=digest(token)).first()
    return made if made is not None and giver_stays(made) else None


def giver_stays(made: Invitation) -> bool:
    """Whether the account that made an invitation is still open; those that a command makes are nobody's."""
    read = read_signature(made.created_by)
    return read is None or User.objects.filter(pk=read[0], is_active=True).exists()


def left_behind(user_id: int, held: Iterable[tuple[str, str]]) -> tuple[QuerySet[Invitation], QuerySet[ApiKey]]:
    """The invitations that wait and the keys that work which an account made where none of these roles runs a team."""
    roles = list(held)
    mine = {"created_by__startswith": f"compte:{user_id}:", "revoked_at__isnull": True}
    invitations, made = Invitation.objects.filter(used_at__isnull=True, **mine), ApiKey.objects.filter(**mine)
    if (OPERATOR, EVERYWHERE) in roles:
        return invitations.none(), made.none()
    own = [scope for role, scope in roles if TEAM in MAY.get(role, ())]
    return invitations.exclude(scope__in=own), made.exclude(scope__in=own)


def keys_that_stop(given: Membership) -> int:
    """How many keys of its place stop with a role, when that role is taken away."""
    others = [(role, scope) for role, scope in held(given.user) if scope != given.scope]
    return left_behind(given.user_id, others)[1].filter(scope=given.scope).count()


def keys(scope: str) -> list[ApiKey]:
    """The keys of one place that still work, the newest first."""
    return list(ApiKey.objects.filter(scope=scope, revoked_at__isnull=True).order_by("-created_at", "-pk"))


def working_key(key_id: int) -> ApiKey | None:
    """This key, unless it was taken out of use."""
    return ApiKey.objects.filter(pk=key_id, revoked_at__isnull=True).first()


def key(secret: str) -> ApiKey | None:
    """The working key of this secret, or None."""
    return ApiKey.objects.filter(digest=digest(secret), revoked_at__isnull=True).first()


def names(signatures: Iterable[str]) -> dict[str, str]:
    """The names of the people behind signatures, for pages that only the team reads."""
    ids = {by: read[0] for by in set(signatures) if (read := read_signature(by))}
    told = {user.pk: str(user) for user in User.objects.filter(pk__in=set(ids.values()))}
    return {by: told[pk] for by, pk in ids.items() if pk in told}


def key_names(signatures: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The name of each key behind these signatures and that of the person who made it, for its team only."""
    ids = {by: pk for by in set(signatures) if (pk := read_key_signature(by))}
    if not ids:
        return {}
    rows = ApiKey.objects.filter(pk__in=set(ids.values())).values_list("pk", "name", "created_by")
    told = {pk: (name, made_by) for pk, name, made_by in rows}
    makers = names(made_by for _name, made_by in told.values())
    return {by: (told[pk][0], makers.get(told[pk][1], "")) for by, pk in ids.items() if pk in told}
