"""Who may do what in a place: its own team, those who look after its territory, the operator."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from maillage.accounts import permissions, queries
from maillage.accounts.models import User
from maillage.accounts.rules import (
    CLOSE,
    EDIT,
    EVERYWHERE,
    MAY,
    Standing,
    place_scope,
    read_key_signature,
    read_signature,
    signature,
)
from maillage.places.models import Place
from maillage.places.rules.choice import STATE


@dataclass(frozen=True, slots=True)
class Seat:
    """A person at the desk of a place: who, where, and what they may do."""

    place: Place
    user: User
    standing: Standing

    @property
    def by(self) -> str:
        """How what they write is signed."""
        return signature(self.user.pk, self.standing.role)

    @property
    def scope(self) -> str:
        return place_scope(self.place.pk)

    def may(self, act: str) -> bool:
        return self.standing.may(act)


def scopes_of(place: Place) -> tuple[str, ...]:
    """Every scope that holds a place; its commune is read with its département."""
    scopes = [place_scope(place.pk), EVERYWHERE]
    commune = place.commune
    if commune is not None:
        scopes += [f"commune:{commune.pk}", f"dep:{commune.departement_id}"]
        scopes += [f"reg:{commune.departement.region_id}"] if commune.departement else []
        scopes += [f"epci:{commune.epci_id}"] if commune.epci_id else []
    return tuple(scopes)


def standing_in(user: object, place: Place) -> Standing:
    """What a person may do in a place."""
    return permissions.standing_of(user, scopes_of(place))


def still_may(act: str, place: Place, by: str) -> bool:
    """Whether the account or the key that signs may still do something in a place; commands always may."""
    key_id = read_key_signature(by)
    if key_id is not None:
        key = queries.working_key(key_id)
        return key is not None and key.scope == place_scope(place.pk) and act in MAY[key.role]
    return read_signature(by) is None or standing_in(queries.signer(by), place).may(act)


def let_in(act: str, place: Place, by: str) -> None:
    """See again, once a place is locked, that who signs still may: the role or the key may be lost meanwhile."""
    if not still_may(act, place, by):
        raise PermissionDenied


def act_of(fields: Iterable[str]) -> str:
    """The act that changing these fields of a sheet is, by whatever way: closing a place is more than editing it."""
    return CLOSE if set(fields) & set(STATE) else EDIT


def seat(user: object, place: Place) -> Seat | None:
    """The seat of a person in a place, or None for somebody who has no business there."""
    found = standing_in(user, place)
    return Seat(place, user, found) if isinstance(user, User) and found.acts else None
