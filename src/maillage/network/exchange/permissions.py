"""Who brings files in: the operator any place, an officer those of her territories; each sees what is theirs."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from maillage.accounts import permissions, queries
from maillage.accounts.models import User
from maillage.accounts.rules import EVERYWHERE, NETWORK_OFFICER, OPERATOR, read_signature, signature


@dataclass(frozen=True, slots=True)
class Importer:
    """Somebody who brings files in; `scopes` are the territories of an officer, None for the operator."""

    user_id: int
    role: str
    scopes: tuple[str, ...] | None = None

    @property
    def by(self) -> str:
        """How what they write is signed."""
        return signature(self.user_id, self.role)

    def owns(self, by: str) -> bool:
        """Whether what carries this signature is theirs to see: their own, or anything for the operator."""
        return self.scopes is None or (read_signature(by) or (0, ""))[0] == self.user_id


def importer(user: object) -> Importer | None:
    """Whether somebody may bring files in, and where; None for everybody else."""
    if not isinstance(user, User):
        return None
    if permissions.is_operator(user):
        return Importer(user.pk, OPERATOR)
    own = tuple(scope for role, scope in queries.held(user) if role == NETWORK_OFFICER)
    return Importer(user.pk, NETWORK_OFFICER, own) if own else None


def territories_of(by: str) -> tuple[str, ...] | None:
    """Where who signs may bring places in, as of now; None for anywhere: the operator, and commands."""
    if read_signature(by) is None:
        return None
    found = importer(queries.signer(by))
    if found is None:
        raise PermissionDenied
    return found.scopes


def named(scopes: tuple[str, ...]) -> str:
    """Territories as a sentence tells them."""
    return ", ".join("toute la France" if one == EVERYWHERE else permissions.scope_name(one) or one for one in scopes)
