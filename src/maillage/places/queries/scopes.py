"""What a scope of `accounts.rules` is called, and where its people go."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from uuid import UUID

from maillage.accounts.rules import EVERYWHERE, ScopeRefused, place_scope
from maillage.places.models import Place
from maillage.places.queries.places import place_by_slug
from maillage.territory.models import Commune, Departement, Epci, Region
from maillage.territory.queries import search

NEAREST, SEARCHED, LONGEST_SEARCHED = 5, 50, 80
ALIKE = 0.75
"""How much of a code must be right for it to be mistyped: three figures of four."""
_ADDRESS = re.compile(r"(?:^place:|/(?:lieux|gerer)/)([^/?#\s]{1,200})")
TERRITORIES: dict[str, type[Commune | Departement | Epci | Region]] = {
    "commune": Commune,
    "dep": Departement,
    "epci": Epci,
    "reg": Region,
}


@dataclass(frozen=True, slots=True)
class Where:
    """Where a role holds: its scope, its name, and the address of the place if it is one that stands."""

    scope: str
    name: str = ""
    slug: str = ""

    @property
    def is_everywhere(self) -> bool:
        return self.scope == EVERYWHERE


def where(scope: str) -> Where | None:
    """Read a scope; None when nothing of that name is on the ground or in the registry."""
    if scope == EVERYWHERE:
        return Where(scope)
    kind, _, code = scope.partition(":")
    if kind == "place":
        place = Place.objects.filter(pk=code).first() if scope == place_scope(code) and len(code) == 36 else None
        return Where(scope, place.name, "" if place.removed_at else place.slug) if place else None
    if kind not in TERRITORIES or len(code) > 20:
        return None
    found = TERRITORIES[kind].objects.filter(pk=code).first()
    return Where(scope, found.name) if found else None


def place_of(scope: str) -> Place | None:
    """The place that a scope names, while it stands; read with its commune and its département."""
    kind, _, code = scope.partition(":")
    if kind != "place" or len(code) != 36:
        return None
    rows = Place.objects.select_related("commune__departement").filter(pk=code, removed_at__isnull=True)
    return rows.first()


def read(text: str) -> str:
    """The scope that a text means: « place: » and the end of a page's address, or that whole address, name a place."""
    given = text.strip()
    found = _ADDRESS.search(given)
    if found is None or _is_identifier(found[1]):
        return given
    here = place_by_slug(found[1])
    place = place_by_slug(here.moved_to).place if here.moved_to else here.place or here.removed
    if place is None:
        raise ScopeRefused(
            f"Aucun lieu n’est à l’adresse « {found[1][:60]} » : ouvrez la page du lieu, et copiez son adresse."
        )
    return place_scope(place.pk)


def _is_identifier(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def name(scope: str) -> str | None:
    """What a scope is called, nothing for the whole country; None when it is on no ground and in no registry."""
    found = where(scope)
    return found.name if found else None


def nearest(text: str) -> list[str]:
    """The territories that a name or a mistyped code may mean, of its kind first, with their codes."""
    kind, _, said = text.partition(":") if ":" in text else ("", "", text)
    hits = search(said[:LONGEST_SEARCHED], limit=SEARCHED)
    found = [(hit.kind, hit.code, hit.name) for hit in hits]
    found = [one for one in found if one[0] == kind] or found or _mistyped(kind, said)
    return [f"{kind}:{code} ({name})" for kind, code, name in found[:NEAREST]]


def _mistyped(kind: str, code: str) -> list[tuple[str, str, str]]:
    if kind not in TERRITORIES or len(code) > len("243900420"):
        return []
    names = dict(TERRITORIES[kind].objects.values_list("code", "name"))
    return [(kind, alike, names[alike]) for alike in get_close_matches(code, names, n=NEAREST, cutoff=ALIKE)]
