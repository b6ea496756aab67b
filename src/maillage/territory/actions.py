"""Loading a ground: the one way the territory changes."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from maillage.journal import actions as journal
from maillage.territory.models import (
    Commune,
    Departement,
    Epci,
    EquipmentType,
    FigureSource,
    FormerCode,
    Ground,
    Outline,
    PostalCode,
    Region,
)
from maillage.territory.queries import current_ground
from maillage.territory.rules.draft import GroundDraft, OutlineRow
from maillage.territory.rules.progress import Bar, Progress, silent
from maillage.territory.rules.sanity import check
from maillage.territory.sources import GroundSource, official
from maillage.territory.sources.builtin import BuiltinSource
from maillage.territory.sources.folder import FolderSource

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Standing:
    """The ground that stands after a call, whether the call changed it, and what a person should know of it."""

    ground: Ground
    changed: bool
    told: tuple[str, ...] = ()


def ensure_ground(*, data: Path | None, by: str, now: datetime, progress: Progress | None = None) -> Standing:
    """Make sure that a ground stands: the given folder's, else the built-in one if none stands or a newer one came.

    A folder that was loaded before, then left for the official or the built-in ground, is not loaded again: what
    was chosen since stands. Nothing is parsed when nothing changed.
    """
    told: tuple[str, ...] = ()
    current = current_ground()
    if data is not None:
        folder = FolderSource(data)
        if not folder.exists():
            told = (f"{data} ne contient pas de communes : le territoire vient d’ailleurs.",)
        elif not _was_left(folder.fingerprint(), current):
            return load_ground(source=folder, by=by, now=now, progress=progress)
    if current is None or current.kind == Ground.Kind.BUILTIN:
        standing = load_ground(source=BuiltinSource(), by=by, now=now, progress=progress)
        return Standing(standing.ground, standing.changed, told + standing.told)
    return Standing(current, False, told)


def _was_left(fingerprint: str, current: Ground | None) -> bool:
    """Whether a folder's ground once stood, and another kind of ground was chosen since."""
    if current is None or current.kind == Ground.Kind.FOLDER:
        return False
    return Ground.objects.filter(fingerprint=fingerprint).exists()


def load_folder(*, folder: Path, by: str, now: datetime, progress: Progress | None = None) -> Standing:
    """Load a folder of official files, whatever stands."""
    return load_ground(source=FolderSource(folder), by=by, now=now, progress=progress)


def load_builtin(*, by: str, now: datetime, progress: Progress | None = None) -> Standing:
    """Load the ground that comes with Maillage, whatever stands."""
    return load_ground(source=BuiltinSource(), by=by, now=now, progress=progress)


def load_official(
    *,
    by: str,
    now: datetime,
    progress: Progress | None = None,
    known: Sequence[official.Address] | None = None,
) -> Standing:
    """Download the official files into MAILLAGE_HOME/downloads/territoire, then load them.

    An interrupted download goes on where it stopped; GroundRefused leaves the ground as it was.
    """
    folder = settings.HOME / "downloads" / "territoire"
    addresses = official.addresses() if known is None else known
    told = official.fetch(folder, known=addresses, offline=settings.OFFLINE, progress=progress)
    return load_ground(source=official.OfficialSource(folder, told), by=by, now=now, progress=progress)


def load_ground(*, source: GroundSource, by: str, now: datetime, progress: Progress | None = None) -> Standing:
    """Read a ground, check it, and put it in place of the one that stands, in one transaction.

    The same contents again change nothing. Communes, EPCI, départements and régions that vanished are removed
    unless something refers to them; those are kept and told. GroundRefused leaves everything as it was.
    """
    fingerprint = source.fingerprint()
    current = current_ground()
    if current is not None and current.fingerprint == fingerprint:
        return Standing(current, False)
    draft = source.read()
    check(draft)
    with (
        (progress or silent)(_rows(draft), "Territoire") as bar,
        transaction.atomic(),
    ):
        _write_divisions(draft)
        _write_communes(draft, bar)
        _replace_attachments(draft, bar)
        kept = _remove_vanished(draft)
        ground = _write_ground(draft, fingerprint, now, kept)
        told = draft.told + _told_of(kept)
        journal.write(
            action="territory.loaded",
            by=by,
            now=now,
            subject=f"ground:{ground.pk}",
            detail={"kind": draft.kind, "label": draft.label, "counts": ground.counts, "told": list(told)},
        )
    return Standing(ground, True, told)


def _rows(draft: GroundDraft) -> int:
    return len(draft.communes) + len(draft.outlines)


