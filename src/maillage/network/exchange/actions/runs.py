"""What an import leaves behind: the run, its refused rows, and what undoing it will need."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from maillage.journal import actions as journal
from maillage.network.exchange import queries
from maillage.network.exchange.models import ImportRun, ImportStep, QuarantinedRow
from maillage.network.exchange.rules.reports import Refused
from maillage.places.rules.trails import Step

KEPT_REFUSALS = 2_000


def write_down(
    *,
    counts: Mapping[str, Any],
    refused: Sequence[Refused],
    steps: Sequence[Step],
    fingerprint: str,
    format: str,
    file_name: str,
    by: str,
    now: datetime,
) -> int | None:
    """Keep a run, unless it wrote nothing and refused nothing new; within the transaction of what it wrote."""
    if not steps and (not refused or queries.seen_before(fingerprint)):
        return None
    run = ImportRun.objects.create(
        at=now, by=by, file_name=file_name[:200], fingerprint=fingerprint, format=format, counts=dict(counts)
    )
    QuarantinedRow.objects.bulk_create([_quarantined(run, one) for one in refused[:KEPT_REFUSALS]], batch_size=500)
    ImportStep.objects.bulk_create(
        [
            ImportStep(
                run=run,
                source=step.source,
                ref=step.ref,
                place_id=step.place_id,
                fingerprint=step.fingerprint,
                before=None if step.before is None else dict(step.before),
            )
            for step in steps
        ],
        batch_size=500,
    )
    journal.write(action="exchange.imported", by=by, now=now, subject=file_name[:120], detail={"run": run.pk, **counts})
    return run.pk


def _quarantined(run: ImportRun, refused: Refused) -> QuarantinedRow:
    problem = refused.problem
    return QuarantinedRow(
        run=run,
        line=problem.line,
        column=problem.column[:80],
        value=problem.value[:200],
        problem=problem.problem[:300],
        mend=problem.mend[:300],
        raw=_keepable(refused.raw),
    )


def _keepable(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A refused row as a database can keep it: bounded, without null characters (PostgreSQL refuses them)."""
    kept = {}
    for name, value in list(raw.items())[:200]:
        text = value if isinstance(value, str) else repr(value)
        kept[str(name)[:80].replace("\x00", "␀")] = text[:2_000].replace("\x00", "␀")
    return kept
