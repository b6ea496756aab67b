"""The ground that comes with Maillage: `data/builtin.json.gz`, made by `scripts/build_builtin_territory.py`."""

from pathlib import Path

from maillage.territory.rules.draft import GroundDraft
from maillage.territory.sources import files

READER = "builtin 1"
FILE = Path(__file__).resolve().parent.parent / "data" / "builtin.json.gz"


class BuiltinSource:
    """The compact ground of the repository."""

    def fingerprint(self) -> str:
        return files.fingerprint(READER, [FILE])

    def read(self) -> GroundDraft:
        raise NotImplementedError
