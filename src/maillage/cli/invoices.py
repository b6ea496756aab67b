"""`maillage invoices`: one invoice for each member of a place, and their PDFs; a run that stopped goes on."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maillage.management.billing.rules.run import Run

BY = "commande:invoices"


class Refused(ValueError):
    """The run cannot begin; the message says why and what to do."""


def add_to(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "invoices",
        help="émet une facture par membre d’un lieu, et leurs PDF",
        description=(
            "Émet une facture par membre d’un lieu, ou par organisation qui paie pour les siens, puis écrit leurs PDF "
            "Factur-X. Arrêté au milieu, relancez la même commande : chacun garde sa facture et son numéro."
        ),
        epilog=(
            "Exemple : maillage invoices la-maille-chamblay --name « Cotisation 2027 » --label « Cotisation 2027 » "
            "--price 12 --to factures/"
        ),
    )
    parser.add_argument("place", metavar="LIEU", help="la fin de l’adresse de sa page : la-maille-chamblay")
    parser.add_argument("--name", required=True, metavar="NOM", help="le nom du tirage, qui le rend unique")
    parser.add_argument("--label", required=True, metavar="LIBELLÉ", help="ce que dit la ligne de la facture")
    parser.add_argument("--price", required=True, metavar="EUROS", help="le prix hors taxe d’une unité : 12 ou 12,50")
    parser.add_argument(
        "--unit", default="each", metavar="UNITÉ", help="each (par défaut), hour, half_day, day, month…"
    )
    parser.add_argument(
        "--kind", action="append", metavar="LIEN", help="à qui : member (par défaut), subscriber, resident… ; répétable"
    )
    parser.add_argument("--from", dest="starts", default="", metavar="DATE", help="premier jour de la prestation")
    parser.add_argument("--until", dest="ends", default="", metavar="DATE", help="dernier jour de la prestation")
    parser.add_argument("--to", type=Path, metavar="DOSSIER", help="où écrire les PDF ; sans lui, aucun n’est écrit")
    parser.add_argument("--dry-run", action="store_true", help="dit seulement combien de factures, et pour quel total")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (par défaut) ou json")
    parser.set_defaults(
        run=run,
        if_interrupted="\nmaillage invoices : arrêté. Relancez la même commande, elle reprend où elle en est.\n",
    )


def run(arguments: argparse.Namespace) -> int:
    """Issue what is left of the run and write its papers; 1 when it is refused."""
    from maillage.management.billing.actions.door import BillingRefused
    from maillage.management.billing.rules.run import BadRun, read_run

    raw = {name: getattr(arguments, name) for name in ("name", "label", "price", "unit", "starts", "ends")}
    try:
        place = _place(arguments.place)
        asked = read_run(raw, arguments.kind or ["member"])
        told = _tried(place, asked) if arguments.dry_run else _done(place, asked, arguments.to)
    except (Refused, BadRun, BillingRefused) as refusal:
        sys.stderr.write(f"maillage invoices : {refusal}\n")
        return 1
    print(json.dumps(told, ensure_ascii=False) if arguments.format == "json" else _text(told))
    return 0


def _tried(place: Any, asked: "Run") -> dict[str, Any]:
    """What would be issued, before VAT; nothing is written."""
    from django.utils import timezone

    from maillage.management.billing.queries.days import today_at
    from maillage.management.billing.queries.run import issued_in, payers
    from maillage.management.billing.rules.run import key_of, net_for

    done = issued_in(place, asked)
    left = [one for one in payers(place, asked, on=today_at(place, timezone.now())) if key_of(asked, one) not in done]
    return {"to_issue": len(left), "already": len(done), "net_cents": sum(net_for(asked, one) for one in left)}


def _done(place: Any, asked: "Run", folder: Path | None) -> dict[str, Any]:
    from contextlib import nullcontext

    from django.utils import timezone

    from maillage.cli.progress import progress
    from maillage.management.billing.actions.run import issue_run
    from maillage.management.billing.formats.press import Press
    from maillage.management.billing.queries.run import issued_in

    already = issued_in(place, asked)
    count = _tried(place, asked)["to_issue"]
    total = count + (count + len(already) if folder else 0)
    issued = papers = 0
    with progress(total, "Factures") as bar, Press(folder) if folder else nullcontext() as press:
        for one in already.values():
            if press:
                press.take(one.canonical)
        for one in issue_run(place=place, run=asked, by=BY, now=timezone.now()):
            issued += 1
            bar.step()
            if press:
                press.take(one.canonical)
        for is_new in press.finished() if press else ():
            papers += is_new
            bar.step()
    return {"issued": issued, "already": len(already), "papers": papers, "folder": str(folder or "")}


def _place(slug: str) -> Any:
    from maillage.places.queries import place_by_slug

    found = place_by_slug(slug)
    if found.moved_to:
        found = place_by_slug(found.moved_to)
    if not found.place:
        raise Refused(
            f"aucun lieu à l’adresse « {slug[:120]} » : donnez la fin de l’adresse de sa page, après /lieux/."
        )
    return found.place


def _text(told: dict[str, Any]) -> str:
    if "to_issue" in told:
        euros = f"{told['net_cents'] // 100},{told['net_cents'] % 100:02} €"
        return f"{told['to_issue']} factures à émettre, {euros} hors taxe ; {told['already']} déjà émises."
    said = f"{told['issued']} factures émises, {told['already']} déjà là."
    return said + (f" {told['papers']} PDF écrits dans {told['folder']}." if told["folder"] else "")
