"""`maillage worker`: do the background work."""

import argparse
import sys

from maillage.cli import locks, schema

LOCK = "worker.lock"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "worker",
        help="fait le travail de fond",
        description="Fait le travail de fond (tâches programmées, envois). ./run le lance à côté du site.",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the job engine until a signal stops it; `doctor` sees by the lock that it lives."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    state = schema.read()
    trouble = state.refusal() or state.delay()
    if trouble:
        sys.stderr.write(f"maillage worker : {trouble}\n")
        return 1
    connections.close_all()
    with locks.held(settings.HOME / LOCK, shared=True):
        call_command("qcluster", verbosity=0)
    return 0
