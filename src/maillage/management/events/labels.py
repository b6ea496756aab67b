"""What the words of the programme are called."""

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

KINDS: dict[str, Promise] = {
    "workshop": _("Atelier"),
    "training": _("Formation"),
    "digital": _("Aide au numérique"),
    "meeting": _("Rencontre"),
    "culture": _("Culture"),
    "other": pgettext_lazy("genre d’événement", "Autre"),
}
AUDIENCES: dict[str, Promise] = {
    "all": _("Tout le monde"),
    "children": _("Enfants"),
    "young": _("Jeunes"),
    "parents": _("Parents"),
    "jobseekers": _("En recherche d’emploi"),
    "seniors": _("Aînés"),
    "professionals": _("Professionnels"),
}
THEMES: dict[str, Promise] = {
    "start": _("Premiers pas"),
    "mail": _("Courriel et messages"),
    "phone": _("Téléphone et tablette"),
    "procedures": _("Démarches en ligne"),
    "health": _("Santé en ligne"),
    "work": _("Emploi"),
    "parents": _("Enfants et écrans"),
    "safety": _("Se protéger en ligne"),
    "office": _("Texte et tableur"),
    "media": _("Photo, son, vidéo"),
    "making": _("Fabrication numérique"),
}
PRICES: dict[str, Promise] = {
    "free": _("Gratuit"),
    "fixed": _("Prix fixe"),
    "open": _("Prix libre"),
}
STATES: dict[str, Promise] = {
    "waiting": _("sur la liste d’attente"),
    "confirmed": _("inscrite"),
    "cancelled": pgettext_lazy("inscription", "annulée"),
}
AGES: dict[str, Promise] = {
    "0-17": _("Moins de 18 ans"),
    "18-24": _("18 à 24 ans"),
    "25-39": _("25 à 39 ans"),
    "40-59": _("40 à 59 ans"),
    "60-69": _("60 à 69 ans"),
    "70+": _("70 ans et plus"),
    "unknown": _("Âge inconnu"),
}
FIELDS: dict[str, Promise] = {
    "title": _("Titre"),
    "summary": _("En une phrase"),
    "description": _("Description"),
    "kind": _("Genre"),
    "audience": _("Pour qui"),
    "theme": _("Thème"),
    "organisation": _("Organisé par"),
    "price": _("Prix"),
    "price_euros": _("Montant"),
    "takes_registrations": _("Sur inscription"),
    "capacity": _("Places"),
    "space": _("Espace"),
    "day": _("Jour"),
    "starts": _("Début"),
    "ends": _("Fin"),
    "until": _("Jusqu’au"),
    "reason": _("Motif"),
    "party": _("Combien de personnes"),
    "name": _("Nom"),
    "email": _("Courriel"),
    "phone": _("Téléphone"),
    "session": _("La séance"),
    "event": _("L’événement"),
}


def price_said(price: str, cents: int | None) -> str:
    """What an event costs: « Gratuit », « 12,50 € », « Prix libre, 5 € conseillés »."""
    if not cents:
        return str(PRICES[price])
    euros = gettext("%(euros)s\u202f€") % {"euros": number_format(cents / 100, 2 if cents % 100 else 0)}
    return gettext("Prix libre, %(amount)s conseillés") % {"amount": euros} if price == "open" else euros
