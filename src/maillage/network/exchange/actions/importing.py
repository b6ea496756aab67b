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

from maillage.network.exchange import formats, queries
from maillage.network.exchange.actions import matching, reaching
from maillage.network.exchange.actions.matching import Settled
from maillage.network.exchange.actions.reaching import Reach
from maillage.network.exchange.actions.runs import write_down
from maillage.network.exchange.formats.format import Document, Format
from maillage.network.exchange.queries import recipes
from maillage.network.exchange.rules import decoding, identity, proposals, remoteness
from maillage.network.exchange.rules.matching.joining import Ref
from maillage.network.exchange.rules.own import CARRIED
from maillage.network.exchange.rules.remoteness import Point
from maillage.network.exchange.rules.reports import (
    Asked,
    Difference,
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
from maillage.places.actions.takeback import bring_back
from maillage.places.rules.drafts import Draft
from maillage.places.rules.fields import Checked, FieldProblem, check
from maillage.territory import queries as territory
from maillage.territory.queries.arrays import columns
from maillage.territory.rules.progress import Bar


@dataclass(slots=True)
class _Sifted:
    """Rows once checked: drafts that enter, and all there is to tell of the others."""

    drafts: list[Draft] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    settled: Settled = field(default_factory=lambda: Settled([]))
    asked: list[Asked] = field(default_factory=list)
    lines: dict[Ref, int] = field(default_factory=dict)
    """Which line told each record."""


def import_file(
    *,
    path: Path,
    by: str,
    now: datetime,
    name: str = "",
    format: str | None = None,
    options: Options | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    scopes: tuple[str, ...] | None = None,
    differences: int = 0,
    then: Callable[[Report], None] | None = None,
) -> Report:
    """Import a file of places in one transaction; `dry_run` does all of it, then takes it back.

    A run is written down when it wrote something in the registry, or when it refused rows of a file never seen before:
    the same file again writes nothing. `progress` opens a bar of as many steps as the file has rows. With `scopes`,
    rows about places of other territories stay out. `differences` says how many places to tell field by field. `name`
    is that of the file where `path` is not. `then` is called with the report within the transaction, but not by a dry
    run: what it raises takes everything back.
    """
    data, name = read_bytes(path), name or path.name
    decoded = decoding.text_of(data, name)
    chosen = _format_of(Document(name, decoded.text), format, options)
    asked = replace(options or Options(), here=identity.site_name(settings.SITE_URL))
    reading = formats.read(chosen, Document(name, decoded.text), asked)
    _drop_echoes(reading)
    if not reading.echoes and not reading.entries and not reading.refused and not reading.skipped:
        raise FileRefused(
            "Le fichier ne contient aucune ligne de données sous son en-tête. Vérifiez que c’est le bon fichier."
        )
    within = None if scopes is None else reaching.reach_of(scopes, reading)
    sifted = _sift(reading, progress, within)
    sifted.warnings += [*decoded.warnings, *reading.warnings]
    with transaction.atomic():
        _settle(sifted, within, match=asked.match)
        recorded = _record(reading, sifted, chosen.name, name, by, now)
        sifted.asked = matching.ask(sifted.settled, by=by, now=now)
        run = _written(sifted, recorded, hashlib.sha256(data).hexdigest(), chosen.name, name, by, now)
        told = queries.differences(recorded.steps, by=by, now=now, most=differences) if differences else ()
        report = _report(reading, sifted, recorded, chosen, name, None if dry_run else run, dry_run, told)
        if dry_run:
            transaction.set_rollback(True)
        elif then is not None:
            then(report)
    return report


def _settle(sifted: _Sifted, within: Reach | None, *, match: bool) -> None:
    """Give the drafts the places that they tell of; those whose import was undone stand in their place again."""
    if match:
        sifted.settled = matching.settle(sifted.drafts)
        sifted.drafts = sifted.settled.drafts
    sifted.drafts = queries.where_they_stood(sifted.drafts)
    if within is not None:
        sifted.drafts, refused = reaching.refuse_joined(sifted.drafts, within, sifted.lines)
        sifted.refused += refused
        out = {one.problem.line for one in refused}
        linked = sifted.settled.linked
        linked[:] = [one for one in linked if sifted.lines.get((one.source, one.ref)) not in out]


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


def _sift(reading: Reading, progress: Progress | None, within: Reach | None) -> _Sifted:
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
            _sift_entry(entry, resolve, centres, sifted, within, emptied=reading.own)
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
    within: Reach | None,
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
        fatal = _caused(_fatal(entry, checked), told)
        if fatal:
            sifted.refused += [Refused(problem, draft.raw) for problem in fatal]
            return
        sifted.warnings += [*told, *(_row_problem(entry, problem) for problem in checked.problems)]
        flags = located.flags
        column = entry.columns.get("lat") or entry.columns.get("point", "lat")
        centre = None if CARRIED in draft.extra else centres.get(str(checked.values.get("commune")))
        if away := remoteness.far(entry.line, column, checked.values, centre):
            sifted.warnings.append(away)
            flags = tuple(dict.fromkeys([*flags, remoteness.FLAG]))
        drafts.append(replace(located, values=checked.values, flags=flags, extra={}))
    if within is not None and (refusal := within.refusal(entry, drafts)):
        sifted.refused.append(Refused(refusal, drafts[0].raw))
        return
    sifted.lines |= {(draft.source, draft.ref): entry.line for draft in drafts}
    sifted.drafts += drafts


def _as_a_part(values: Mapping[str, Any], checked: Checked) -> Checked:
    """One source among several need not tell the name, nor where the place is."""
    told = [p for p in checked.problems if not p.fatal or p.value or values.get(p.field) not in (None, "", [])]
    return Checked(checked.values, tuple(told))


def _fatal(entry: Entry, checked: Checked) -> list[RowProblem]:
    return [_row_problem(entry, problem) for problem in checked.problems if problem.fatal]


def _caused(fatal: list[RowProblem], told: list[RowProblem]) -> list[RowProblem]:
    """What refuses a row, said by its cause: a code of no commune rather than a place that cannot be situated."""
    causes = {one.column: one for one in told}
    return [causes.get(one.column, one) for one in fatal]


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
    """Our own export carries no original rows: a record already here keeps the one it came with.

    A row that somebody filled by hand is its own.
    """
    kept = queries.kept_rows({draft.source for draft in drafts})
    for draft in drafts:
        yield replace(draft, raw=draft.raw or kept.get((draft.source, draft.ref), {}))


def _record(reading: Reading, sifted: _Sifted, name: str, file_name: str, by: str, now: datetime) -> Recorded:
    sources = dict(reading.sources)
    if reading.own:
        sources |= queries.known_sources(sources)
    reason = f"import {name} : {file_name}"[:300]
    recorded = record_many(drafts=sifted.drafts, sources=sources, by=by, now=now, reason=reason)
    bring_back(place_ids=recorded.place_ids, by=by, now=now)
    return recorded


def _written(
    sifted: _Sifted, recorded: Recorded, fingerprint: str, name: str, file_name: str, by: str, now: datetime
) -> int | None:
    told = {"fingerprint": fingerprint, "format": name, "file_name": file_name, "by": by}
    refused, counts = sifted.refused, _counts(sifted, recorded)
    return write_down(counts=counts, refused=refused, steps=recorded.steps, now=now, **told)


def _counts(sifted: _Sifted, recorded: Recorded) -> dict[str, Any]:
    return {
        "created": recorded.created,
        "changed": recorded.changed,
        "unchanged": recorded.unchanged,
        "quarantined": len(sifted.refused),
        "warnings": len(sifted.warnings),
        "flagged": dict(_flags(sifted.drafts)),
        "linked": len(sifted.settled.linked),
        "candidates": len(sifted.asked),
    }


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
    differences: tuple[Difference, ...],
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
        differences=differences,
        sources=tuple(reading.sources[slug] for slug in sorted({draft.source for draft in sifted.drafts})),
    )
