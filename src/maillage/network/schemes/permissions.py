"""Who runs a scheme: whoever holds a role over the very territory that pays, and the operator."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from maillage.accounts import permissions, queries
from maillage.accounts.models import User
from maillage.accounts.rules import (
    NETWORK_OFFICER,
    OBSERVER,
    OF_THE_PLACE,
    OPERATOR,
    place_scope,
    read_signature,
    signature,
)
from maillage.network.schemes.models import Issue
from maillage.places.models import Place

FUNDERS = (NETWORK_OFFICER, OBSERVER)
"""Roles over a territory: who looks at its places may pay for half-days there, and changes nothing of them."""
KINDS = ("commune:", "epci:", "dep:", "reg:")


@dataclass(frozen=True, slots=True)
class Funder:
    """Somebody at the desk of a scheme, and how what they write is signed."""

    user: User
    role: str

    @property
    def by(self) -> str:
        return signature(self.user.pk, self.role)


def territories(user: object) -> list[str]:
    """The territories for which somebody may open a scheme."""
    return [scope for role, scope in queries.held(user) if role in FUNDERS and scope.startswith(KINDS)]


def funder_of(user: object, scope: str) -> Funder | None:
    """The desk of somebody for the schemes of a territory; None for who has no business there."""
    if not isinstance(user, User):
        return None
    role = next((role for role, held in queries.held(user) if held == scope and role in FUNDERS), "")
    if not role and permissions.is_operator(user):
        role = OPERATOR
    return Funder(user, role) if role else None


def let_fund(scope: str, by: str) -> None:
    """See again, once the scheme is locked, that who signs still may; commands always may."""
    if read_signature(by) is not None and funder_of(queries.signer(by), scope) is None:
        raise PermissionDenied


def is_own_issue(issue: Issue, place: Place) -> bool:
    """Whether a pass was handed out by the place that would be paid for it, or by somebody of its team."""
    if issue.referrer is not None and issue.referrer.place_id == place.pk:
        return True
    signer = queries.signer(issue.issued_by)
    return signer is not None and signer.memberships.filter(scope=place_scope(place.pk), role__in=OF_THE_PLACE).exists()
