"""Bring a file of places into the registry: all of it or nothing, told row by row."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from maillage.journal import actions as journal
from maillage.network.exchange import formats, queries
from maillage.network.exchange.formats.format import Document, Format
from maillage.network.exchange.models import ImportRun, QuarantinedRow
from maillage.network.exchange.rules import decoding, proposals
from maillage.network.exchange.rules.reports import (
    Entry,
    FileRefused,
    Options,
    Progress,
    Reading,
    Refused,
    Report,
    RowProblem,
)
from maillage.places.actions import Recorded, record_many
from maillage.places.rules.drafts import Draft
from maillage.places.rules.fields import Checked, FieldProblem, check
from maillage.territory import queries as territory
from maillage.territory.rules.progress import Bar

GZIP = b"\x1f\x8b"
KEPT_REFUSALS = 2_000


@dataclass(slots=True)
class _Sifted:
    """Rows once checked: drafts that enter, and all there is to tell of the others."""

    drafts: list[Draft] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)


def import_file(
    *,
    path: Path,
    by: str,
    now: datetime,
    format: str | None = None,
    options: Options | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Import a file of places in one transaction; `dry_run` does all of it, then takes it back.

    A run is written down when it changed the registry, or when it refused rows of a file never seen before: the same
    file again writes nothing. `progress` opens a bar of as many steps as the file has rows.
    """
    data = read_bytes(path)
    fingerprint = hashlib.sha256(data).hexdigest()
    text = decoding.decode(decoding.gunzip(data) if data.startswith(GZIP) else data)
    chosen = formats.named(format) if format else formats.detect(text)
    reading = chosen.read(Document(path.name, text), options or Options())
    if not reading.entries and not reading.refused and not reading.skipped:
        raise FileRefused(
            "Le fichier ne contient aucune ligne de données sous son en-tête. Vérifiez que c’est le bon fichier."
        )
    sifted = _sift(reading, progress)
    with transaction.atomic():
        recorded = _record(reading, sifted, chosen.name, path.name, by, now)
        run = _write_down(sifted, recorded, fingerprint, chosen.name, path.name, by, now)
        if dry_run:
            transaction.set_rollback(True)
    return _report(reading, sifted, recorded, chosen, path.name, None if dry_run else run, dry_run)


