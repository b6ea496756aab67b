"""What the scripts of the door are told: addresses, limits, and the sentences that they say."""

import json
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from maillage.management.passes.rules import ledger
from maillage.management.people.rules.entries import Wrong
from maillage.network.schemes.actions.door import SchemesRefused
from maillage.network.schemes.labels import HALVES
from maillage.network.schemes.queries.door import clocks_of
from maillage.network.schemes.rules import door, tokens
from maillage.places.permissions import Seat

MOST_COUNTED = 200
"""How many half-days a tablet may send at once."""
STALE_DAYS = 7
"""After how many days without network a tablet says that what it knows is old."""


def told_to(seat: Seat) -> str:
    """What the page of the door tells its script, as JSON; the script fills `{n}` and the like."""
    place = seat.place
    to = {name: reverse(f"manage_schemes_{name}", args=[place.slug]) for name in ("door", "keys", "settle", "worker")}
    told: dict[str, Any] = {
        "place": str(place.pk),
        "to": to | {"login": reverse("account_login")},
        "language": get_language(),
        "zone": str(clocks_of(place)),
        "noon": f"{door.NOON:%H:%M}",
        "most": MOST_COUNTED,
        "staleDays": STALE_DAYS,
        "lastsDays": door.OFFLINE_LASTS.days,
        "tolerance": int(door.CLOCK_TOLERANCE.total_seconds()),
        "words": _words() | {"reasons": _reasons(), "halves": {half: str(said) for half, said in HALVES.items()}},
    }
    return json.dumps(told, ensure_ascii=False)


def _reasons() -> dict[str, str]:
    """Why a tablet refuses a code by itself: in the words of the server, where the reason is the same."""
    wrongs = {
        **{name: Wrong(*pair) for name, pair in tokens.REASONS.items()},
        **{name: door.REASONS[name] for name in ("unknown", "revoked")},
        **{name: ledger.REASONS[name] for name in ("not_yet", "expired", "half_used")},
    }
    empty = _("il ne restait rien sur ce passe au dernier contact"), _("recomptez-le quand le réseau revient")
    said = {name: str(SchemesRefused({"code": wrong})) for name, wrong in wrongs.items()}
    return said | {"empty": str(SchemesRefused({"code": Wrong(*empty)}))}


def _words() -> dict[str, Any]:
    return _of_answers() | _of_the_line() | _of_the_queue()


def _of_answers() -> dict[str, Any]:
    return {
        "busy": _("Vérification…"),
        "left": _("Après celle-ci, reste\u202f: {n}, d’après le dernier contact ({when})."),
        "last": _("C’est la dernière, d’après le dernier contact ({when})."),
        "never": _("Passe de {n} demi-journées à sa remise\u202f; ce lieu ne l’a pas encore vu."),
        "until": _("Valable jusqu’au {day}."),
        "kept": _("Gardé sur cette tablette, à envoyer\u202f: le réseau dira si une autre l’a compté avant."),
        "unsigned": _(
            "Sans réseau, un code tapé ne se vérifie pas\u202f: laissez entrer si vous le voulez. Il est gardé, et "
            "sera réglé au retour du réseau comme les autres."
        ),
        "noKeys": _(
            "Cette tablette n’a jamais reçu les clés des passes, et ne peut donc rien vérifier. Le passage est gardé, "
            "et sera réglé au retour du réseau. Ouvrez cette page une fois avec du réseau."
        ),
        "unkept": _(
            "Cette tablette ne peut rien garder\u202f: rien n’est compté. Notez le code et l’heure sur papier."
        ),
        "uncounted": _("Pas de réseau\u202f: rien n’est compté. Réessayez."),
        "refusedBy": _("Le serveur a répondu par une erreur ({status})\u202f: rien n’est compté. Réessayez."),
        "camera": _("Pas d’image de la caméra\u202f: autorisez-la dans le navigateur, ou tapez le code."),
    }


def _of_the_line() -> dict[str, Any]:
    return {
        "on": _("En ligne"),
        "off": _("Sans réseau"),
        "offHint": _("Ce que vous comptez est gardé sur cette tablette, et part dès que le réseau revient."),
        "insecure": _(
            "Sans réseau, cette page ne marche qu’à une adresse en HTTPS, ou sur l’ordinateur même (localhost). "
            "Ici, elle ne compte qu’avec le réseau."
        ),
        "out": _("Vous n’êtes plus connecté"),
        "outHint": _("Rien ne part avant que vous ne vous connectiez de nouveau\u202f; rien n’est perdu."),
        "login": _("Se connecter"),
        "forbidden": _("Ce compte ne peut plus accueillir ici"),
        "forbiddenHint": _("Rien n’en part et rien n’est perdu\u202f: voyez-le avec l’équipe du lieu."),
        "trouble": _("Le serveur a répondu par une erreur ({status})"),
        "troubleHint": _("Rien n’est perdu\u202f: nouvel essai bientôt."),
        "contact": _("Dernier contact avec le serveur\u202f: {when}."),
        "unmet": _("Cette tablette n’a encore jamais reçu les clés des passes."),
        "stale": _("Les passes annulés depuis le {when} sont inconnus ici\u202f: connectez cette tablette."),
        "clock": _("L’heure de cette tablette est fausse\u202f: mettez-la à l’heure."),
        "blind": _(
            "Cette tablette ne peut rien garder (navigation privée, ou mémoire pleine)\u202f: sans réseau, elle ne "
            "comptera pas."
        ),
    }


def _of_the_queue() -> dict[str, Any]:
    return {
        "waiting": [_("{n} passage à envoyer"), _("{n} passages à envoyer")],
        "tried": _("envoyé, sans réponse encore"),
        "toCheck": _("à vérifier"),
        "stuck": _("Le serveur ne sait pas lire cet envoi ({status})\u202f: il est gardé ici."),
        "remove": _("Retirer"),
        "sure": _("Retirer pour de bon\u202f?"),
        "oldest": _("Le plus ancien attend depuis le {when}\u202f: au bout de {n} jours, il sera à régler à la main."),
        "settled": [_("{n} passage compté"), _("{n} passages comptés")],
        "toSettle": [_("{n} passage à régler"), _("{n} passages à régler")],
        "toSettleHint": _("Refusés par le serveur, payés à personne d’office. Voyez-les avec qui finance."),
    }
