"""The words of roles, as people read them: functions rather than people, so that they suit everybody."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from maillage.accounts.rules import COLLEAGUE, FACILITATOR, NETWORK_OFFICER, OBSERVER, OPERATOR

ROLES: dict[str, Promise] = {
    OPERATOR: _("Exploitation du site"),
    FACILITATOR: _("Animation du lieu"),
    COLLEAGUE: _("Équipe du lieu"),
    NETWORK_OFFICER: _("Suivi de réseau"),
    OBSERVER: _("Observation"),
}

GIVES: dict[str, Promise] = {
    OPERATOR: _("faire marcher tout le site\u202f: comptes, rôles, sources, retraits"),
    FACILITATOR: _(
        "modifier la fiche, ajouter des photos, fermer ou rouvrir le lieu, inviter des collègues, tenir les "
        "réservations et la liste des personnes"
    ),
    COLLEAGUE: _(
        "modifier la fiche, ajouter des photos, dire qu’elle est toujours exacte, recevoir les personnes et réserver "
        "pour elles"
    ),
    NETWORK_OFFICER: _("modifier les fiches, et voir qui y change quoi"),
    OBSERVER: _("lire la fiche, ses photos et son histoire, et savoir qui en répond, sans rien changer"),
}
"""What each role allows, after « Vous pourrez »."""
