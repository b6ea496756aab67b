"""A place that may ask, a network and an observer who may answer: what tests of help and of accesses stand on."""

from dataclasses import dataclass
from datetime import datetime

from maillage.accounts.models import Membership, User
from maillage.accounts.rules import signature
from maillage.network.clearance.actions.networks import open_network
from maillage.network.clearance.models import Network
from maillage.network.clearance.rules.helping import Asked
from maillage.places.models import Place
from tests.places.test_record import LA_MAILLE, record


@dataclass
class Valley:
    """Nadine's place in the Jura, Karim who works there; Inès' network; Claire, who observes the Jura."""

    place: Place
    network: Network
    nadine: User
    karim: User
    ines: User
    claire: User

    @property
    def nadine_by(self) -> str:
        return signature(self.nadine.pk, "facilitator")

    @property
    def ines_by(self) -> str:
        return signature(self.ines.pk, "network_officer")

    @property
    def claire_by(self) -> str:
        return signature(self.claire.pk, "observer")

    @property
    def readers(self) -> tuple[str, str]:
        return f"reseau:{self.network.pk}", "dep:39"


def person(name: str, role: str, scope: str, now: datetime) -> User:
    user = User.objects.create_user(f"{name.lower()}@exemple.fr", name=name)
    Membership.objects.create(user=user, role=role, scope=scope, given_at=now, given_by="test")
    return user


def valley(now: datetime) -> Valley:
    place = Place.objects.get(pk=record(LA_MAILLE, now=now).place_ids[0])
    network = open_network(name="Réseau du Jura", scopes=["dep:39"], by="test", now=now)
    return Valley(
        place=place,
        network=network,
        nadine=person("Nadine", "facilitator", f"place:{place.pk}", now),
        karim=person("Karim", "colleague", f"place:{place.pk}", now),
        ines=person("Ines", "network_officer", "dep:39", now),
        claire=person("Claire", "observer", "dep:39", now),
    )


def plea(*readers: str, shares: tuple[str, ...] = (), days: int = 30, says: str = "Deux mois d’avance.") -> Asked:
    return Asked(theme="money", says=says, readers=readers, shares=shares, days=days)
