"""Records that an import newly brings join the places they tell of; what is not sure waits for a person."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from maillage.network.exchange.models import Candidate
from maillage.network.exchange.queries import candidates as queries
from maillage.network.exchange.queries.candidates import CLOSED_HERE, Standing
from maillage.network.exchange.rules.matching import Match, Ready, Verdict, matches, ready
from maillage.network.exchange.rules.matching.joining import Joined, Node, Ref, join
from maillage.network.exchange.rules.matching.sheets import sheet_of
from maillage.network.exchange.rules.reports import Asked, Linked
from maillage.places.actions.merging import merge_places, tell_apart
from maillage.places.rules.choice import STATE
from maillage.places.rules.drafts import Draft


@dataclass(slots=True)
class Settled:
    """Drafts with the place that each joins; what to tell of the links; pairs to ask, by a record of each."""

    drafts: list[Draft]
    linked: list[Linked] = field(default_factory=list)
    asked: list[tuple[Hashable, Hashable, Verdict]] = field(default_factory=list)


def settle(drafts: Sequence[Draft]) -> Settled:
    """Give each new draft the place that it tells of, if the registry or the rest of the file holds one for sure.

    New is a record whose source and reference are not known, of a group that none is, that names no place itself.
    """
    known = queries.known_refs({draft.source for draft in drafts})
    units = _units(drafts, known)
    if not units:
        return Settled(_closed_stay_closed(drafts, known, {}))
    towns = queries.towns_of(str(draft.values["commune"]) for d in units.values() for draft in d if _commune(draft))
    sheets = {key: [_ready(draft, towns) for draft in members] for key, members in units.items()}
    standing = {place.id: place for place in queries.standing_near([s for told in sheets.values() for s in told])}
    done = _joined(sheets, standing, grouped={key for key, members in units.items() if members[0].group})
    placed = {key: done.of(key) for key in units}
    settled = Settled([])
    for draft in drafts:
        key = _unit(draft, known)
        settled.drafts.append(_with_place(draft, placed[key]) if key in units else draft)
    settled.drafts = _closed_stay_closed(settled.drafts, known, standing)
    _tell(settled, units, standing, done)
    return settled


def _commune(draft: Draft) -> str:
    return str(draft.values.get("commune") or "")


def _unit(draft: Draft, known: Mapping[Ref, UUID]) -> Hashable:
    """What stands together: the rows of one group; a row alone; nothing where its place is known."""
    if draft.place_id or draft.demo or (draft.source, draft.ref) in known:
        return None
    return ("group", draft.group) if draft.group else ("row", draft.source, draft.ref)


def _units(drafts: Sequence[Draft], known: Mapping[Ref, UUID]) -> dict[Hashable, list[Draft]]:
    settled = {d.group for d in drafts if d.group and (d.place_id or d.demo or (d.source, d.ref) in known)}
    units: dict[Hashable, list[Draft]] = {}
    for draft in drafts:
        if draft.group not in settled and (key := _unit(draft, known)) is not None:
            units.setdefault(key, []).append(draft)
    return units


def _ready(draft: Draft, towns: Mapping[str, str]) -> Ready:
    town = towns.get(_commune(draft), "")
    return ready(sheet_of(draft.values, key=(draft.source, draft.ref), town=town, source=draft.source))


def _joined(
    sheets: Mapping[Hashable, list[Ready]], standing: Mapping[UUID, Standing], *, grouped: set[Hashable]
) -> Joined:
    """Compare the new with the registry and among themselves; rows of groups that an author made only with it."""
    nodes: list[Node] = []
    told: list[Ready] = []
    owner: list[Hashable] = []
    for place in standing.values():
        nodes.append(Node(place.id, frozenset(_refs(place.records)), place=True))
        told += place.records
        owner += [place.id] * len(place.records)
    for key, members in sheets.items():
        nodes.append(Node(key, frozenset(_refs(members))))
        told += members
        owner += [key] * len(members)

    def wanted(one: int, other: int) -> bool:
        mine, theirs = owner[one], owner[other]
        if mine == theirs or (mine in grouped and theirs in grouped):
            return False
        return mine in sheets or theirs in sheets

    apart = queries.told_apart(standing)
    return join(nodes, list(matches(told, wanted=wanted)), apart)


def _refs(sheets: Iterable[Ready]) -> Iterable[Ref]:
    for sheet in sheets:
        yield sheet.key  # type: ignore[misc]


def _with_place(draft: Draft, head: Hashable) -> Draft:
    if isinstance(head, UUID):
        return replace(draft, place_id=head, group="")
    return replace(draft, group=head[1] if isinstance(head, tuple) and head[0] == "group" else repr(head))


def _closed_stay_closed(
    drafts: Sequence[Draft], known: Mapping[Ref, UUID], standing: Mapping[UUID, Standing]
) -> list[Draft]:
    """A place that closed here does not open again because a list still has it: that word is set aside, and told."""
    before = queries.closed_here({draft.source for draft in drafts}) if known else set()
    closed = {place.id for place in standing.values() if place.status == "closed"}
    return [
        replace(
            draft,
            values={name: value for name, value in draft.values.items() if name not in STATE},
            flags=tuple(dict.fromkeys((*draft.flags, CLOSED_HERE))),
        )
        if (draft.source, draft.ref) in before
        or (draft.place_id in closed and (draft.source, draft.ref) not in known and _open(draft))
        else draft
        for draft in drafts
    ]


def _open(draft: Draft) -> bool:
    return draft.values.get("status", "open") != "closed"


def _tell(
    settled: Settled, units: Mapping[Hashable, list[Draft]], standing: Mapping[UUID, Standing], done: Joined
) -> None:
    for match in done.links:
        new = match.other if match.other in units else match.one
        draft, head = units[new][0], done.of(new)
        place = standing.get(head) if isinstance(head, UUID) else None
        settled.linked.append(
            Linked(
                source=draft.source,
                ref=draft.ref,
                name=str(draft.values.get("name") or ""),
                place=place.name if place else str(units[head][0].values.get("name") or ""),
                slug=place.slug if place else "",
                points=match.verdict.points,
                why=_why(match.verdict),
                gone=_gone(place) if place else "",
            )
        )
    settled.asked = [
        _by_record(match, units, standing) for match in done.asked if done.of(match.one) != done.of(match.other)
    ]


def _gone(place: Standing) -> str:
    if place.removed:
        return f"déjà connu, retiré du registre\u202f: {place.removed}"
    if place.status == "closed":
        return f"déjà connu, fermé{f' le {place.closed_on}' if place.closed_on else ''}"
    return ""


def _by_record(
    match: Match, units: Mapping[Hashable, list[Draft]], standing: Mapping[UUID, Standing]
) -> tuple[Hashable, Hashable, Verdict]:
    def of(key: Hashable) -> Hashable:
        return (units[key][0].source, units[key][0].ref) if key in units else key

    return of(match.one), of(match.other), match.verdict


def _why(verdict: Verdict) -> dict[str, int]:
    return {reason.what: reason.points for reason in verdict.evidence}


def ask(settled: Settled, *, by: str, now: datetime) -> list[Asked]:
    """Write down the pairs to ask, once recorded; a pair already asked, answered or told apart is not asked again."""
    if not settled.asked:
        return []
    known = queries.known_refs({key[0] for pair in settled.asked for key in pair[:2] if isinstance(key, tuple)})
    asked: dict[tuple[UUID, UUID], Verdict] = {}
    for one, other, verdict in settled.asked:
        places = [known.get(key) if isinstance(key, tuple) else key for key in (one, other)]
        first, second = sorted(places, key=str)
        if isinstance(first, UUID) and isinstance(second, UUID) and first != second:
            asked.setdefault((first, second), verdict)
    return _write_down(asked, by=by, now=now)


def _write_down(asked: Mapping[tuple[UUID, UUID], Verdict], *, by: str, now: datetime) -> list[Asked]:
    ids = {place_id for pair in asked for place_id in pair}
    apart, before, names = queries.told_apart(ids), queries.asked_before(ids), queries.names_of(ids)
    new = {
        pair: verdict
        for pair, verdict in asked.items()
        if frozenset(pair) not in apart and frozenset(pair) not in before and names.keys() >= set(pair)
    }
    Candidate.objects.bulk_create(
        [
            Candidate(
                one_id=one,
                other_id=other,
                points=verdict.points,
                evidence=_evidence(verdict),
                found_at=now,
                found_by=by,
            )
            for (one, other), verdict in new.items()
        ],
        batch_size=500,
        ignore_conflicts=True,
    )
    return [Asked(names[a], names[b], verdict.points, _why(verdict)) for (a, b), verdict in new.items()]


def _evidence(verdict: Verdict) -> dict[str, Any]:
    reasons = [{"what": e.what, "points": e.points, "measured": e.measured} for e in verdict.evidence]
    return {"reasons": reasons, "held": verdict.held}


@transaction.atomic
def settle_candidate(*, candidate_id: int, same: bool, reason: str, by: str, now: datetime) -> Candidate:
    """Answer the question: one place, and the older sheet is kept; or two, for ever. An answered one stays so.

    Raises `PlaceRefused` where the merge is refused or the person may not.
    """
    found = Candidate.objects.select_for_update(of=("self",)).select_related("one", "other").get(pk=candidate_id)
    if found.state != "open":
        return found
    if same:
        kept, gone = sorted((found.one, found.other), key=lambda place: (place.created_at, str(place.pk)))
        merge_places(kept_id=kept.pk, gone_id=gone.pk, reason=reason, by=by, now=now)
    else:
        tell_apart(place_ids=(found.one_id, found.other_id), reason=reason, by=by, now=now)
    found.state, found.settled_at, found.settled_by = ("merged" if same else "apart"), now, by
    found.save(update_fields=["state", "settled_at", "settled_by"])
    return found
