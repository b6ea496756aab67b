"""`maillage sites`: where to open, with what is proved of the answer."""

import argparse
import csv
import io
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from maillage.cli.diagnose import TERRITORY, written
from maillage.cli.progress import progress

if TYPE_CHECKING:
    from maillage.cli.progress import Bar
    from maillage.diagnosis.rules.facts import Plan, Request
    from maillage.territory.queries import Territory

FORMATS = ("text", "json", "csv", "geojson")
USUAL_LIMIT_S = 60.0


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "sites",
        help="trouve où ouvrir, avec la preuve",
        description="Trouve les communes où ouvrir, en plus des lieux ouverts, et dit de combien on pourrait faire "
        "mieux. Ctrl-C donne le meilleur trouvé.",
    )
    parser.add_argument("territory", metavar="TERRITOIRE", help=TERRITORY)
    parser.add_argument("-k", metavar="NOMBRE", dest="k", help="combien de lieux ouvrir (5 par défaut, ou moins)")
    parser.add_argument("--within", metavar="MIN", default="20", help="seuil en minutes, de 5 à 60 (20 par défaut)")
    parser.add_argument(
        "--objective",
        choices=("coverage", "distance"),
        default="coverage",
        help="coverage : le plus d’habitants à moins du seuil (par défaut) ; distance : le moins de minutes pour tous",
    )
    parser.add_argument(
        "--open", metavar="CODE", action="append", default=[], dest="opened", help="compte ce lieu déjà ouvert là"
    )
    parser.add_argument(
        "--close", metavar="LIEU", action="append", default=[], dest="closed", help="compte ce lieu fermé (répétable)"
    )
    parser.add_argument(
        "--time-limit",
        metavar="S",
        type=_seconds,
        default=USUAL_LIMIT_S,
        help=f"donne le meilleur trouvé après ces secondes ({USUAL_LIMIT_S:.0f} par défaut)",
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="text (par défaut), json, csv ou geojson")
    parser.add_argument("--output", metavar="FICHIER", type=Path, help="écrit dans ce fichier, entier ou pas du tout")
    parser.set_defaults(run=run, if_interrupted="Interrompu avant d’avoir rien trouvé.\n")


def _seconds(text: str) -> float:
    try:
        seconds = float(text.replace(",", "."))
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"« {text} » n’est pas une durée ; donnez des secondes, par exemple 10")
    return seconds


def run(arguments: argparse.Namespace) -> int:
    """Print the best sites; Ctrl-C during the search prints the best found so far."""
    from maillage.diagnosis import queries
    from maillage.diagnosis.labels import refusal
    from maillage.diagnosis.rules import asking
    from maillage.diagnosis.rules.asking import Refused

    try:
        wanted = 0 if arguments.k is None else asking.sites(arguments.k)
        request = asking.request(
            arguments.territory,
            within_min=arguments.within,
            opened=arguments.opened,
            closed=arguments.closed,
            best_sites=wanted,
        )
        with progress(round(arguments.time_limit), "Recherche des meilleurs lieux") as bar, ticking(bar):
            plan = queries.best_sites(request, objective=arguments.objective, time_limit_s=arguments.time_limit)
        where = queries.territory_of(request.territory)
    except Refused as refused:
        sys.stderr.write(f"maillage sites : {refusal(refused)}\n")
        return 1
    arguments.if_interrupted = ""
    return written(document(plan, request, where, arguments.format), arguments.output)


@contextmanager
def ticking(bar: "Bar") -> Iterator[None]:
    """Move a bar of seconds on while a search goes its way."""
    over = threading.Event()

    def tick() -> None:
        while not over.wait(1):
            bar.step()

    clock = threading.Thread(target=tick, daemon=True)
    if bar.shown:
        clock.start()
    try:
        yield
    finally:
        over.set()


def document(plan: "Plan", request: "Request", where: "Territory", kind: str) -> str:
    """A plan in one of the formats."""
    from maillage.diagnosis.rules.documents import plan_data, plan_geojson

    if kind == "text":
        return "\n".join(lines(plan, request, where.name)) + "\n"
    if kind == "csv":
        text = io.StringIO()
        rows = csv.DictWriter(text, ("rank", "code", "name", "lat", "lon", "gained", "served"), lineterminator="\r\n")
        rows.writeheader()
        rows.writerows(plan_data(plan)["sites"])
        return text.getvalue()
    if kind == "geojson":
        return plan_geojson(plan)
    told = {"territory": where.reference, "name": where.name, "within_min": request.within_min, **plan_data(plan)}
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def lines(plan: "Plan", request: "Request", name: str) -> list[str]:
    """A plan as a person reads it."""
    from maillage.cli.diagnosis_text import proof
    from maillage.diagnosis.labels import number

    if not plan.sites:
        return [
            f"{name} : ouvrir ailleurs ne rapprocherait personne à moins de {request.within_min} min d’un lieu.",
            proof(plan),
        ]
    told = [f"{name} : où ouvrir d’abord, par {plan.model}"]
    told += [
        f"{site.rank:>3}. {site.name} ({site.code}) : {number(site.gained)} habitants de plus à moins de "
        f"{request.within_min} min ; {number(site.served)} en tout"
        for site in plan.sites
    ]
    if len(plan.sites) < request.sites:
        told.append(f"Ces {len(plan.sites)} suffisent : un de plus ne rapprocherait personne.")
    if plan.mean_min is not None and plan.mean_now_min is not None:
        told.append(
            f"En moyenne {number(plan.mean_min, 1)} min par habitant, au lieu de {number(plan.mean_now_min, 1)} "
            "(90 min pour qui n’a rien à portée)."
        )
    else:
        whole = f"Ensemble : {number(plan.gained)} habitants de plus"
        told.append(f"{whole} ; aucun choix n’en gagne plus de {number(plan.bound)}.")
    return [*told, proof(plan)]
