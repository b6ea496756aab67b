"""What the words of schemes are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FIELDS: dict[str, Promise] = {
    "scope": _("Territoire"),
    "name": _("Nom"),
    "funder": _("Qui finance, comme sur les factures"),
    "siret": _("Siret de qui paie"),
    "street": _("Adresse"),
    "postal_code": _("Code postal"),
    "city": _("Commune"),
    "service_code": _("Code service (Chorus Pro)"),
    "engagement": _("Numéro d’engagement (Chorus Pro)"),
    "budget": _("Budget des passes"),
    "price": _("Prix d’une demi-journée, tout compris"),
    "halves": _("Demi-journées par passe"),
    "most_passes": _("Passes au plus"),
    "starts_on": _("Premier jour"),
    "ends_on": _("Dernier jour"),
    "communes": _("Communes de résidence"),
    "least_age": _("Âge, au moins"),
    "most_age": _("Âge, au plus"),
    "commune": _("Commune de résidence"),
    "age_band": _("Âge"),
    "holder": _("Nom de la personne"),
    "contact": _("Téléphone ou courriel"),
    "is_first_time": _("Première venue"),
    "count": _("Combien de cartes"),
    "code": _("Code du passe"),
    "email": _("Courriel"),
    "desks": _("Postes loués"),
    "weekdays": _("Jours loués"),
    "rent": _("Loyer par mois, tout compris"),
    "rent_from": _("Loués du"),
    "rent_to": _("Loués jusqu’au"),
    "state": _("Réponse"),
    "outcome": _("Ce qui en est dit"),
    "month": _("Mois"),
}
STATES: dict[str, Promise] = {
    "asked": pgettext_lazy("agrément", "demandé"),
    "accepted": pgettext_lazy("agrément", "agréé"),
    "refused": pgettext_lazy("agrément", "refusé"),
    "ended": pgettext_lazy("agrément", "terminé"),
}
AGES: dict[str, Promise] = {
    "0-17": _("Moins de 18 ans"),
    "18-24": _("18 à 24 ans"),
    "25-39": _("25 à 39 ans"),
    "40-59": _("40 à 59 ans"),
    "60-69": _("60 à 69 ans"),
    "70+": _("70 ans et plus"),
}
HALVES: dict[str, Promise] = {"am": _("matin"), "pm": _("après-midi")}
