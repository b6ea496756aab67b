"""Whether two sheets tell of one place: a rule to dispute, published in `docs/algorithms/matching.md`."""

from maillage.network.exchange.rules.matching.blocks import neighbours
from maillage.network.exchange.rules.matching.pairs import Match, matches
from maillage.network.exchange.rules.matching.score import ASK, LINK, Band, Evidence, Verdict, compare
from maillage.network.exchange.rules.matching.sheets import Ready, Sheet, ready

__all__ = [
    "ASK",
    "LINK",
    "Band",
    "Evidence",
    "Match",
    "Ready",
    "Sheet",
    "Verdict",
    "compare",
    "matches",
    "neighbours",
    "ready",
]
