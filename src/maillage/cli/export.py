"""`maillage export`: write the registry to a file in an open format."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from maillage.cli.progress import progress

FORMATS = ("geojson", "csv", "jsonld")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "export",
        help="écrit les lieux dans un format ouvert",
        description="Écrit tous les lieux publics, fermés compris, avec la source et la licence de chaque champ.",
    )
    parser.add_argument("file", metavar="FICHIER", type=Path, help="fichier à écrire ; - pour la sortie standard")
    parser.add_argument("--format", choices=FORMATS, required=True, help="format à écrire")
    parser.add_argument(
        "--licence",
        metavar="LICENCE",
        action="append",
        default=[],
        help="n’écrit que les lieux dont toutes les sources sont sous cette licence (répétable)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the file whole or not at all."""
    from maillage.network.exchange.queries import licences

    known = licences()
    unknown = [licence for licence in arguments.licence if licence not in known]
    if unknown:
        listed = "".join(f"\n  {licence}" for licence in known) or "\n  aucune : le registre est vide"
        sys.stderr.write(f"maillage export : licence inconnue : « {unknown[0]} ». Licences du registre :{listed}\n")
        return 1
    target: Path = arguments.file
    if str(target) == "-":
        for chunk in chunks(arguments.format, arguments.licence):
            sys.stdout.write(chunk)
        return 0
    if not target.absolute().parent.is_dir():
        sys.stderr.write(f"maillage export : le dossier {target.absolute().parent} n’existe pas. Créez-le d’abord.\n")
        return 1
    with progress(0, "Écriture, milliers de signes") as bar:
        written = _written(chunks(arguments.format, arguments.licence), bar.step)
        size = write_whole(target, written)
    print(f"Écrit : {target} ({size} octets).")
    return 0


def chunks(name: str, licences: list[str]) -> Iterable[str]:
    """The registry as text in one format, a piece at a time."""
    from django.conf import settings
    from django.utils import timezone

    from maillage.network.exchange.formats import csv, geojson, jsonld
    from maillage.network.exchange.queries import exported

    places = exported(now=timezone.now(), licences=licences)
    if name == "geojson":
        return geojson.geojson_chunks(places)
    if name == "csv":
        return csv.csv_chunks(places)
    return jsonld.jsonld_chunks(places, settings.SITE_URL)


def _written(pieces: Iterable[str], step: Callable[[int], None]) -> Iterable[str]:
    for piece in pieces:
        yield piece
        step(len(piece) // 1000)


def write_whole(target: Path, pieces: Iterable[str | bytes]) -> int:
    """Write beside the target, then take its place in one move; whatever fails leaves the old file as it was."""
    handle, name = tempfile.mkstemp(dir=target.absolute().parent, prefix=f".{target.name}.", suffix=".part")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            for piece in pieces:
                stream.write(piece.encode() if isinstance(piece, str) else piece)
            stream.flush()
            os.fsync(stream.fileno())
        draft.chmod(0o644)
        size = draft.stat().st_size
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return size