def read_bytes(path: Path, limit: int = decoding.MAX_BYTES) -> bytes:
    """Read a file of at most `limit` bytes; what is not a readable file is refused with the reason."""
    if not path.exists():
        raise FileRefused(f"Le fichier {path} n’existe pas. Vérifiez le chemin donné.")
    if not path.is_file():
        raise FileRefused(f"{path} n’est pas un fichier. Donnez le fichier CSV ou GeoJSON lui-même.")
    with path.open("rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise decoding.too_big(limit)
    return data


def _sift(reading: Reading, progress: Progress | None) -> _Sifted:
    """Check every row that could be read, and give each the commune of today."""
    if territory.current_ground() is None:
        raise FileRefused(
            "Aucun territoire n’est chargé : les communes des lieux ne peuvent pas être reconnues. "
            "Lancez d’abord « maillage territory update », puis relancez l’import."
        )
    resolve = territory.code_resolver()
    sifted = _Sifted(refused=list(reading.refused))
    bar: AbstractContextManager[Bar | None] = progress(len(reading.entries)) if progress else nullcontext()
    with bar as steps:
        for entry in reading.entries:
            sifted.warnings += entry.warnings
            _sift_entry(entry, resolve, sifted, emptied=reading.own)
            if steps is not None:
                steps.step(1)
    if reading.own:
        sifted.drafts = list(_with_their_rows(sifted.drafts))
    return sifted


def _sift_entry(entry: Entry, resolve: Callable[[str], str | None], sifted: _Sifted, *, emptied: bool) -> None:
    drafts: list[Draft] = []
    if entry.whole is not None:
        fatal = _fatal(entry, check(entry.whole))
        if fatal:
            sifted.refused += [Refused(problem, entry.drafts[0].raw) for problem in fatal]
            return
    for draft in entry.drafts:
        located, told = _located(entry, draft, resolve)
        checked = check(located.values, emptied=emptied)
        if entry.whole is not None:
            checked = _as_a_part(located.values, checked)
        fatal = _fatal(entry, checked)
        if fatal:
            sifted.refused += [Refused(problem, draft.raw) for problem in fatal]
            return
        sifted.warnings += [*told, *(_row_problem(entry, problem) for problem in checked.problems)]
        drafts.append(replace(located, values=checked.values, extra={}))
    sifted.drafts += drafts


def _as_a_part(values: Mapping[str, Any], checked: Checked) -> Checked:
    """One source among several need not tell the name, nor where the place is."""
    told = [p for p in checked.problems if not p.fatal or p.value or values.get(p.field) not in (None, "", [])]
    return Checked(checked.values, tuple(told))


def _fatal(entry: Entry, checked: Checked) -> list[RowProblem]:
    return [_row_problem(entry, problem) for problem in checked.problems if problem.fatal]


def _row_problem(entry: Entry, problem: FieldProblem) -> RowProblem:
    column = entry.columns.get(problem.field, problem.field)
    return RowProblem(entry.line, column, problem.value, problem.problem, problem.mend)


def _located(entry: Entry, draft: Draft, resolve: Callable[[str], str | None]) -> tuple[Draft, list[RowProblem]]:
    """Give the draft today's commune code; what cannot be settled is flagged, never chosen in silence."""
    said = str(draft.values.get("commune") or "")[:20]
    today = resolve(said) if said else None
    instead = draft.extra.get("instead")
    if instead and today != resolve(instead):
        return replace(draft, values={**draft.values, "commune": ""}), []
    if "proposed" in draft.extra and (today or not said):
        return replace(draft, values={**draft.values, "commune": _plausible(draft, today)}), []
    if today:
        return replace(draft, values={**draft.values, "commune": today}), []
    if said:
        problem = FieldProblem("commune", said, "commune inconnue du territoire chargé", "vérifiez le code Insee")
        flags = (*draft.flags, "commune-unknown")
        return replace(draft, values={**draft.values, "commune": ""}, flags=flags), [_row_problem(entry, problem)]
    if draft.values.get("lat") in (None, "") and draft.values.get("city") and draft.values.get("postal_code"):
        found = territory.commune_by_name_and_postal_code(
            str(draft.values["city"])[:200], str(draft.values["postal_code"])[:10]
        )
        if found:
            flags = (*draft.flags, "commune-from-postal-code")
            return replace(draft, values={**draft.values, "commune": found}, flags=flags), []
    return draft, []


def _plausible(draft: Draft, proposed: str | None) -> str:
    """The proposed commune if nothing in the row contradicts it, else that of its postal code and town, else none."""
    read = check(draft.values).values
    city, postal_code = str(read.get("city") or ""), str(read.get("postal_code") or "")
    found = territory.find(proposed) if proposed else None
    commune = found if found and found.kind == "commune" else None
    if commune and proposals.agrees(
        departement=commune.departement_code,
        centre=None if commune.lat is None or commune.lon is None else (commune.lat, commune.lon),
        departements=proposals.departements_of_postal_code(postal_code),
        point=(read["lat"], read["lon"]) if "lat" in read and "lon" in read else None,
    ):
        return commune.code
    return territory.commune_by_name_and_postal_code(city, postal_code) or ""


def _with_their_rows(drafts: list[Draft]) -> Iterator[Draft]:
    """Our own export carries no original rows: a record already here keeps the one it came with."""
    kept = queries.kept_rows({draft.source for draft in drafts})
    for draft in drafts:
        yield replace(draft, raw=kept.get((draft.source, draft.ref), {}))


def _record(reading: Reading, sifted: _Sifted, name: str, file_name: str, by: str, now: datetime) -> Recorded:
    sources = dict(reading.sources)
    if reading.own:
        sources |= queries.known_sources(sources)
    reason = f"import {name} : {file_name}"[:300]
    return record_many(drafts=sifted.drafts, sources=sources, by=by, now=now, reason=reason)


def _write_down(
    sifted: _Sifted, recorded: Recorded, fingerprint: str, name: str, file_name: str, by: str, now: datetime
) -> int | None:
    """Keep the run and its refused rows, unless it changed nothing and said nothing new."""
    changed = recorded.created or recorded.changed
    if not changed and (not sifted.refused or queries.seen_before(fingerprint)):
        return None
    counts = {
        "created": recorded.created,
        "changed": recorded.changed,
        "unchanged": recorded.unchanged,
        "quarantined": len(sifted.refused),
        "warnings": len(sifted.warnings),
        "flagged": dict(_flags(sifted.drafts)),
    }
    run = ImportRun.objects.create(
        at=now, by=by, file_name=file_name[:200], fingerprint=fingerprint, format=name, counts=counts
    )
    QuarantinedRow.objects.bulk_create(
        [_quarantined(run, refused) for refused in sifted.refused[:KEPT_REFUSALS]], batch_size=500
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


def _flags(drafts: Iterable[Draft]) -> Counter[str]:
    return Counter(flag for draft in drafts for flag in draft.flags)


def _report(
    reading: Reading,
    sifted: _Sifted,
    recorded: Recorded,
    chosen: Format,
    file_name: str,
    run: int | None,
    dry_run: bool,
) -> Report:
    refused_lines = {refused.problem.line for refused in reading.refused}
    return Report(
        file_name=file_name,
        format=chosen.name,
        dry_run=dry_run,
        rows=len(reading.entries) + len(refused_lines) + reading.skipped,
        created=recorded.created,
        changed=recorded.changed,
        unchanged=recorded.unchanged,
        flagged=dict(sorted(_flags(sifted.drafts).items())),
        quarantined=tuple(sorted(sifted.refused, key=lambda refused: refused.problem.line)),
        warnings=tuple(sorted(sifted.warnings, key=lambda problem: problem.line)),
        skipped=reading.skipped,
        unmapped=reading.unmapped,
        proved=chosen.proved,
        run=run,
    )
