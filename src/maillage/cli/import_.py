"""`maillage import`: bring a file of places into the registry."""

import argparse
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from maillage.cli import import_columns
from maillage.cli.progress import progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maillage.network.exchange.rules.reports import Report, RowProblem

SHOWN = 20
ADDRESS = ("https://", "http://")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "import",
        help="fait entrer un fichier de lieux",
        description="Fait entrer un fichier de lieux dans le registre. Relancer la commande ne change rien.",
    )
    parser.add_argument(
        "file",
        metavar="FICHIER",
        type=lambda text: text if text.lower().startswith(ADDRESS) else Path(text),
        nargs="?",
        help="CSV, GeoJSON, JSON, OSM ou classeur .xlsx, compressé ou non ; ou son adresse, en https",
    )
    parser.add_argument(
        "--undo", metavar="NUMÉRO", type=int, help="annule d’un coup un import, par le numéro que dit son compte rendu"
    )
    parser.add_argument("--format", metavar="FORMAT", help="cget, places, recensement, csv, geojson ; reconnu sinon")
    parser.add_argument("--dry-run", action="store_true", help="montre ce qui serait fait, sans rien écrire")
    parser.add_argument(
        "--all", action="store_true", help="fait aussi entrer les lieux qui ne sont pas des tiers-lieux"
    )
    parser.add_argument("--licence", metavar="LICENCE", default="", help="licence des lignes qui n’en disent pas")
    parser.add_argument("--source", metavar="NOM", default="", help="nom de la source des lignes qui n’en disent pas")
    parser.add_argument(
        "--no-match", action="store_true", help="ne cherche pas si un lieu est déjà là, dit par une autre source"
    )
    import_columns.add_to(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Import the file and tell what came in; a file refused as a whole leaves nothing."""
    if (arguments.file is None) == (arguments.undo is None):
        sys.stderr.write("maillage import : donnez un fichier à faire entrer, ou --undo et le numéro d’un import.\n")
        return 2
    if arguments.undo is not None:
        return _undo(arguments.undo)
    if isinstance(arguments.file, str):
        return _from_address(arguments)
    from django.utils import timezone

    from maillage.network.exchange.actions import import_file
    from maillage.network.exchange.queries.recipes import MappingNeeded
    from maillage.network.exchange.rules.reports import FileRefused

    now = timezone.now()
    try:
        options = replace(import_columns.options(arguments), match=not arguments.no_match)
        report = import_file(
            path=arguments.file,
            format=arguments.format,
            options=options,
            by="commande:import",
            now=now,
            dry_run=arguments.dry_run,
            progress=partial(progress, label="Lecture"),
        )
        kept = import_columns.keep(arguments, options, now) if arguments.save_recipe and not report.dry_run else ""
    except MappingNeeded as unknown:
        sys.stderr.write(f"maillage import : {import_columns.needed(unknown, arguments.file)}\n")
        return 1
    except FileRefused as refusal:
        sys.stderr.write(f"maillage import : {refusal}\n")
        return 1
    print("\n".join([*lines(report), *([kept] if kept else [])]))
    if report.created or report.changed or report.unchanged or report.skipped or report.echoes:
        return 0
    sys.stderr.write("maillage import : aucune ligne n’a pu entrer. Corrigez-les d’après la liste, puis relancez.\n")
    return 1


def _from_address(arguments: argparse.Namespace) -> int:
    """Fetch the file at an address, and import it as any other."""
    from django.conf import settings

    from maillage.network.exchange.sources.fetching import FetchFailed, fetch, name_of

    try:
        got = fetch(arguments.file, loopback=settings.FEEDS_FROM_LOOPBACK)
    except FetchFailed as failed:
        sys.stderr.write(f"maillage import : {failed}\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="maillage-") as folder:
        path = Path(folder) / (name_of(arguments.file).encode("ascii", "ignore").decode() or "source")
        path.write_bytes(got.body or b"")
        return run(argparse.Namespace(**{**vars(arguments), "file": path}))


def _undo(run_id: int) -> int:
    """Undo an import, and tell what stays of it."""
    from django.utils import timezone

    from maillage.network.exchange.actions.undoing import UndoRefused, undo_import

    try:
        done = undo_import(run_id=run_id, by="commande:import", now=timezone.now())
    except UndoRefused as refused:
        sys.stderr.write(f"maillage import : {refused}\n")
        return 1
    told = [f"Import {run_id} annulé.", f"  retirés    {done.removed:>7}", f"  rendus     {done.changed:>7}"]
    if done.standing:
        told.append(f"Restent tels quels : {_count(len(done.standing), 'lieu', 'x')}, qui ont vécu depuis.")
        told += [f"  « {one.name[:60]} » : {one.why}" for one in done.standing[:SHOWN]]
        told += _left(len(done.standing))
    print("\n".join(told))
    return 0


def lines(report: "Report") -> list[str]:
    """The report as a person reads it."""
    from maillage.network.exchange.labels import FLAGS

    did = "Essai à blanc, rien n’est écrit" if report.dry_run else "Import"
    told = [f"{did} : {report.file_name}, format {report.format}, {_count(report.rows, 'ligne')}."]
    told += [
        f"  créés      {report.created:>7}",
        f"  modifiés   {report.changed:>7}",
        f"  inchangés  {report.unchanged:>7}",
    ]
    if not report.proved:
        told.append("Ce format n’a pas encore été éprouvé sur le fichier officiel : vérifiez quelques lieux.")
    if report.skipped:
        told.append(
            f"  laissées   {report.skipped:>7}   lignes qui ne sont pas des tiers-lieux ; --all les fait entrer"
        )
    if report.echoes:
        told.append(f"  revenues   {report.echoes:>7}   lignes parties de ce site : il connaît déjà ces lieux")
    told += _matched(report)
    if report.flagged:
        told.append("Signalements, à vérifier par une personne :")
        told += [f"  {count:>7}   {FLAGS.get(flag, flag)}" for flag, count in report.flagged.items()]
    if report.unmapped:
        told.append(f"Colonnes que le registre ne lit pas : {', '.join(report.unmapped)[:600]}.")
    if report.warnings:
        told.append(f"Valeurs laissées de côté, leurs lignes sont entrées : {len(report.warnings)}.")
        told += _listed(list(report.warnings))
    if report.quarantined:
        told.append(f"En quarantaine : {_count(report.refused_rows, 'ligne')} à corriger, puis à importer à nouveau.")
        told += _listed([refused.problem for refused in report.quarantined])
    if report.run and (report.created or report.changed):
        told.append(f"Pour annuler cet import : maillage import --undo {report.run}")
    return told


def _matched(report: "Report") -> list[str]:
    """Which rows joined a place, with the points for and against, and which pairs wait for a person."""
    told = []
    if report.linked:
        told.append(f"  rattachés  {len(report.linked):>7}   lignes d’un lieu déjà connu, dit par une autre source :")
        told += [
            f"  « {row.name[:50]} » ({row.source}) → « {row.place[:50]} » : {_points(row.points, row.why)}"
            + (f" ; {row.gone}" if row.gone else "")
            for row in report.linked[:SHOWN]
        ]
        told += _left(len(report.linked))
    if report.candidates:
        told.append(f"  à trancher {len(report.candidates):>7}   doublons possibles, qu’une personne regardera :")
        told += [
            f"  « {pair.name[:50]} » et « {pair.other[:50]} » : {_points(pair.points, pair.why)}"
            for pair in report.candidates[:SHOWN]
        ]
        told += _left(len(report.candidates))
    return told


def _points(points: int, why: "Mapping[str, int]") -> str:
    from maillage.network.exchange.labels import EVIDENCE

    return f"{points} points ({', '.join(f'{EVIDENCE.get(what, what)} {value:+d}' for what, value in why.items())})"


def _left(count: int) -> list[str]:
    return [f"  … et {count - SHOWN} de plus"] if count > SHOWN else []


def _count(number: int, noun: str, ending: str = "s") -> str:
    return f"{number} {noun}{ending if number > 1 else ''}"


def _listed(problems: "list[RowProblem]") -> list[str]:
    shown = [
        f"  ligne {p.line}, {p.column}{f' « {p.value[:60]} »' if p.value else ''} : {p.problem} → {p.mend}"
        for p in problems[:SHOWN]
    ]
    left = len(problems) - SHOWN
    return shown + ([f"  … et {left} de plus"] if left > 0 else [])
