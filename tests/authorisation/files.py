"""A file that an officer brought in, for nobody else to see."""

import hashlib
from datetime import datetime

from maillage.network.exchange.models import ImportRun, ImportStep, Intake
from maillage.places.models import Place


def file_of(by: str, place: Place, name: str, now: datetime) -> dict[str, int]:
    """One that came in and may be undone: its number, and that of its import."""
    fingerprint = hashlib.sha256(name.encode()).hexdigest()
    told = {"file_name": f"{name}.csv", "fingerprint": fingerprint, "format": "csv"}
    run = ImportRun.objects.create(at=now, by=by, counts={"created": 1, "changed": 0}, **told)
    ImportStep.objects.create(run=run, source="essai", ref=name, place_id=place.pk, fingerprint="x", before=None)
    sent = {"name": f"{name}.csv", "fingerprint": fingerprint, "size_bytes": 10, "lines": 1, "encoding": "UTF-8"}
    ended = {"settled_at": now, "settled_by": by, "run": run}
    found = Intake.objects.create(
        **sent, **ended, opened_at=now, opened_by=by, state="done", format="csv", report=EMPTY
    )
    return {"intake": found.pk, "brought": run.pk}


LISTS = ("unmapped", "sources", "new", "differences", "quarantined", "warnings", "linked", "candidates")
COUNTS = ("rows", "created", "changed", "unchanged", "skipped", "echoes", "refused_rows", "warned", "joined", "to_ask")
EMPTY = {"proved": True, "flagged": {}, **dict.fromkeys(COUNTS, 0), **{name: [] for name in LISTS}}
