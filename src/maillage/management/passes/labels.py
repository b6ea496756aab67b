"""The words of carnets, allowances and passes, as people read them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy

KINDS: dict[str, Promise] = {
    "carnet": _("Carnet"),
    "subscription": _("Abonnement au mois"),
}
MOVEMENTS: dict[str, Promise] = {
    "issued": _("émis"),
    "held": _("mis de côté"),
    "redeemed": _("utilisé"),
    "released": _("rendu"),
    "restored": _("défait"),
    "expired": _("perdu, le dernier jour passé"),
    "cancelled": _("annulé"),
    "reimbursed": _("remboursé au lieu"),
}
HALVES: dict[str, Promise] = {
    "": _("la journée, ou à l’heure"),
    "am": _("matin"),
    "pm": _("après-midi"),
}
PIECES: dict[str, Promise] = {
    "each": npgettext_lazy("compté", "%(n)d fois", "%(n)d fois", "n"),
    "hour": npgettext_lazy("compté", "%(n)d heure", "%(n)d heures", "n"),
    "half_day": npgettext_lazy("compté", "%(n)d demi-journée", "%(n)d demi-journées", "n"),
    "day": npgettext_lazy("compté", "%(n)d jour", "%(n)d jours", "n"),
    "week": npgettext_lazy("compté", "%(n)d semaine", "%(n)d semaines", "n"),
    "month": npgettext_lazy("compté", "%(n)d mois", "%(n)d mois", "n"),
}
FIELDS: dict[str, Promise] = {
    "name": _("Nom"),
    "kind": _("Genre"),
    "units": _("Unités (tickets, demi-journées…)"),
    "months": _("Mois de validité"),
    "overage": _("Prix de l’unité en plus, en euros"),
    "rates": _("Ce que prend chaque chose"),
    "formula": _("Formule"),
    "who": _("Pour qui"),
    "amount": _("Montant choisi, en euros"),
    "subject": _("Pour quoi"),
    "quantity": _("Combien"),
    "day": _("Le jour"),
    "half": _("Le moment"),
    "starts_on": _("Premier jour"),
}
