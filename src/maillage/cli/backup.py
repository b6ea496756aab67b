"""`maillage backup`: one consistent file of database, media and settings' names, while the site runs."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import maillage
from maillage.cli import locks, schema, stamps
from maillage.cli.progress import Bar, progress

if TYPE_CHECKING:
    from maillage.cli.archive.container import Manifest, Writer

STAMP = "backup.json"
LOCK = "backup.lock"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "backup",
        help="écrit une sauvegarde entière dans un fichier",
        description="Écrit la base, les photos et les noms des réglages dans un seul fichier, pendant que le site "
        "tourne. Le fichier contient des adresses, des mots de passe hachés et les secrets des doubles "
        "authentifications : il n’est lisible que par ce compte, gardez-le ainsi. Il ne contient ni le secret du "
        "site ni la valeur d’aucun réglage.",
    )
    parser.add_argument("file", metavar="FICHIER", type=Path, help="fichier à écrire, par exemple maillage.backup.zip")
    parser.add_argument("--force", action="store_true", help="remplace le fichier s’il existe")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the file whole or not at all, one backup of this home at a time."""
    from django.conf import settings
    from django.utils import timezone

    target: Path = arguments.file.absolute()
    trouble = obstacle(target, force=arguments.force)
    if trouble:
        sys.stderr.write(f"maillage backup : {trouble}\n")
        return 1
    with locks.held(settings.HOME / LOCK, waiting=lambda: print("Une autre sauvegarde est en cours : attente…")):
        made = write_whole(target, force=arguments.force, now=timezone.now())
    size = target.stat().st_size
    stamps.write(settings.HOME / STAMP, {"at": made.made_at, "file": str(target), "bytes": str(size)})
    rows = sum(table.rows for table in made.tables.values())
    photos = sum(name.startswith("media/") for name in made.members)
    print(f"Écrit : {target} ({size} octets, {rows} lignes de {len(made.tables)} tables, {photos} fichiers).")
    if made.missing_files:
        sys.stderr.write(
            f"Attention : {len(made.missing_files)} fichiers nommés par la base n’existent pas, à commencer par "
            f"{made.missing_files[0]}. Le reste est sauvegardé ; « maillage doctor » en dit plus.\n"
        )
    return 0


def obstacle(target: Path, *, force: bool) -> str | None:
    """What keeps this file from being written, or None."""
    if target.is_dir():
        return f"{target} est un dossier. Donnez le nom du fichier à écrire."
    if not target.parent.is_dir():
        return f"le dossier {target.parent} n’existe pas. Créez-le d’abord."
    if target.exists() and not force:
        return f"{target} existe déjà. Donnez un autre nom, ou --force pour le remplacer."
    from maillage.cli.archive import moment

    nothing = None if moment.applied() else "la base n’a pas de tables : il n’y a rien à sauvegarder."
    return schema.read().refusal() or nothing


def write_whole(target: Path, *, force: bool, now: datetime) -> "Manifest":
    """Write beside the target, then take its place in one move; whatever fails leaves nothing under its name."""
    with _part(target) as stream:
        made = write(stream, now=now)
        stream.flush()
        os.fsync(stream.fileno())
        if target.exists() and not force:
            raise FileExistsError(17, "ce fichier vient d’apparaître ; donnez un autre nom", str(target))
        part_of(target).replace(target)
    _sync_folder(target.parent)
    return made


def part_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


@contextmanager
def _part(target: Path) -> Iterator[IO[bytes]]:
    part = part_of(target)
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(stream: IO[bytes], *, now: datetime) -> "Manifest":
    """Write one moment of the base, then the files that it names."""
    from django.db import connection

    from maillage.cli.archive import container, moment

    writer = container.Writer(stream)
    made = container.Manifest(
        maillage=maillage.__version__,
        made_at=now.isoformat(timespec="seconds"),
        engine=connection.vendor,
        settings=given_settings(),
    )
    try:
        with moment.one_moment() as apart:
            made.migrations = [list(pair) for pair in moment.applied(using=apart)]
            named = _write_tables(writer, made, using=apart)
        _write_files(writer, made, sorted(named))
        writer.finish(made)
    except BaseException:
        writer.abandon()
        raise
    return made


def given_settings() -> list[str]:
    """The names of the settings that this process was given."""
    return sorted(name for name in os.environ if name.startswith("MAILLAGE_") or name == "DATABASE_URL")


def _write_tables(writer: "Writer", made: "Manifest", *, using: str) -> set[str]:
    from maillage.cli.archive import container, moment, tables

    models = tables.kept(moment.tables_at((app, name) for app, name in made.migrations))
    total = sum(model._base_manager.using(using).count() for model in models)
    named: set[str] = set()
    with progress(total, "Base") as bar:
        for model in models:
            label = model._meta.label
            count = 0
            with writer.member(f"tables/{label}.jsonl") as out:
                for line in tables.rows(model, using=using):
                    out.write(line)
                    count += 1
                    bar.step()
            made.tables[label] = container.Table(
                fields=[field.attname for field in tables.columns(model)],
                rows=count,
                last_number=tables.last_number(model, using=using),
            )
            named |= tables.files(model, using=using)
    return named


def _write_files(writer: "Writer", made: "Manifest", named: list[str]) -> None:
    from django.conf import settings

    from maillage.cli.archive.container import is_safe
    from maillage.places.rules.photos import small_name

    wanted = sorted({*named, *(small_name(name) for name in named if name.startswith("photos/"))})
    with progress(len(wanted), "Photos") as bar:
        for name in wanted:
            if not is_safe(name) or not _write_file(writer, Path(settings.MEDIA_ROOT) / name, f"media/{name}", bar):
                made.missing_files.append(name)


def _write_file(writer: "Writer", source: Path, name: str, bar: Bar) -> bool:
    bar.step()
    try:
        stream = source.open("rb")
    except FileNotFoundError:
        return False
    with stream, writer.member(name, packed=False) as out:
        while piece := stream.read(1 << 20):
            out.write(piece)
    return True
