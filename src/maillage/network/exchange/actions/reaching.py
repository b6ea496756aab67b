"""An officer brings in the places of her territories, in the name of files alone: other rows stay out, with why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from maillage.network.exchange import permissions, queries
from maillage.network.exchange.queries import reach
from maillage.network.exchange.queries.candidates import known_refs
from maillage.network.exchange.rules.matching.joining import Ref
from maillage.network.exchange.rules.reports import Entry, Reading, Refused, RowProblem, short
from maillage.places.rules.choice import RANK_DATASET
from maillage.places.rules.drafts import Draft, SourceFacts

ASK = "laissez cette ligne à qui en répond, ou demandez à l’exploitation du site"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody's imports reach: communes (None: all), which place holds each record, where each place is."""

    name: str
    communes: frozenset[str] | None
    sources: Mapping[str, SourceFacts]
    held: Mapping[Ref, UUID]
    towns: Mapping[UUID, str]

    def refusal(self, entry: Entry, drafts: Sequence[Draft]) -> RowProblem | None:
        """Why a row stays out, or None."""
        for draft in drafts:
            facts = self.sources[draft.source]
            if facts.rank > RANK_DATASET:
                problem = f"cette ligne parle au nom de « {facts.name} », qui l’écrit lui-même"
                return RowProblem(entry.line, "sources", short(draft.source), problem, ASK)
        column = entry.columns.get("commune", "commune")
        places = [one for draft in drafts if (one := self.held.get((draft.source, draft.ref), draft.place_id))]
        if self.communes is None:
            return None
        if any(one in self.towns and self.towns[one] not in self.communes for one in places):
            return RowProblem(entry.line, column, "", self._elsewhere("ce lieu est déjà inscrit"), ASK)
        told = {str(draft.values.get("commune")) for draft in drafts if draft.values.get("commune")}
        if told - self.communes:
            return RowProblem(entry.line, column, short(min(told - self.communes)), self._elsewhere("ce lieu est"), ASK)
        if not told and not any(one in self.towns for one in places):
            problem = f"rien ne dit que ce lieu est dans votre territoire ({self.name})"
            return RowProblem(entry.line, column, "", problem, "ajoutez le code Insee de sa commune")
        return None

    def _elsewhere(self, what: str) -> str:
        return f"{what} hors de votre territoire ({self.name})"


def reach_of(scopes: tuple[str, ...], reading: Reading) -> Reach:
    """How far an officer of these territories reaches with this file; its own sources weigh no more than a file."""
    known = queries.known_sources(reading.sources)
    reading.sources = {slug: known.get(slug, facts) for slug, facts in reading.sources.items()}
    held = known_refs(reading.sources)
    named = {draft.place_id for entry in reading.entries for draft in entry.drafts if draft.place_id}
    return Reach(
        name=permissions.named(scopes),
        communes=reach.communes_within(scopes),
        sources=reading.sources,
        held=held,
        towns=reach.communes_of({*held.values(), *named}),
    )


def refuse_joined(
    drafts: Sequence[Draft], within: Reach, lines: Mapping[Ref, int]
) -> tuple[list[Draft], list[Refused]]:
    """The drafts that joined a place out of reach stay out; returns those that enter, and the refusals."""
    if within.communes is None:
        return list(drafts), []
    joined = {draft.place_id for draft in drafts if draft.place_id and draft.place_id not in within.towns}
    towns = {**within.towns, **reach.communes_of(joined)}
    kept, refused = [], []
    for draft in drafts:
        if draft.place_id in towns and towns[draft.place_id] not in within.communes:
            told = replace(within, towns=towns)
            line = lines.get((draft.source, draft.ref), 1)
            refusal = told.refusal(Entry(line, (draft,)), [draft])
            assert refusal is not None
            refused.append(Refused(refusal, draft.raw))
        else:
            kept.append(draft)
    return kept, refused
