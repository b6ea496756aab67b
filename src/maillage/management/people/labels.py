"""The words of persons, organisations and memberships, as people read them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from maillage.management.people.rules import likeness, memberships

KINDS: dict[str, Promise] = {
    memberships.MEMBER: _("Adhésion"),
    memberships.SUBSCRIBER: _("Abonnement"),
    memberships.RESIDENT: _("Résidence"),
    memberships.VOLUNTEER: _("Bénévolat"),
    memberships.USER: _("Usage ponctuel"),
    memberships.PARTNER: _("Partenariat"),
    memberships.STAFF: _("Équipe salariée"),
}
FEES: dict[str, Promise] = {
    memberships.FULL: _("Plein tarif"),
    memberships.REDUCED: _("Tarif réduit"),
    memberships.SOLIDARITY: _("Tarif solidaire"),
    memberships.FREE: _("Gratuit"),
    memberships.BODY: _("Payé par une organisation"),
}
ALIKE: dict[str, Promise] = {
    likeness.EMAIL: _("même adresse électronique"),
    likeness.PHONE: _("même téléphone"),
    likeness.NAME: _("même nom"),
    likeness.NEAR_NAME: _("noms à une lettre près"),
    likeness.INITIAL: _("prénom abrégé en initiale"),
}
FIELDS: dict[str, Promise] = {
    "name": _("Nom"),
    "phone": _("Téléphone"),
    "email": _("Adresse électronique"),
    "note": _("Note de l’équipe"),
    "is_child": _("Enfant"),
    "guardian": _("Qui répond de cet enfant"),
    "siret": _("Siret"),
    "address": _("Adresse"),
    "kind": _("Lien avec le lieu"),
    "fee_class": _("Tarif"),
    "starts_on": _("Premier jour"),
    "ends_on": _("Dernier jour"),
    "organisation": _("Organisation qui paie"),
}
