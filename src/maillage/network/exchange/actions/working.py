"""The work on a file that was asked for: held by one worker at a time, and taken up again when that one dies.

What comes in and the word that it came in are one transaction: a worker killed before leaves nothing, one killed after
has nothing more to do.
"""

import csv
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q

from maillage.journal import actions as journal
from maillage.network.exchange.actions.importing import import_file
from maillage.network.exchange.models import Intake
from maillage.network.exchange.permissions import territories_of
from maillage.network.exchange.queries import intakes
from maillage.network.exchange.rules.intakes import APPLY, LEASE, MOST_ATTEMPTS, MOST_PLACES, kept
from maillage.network.exchange.rules.mapping.correspondence import MENDS, from_data
from maillage.network.exchange.rules.neutral import neutralise
from maillage.network.exchange.rules.reports import FileRefused, Options, Refused, Report, RowProblem

EVERY_S = 0.5
INTERRUPTED = (
    "L’import s’est interrompu plusieurs fois de suite. Rien n’est entré. "
    "Découpez le fichier, ou prévenez l’exploitation du site."
)
NOT_ALLOWED = "Votre rôle ne permet plus de faire entrer des fichiers. Rien n’est entré."


class _Overtaken(Exception):
    """Another worker holds the file: what this one wrote is taken back."""


def carry_out(*, intake_id: int, now: datetime) -> bool:
    """Try a file or bring it in, as was asked; False when another worker holds it or nothing is asked any more."""
    held = _hold(intake_id, now)
    if held is None:
        return False
    try:
        scopes = territories_of(held.queued_by)
        report = import_file(
            path=intakes.file_of(held.pk),
            name=held.name,
            format=held.format,
            options=_options(held),
            by=held.queued_by,
            now=now,
            dry_run=held.wish != APPLY,
            progress=lambda total: _noted(held.pk, total),
            scopes=scopes,
            differences=MOST_PLACES,
            then=lambda report: _done(held, report, now),
        )
        as_sent = intakes.rows_of(held, {one.problem.line for one in report.quarantined})
        write_quarantine(intakes.quarantine_of(held.pk), report.quarantined, as_sent)
        if held.wish != APPLY:
            _mine(held).update(**_at_rest("tried"), report=kept(report))
    except _Overtaken:
        return False
    except PermissionDenied:
        _refuse(held, NOT_ALLOWED, now)
    except FileRefused as refusal:
        _mine(held).update(**_at_rest("mapped"), refusal=str(refusal)[:1_000])
    finally:
        intakes.progress_of(held.pk).unlink(missing_ok=True)
    return True


def _hold(intake_id: int, now: datetime) -> Intake | None:
    """Take the file for the time of a lease, if nobody holds it; one that killed three workers is refused."""
    free = Q(state="queued") | Q(state="applying", leased_until__lt=now)
    with transaction.atomic():
        rows = Intake.objects.filter(free, pk=intake_id)
        if not rows.update(state="applying", leased_until=now + LEASE, attempts=F("attempts") + 1):
            return None
        held = Intake.objects.get(pk=intake_id)
        if held.attempts > MOST_ATTEMPTS:
            _refuse(held, INTERRUPTED, now)
            return None
    return held


def _mine(held: Intake) -> Any:
    """The file, as long as this worker holds it."""
    return Intake.objects.filter(pk=held.pk, state="applying", attempts=held.attempts, queued_at=held.queued_at)


def _at_rest(state: str) -> dict[str, Any]:
    return {"state": state, "wish": "", "leased_until": None}


def _done(held: Intake, report: Report, now: datetime) -> None:
    """Write, within the transaction of the import, that it came in."""
    ended = {"settled_at": now, "settled_by": held.queued_by, "report": kept(report), "run": report.run}
    if not _mine(held).update(**_at_rest("done"), **ended):
        raise _Overtaken


def _refuse(held: Intake, why: str, now: datetime) -> None:
    ended = {"refusal": why, "settled_at": now, "settled_by": held.queued_by}
    with transaction.atomic():
        if _mine(held).update(**_at_rest("refused"), **ended):
            detail = {"intake": held.pk, "why": why}
            journal.write(action="intakes.given_up", by=held.queued_by, now=now, subject=held.name[:120], detail=detail)


def _options(held: Intake) -> Options:
    asked = Options(all_places=held.all_places, source=held.source, licence=held.licence)
    return replace(asked, mapping=from_data(held.mapping)) if held.mapping else asked


class _Note:
    """A bar beside the database, whose write lock the import holds: lost, it loses only itself."""

    def __init__(self, path: Path, total: int) -> None:
        self.path, self.total, self.done, self.told_at_s = path, total, 0, 0.0

    def step(self, count: int = 1, /) -> None:
        self.done += count
        if time.monotonic() - self.told_at_s >= EVERY_S:
            self.tell(writing=False)

    def tell(self, *, writing: bool) -> None:
        self.told_at_s = time.monotonic()
        fresh = self.path.with_suffix(".noted")
        try:
            fresh.write_text(json.dumps([self.done, self.total, writing]), encoding="ascii")
            fresh.replace(self.path)
        except OSError:
            return


@contextmanager
def _noted(intake_id: int, total: int) -> Iterator[_Note]:
    note = _Note(intakes.progress_of(intake_id), total)
    note.tell(writing=False)
    yield note
    note.tell(writing=True)


def write_quarantine(path: Path, refused: Sequence[Refused], as_sent: Mapping[int, Mapping[str, Any]]) -> None:
    """The rows that stayed out, as a table to mend and send again: their own columns first, then what to do."""
    if not refused:
        path.unlink(missing_ok=True)
        return
    told: dict[int, list[Refused]] = {}
    for one in refused:
        told.setdefault(one.problem.line, []).append(one)
    raws = {line: as_sent.get(line) or ones[0].raw for line, ones in told.items()}
    header = list(dict.fromkeys(str(name) for raw in raws.values() for name in raw if name not in MENDS))[:400]
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([*(neutralise(name) for name in header), *MENDS])
        for line, ones in told.items():
            problems = [one.problem for one in ones]
            cells = [_cell(raws[line].get(name, "")) for name in header]
            cells += [str(line), *("; ".join(dict.fromkeys(said)) for said in zip(*map(_said, problems), strict=True))]
            writer.writerow([neutralise(cell) for cell in cells])


def _said(problem: RowProblem) -> tuple[str, str, str]:
    return problem.column, problem.problem, problem.mend


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)
