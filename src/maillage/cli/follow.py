"""`maillage follow`: follow other instances of Maillage, read what they tell, and change the key that signs here."""

import argparse
import sys

BY = "commande:follow"


def add_to(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "follow",
        help="suit d’autres instances de Maillage et copie leurs lieux",
        description=(
            "Suit d’autres instances de Maillage : leurs lieux sont copiés ici, signés par elles, et tenus à jour "
            "toutes les heures. Chaque instance ne dit que les lieux qu’elle tient elle-même."
        ),
        epilog="Exemple : maillage follow add https://lieux.jura.example --name « Tiers-lieux du Jura »",
    )
    acts = parser.add_subparsers(dest="act", required=True, metavar="add|list|pull|stop|key")
    adding = acts.add_parser("add", help="suit une instance, ou accepte sa nouvelle clé")
    adding.add_argument("url", metavar="ADRESSE")
    adding.add_argument("--name", default="", metavar="NOM", help="comment l’appeler ici")
    adding.add_argument("--key", default="", metavar="EMPREINTE", help="l’empreinte de sa clé, donnée par qui la tient")
    adding.add_argument("--yes", action="store_true", help="accepte la clé sans la comparer")
    adding.set_defaults(run=run_add)
    acts.add_parser("list", help="liste les instances suivies").set_defaults(run=run_list)
    pulling = acts.add_parser("pull", help="lit maintenant ce qu’elles disent")
    pulling.add_argument("name", nargs="?", default="", metavar="INSTANCE", help="une seule ; sinon toutes")
    pulling.set_defaults(run=run_pull)
    stopping = acts.add_parser("stop", help="ne suit plus une instance ; ses lieux restent, à leur date")
    stopping.add_argument("name", metavar="INSTANCE")
    stopping.set_defaults(run=run_stop)
    key = acts.add_parser("key", help="montre l’empreinte de la clé d’ici")
    key.add_argument("--turn", action="store_true", help="signe désormais d’une nouvelle clé, présentée par l’ancienne")
    key.set_defaults(run=run_key)


def run_add(arguments: argparse.Namespace) -> int:
    """Follow an instance once its key is accepted; 1 when it is refused."""
    from django.utils import timezone

    from maillage.network.exchange.actions import federation as acts
    from maillage.network.exchange.rules.feeds import keys

    try:
        card = acts.look_at(arguments.url)
        told = keys.fingerprint(card.key)
        print(f"{card.name} ({card.site}) : {card.places} lieux ; empreinte de sa clé : {told}")
        if arguments.key and not keys.is_key(arguments.key, card.key):
            return _refused("cette empreinte n’est pas celle de sa clé : rien n’est suivi. Rappelez qui la tient.")
        if not arguments.key and not arguments.yes and not _accepted():
            return _refused(
                "rien n’est suivi. Demandez l’empreinte à qui tient cette instance, puis « --key EMPREINTE »."
            )
        peer = acts.follow(card=card, name=arguments.name, by=BY, now=timezone.now())
    except acts.FollowRefused as refused:
        return _refused(str(refused))
    print(f"Suivie : {peer.name}. Ses lieux arrivent dans l’heure, ou tout de suite : maillage follow pull {peer.site}")
    return 0


def _accepted() -> bool:
    if not sys.stdin.isatty():
        return False
    return input("Est-ce bien l’empreinte que vous a donnée qui tient cette instance ? [o/N] ").strip().lower() in (
        "o",
        "oui",
    )


def run_list(arguments: argparse.Namespace) -> int:
    """Print the instances that are followed, how old what they told is, and what keeps them from being read."""
    from django.utils import timezone

    from maillage.network.exchange.labels import peer_problem
    from maillage.network.exchange.queries.federation import followed

    found = followed()
    for one in found:
        peer = one.peer
        seen = f"à jour le {timezone.localtime(peer.seen_at):%d/%m/%Y à %H:%M}" if peer.seen_at else "jamais lue"
        state = "" if peer.stopped_at is None else " ; arrêtée"
        print(f"{peer.site}  {peer.name}  {one.places} lieux  {seen}{state}")
        if peer.problem:
            print(f"    {peer_problem(peer.problem, peer.problem_detail)}")
        if one.aside:
            print(f"    {one.aside} lieux mis de côté : voir /importer/instances/")
        if one.untold:
            print(f"    {one.untold} lieux qu’elle ne dit plus depuis qu’elle a été remise d’une sauvegarde")
    if not found:
        print("Aucune instance n’est suivie : maillage follow add ADRESSE")
    return 0


def run_pull(arguments: argparse.Namespace) -> int:
    """Read what is told since last time; 1 when an instance could not be read."""
    from django.utils import timezone

    from maillage.network.exchange.actions.federation import pull
    from maillage.network.exchange.queries.federation import due, peer_named

    peers = due()
    if arguments.name:
        named = peer_named(arguments.name)
        if named is None:
            return _refused(f"aucune instance « {arguments.name[:60]} ». Voyez « maillage follow list ».")
        peers = [named]
    failed = 0
    for peer in peers:
        done = pull(peer_id=peer.pk, now=timezone.now())
        told = done.copied
        print(
            f"{peer.name} : {told.created} créés, {told.changed} modifiés, {told.removed} retirés, "
            f"{told.merged} fondus, {told.unchanged} inchangés, {told.aside} mis de côté"
            + (" ; relue depuis le début, car elle a été remise d’une sauvegarde" if done.again else "")
        )
        if done.problem:
            failed += 1
            sys.stderr.write(f"maillage follow : {peer.name} : {done.problem}\n")
    if not peers:
        print("Aucune instance n’est suivie : maillage follow add ADRESSE")
    return 1 if failed else 0


def run_stop(arguments: argparse.Namespace) -> int:
    """Follow an instance no more; 1 when there is none of that name."""
    from django.utils import timezone

    from maillage.network.exchange.actions.federation import stop
    from maillage.network.exchange.queries.federation import peer_named

    found = peer_named(arguments.name)
    if found is None:
        return _refused(f"aucune instance « {arguments.name[:60]} ». Voyez « maillage follow list ».")
    stop(peer_id=found.pk, by=BY, now=timezone.now())
    print(f"{found.name} n’est plus suivie ; ce qui en est venu reste, à sa date.")
    return 0


def run_key(arguments: argparse.Namespace) -> int:
    """Print the fingerprint of the key that signs here, after turning it if that was asked."""
    from django.utils import timezone

    from maillage.network.exchange.actions.federation import turn_key
    from maillage.network.exchange.queries.federation import here, signing_key
    from maillage.network.exchange.rules.feeds import keys

    public = turn_key(by=BY, now=timezone.now()) if arguments.turn else keys.public_of(signing_key())
    print(f"{here()}  {keys.fingerprint(public)}")
    return 0


def _refused(why: str) -> int:
    sys.stderr.write(f"maillage follow : {why}\n")
    return 1
