"""The platform that is a folder: another program takes the files from there."""

import os
import shutil
import tempfile
from pathlib import Path

from maillage.management.billing.rules.dispatch import Parcel

FILES_MODE, FOLDER_MODE = 0o640, 0o750


class Folder:
    """One folder a parcel, which appears whole or not at all, and is never written again."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def holds(self, folder: str, name: str) -> bool:
        """Whether a parcel is there."""
        return (self.home / folder / name).is_dir()

    def deposit(self, parcel: Parcel) -> bool:
        """Write the files beside, then give the folder its name in one act; False where it is there already."""
        around = self.home / parcel.folder
        around.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        if self.holds(parcel.folder, parcel.name):
            return False
        waiting = Path(tempfile.mkdtemp(prefix=".en-cours-", dir=around))
        try:
            for name, held in parcel.files.items():
                _written(waiting / name, held)
            waiting.chmod(FOLDER_MODE)
            waiting.rename(around / parcel.name)
        except OSError:
            shutil.rmtree(waiting, ignore_errors=True)
            if self.holds(parcel.folder, parcel.name):  # Somebody else's rename came first.
                return False
            raise
        return True


def _written(path: Path, held: bytes) -> None:
    with path.open("wb") as file:
        file.write(held)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(FILES_MODE)
