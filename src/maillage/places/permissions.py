"""Who may do what in a place: its own team, those who look after its territory, the operator."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from maillage.accounts import permissions, queries
from maillage.accounts.models import Membership, User
from maillage.accounts.rules import (
    CLEAR,
    CLOSE,
    EDIT,
    EVERYWHERE,
    MAY,
    OF_THE_PLACE,
    Standing,
    place_scope,
    read_key_signature,
    read_signature,
    signature,
)
from maillage.places.models import Place
from maillage.places.rules.choice import STATE
from maillage.territory.models import Commune


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
    return (place_scope(place.pk), *scopes_of_commune(place.commune))


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


def scopes_of_commune(commune: Commune | None) -> tuple[str, ...]:
    """Every scope that would hold a place of a commune; the commune is read with its département."""
    if commune is None:
        return (EVERYWHERE,)
    scopes = [EVERYWHERE, f"commune:{commune.pk}", f"dep:{commune.departement_id}"]
    scopes += [f"reg:{commune.departement.region_id}"] if commune.departement else []
    return tuple(scopes + ([f"epci:{commune.epci_id}"] if commune.epci_id else []))


def has_team(place: Place) -> bool:
    """Whether anybody runs this place here."""
    return Membership.objects.filter(scope=place_scope(place.pk), role__in=OF_THE_PLACE).exists()


def may_settle_state(place: Place, by: str) -> bool:
    """Whether who signs may say that a place has closed: its team; where nobody runs it, whoever clears for it."""
    return still_may(CLOSE, place, by) or (still_may(CLEAR, place, by) and not has_team(place))


def may_clear(user: object, place: Place | None, commune: Commune | None) -> bool:
    """Whether a person answers suggestions about a place, or about a new one in a commune."""
    if place is not None:
        acts = standing_in(user, place).acts
        return CLEAR in acts or (EDIT in acts and has_team(place))
    return CLEAR in permissions.standing_of(user, scopes_of_commune(commune)).acts


def let_clear(by: str, place: Place | None, commune: Commune | None) -> None:
    """See again that who signs still answers suggestions here; commands always do."""
    if read_signature(by) is not None and not may_clear(queries.signer(by), place, commune):
        raise PermissionDenied


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
