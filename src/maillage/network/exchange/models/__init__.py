from maillage.network.exchange.models.imports import Candidate, ImportRun, QuarantinedRow, Recipe

__all__ = ["Candidate", "ImportRun", "QuarantinedRow", "Recipe"]
