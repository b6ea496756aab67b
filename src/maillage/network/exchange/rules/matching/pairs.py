"""All the matches among many sheets."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from maillage.network.exchange.rules.matching.blocks import neighbours
from maillage.network.exchange.rules.matching.score import Band, Verdict, compare
from maillage.network.exchange.rules.matching.sheets import Ready


@dataclass(frozen=True, slots=True)
class Match:
    """Two sheets by their key, and what the rule says of them: linked, or to be asked."""

    one: Hashable
    other: Hashable
    verdict: Verdict


def matches(sheets: Sequence[Ready], *, wanted: Callable[[int, int], bool] | None = None) -> Iterator[Match]:
    """The pairs to link and to ask, by the order of the sheets; each once. `wanted` leaves pairs of numbers aside.

    >>> from maillage.network.exchange.rules.matching.sheets import Sheet, ready
    >>> told = [Sheet(key, name, "39198", street="3 rue du Port") for key, name in (("a", "L’Étoile"), ("b", "Étoile"))]
    >>> [(m.one, m.other, m.verdict.band.value) for m in matches([ready(sheet) for sheet in told])]
    [('a', 'b', 'link')]
    """
    count = len(sheets)
    coded = [np.unique(batch[:, 0] * count + batch[:, 1]) for batch in neighbours(sheets)]
    for one, other in zip(*np.divmod(np.unique(np.concatenate(coded)), max(count, 1)), strict=True):
        if wanted and not wanted(int(one), int(other)):
            continue
        verdict = compare(sheets[one], sheets[other])
        if verdict.band is not Band.IGNORE:
            yield Match(sheets[one].key, sheets[other].key, verdict)
