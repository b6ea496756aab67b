"""`maillage migrate`: create the database or bring it up to date."""

import argparse
import sys

from maillage.cli import locks, schema


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "migrate",
        help="met la base de données à jour",
        description="Crée la base de données, ou la met à jour. Relancer la commande ne change rien.",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Apply the missing migrations; refuse a database newer than the code."""
    from django.conf import settings

    with locks.held(settings.HOME / "prepare.lock"):
        before = schema.bring_up_to_date()
    refusal = before.refusal()
    if refusal:
        sys.stderr.write(f"maillage migrate : {refusal}\n")
        return 1
    done = len(before.pending)
    print(f"Base à jour (mises à jour faites : {done})." if done else "Base à jour : rien à faire.")
    return 0
