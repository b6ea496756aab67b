"""`maillage network`: open a network that looks after places, list them, close one."""

import argparse
import sys

BY = "commande:network"


def add_to(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "network",
        help="ouvre un réseau qui suit des lieux et répond de leurs fiches",
        description=(
            "Ouvre un réseau sur un ou plusieurs territoires. Qui a le rôle d’agent de réseau sur l’un d’eux parle "
            "pour lui : « maillage invite ines@exemple.fr --role network_officer --territory reg:27 »."
        ),
        epilog="Exemple : maillage network open « Réseau du Jura » --territory dep:39",
    )
    acts = parser.add_subparsers(dest="act", required=True, metavar="open|list|close")
    opening = acts.add_parser("open", help="ouvre un réseau")
    opening.add_argument("name", metavar="NOM")
    opening.add_argument("--territory", action="append", default=[], metavar="TERRITOIRE", help="dep:39… ; répétable")
    opening.add_argument("--theme", action="append", default=[], metavar="ACTIVITÉ", help="fablab… ; répétable")
    opening.add_argument("--website", default="", metavar="ADRESSE")
    opening.set_defaults(run=run_open)
    acts.add_parser("list", help="liste les réseaux").set_defaults(run=run_list)
    closing = acts.add_parser("close", help="ferme un réseau")
    closing.add_argument("slug", metavar="RÉSEAU", help="la fin de l’adresse de sa page")
    closing.set_defaults(run=run_close)


def run_open(arguments: argparse.Namespace) -> int:
    """Open a network; 1 when it is refused."""
    from django.utils import timezone

    from maillage.network.clearance.actions.networks import NetworkRefused, open_network

    try:
        made = open_network(
            name=arguments.name,
            scopes=arguments.territory,
            themes=arguments.theme,
            website=arguments.website,
            by=BY,
            now=timezone.now(),
        )
    except NetworkRefused as refused:
        sys.stderr.write(f"maillage network : {refused}\n")
        return 1
    print(f"Réseau ouvert : {made.name}, page /reseaux/{made.slug}/")
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """Print the networks that work here."""
    from maillage.network.clearance.queries import networks

    found = networks()
    for one in found:
        print(f"{one.slug}  {one.name}  {', '.join(each.scope for each in one.perimeters.all())}")
    if not found:
        print("Aucun réseau n’est ouvert.")
    return 0


def run_close(arguments: argparse.Namespace) -> int:
    """Close a network; 1 when there is none of that name."""
    from django.utils import timezone

    from maillage.network.clearance.actions.networks import close_network
    from maillage.network.clearance.queries import network_by_slug

    found = network_by_slug(arguments.slug)
    if found is None:
        sys.stderr.write(
            f"maillage network : aucun réseau « {arguments.slug[:60]} ». Voyez « maillage network list ».\n"
        )
        return 1
    close_network(network=found, by=BY, now=timezone.now())
    print(f"Réseau fermé : {found.name}. Ce qu’il a vérifié garde son nom et son jour.")
    return 0
