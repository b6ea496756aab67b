"""Bring a file of places into the registry: all of it or nothing, told row by row."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from maillage.journal import actions as journal
from maillage.network.exchange import formats, queries
from maillage.network.exchange.actions import matching
from maillage.network.exchange.actions.matching import Settled
from maillage.network.exchange.formats.format import Document, Format
from maillage.network.exchange.models import ImportRun, QuarantinedRow
from maillage.network.exchange.queries import recipes
from maillage.network.exchange.rules import decoding, identity, proposals, remoteness
from maillage.network.exchange.rules.own import CARRIED
from maillage.network.exchange.rules.remoteness import Point
from maillage.network.exchange.rules.reports import (
    Asked,
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
from maillage.territory.queries.arrays import columns
from maillage.territory.rules.progress import Bar

KEPT_REFUSALS = 2_000


@dataclass(slots=True)
class _Sifted:
    """Rows once checked: drafts that enter, and all there is to tell of the others."""

    drafts: list[Draft] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    settled: Settled = field(default_factory=lambda: Settled([]))
    asked: list[Asked] = field(default_factory=list)


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
    decoded = decoding.text_of(data, path.name)
    chosen = _format_of(Document(path.name, decoded.text), format, options)
    asked = replace(options or Options(), here=identity.site_name(settings.SITE_URL))
    reading = formats.read(chosen, Document(path.name, decoded.text), asked)
    _drop_echoes(reading)
    if not reading.echoes and not reading.entries and not reading.refused and not reading.skipped:
        raise FileRefused(
            "Le fichier ne contient aucune ligne de données sous son en-tête. Vérifiez que c’est le bon fichier."
        )
    sifted = _sift(reading, progress)
    sifted.warnings += [*decoded.warnings, *reading.warnings]
    with transaction.atomic():
        if asked.match:
            sifted.settled = matching.settle(sifted.drafts)
            sifted.drafts = sifted.settled.drafts
        recorded = _record(reading, sifted, chosen.name, path.name, by, now)
        sifted.asked = matching.ask(sifted.settled, by=by, now=now)
        run = _write_down(sifted, recorded, fingerprint, chosen.name, path.name, by, now)
        if dry_run:
            transaction.set_rollback(True)
    return _report(reading, sifted, recorded, chosen, path.name, None if dry_run else run, dry_run)


def _format_of(document: Document, wanted: str | None, options: Options | None) -> Format:
    """The format asked for, that of a correspondence, or the one recognised; else what the columns suggest is told."""
    if wanted:
        return formats.named(wanted)
    if options and options.mapping is not None:
        return formats.named("columns")
    try:
        return formats.detect(document.text)
    except formats.UnknownFormat as unknown:
        raise recipes.mapping_needed(document, str(unknown)) from unknown


def document_of(path: Path) -> Document:
    """A file as text, whatever it was packed and encoded in."""
    return Document(path.name, decoding.text_of(read_bytes(path), path.name).text)


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


def _drop_echoes(reading: Reading) -> None:
    """Rows that this site wrote of places it still knows, or has removed, tell it nothing: others only repeat it."""
    known = queries.known_places(
        draft.place_id for entry in reading.entries if entry.from_here for draft in entry.drafts if draft.place_id
    )
    kept = [e for e in reading.entries if not (e.from_here and {d.place_id for d in e.drafts} & known)]
    reading.echoes = len(reading.entries) - len(kept)
    reading.entries = kept


def _sift(reading: Reading, progress: Progress | None) -> _Sifted:
    """Check every row that could be read, and give each the commune of today."""
    if territory.current_ground() is None:
        raise FileRefused(
            "Aucun territoire n’est chargé : les communes des lieux ne peuvent pas être reconnues. "
            "Lancez d’abord « maillage territory update », puis relancez l’import."
        )
    resolve, centres = territory.code_resolver(), _centres()
    sifted = _Sifted(refused=list(reading.refused))
    bar: AbstractContextManager[Bar | None] = progress(len(reading.entries)) if progress else nullcontext()
    with bar as steps:
        for entry in reading.entries:
            sifted.warnings += entry.warnings
            _sift_entry(entry, resolve, centres, sifted, emptied=reading.own)
            if steps is not None:
                steps.step(1)
    if reading.own:
        sifted.drafts = list(_with_their_rows(sifted.drafts))
    return sifted


def _centres() -> dict[str, Point]:
    """The centre of every commune that has one, by code; in degrees."""
    told = columns()
    return {
        str(code): (float(lat), float(lon))
        for code, lat, lon in zip(told.code, told.lat, told.lon, strict=True)
        if lat == lat and lon == lon
    }


def _sift_entry(
    entry: Entry,
    resolve: Callable[[str], str | None],
    centres: Mapping[str, Point],
    sifted: _Sifted,
    *,
    emptied: bool,
) -> None:
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
        flags = located.flags
        column = entry.columns.get("lat", "lat")
        centre = None if CARRIED in draft.extra else centres.get(str(checked.values.get("commune")))
        if away := remoteness.far(entry.line, column, checked.values, centre):
            sifted.warnings.append(away)
            flags = tuple(dict.fromkeys([*flags, remoteness.FLAG]))
        drafts.append(replace(located, values=checked.values, flags=flags, extra={}))
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
        "linked": len(sifted.settled.linked),
        "candidates": len(sifted.asked),
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
        rows=len(reading.entries) + len(refused_lines) + reading.skipped + reading.echoes,
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
        echoes=reading.echoes,
        linked=tuple(sifted.settled.linked),
        candidates=tuple(sifted.asked),
    )
