"""`maillage import`: bring a file of places into the registry."""

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from maillage.cli.progress import progress

if TYPE_CHECKING:
    from maillage.network.exchange.rules.reports import Report, RowProblem

SHOWN = 20
FLAGS = {
    "insee-missing": "code Insee absent : commune proposée d’après une autre colonne",
    "insee-conflict": "deux codes Insee se contredisent : commune laissée à trancher",
    "commune-unknown": "code Insee inconnu du territoire chargé : lieu situé par son point",
    "commune-from-postal-code": "commune reconnue par son nom et son code postal",
    "duplicate-ref": "référence donnée à plusieurs lignes par la source",
    "point-moved": "point contraire à la commune déclarée : ramené à la commune",
}


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "import",
        help="fait entrer un fichier de lieux",
        description="Fait entrer un fichier de lieux dans le registre. Relancer la commande ne change rien.",
    )
    parser.add_argument("file", metavar="FICHIER", type=Path, help="CSV ou GeoJSON, compressé par gzip ou non")
    parser.add_argument("--format", metavar="FORMAT", help="cget, places, recensement, csv, geojson ; reconnu sinon")
    parser.add_argument("--dry-run", action="store_true", help="montre ce qui serait fait, sans rien écrire")
    parser.add_argument(
        "--all", action="store_true", help="fait aussi entrer les lieux qui ne sont pas des tiers-lieux"
    )
    parser.add_argument("--licence", metavar="LICENCE", default="", help="licence des lignes qui n’en disent pas")
    parser.add_argument("--source", metavar="NOM", default="", help="nom de la source des lignes qui n’en disent pas")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Import the file and tell what came in; a file refused as a whole leaves nothing."""
    from django.utils import timezone

    from maillage.network.exchange.actions import import_file
    from maillage.network.exchange.rules.reports import FileRefused, Options

    options = Options(all_places=arguments.all, source=arguments.source, licence=arguments.licence)
    try:
        report = import_file(
            path=arguments.file,
            format=arguments.format,
            options=options,
            by="commande:import",
            now=timezone.now(),
            dry_run=arguments.dry_run,
            progress=partial(progress, label="Lecture"),
        )
    except FileRefused as refusal:
        sys.stderr.write(f"maillage import : {refusal}\n")
        return 1
    print("\n".join(lines(report)))
    if report.created or report.changed or report.unchanged or report.skipped:
        return 0
    sys.stderr.write("maillage import : aucune ligne n’a pu entrer. Corrigez-les d’après la liste, puis relancez.\n")
    return 1


def lines(report: "Report") -> list[str]:
    """The report as a person reads it."""
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
    return told


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"


def _listed(problems: "list[RowProblem]") -> list[str]:
    shown = [
        f"  ligne {p.line}, {p.column}{f' « {p.value[:60]} »' if p.value else ''} : {p.problem} → {p.mend}"
        for p in problems[:SHOWN]
    ]
    left = len(problems) - SHOWN
    return shown + ([f"  … et {left} de plus"] if left > 0 else [])
