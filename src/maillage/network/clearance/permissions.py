"""Who speaks for a network: whoever holds the role of officer over one of its very territories, and the operator.

Who observes a territory answers the places that ask there, and reads what they show; neither writes on a sheet for it.
"""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from maillage.accounts import permissions, queries
from maillage.accounts.models import User
from maillage.accounts.rules import NETWORK_OFFICER, OBSERVER, OPERATOR, read_signature, signature
from maillage.network.clearance.models import Grant, HelpRequest, Network


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody at the desk of a network, and how what they write is signed."""

    user: User
    role: str

    @property
    def by(self) -> str:
        return signature(self.user.pk, self.role)


def territories(user: object) -> list[str]:
    """The territories over which somebody is an officer."""
    return [scope for role, scope in queries.held(user) if role == NETWORK_OFFICER]


def officer_of(user: object, network: Network) -> Officer | None:
    """The desk of somebody in a network; None for who has no business there."""
    if not isinstance(user, User):
        return None
    scopes = {one.scope for one in network.perimeters.all()}
    if scopes & set(territories(user)):
        return Officer(user, NETWORK_OFFICER)
    return Officer(user, OPERATOR) if permissions.is_operator(user) else None


def let_speak(network: Network, by: str) -> None:
    """See again that who signs still speaks for a network; commands always do."""
    if read_signature(by) is not None and officer_of(queries.signer(by), network) is None:
        raise PermissionDenied


READER = "reader"
"""How a person signs who reads what a place shows to them by name: no role anywhere is asked of them."""


@dataclass(frozen=True, slots=True)
class Observer:
    """Somebody who observes territories, and how what they write is signed."""

    user: User
    scopes: tuple[str, ...]

    @property
    def by(self) -> str:
        return signature(self.user.pk, OBSERVER)


def observer(user: object) -> Observer | None:
    """Whoever observes at least one territory; to observe one place alone gives no requests to read."""
    scopes = [scope for role, scope in queries.held(user) if role == OBSERVER and not scope.startswith("place:")]
    return Observer(user, tuple(scopes)) if isinstance(user, User) and scopes else None


def let_help(request: HelpRequest, network: Network | None, by: str) -> None:
    """See again that who signs is among those a request was sent to; commands always are."""
    sent = request.readers.all()
    if network is not None:
        let_speak(network, by)
        if all(one.network_id != network.pk for one in sent):
            raise PermissionDenied
    elif read_signature(by) is not None:
        found = observer(queries.signer(by))
        if found is None or not set(found.scopes) & {one.scope for one in sent if one.scope}:
            raise PermissionDenied


def reads(user: object, grant: Grant) -> str:
    """How somebody to whom a grant was given signs when they read; empty for everybody else, the operator too."""
    if not isinstance(user, User) or not user.is_active:
        return ""
    held = queries.held(user)
    if grant.reader_id is not None:
        return signature(user.pk, READER) if grant.reader_id == user.pk else ""
    if grant.network is not None:
        scopes = {(NETWORK_OFFICER, one.scope) for one in grant.network.perimeters.all()}
        speaks = grant.network.closed_at is None and scopes & set(held)
        return signature(user.pk, NETWORK_OFFICER) if speaks else ""
    return signature(user.pk, OBSERVER) if (OBSERVER, grant.scope) in held else ""