def _upsert(model: type[models.Model], rows: Sequence[Sequence[Any]], names: Sequence[str]) -> None:
    """Insert or update by code, so that what refers to a row goes on referring to it.

    SQL for SQLite and PostgreSQL alike: `bulk_create` prepares a million values one by one, which took longer than all
    the rest of a load.
    """
    quoted = connection.ops.quote_name
    column_of = {field.name: str(field.column) for field in model._meta.concrete_fields}
    columns = [quoted(column_of[name]) for name in names]
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns if column != quoted("code"))
    statement = (
        f"INSERT INTO {quoted(model._meta.db_table)} ({', '.join(columns)}) "  # noqa: S608 (names of our own models)
        f"VALUES ({', '.join(['%s'] * len(columns))}) ON CONFLICT ({quoted('code')}) DO UPDATE SET {updates}"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _write_divisions(draft: GroundDraft) -> None:
    _upsert(Region, list(draft.regions.items()), ("code", "name"))
    departements = [(code, name, region) for code, (name, region) in draft.departements.items()]
    _upsert(Departement, departements, ("code", "name", "region"))
    _upsert(Epci, [(code, name, kind) for code, (name, kind) in draft.epcis.items()], ("code", "name", "kind"))


_COMMUNE = tuple(field.name for field in Commune._meta.concrete_fields)
"""Every field of a commune has the name of a field of `CommuneRow`, its département and EPCI by their codes."""


def _write_communes(draft: GroundDraft, bar: Bar) -> None:
    values = attrgetter(*_COMMUNE)
    epci = _COMMUNE.index("epci")
    for start in range(0, len(draft.communes), BATCH):
        batch = draft.communes[start : start + BATCH]
        rows = [values(row) for row in batch]
        _upsert(Commune, [(*row[:epci], row[epci] or None, *row[epci + 1 :]) for row in rows], _COMMUNE)
        bar.step(len(batch))


def _replace_attachments(draft: GroundDraft, bar: Bar) -> None:
    for model in (PostalCode, FormerCode, Outline, EquipmentType):
        model._default_manager.all().delete()
    EquipmentType.objects.bulk_create(EquipmentType(**asdict(row)) for row in draft.equipment_types)
    PostalCode.objects.bulk_create(
        PostalCode(commune_id=row.code, code=code) for row in draft.communes for code in row.postal_codes
    )
    FormerCode.objects.bulk_create(
        FormerCode(code=row.code, name=row.name[:80], commune_id=row.commune) for row in draft.former
    )
    names = [field.name for field in fields(OutlineRow)]
    for start in range(0, len(draft.outlines), BATCH):
        batch = draft.outlines[start : start + BATCH]
        Outline.objects.bulk_create(Outline(**{name: getattr(row, name) for name in names}) for row in batch)
        bar.step(len(batch))


def _remove_vanished(draft: GroundDraft) -> dict[str, list[str]]:
    """Remove what the ground no longer names, from the smallest to the largest; return what had to stay."""
    standing: list[tuple[type[models.Model], Collection[str]]] = [
        (Commune, {row.code for row in draft.communes}),
        (Epci, draft.epcis),
        (Departement, draft.departements),
        (Region, draft.regions),
    ]
    kept = {}
    for model, codes in standing:
        known = set(model._default_manager.values_list("pk", flat=True))
        vanished = sorted(known.difference(codes))
        held = [code for start in range(0, len(vanished), 500) for code in _held(model, vanished[start : start + 500])]
        gone = sorted(set(vanished).difference(held))
        for start in range(0, len(gone), 500):
            model._default_manager.filter(pk__in=gone[start : start + 500]).delete()
        if held:
            kept[str(model._meta.verbose_name)] = sorted(held)
    return kept


def _held(model: type[models.Model], codes: Sequence[str]) -> set[str]:
    """Those of the codes that a protected reference, from any room, still points at."""
    held: set[str] = set()
    for relation in model._meta.related_objects:
        if relation.on_delete is models.PROTECT:
            column = f"{relation.field.name}_id"
            referring = relation.related_model._default_manager.filter(**{f"{column}__in": codes})
            held.update(referring.values_list(column, flat=True).distinct().order_by())
    return held


def _write_ground(draft: GroundDraft, fingerprint: str, now: datetime, kept: dict[str, list[str]]) -> Ground:
    ground = Ground.objects.create(
        kind=draft.kind,
        label=draft.label,
        vintage=draft.vintage,
        loaded_at=now,
        fingerprint=fingerprint,
        estimated_centres=draft.estimated_centres,
        counts=_counts(draft, kept),
    )
    FigureSource.objects.bulk_create(FigureSource(ground=ground, **asdict(row)) for row in draft.figures)
    return ground


def _counts(draft: GroundDraft, kept: dict[str, list[str]]) -> dict[str, Any]:
    outlines = dict.fromkeys(Outline.Kind.values, 0)
    for row in draft.outlines:
        outlines[row.kind] += 1
    return {
        "regions": len(draft.regions),
        "departements": len(draft.departements),
        "epcis": len(draft.epcis),
        "communes": len(draft.communes),
        "population": sum(row.population or 0 for row in draft.communes),
        "population_unknown": sum(1 for row in draft.communes if row.population is None),
        "centres_unknown": sum(1 for row in draft.communes if row.lat is None),
        "postal_codes": sum(len(row.postal_codes) for row in draft.communes),
        "former_codes": len(draft.former),
        "employed_unknown": sum(1 for row in draft.communes if row.employed is None),
        "equipment_unknown": sum(1 for row in draft.communes if row.equipment is None),
        "outlines": outlines,
        "kept": kept,
    }


def _told_of(kept: dict[str, list[str]]) -> tuple[str, ...]:
    return tuple(
        f"{name} {' '.join(codes[:8])}{' …' if len(codes) > 8 else ''} : absent de ce fond, gardé parce que "
        "des fiches s’y rattachent encore."
        for name, codes in kept.items()
    )
