"""Who signed, for the team of a place: names for those who work together, roles for those who only look."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from maillage.accounts import queries as accounts
from maillage.accounts.labels import ROLES
from maillage.accounts.rules import EDIT, TEAM, read_signature
from maillage.places.permissions import Seat
from maillage.places.views.field_wording import by_whom


@dataclass(frozen=True, slots=True)
class Names:
    """Says a signature to the person of a seat, after « par »; an address that stands for a name is for those who
    invite only.
    """

    known: Mapping[str, str]
    seat: Seat
    keys: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __call__(self, by: str) -> str:
        signed = read_signature(by)
        if by in self.keys and self.seat.may(EDIT):
            return self._key(*self.keys[by])
        if signed is None:
            return by_whom(by)
        role = str(ROLES.get(signed[1], _("Compte")))
        if not self.seat.may(EDIT) and signed[0] != self.seat.user.pk:
            return role
        name = self.known.get(by)
        if name is None:
            return _("compte effacé")
        return role if self._hides(name) and signed[0] != self.seat.user.pk else name

    def _key(self, name: str, maker: str) -> str:
        if not maker or self._hides(maker):
            return _("la clé «\u202f%(key)s\u202f»") % {"key": name}
        return _("la clé «\u202f%(key)s\u202f», de %(maker)s") % {"key": name, "maker": maker}

    def _hides(self, name: str) -> bool:
        return "@" in name and not self.seat.may(TEAM)


def names_of(signatures: Collection[str], seat: Seat) -> Names:
    """The names behind some signatures, ready to be said to the person of a seat."""
    return Names(accounts.names(signatures), seat, accounts.key_names(signatures))
