from maillage.network.exchange.models.federation import Copy, KeyTurn, Peer, SetAside
from maillage.network.exchange.models.imports import Candidate, ImportRun, QuarantinedRow, Recipe
from maillage.network.exchange.models.intakes import ImportStep, Intake
from maillage.network.exchange.models.pulls import Pull, PullContent, PullReport

__all__ = [
    "Candidate",
    "Copy",
    "ImportRun",
    "ImportStep",
    "Intake",
    "KeyTurn",
    "Peer",
    "Pull",
    "PullContent",
    "PullReport",
    "QuarantinedRow",
    "Recipe",
    "SetAside",
]
