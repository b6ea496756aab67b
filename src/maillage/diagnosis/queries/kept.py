"""Diagnoses under a permanent link."""

import re
from dataclasses import dataclass
from datetime import datetime

from maillage.diagnosis.models import Kept
from maillage.diagnosis.rules.facts import Diagnosis
from maillage.diagnosis.rules.packing import unpack

_ID = re.compile(r"[0-9a-f]{8,16}")


@dataclass(frozen=True, slots=True)
class KeptDiagnosis:
    """A diagnosis as it was, and when and by whom it was kept."""

    id: str
    diagnosis: Diagnosis
    made_at: datetime
    by: str


def kept(id: str) -> KeptDiagnosis | None:
    """The diagnosis of a permanent link, figure for figure; None where there is none."""
    row = Kept.objects.filter(pk=id).first() if _ID.fullmatch(id) else None
    return None if row is None else KeptDiagnosis(row.pk, unpack(bytes(row.packed)), row.made_at, row.by)


def kept_of(reference: str, *, limit: int = 20) -> tuple[tuple[str, datetime], ...]:
    """The links kept of a territory, the newest first."""
    rows = Kept.objects.filter(territory=reference).order_by("-made_at", "pk").values_list("pk", "made_at")
    return tuple(rows[:limit])
