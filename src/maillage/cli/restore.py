"""`maillage restore`: put a backup back into an empty install, whole or not at all."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from maillage.cli import locks, schema
from maillage.cli.progress import progress
from maillage.cli.steps import step

if TYPE_CHECKING:
    from django.apps.registry import Apps

    from maillage.cli.archive.container import Archive
    from maillage.cli.archive.tables import Model

BY = "commande:restore"
JUMP = 100_000
"""How far the journal's numbers jump: what browsers keep of the lost hours is under numbers that never come again."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "restore",
        help="remet une sauvegarde dans une installation vide",
        description="Vérifie toute la sauvegarde, puis la remet dans une installation vide : une base sans lieux ni "
        "comptes, SQLite ou PostgreSQL, quelle que soit celle d’où elle vient. Tout entre, ou rien.",
    )
    parser.add_argument("file", metavar="FICHIER", type=Path, help="fichier écrit par « maillage backup »")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check, then restore, alone in this home."""
    from django.conf import settings
    from django.utils import timezone

    from maillage.cli.archive import container

    now = timezone.now()
    waiting = partial(print, "Un autre programme prépare déjà ce dossier : attente…")
    try:
        with locks.held(settings.HOME / "prepare.lock", waiting=waiting), container.read(arguments.file) as archive:
            restore(archive, now=now)
            tell(archive, now=now)
    except container.BackupRefused as refusal:
        sys.stderr.write(f"maillage restore : {refusal}\n")
        return 1
    return 0


def restore(archive: "Archive", *, now: datetime) -> None:
    """Make the tables as they were, put the photos then the rows back, then bring the tables up to date."""
    from maillage.cli.archive import moment

    migrations = [(app, name) for app, name in archive.manifest.migrations]
    refuse_other_code(migrations)
    refuse_other_tables(migrations)
    models = matched(moment.tables_at(migrations), archive)
    refuse_full(models)
    with step("tables"):
        make_tables(migrations)
    with _files(archive):
        load(archive, models, now=now)
    schema.bring_up_to_date()
    finish_tables()


def refuse_other_code(migrations: list[tuple[str, str]]) -> None:
    """A backup that went through updates this code has never heard of is another code's."""
    from maillage.cli.archive import container, moment

    unknown = sorted(set(migrations) - moment.known())
    if unknown:
        raise container.BackupRefused(
            "cette sauvegarde vient d’un Maillage plus récent : elle a reçu des mises à jour que ce code ne connaît "
            f"pas ({', '.join('.'.join(one) for one in unknown[:3])}). Rien n’a été écrit. Mettez le code à jour "
            "(git pull), puis relancez."
        )


def refuse_other_tables(migrations: list[tuple[str, str]]) -> None:
    """The base must have none of the tables, or only updates that the backup has had too."""
    from maillage.cli.archive import container, moment

    ahead = sorted(set(moment.applied()) - set(migrations))
    if ahead:
        raise container.BackupRefused(
            "les tables de cette base ont reçu des mises à jour que la sauvegarde n’a pas eues "
            f"({', '.join('.'.join(one) for one in ahead[:3])}). Rien n’a été écrit. Donnez une base sans tables : un "
            "autre MAILLAGE_HOME, ou une base neuve (createdb) dans DATABASE_URL."
        )


def matched(apps: "Apps", archive: "Archive") -> list["Model"]:
    """The tables of the backup, each with exactly the columns that its rows have."""
    from maillage.cli.archive import container, tables

    models = tables.kept(apps)
    told = archive.manifest.tables
    ours = {model._meta.label: [field.attname for field in tables.columns(model)] for model in models}
    if {label: table.fields for label, table in told.items()} != ours:
        odd = sorted(
            label for label in told.keys() | ours if label not in told or told[label].fields != ours.get(label)
        )
        raise container.BackupRefused(container.STRANGE.format(f"ses tables ne sont pas les nôtres : {', '.join(odd)}"))
    wanted = {f"tables/{label}.jsonl" for label in told}
    strange = sorted(name for name in archive.manifest.members.keys() ^ wanted if not name.startswith("media/"))
    if strange:
        raise container.BackupRefused(container.STRANGE.format(f"fichier de trop ou manquant : {strange[0]}"))
    return models


def refuse_full(models: Iterable["Model"]) -> None:
    """Nothing of anybody's is ever written over."""
    from django.db import connection

    from maillage.cli.archive import container, tables

    there = set(connection.introspection.table_names())
    for model in models:
        if model._meta.db_table in there and model._meta.label not in tables.MADE_BY_DJANGO:
            count = model._base_manager.count()
            if count:
                raise container.BackupRefused(
                    f"cette installation n’est pas vide ({count} lignes dans « {model._meta.verbose_name_plural} »). "
                    "Rien n’a été écrit. Restaurez dans un autre MAILLAGE_HOME, ou dans une base neuve (createdb) "
                    "donnée par DATABASE_URL."
                )


def make_tables(migrations: list[tuple[str, str]]) -> None:
    """Bring an empty base to where the backup's was."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    nodes = executor.loader.graph.node_map
    last = [one for one in migrations if not any(after.key in migrations for after in nodes[one].children)]
    executor.migrate(last)


def finish_tables() -> None:
    """What `migrate` does around the tables: the words of permissions, the table of shared counters."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


