"""The `maillage` command: finds the module of the command that was named, and says in French what went wrong."""

import argparse
import gc
import os
import sys
from importlib import import_module

import maillage
from maillage.cli import french, refusals

COMMANDS = {
    "migrate": "met la base de données à jour",
    "serve": "sert le site",
    "worker": "fait le travail de fond",
    "territory": "montre ou met à jour le territoire : communes, intercommunalités, contours",
    "import": "fait entrer un fichier de lieux",
    "export": "écrit les lieux dans un format ouvert",
    "validate": "vérifie un fichier d’après un schéma publié",
    "count": "compte, avec la définition et le dénominateur",
    "diagnose": "explique un territoire : un lieu y serait-il utile, ou non",
    "sites": "trouve où ouvrir, avec la preuve",
    "invite": "fait un lien qui donne un rôle, une fois",
    "network": "ouvre un réseau qui suit des lieux et répond de leurs fiches",
    "pull": "suit des listes publiées ailleurs et les relit chaque nuit",
    "follow": "suit d’autres instances de Maillage et copie leurs lieux",
    "invoices": "émet une facture par membre d’un lieu, et leurs PDF",
    "demo": "remplit le registre de lieux fictifs, marqués comme tels",
    "backup": "écrit une sauvegarde entière dans un fichier",
    "restore": "remet une sauvegarde dans une installation vide",
    "doctor": "examine l’installation et dit comment la réparer",
}
HIDDEN = {"prepare": "ce que fait ./run avant de servir", "door": "ce que dit ./run pour entrer"}
MODULES = {"import": "import_", "sites": "best_sites"}
BETWEEN_COLLECTIONS = (100_000, 50, 100)
"""New objects, and collections, between two collections of garbage: most of what loading makes stays."""


def parser(chosen: str | None) -> argparse.ArgumentParser:
    """Build the parser; only the module of the chosen command is imported, so that help stays immediate."""
    french.speak()
    top = argparse.ArgumentParser(
        prog="maillage", description="Maillage : le registre, la carte et les outils communs des tiers-lieux."
    )
    top.add_argument(
        "--version", action="version", help="montre la version", version=f"maillage {maillage.__version__}"
    )
    commands = top.add_subparsers(title="commandes", metavar="COMMANDE", required=True)
    if chosen:
        import_module(f"maillage.cli.{MODULES.get(chosen, chosen)}").add_to(commands)
    else:
        for name, sentence in COMMANDS.items():
            commands.add_parser(name, help=sentence, add_help=False)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one `maillage` command; exit codes: 0 done, 1 refused with a reason, 2 wrong usage."""
    given = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    gc.set_threshold(*BETWEEN_COLLECTIONS)
    chosen = given[0] if given and given[0] in COMMANDS | HIDDEN else None
    arguments = parser(chosen).parse_args(given)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.config.settings")
    try:
        import django

        django.setup()
        return arguments.run(arguments)
    except KeyboardInterrupt:
        sys.stderr.write(getattr(arguments, "if_interrupted", ""))
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except refusals.expected() as error:
        sentence = refusals.explain(error)
        if sentence is None:
            raise
        sys.stderr.write(f"maillage : {sentence}\n")
        return 1
