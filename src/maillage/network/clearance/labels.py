"""What the words of requests for help and of what a place shows are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from maillage.network.clearance.rules import helping as rules

THEMES: dict[str, Promise] = {
    "money": _("L’argent\u202f: trésorerie, prix, subventions"),
    "rights": _("Le droit\u202f: statuts, bail, contrats, impôts"),
    "volunteers": _("Les bénévoles, la fatigue, l’équipe"),
    "premises": _("Les murs\u202f: local, travaux, sécurité"),
    "equipment": _("Le matériel, le réseau, les outils"),
    "public": _("Le public\u202f: faire venir, faire connaître"),
    "other": _("Autre chose"),
}
SHORT: dict[str, Promise] = {
    "money": _("argent"),
    "rights": _("droit"),
    "volunteers": _("bénévoles"),
    "premises": _("murs"),
    "equipment": _("matériel"),
    "public": _("public"),
    "other": _("autre"),
}
STATES: dict[str, Promise] = {
    rules.OPEN: _("attend une réponse"),
    rules.ANSWERED: _("a une réponse"),
    rules.RESOLVED: _("réglée"),
    rules.WITHDRAWN: _("retirée"),
}
SHARES: dict[str, Promise] = {
    rules.USAGE: _("La fréquentation"),
    rules.ACCOUNTS: _("Les comptes"),
    rules.PROGRAMME: _("Le programme"),
    rules.MEMBERS: _("Les adhésions"),
}
SHOWS: dict[str, Promise] = {
    rules.USAGE: _("réservations et passages, mois par mois, sur un an"),
    rules.ACCOUNTS: _("ce qui est entré et ce qui est dû, compte par compte, sur deux ans"),
    rules.PROGRAMME: _("séances et venues, mois par mois, sur un an"),
    rules.MEMBERS: _("combien de personnes, par lien avec le lieu, aujourd’hui"),
}
FIELDS: dict[str, Promise] = {
    "theme": _("C’est à propos de…"),
    "says": _("Que se passe-t-il\u202f?"),
    "readers": _("Qui peut vous lire et répondre"),
    "reader": _("À qui"),
    "email": _("Son adresse électronique"),
    "shares": _("Montrer aussi des chiffres"),
    "days": _("Pendant"),
    "message": _("Votre message"),
}
