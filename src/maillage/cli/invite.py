"""`maillage invite`: make a one-time link that gives a role; how a site has its first operator."""

import argparse
import json
import os
import sys
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maillage.accounts.actions import Invited
    from maillage.places.queries.scopes import Where

BY = "commande:invite"
ROLES = ("operator", "facilitator", "colleague", "network_officer", "observer")


class Refused(ValueError):
    """The link cannot be made; the message says why and what to do."""


def add_to(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "invite",
        help="fait un lien qui donne un rôle, une fois",
        description=(
            "Fait un lien qui donne un rôle à une personne, une seule fois, pendant une semaine. Qui l’ouvre entre "
            "sans courriel ni mot de passe : donnez-le en main propre. Le premier lien « operator » ouvre "
            "l’administration ; un autre la rouvre à qui l’a perdue."
        ),
        epilog="Exemple : maillage invite nadine@exemple.fr --role facilitator --place la-maille-chamblay",
    )
    parser.add_argument("email", metavar="ADRESSE", help="adresse électronique de la personne")
    parser.add_argument("--role", required=True, choices=ROLES, help="operator, facilitator, colleague…")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--place", metavar="LIEU", help="la fin de l’adresse de sa page : la-maille-chamblay")
    where.add_argument(
        "--territory", metavar="TERRITOIRE", help="dep:39, reg:27, epci:243900420, france… ; un nom donne les codes"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (par défaut) ou json")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the link and print it; 1 when it is refused."""
    from django.utils import timezone

    from maillage.accounts.actions import InvitationRefused, invite
    from maillage.accounts.emails import invitation_link
    from maillage.accounts.rules import ScopeRefused

    try:
        where = _where(arguments)
        made = invite(
            email=arguments.email,
            role=arguments.role,
            scope=where.scope,
            by=BY,
            now=timezone.now(),
            signs_in=True,
        )
    except (Refused, ScopeRefused, InvitationRefused) as refusal:
        sys.stderr.write(f"maillage invite : {refusal}\n")
        return 1
    site, known = _site()
    link = invitation_link(made.token, site=site)
    tell = _data if arguments.format == "json" else _text
    print(tell(made, where, link))
    if not known:
        sys.stderr.write(
            f"maillage invite : aucun site ne tourne ici ; ce lien suppose qu’il répondra à {site}. S’il est ailleurs, "
            "refaites-le en donnant son adresse : MAILLAGE_URL=https://… maillage invite …\n"
        )
    return 0


def _site() -> tuple[str, bool]:
    """The address that the link begins with, and whether it is known: given, or that of the site that runs here."""
    from django.conf import settings

    from maillage.cli import running

    if "MAILLAGE_URL" in os.environ:
        return settings.SITE_URL, True
    address = running.running(settings.HOME / "run")
    return address or settings.SITE_URL, address is not None


def _where(arguments: argparse.Namespace) -> "Where":
    from maillage.accounts import permissions
    from maillage.accounts.rules import EVERYWHERE, OPERATOR, place_scope
    from maillage.places.queries import place_by_slug
    from maillage.places.queries.scopes import Where

    if arguments.place:
        found = place_by_slug(arguments.place)
        if found.moved_to:
            found = place_by_slug(found.moved_to)
        if found.removed:
            raise Refused(f"le lieu « {arguments.place} » est retiré du registre : rendez-le d’abord au registre.")
        if not found.place:
            raise Refused(
                f"aucun lieu à l’adresse « {arguments.place[:120]} » : donnez la fin de l’adresse de sa page, "
                "après /lieux/."
            )
        return Where(place_scope(found.place.pk), found.place.name, found.place.slug)
    if not arguments.territory and arguments.role != OPERATOR:
        raise Refused(
            f"le rôle « {arguments.role} » se donne quelque part : ajoutez --place"
            + (" ou --territory." if arguments.role in ("network_officer", "observer") else ".")
        )
    scope = arguments.territory or EVERYWHERE
    permissions.check_role(arguments.role, scope)
    return Where(scope, permissions.scope_name(scope) or "")


def _text(invited: "Invited", where: "Where", link: str) -> str:
    from maillage.accounts.labels import GIVES, ROLES

    made = invited.invitation
    until = _local(made.expires_at)
    named = f" ({where.name})" if where.name else ""
    return (
        f"{made.email} : {ROLES[made.role]}{named}. Pourra {GIVES[made.role]}.\n"
        f"{link}\n"
        f"Ce lien sert une fois, jusqu’au {until:%d/%m/%Y à %H:%M}, et ouvre la session de qui le suit."
    )


def _local(moment: datetime) -> datetime:
    from django.utils.timezone import localtime

    return localtime(moment)


def _data(invited: "Invited", where: "Where", link: str) -> str:
    made = invited.invitation
    told = {
        "email": made.email,
        "role": made.role,
        "scope": where.scope,
        "name": where.name,
        "link": link,
        "expires_at": made.expires_at.isoformat(),
    }
    return json.dumps(told, ensure_ascii=False, indent=1)
