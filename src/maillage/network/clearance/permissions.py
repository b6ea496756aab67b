"""Who speaks for a network: whoever holds the role of officer over one of its very territories, and the operator."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from maillage.accounts import permissions, queries
from maillage.accounts.models import User
from maillage.accounts.rules import NETWORK_OFFICER, OPERATOR, read_signature, signature
from maillage.network.clearance.models import Network


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
