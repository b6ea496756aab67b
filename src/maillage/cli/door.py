"""`maillage door`: what ./run says of how to come in; hidden."""

import argparse
from datetime import datetime, timedelta

from maillage.cli.steps import say

BY = "commande:run"
OPEN_FOR = timedelta(days=1)


def add_to(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("door", description="Ce que ./run dit pour entrer.")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Say how to come in, if anybody needs to be told."""
    from django.utils import timezone

    for line in lines(now=timezone.now()):
        say(line)
    return 0


def lines(*, now: datetime) -> list[str]:
    """The one-time link of the demo; else how to have a first operator; else nothing."""
    from maillage.accounts import queries as accounts
    from maillage.cli import demo
    from maillage.places.queries import registry

    standing = registry()
    demo.keep_people_away_from_real_places(now=now)
    if demo.may_have_people(standing):
        link = demo.link(by=BY, now=now, lasts=OPEN_FOR)
        if link:
            return ["", "Ouvrir le lieu de la démonstration comme Nadine, qui l’anime (une fois, sur ce poste) :", link]
    if standing.total > standing.demo and not accounts.has_operator():
        return [
            "",
            "Personne n’exploite encore ce site. Pour vous donner ce rôle :",
            ".venv/bin/maillage invite vous@exemple.fr --role operator",
        ]
    return []