@contextmanager
def _files(archive: "Archive") -> Iterator[None]:
    """Put the files back before the rows that name them; take them away again if the rows do not come in."""
    from django.conf import settings

    root = Path(settings.MEDIA_ROOT)
    written: list[Path] = []
    try:
        names = sorted(name for name in archive.manifest.members if name.startswith("media/"))
        with progress(len(names), "Photos") as bar:
            for name in names:
                path = root / name.removeprefix("media/")
                if not path.exists():
                    _write_file(path, archive.pieces(name))
                    written.append(path)
                bar.step()
        yield
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _write_file(path: Path, pieces: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as stream:
        for piece in pieces:
            stream.write(piece)
    part.replace(path)


def load(archive: "Archive", models: list["Model"], *, now: datetime) -> None:
    """Put every row back in one transaction: counted, tied to each other, each file named by a row.

    The guards are off until the tables are up to date: what they ask of one row more, a whole table cannot give.
    """
    from django.contrib.contenttypes.models import ContentType
    from django.db import DEFAULT_DB_ALIAS, DataError, IntegrityError, connection, transaction

    from maillage.cli.archive import container, tables
    from maillage.journal import guards

    manifest = archive.manifest
    current = ""
    try:
        with transaction.atomic(), progress(sum(t.rows for t in manifest.tables.values()), "Base") as bar:
            guards.lift()
            for model in reversed(models):
                model._base_manager.all()._raw_delete(DEFAULT_DB_ALIAS)
            for model in models:
                current = model._meta.label
                lines = archive.lines(f"tables/{current}.jsonl")
                if tables.write(model, lines, connection, bar.step) != manifest.tables[current].rows:
                    raise tables.RowRefused(current)
            _number_on(archive, models, now=now)
            refuse_strange_files(archive, models)
            connection.check_constraints()
    except (tables.RowRefused, DataError, IntegrityError) as error:
        raise container.BackupRefused(
            f"une ligne de « {current} » ne peut pas entrer dans cette base ({_first_line(error)}). Rien n’a été "
            "écrit. Si la sauvegarde est à vous, restaurez-la dans le moteur d’où elle vient "
            f"({manifest.engine}), corrigez cette ligne, puis sauvegardez de nouveau."
        ) from error
    ContentType.objects.clear_cache()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]


def refuse_strange_files(archive: "Archive", models: list["Model"]) -> None:
    """Only files that a row names may come in."""
    from django.db import DEFAULT_DB_ALIAS

    from maillage.cli.archive import container, tables
    from maillage.places.rules.photos import small_name

    named = {name for model in models for name in tables.files(model, using=DEFAULT_DB_ALIAS)}
    named |= {small_name(name) for name in named}
    held = {name.removeprefix("media/") for name in archive.manifest.members if name.startswith("media/")}
    if not held <= named:
        raise container.BackupRefused(container.STRANGE.format(f"aucune ligne ne nomme {min(held - named)}"))


def _number_on(archive: "Archive", models: list["Model"], *, now: datetime) -> None:
    """No number given before the backup comes back for something else; then write down that it was restored."""
    from django.db import connection
    from django.db import models as fields

    from maillage.cli.archive import tables
    from maillage.journal import actions as journal

    for model in models:
        told = archive.manifest.tables[model._meta.label].last_number
        if told is None:
            continue
        highest = model._base_manager.aggregate(last=fields.Max("pk"))["last"] or 0
        jump = JUMP if model._meta.label == "journal.AuditEvent" else 0
        tables.go_on_after(model, max(told, highest) + jump, connection)
        if jump:
            journal.write(action="registry.restored", by=BY, now=now, detail={"made_at": archive.manifest.made_at})


def tell(archive: "Archive", *, now: datetime) -> None:
    """Say what came in, and what only a person can do."""
    from django.conf import settings

    from maillage.cli.backup import given_settings
    from maillage.journal.queries import mails

    manifest = archive.manifest
    rows = sum(table.rows for table in manifest.tables.values())
    photos = sum(name.startswith("media/") for name in manifest.members)
    print(f"Restauré : {rows} lignes de {len(manifest.tables)} tables et {photos} fichiers, du {manifest.made_at}.")
    print(f"  - {_come_back(now - datetime.fromisoformat(manifest.made_at))}")
    unset = sorted(set(manifest.settings) - set(given_settings()))
    for sentence in _remaining(unset, mails(now=now).waiting, settings.SMTP):
        print(f"  - {sentence}")
    if manifest.missing_files:
        print(f"  - {len(manifest.missing_files)} fichiers manquaient déjà à la sauvegarde : « maillage doctor ».")


def _come_back(age: timedelta) -> str:
    """What a backup cannot know: whatever was taken away after it."""
    days = max(age.days, 0)
    old = "moins d’un jour" if days == 0 else "1 jour" if days == 1 else f"{days} jours"
    return (
        f"Cette sauvegarde a {old} : ce qui a été effacé, retiré ou fermé depuis est revenu. Refaites-le avant "
        "d’ouvrir le site : comptes et valeurs effacés, rôles, invitations et clés de programme retirés, comptes "
        "désactivés, lieux retirés."
    )


def _remaining(unset: list[str], mails: int, smtp: object) -> Iterator[str]:
    if unset:
        yield f"Réglages qui étaient donnés et ne le sont pas ici : {', '.join(unset)}."
    yield "Ni le secret du site ni les sessions ouvertes ne sont dans une sauvegarde : chacun se reconnecte."
    if mails:
        where = "partiront vraiment" if smtp else "iront dans MAILLAGE_HOME/outbox"
        yield f"{mails} courriels attendaient : ils {where} dès que le travail de fond tourne."
    yield "« maillage doctor » dit si tout est en place."
