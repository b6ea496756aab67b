"""`maillage diagnose`: a territory explained, with a straight answer that may be no."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from maillage.cli.export import write_whole
from maillage.cli.progress import progress

if TYPE_CHECKING:
    from maillage.diagnosis.rules.facts import Diagnosis

BY = "commande:diagnose"
FORMATS = ("text", "json", "html", "pdf", "geojson", "csv")
TERRITORY = (
    "commune:54395, epci:200071066, bv:54395, dep:54, reg:44, france, un code Insee, un Siren, ou un nom s’il est seul"
)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "diagnose",
        help="explique un territoire : un lieu y serait-il utile, ou non",
        description="Explique un territoire : qui y vit, ce qui existe, qui en est loin, combien de postes, et une "
        "réponse franche, qui peut être non.",
    )
    parser.add_argument("territory", metavar="TERRITOIRE", help=TERRITORY)
    parser.add_argument("--within", metavar="MIN", default="20", help="seuil en minutes, de 5 à 60 (20 par défaut)")
    parser.add_argument(
        "--open", metavar="CODE", action="append", default=[], dest="opened", help="essaie d’ouvrir là (répétable)"
    )
    parser.add_argument(
        "--close",
        metavar="LIEU",
        action="append",
        default=[],
        dest="closed",
        help="essaie de fermer ce lieu (répétable)",
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="text (par défaut), json, html, pdf…")
    parser.add_argument("--keep", action="store_true", help="garde ce constat sous un lien permanent")
    parser.add_argument("--output", metavar="FICHIER", type=Path, help="écrit dans ce fichier, entier ou pas du tout")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the diagnosis of a territory, or say why there is none."""
    from maillage.diagnosis.labels import refusal
    from maillage.diagnosis.rules.asking import Refused

    if arguments.format == "pdf" and arguments.output is None and sys.stdout.isatty():
        sys.stderr.write(
            "maillage diagnose : un PDF ne se lit pas dans un terminal : ajoutez « --output constat.pdf ».\n"
        )
        return 2
    try:
        found = diagnosed(arguments)
    except Refused as refused:
        sys.stderr.write(f"maillage diagnose : {refusal(refused)}\n")
        return 1
    if arguments.keep:
        sys.stderr.write(f"{kept(found)}\n")
    return written(document(found, arguments.format), arguments.output)


def diagnosed(arguments: argparse.Namespace) -> "Diagnosis":
    """The diagnosis that a command line asks for."""
    from django.utils import timezone

    from maillage.diagnosis import queries
    from maillage.diagnosis.rules.asking import request
    from maillage.journal.queries import one_page

    asked = request(arguments.territory, within_min=arguments.within, opened=arguments.opened, closed=arguments.closed)
    with progress(0, "Diagnostic"), one_page():
        return queries.diagnose(asked, today=timezone.localdate())


def document(found: "Diagnosis", name: str) -> str | bytes:
    """A diagnosis in one of the formats."""
    from maillage.diagnosis.rules import documents

    if name == "pdf":
        from maillage.diagnosis.views.paper import pdf

        return pdf(found, "fr")
    if name == "html":
        return page(found)
    if name == "text":
        from maillage.cli.diagnosis_text import lines

        return "\n".join(lines(found)) + "\n"
    writers = {"json": documents.as_json, "csv": documents.as_csv, "geojson": documents.as_geojson}
    return writers[name](found)


def page(found: "Diagnosis") -> bytes:
    """The page of the site, as a visitor gets it; its styles and pictures are the site's."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    asked = found.request
    query = {"seuil": str(asked.within_min), "ouvrir": list(asked.opened), "fermer": list(asked.closed)}
    visitor = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0].lstrip("."))
    answer = visitor.get(reverse("diagnosis", args=[found.reference]), query, secure=True)
    return bytes(answer.content)


def written(made: str | bytes, target: Path | None) -> int:
    """Write a document to a file, whole or not at all, or to the standard output."""
    if target is None:
        if isinstance(made, bytes):
            sys.stdout.buffer.write(made)
        else:
            sys.stdout.write(made)
        return 0
    if not target.absolute().parent.is_dir():
        sys.stderr.write(f"maillage : le dossier {target.absolute().parent} n’existe pas. Créez-le d’abord.\n")
        return 1
    size = write_whole(target, [made])
    sys.stderr.write(f"Écrit : {target} ({size} octets).\n")
    return 0


def kept(found: "Diagnosis") -> str:
    """Keep a diagnosis, and say where it can be read again."""
    from django.conf import settings
    from django.utils import timezone

    from maillage.diagnosis import actions

    made = actions.keep(request=found.request, by=BY, now=timezone.now())
    return f"Gardé : {settings.SITE_URL}/territoires/{found.reference}/constats/{made}/"
