"""`maillage export`: write the registry to a file in an open format."""

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from maillage.cli.progress import progress

if TYPE_CHECKING:
    from maillage.network.exchange.formats.format import Format
    from maillage.network.exchange.rules.own import ExportedPlace


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from maillage.network.exchange.formats import WRITTEN

    listed = " ; ".join(f"{known.name} ({known.title})" for known in WRITTEN.values())
    parser = commands.add_parser(
        "export",
        help="écrit les lieux dans un format ouvert",
        description="Écrit tous les lieux publics, fermés compris, avec la source et la licence de chaque champ. "
        "Un format qui ne sait pas tout dire laisse des lieux de côté : la commande les compte.",
    )
    parser.add_argument("file", metavar="FICHIER", type=Path, help="fichier à écrire ; - pour la sortie standard")
    parser.add_argument("--format", choices=list(WRITTEN), required=True, help=f"format à écrire : {listed}")
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
    left: Counter[str] = Counter()
    if str(target) == "-":
        for chunk in chunks(arguments.format, arguments.licence, left):
            sys.stdout.write(chunk)
        sys.stderr.write("".join(f"{line}\n" for line in left_out(left)))
        return 0
    if not target.absolute().parent.is_dir():
        sys.stderr.write(f"maillage export : le dossier {target.absolute().parent} n’existe pas. Créez-le d’abord.\n")
        return 1
    with progress(0, "Écriture, milliers de signes") as bar:
        written = _written(chunks(arguments.format, arguments.licence, left), bar.step)
        size = write_whole(target, written)
    print("\n".join([f"Écrit : {target} ({size} octets).", *left_out(left)]))
    return 0


def left_out(left: Counter[str]) -> list[str]:
    """The places that the format could not tell, counted by what they lack."""
    if not left:
        return []
    counted = [f"  {count:>7}   {why}" for why, count in left.most_common()]
    return [f"Laissés de côté, que ce format ne sait pas dire : {left.total()}.", *counted]


def chunks(name: str, licences: list[str], left: Counter[str]) -> Iterable[str]:
    """The registry as text in one format, a piece at a time; the places left out are counted in `left`."""
    from django.conf import settings
    from django.utils import timezone

    from maillage.network.exchange.formats import WRITTEN
    from maillage.network.exchange.formats.format import Writing
    from maillage.network.exchange.queries import exported

    now, chosen = timezone.now(), WRITTEN[name]
    assert chosen.write is not None
    places = _counted(exported(now=now, licences=licences, rows=chosen.rows), chosen, left)
    return chosen.write(places, Writing(settings.SITE_URL, timezone.localdate(now)))


def _counted(places: "Iterable[ExportedPlace]", chosen: "Format", left: Counter[str]) -> "Iterator[ExportedPlace]":
    """The places as they come; those that the format cannot tell, are counted by what they lack."""
    for place in places:
        why = chosen.leaves_out(place) if chosen.leaves_out else ""
        if why:
            left[why] += 1
        yield place


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
