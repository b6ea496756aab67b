"""Correspondences of columns already kept, and what the columns of a new file suggest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from maillage.network.exchange.formats import columns
from maillage.network.exchange.formats.format import Document
from maillage.network.exchange.models import Recipe
from maillage.network.exchange.rules.mapping.correspondence import Correspondence, fingerprint, from_data
from maillage.network.exchange.rules.mapping.proposing import Proposed
from maillage.network.exchange.rules.reports import FileRefused, short


@dataclass(frozen=True, slots=True)
class KeptRecipe:
    """A correspondence that somebody accepted, for which columns, and whose data it brings in."""

    name: str
    header: tuple[str, ...]
    correspondence: Correspondence
    source: str
    licence: str
    made_at: datetime
    made_by: str


class MappingNeeded(FileRefused):
    """No format has the columns of this file: what they suggest, and the recipes that already served for them."""

    def __init__(self, refusal: str, proposed: Proposed, recipes: tuple[KeptRecipe, ...]) -> None:
        super().__init__(refusal)
        self.proposed, self.recipes = proposed, recipes


def recipe(name: str) -> KeptRecipe:
    """The recipe of that name; raises `FileRefused` with the names that exist."""
    found = Recipe.objects.filter(name=name[:80].replace("\x00", "")).first()
    if found is None:
        known = ", ".join(f"« {kept.name} »" for kept in recipes()[:20]) or "aucune encore"
        raise FileRefused(f"Aucune correspondance ne s’appelle « {short(name)} ». Correspondances gardées : {known}.")
    return _kept(found)


def recipes(header: Sequence[str] | None = None) -> tuple[KeptRecipe, ...]:
    """Every recipe by name, or those made for exactly these columns."""
    found = Recipe.objects.order_by("name")
    if header is not None:
        found = found.filter(fingerprint=fingerprint(header))
    return tuple(_kept(one) for one in found[:200])


def mapping_needed(document: Document, refusal: str) -> MappingNeeded:
    """What to answer for a file with unknown columns: the refusal, with all that helps to say what they tell."""
    return MappingNeeded(refusal, columns.propose_for(document), recipes(columns.header_of(document)))


def _kept(found: Recipe) -> KeptRecipe:
    return KeptRecipe(
        found.name,
        tuple(str(name) for name in found.header),
        from_data(found.mapping),
        found.source,
        found.licence,
        found.made_at,
        found.made_by,
    )
