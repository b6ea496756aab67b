"""Everything that reads for a diagnosis."""

from maillage.diagnosis.queries.asked import territory_of
from maillage.diagnosis.queries.diagnose import diagnose
from maillage.diagnosis.queries.kept import KeptDiagnosis, kept, kept_of
from maillage.diagnosis.queries.plan import best_sites

__all__ = ["KeptDiagnosis", "best_sites", "diagnose", "kept", "kept_of", "territory_of"]
