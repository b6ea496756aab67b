"""Which new records join which place: the surest links first, and none that would make one of two."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from maillage.network.exchange.rules.matching.pairs import Match
from maillage.network.exchange.rules.matching.score import Band

CLOSE_POINTS = 5
"""Two places that a record fits almost equally well: a person chooses."""

Ref = tuple[str, str]
"""A source and its reference."""


@dataclass(frozen=True, slots=True)
class Node:
    """A place of the registry (`place`), or what a file newly tells of one; `refs` are the records of it."""

    key: Hashable
    refs: frozenset[Ref]
    place: bool = False


@dataclass(slots=True)
class Joined:
    """`head`: the node each one stands with; `links`: why a new one joined; `asked`: what a person must tell.

    Matches are of nodes, by key.
    """

    head: dict[Hashable, Hashable] = field(default_factory=dict)
    links: list[Match] = field(default_factory=list)
    asked: list[Match] = field(default_factory=list)

    def of(self, key: Hashable) -> Hashable:
        """The node that another stands with in the end."""
        while self.head[key] != key:
            key = self.head[key]
        return key


def join(nodes: Iterable[Node], found: Sequence[Match], apart: Collection[frozenset[Hashable]] = ()) -> Joined:
    """Join by the surest links; what would make one of two places, or of two references of a source, is asked.

    `found` are matches of records, by (source, reference); `apart` pairs of nodes that somebody told apart.

    >>> from maillage.network.exchange.rules.matching.score import Verdict
    >>> a, b, c = ("a", "1"), ("b", "1"), ("c", "1")
    >>> nodes = [Node("place", frozenset({a}), place=True), Node("new", frozenset({b})), Node("too", frozenset({c}))]
    >>> sure = Verdict(Band.LINK, 80, ())
    >>> done = join(nodes, [Match(a, b, sure), Match(b, c, sure)])
    >>> done.of("new"), done.of("too"), len(done.links), done.asked
    ('place', 'place', 2, [])
    """
    by_key = {node.key: node for node in nodes}
    node_of: dict[Hashable, Hashable] = {ref: node.key for node in by_key.values() for ref in node.refs}
    done = Joined({key: key for key in by_key})
    refs = {key: set(node.refs) for key, node in by_key.items()}
    same = {frozenset((m.one, m.other)) for m in found if m.verdict.band is Band.LINK}
    best = _of_nodes(found, node_of)
    torn = _torn(by_key, best)
    for match in best:
        if frozenset((match.one, match.other)) in apart:
            continue
        one, other = done.of(match.one), done.of(match.other)
        if by_key[other].place:
            one, other = other, one
        if one == other:
            continue
        sure = match.verdict.band is Band.LINK and not by_key[other].place and not {match.one, match.other} & torn
        if sure and not _two_of_a_source(refs[one], refs[other], same):
            done.head[other] = one
            refs[one] |= refs[other]
            done.links.append(match)
        else:
            done.asked.append(match)
    return done


def _of_nodes(found: Iterable[Match], node_of: Mapping[Hashable, Hashable]) -> list[Match]:
    """The best match of each two nodes, the best first; none of a place with a place."""
    best: dict[frozenset[Hashable], Match] = {}
    for match in found:
        one, other = node_of[match.one], node_of[match.other]
        pair = frozenset((one, other))
        if one != other and (pair not in best or best[pair].verdict.points < match.verdict.points):
            best[pair] = Match(one, other, match.verdict)
    return sorted(best.values(), key=lambda match: (-match.verdict.points, str(match.one), str(match.other)))


def _two_of_a_source(mine: set[Ref], theirs: set[Ref], same: set[frozenset[Hashable]]) -> bool:
    """Whether one source would tell the place under two references that nothing shows to be one."""
    return any(a[0] == b[0] and frozenset((a, b)) not in same for a in mine for b in theirs)


def _torn(by_key: Mapping[Hashable, Node], best: Iterable[Match]) -> set[Hashable]:
    """The new ones that fit two places of the registry almost equally well."""
    fits: dict[Hashable, list[int]] = {}
    for match in best:
        for new, place in ((match.one, match.other), (match.other, match.one)):
            if match.verdict.band is Band.LINK and by_key[place].place and not by_key[new].place:
                fits.setdefault(new, []).append(match.verdict.points)
    return {key for key, points in fits.items() if len(points) > 1 and points[0] - points[1] <= CLOSE_POINTS}
