"""In whose name a sheet is written: the place itself, its network, or the operator of the site."""

from dataclasses import replace

from maillage.accounts.rules import NETWORK_OFFICER, OPERATOR, read_signature
from maillage.places.models import Place
from maillage.places.rules.choice import RANK_DATASET, RANK_NETWORK, RANK_PLACE
from maillage.places.rules.drafts import SourceFacts

LICENCE = "Licence Ouverte 2.0"
FICTION = "CC0 1.0 (fiction)"
TEAM = SourceFacts("lieu", "Le lieu lui-même", LICENCE, "L’équipe du lieu", rank=RANK_PLACE)
NETWORK = SourceFacts("agent-de-reseau", "Le réseau", LICENCE, "Les agents de réseau", rank=RANK_NETWORK)
SITE = SourceFacts("exploitant-du-site", "L’exploitant du site", LICENCE, "L’exploitant du site", rank=RANK_NETWORK)
NEIGHBOURS = SourceFacts("habitants", "Les habitants", LICENCE, "Personnes qui connaissent le lieu", rank=RANK_DATASET)
NEIGHBOURLY = "voix"
"""How what neighbours settle by their voices is signed."""
_OTHERS = {NETWORK_OFFICER: NETWORK, OPERATOR: SITE}


def voice(by: str, place: Place) -> SourceFacts:
    """The source of what this signature writes: only its own team, and its own keys, speak for a place."""
    if by == NEIGHBOURLY:
        return told_of(NEIGHBOURS, place)
    signed = read_signature(by)
    return told_of(_OTHERS.get(signed[1], TEAM) if signed else TEAM, place)


def told_of(facts: SourceFacts, place: Place) -> SourceFacts:
    """The same source when it speaks of this place: of a fictional one, fiction."""
    return fiction(facts) if place.is_demo else facts


def fiction(facts: SourceFacts) -> SourceFacts:
    """A source as it speaks of what is invented."""
    return replace(facts, slug=f"demo-{facts.slug}", licence=FICTION, is_demo=True)


def peers(facts: SourceFacts, place: Place) -> list[str]:
    """The other voices that are believed as much as this one."""
    voices = [told_of(one, place) for one in (TEAM, NETWORK, SITE)]
    return [one.slug for one in voices if one.rank == facts.rank and one.slug != facts.slug]
