"""What the words of bookings are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

KINDS: dict[str, Promise] = {
    "room": _("Salle"),
    "desk": _("Bureaux qui se valent"),
    "machine": _("Machine"),
    "whole": _("Tout le lieu"),
    "other": _("Autre espace"),
}
STATES: dict[str, Promise] = {
    "held": _("option"),
    "confirmed": _("confirmée"),
    "cancelled": _("annulée"),
    "lapsed": _("option expirée"),
}
WHO: dict[str, Promise] = {
    "resident": _("Habitant"),
    "worker": _("Télétravailleur"),
    "company": _("Entreprise"),
    "association": pgettext_lazy("qui vient", "Association"),
    "student": _("Élève ou étudiant"),
    "traveller": _("De passage"),
}
ACTIVITIES: dict[str, Promise] = {
    "work": _("Travailler"),
    "meeting": _("Se réunir"),
    "making": _("Fabriquer, réparer"),
    "help": _("Se faire aider"),
    "social": _("Voir du monde"),
    "event": _("Un événement"),
    "other": _("Autre chose"),
}
OTHERWISE: dict[str, Promise] = {
    "home": _("Chez soi"),
    "office": _("Au bureau"),
    "far": _("Plus loin, en voiture"),
    "elsewhere": _("Ailleurs, tout près"),
    "nowhere": _("Nulle part"),
}
FEED_PROBLEMS: dict[str, Promise] = {
    "address": _("L’adresse, ou celle où elle renvoie, n’est pas de celles qu’on peut lire. Corrigez-la."),
    "password": _("L’adresse renvoie à une autre, qui contient un mot de passe. Demandez une adresse de partage."),
    "port": _("L’adresse demande un port inhabituel. Demandez une adresse en https, sans numéro de port."),
    "private": _("Cette adresse mène à l’intérieur d’un réseau privé. Demandez une adresse ouverte à tous."),
    "name": _("Ce site est introuvable. Vérifiez l’adresse."),
    "silence": _("Le site ne répond pas. Une nouvelle lecture se fera seule."),
    "refused": _("Le site refuse la connexion. Une nouvelle lecture se fera seule."),
    "certificate": _("Le site ne prouve pas qu’il est bien lui-même (certificat). Prévenez qui le tient."),
    "answer": _(
        "Le site répond %(detail)s au lieu de l’agenda. "
        "L’adresse a peut-être changé\u202f: recopiez-la depuis le service."
    ),
    "redirected": _("Le site renvoie ailleurs, sans fin ou sans protection. Recopiez l’adresse depuis le service."),
    "packed": _("Le fichier arrive dans un emballage illisible. Prévenez qui tient cet agenda."),
    "cut": _("Le fichier est arrivé incomplet\u202f: il n’en est rien gardé. Une nouvelle lecture se fera seule."),
    "big": _("L’agenda dépasse %(detail)s Mo. Demandez-en un plus court, sans les années passées."),
    "page": _(
        "L’adresse mène à une page web, pas à un agenda. Cherchez, dans le service, l’adresse «\u202fiCal\u202f» "
        "ou «\u202fs’abonner\u202f»."
    ),
    "broken": _("Ce n’est pas un agenda (.ics), ou il est abîmé. Vérifiez l’adresse."),
    "endless": _("Un rendez-vous s’y répète chaque minute ou chaque seconde. Prévenez qui tient cet agenda."),
    "often": _("L’agenda occupe plus de %(detail)s moments en un an. Suivez celui d’une seule salle."),
    "slow": _("L’agenda n’a pas pu être lu en %(detail)s secondes. Demandez-en un plus court."),
    "heavy": _("L’agenda demande trop de mémoire. Demandez-en un plus court."),
}
"""Why a calendar kept elsewhere could not be read, and what to do."""
FIELDS: dict[str, Promise] = {
    "name": _("Nom"),
    "kind": _("Genre"),
    "units": _("Nombre d’unités"),
    "unit": _("Unité"),
    "inside": _("Dedans"),
    "space": _("Espace"),
    "address": _("Adresse de l’agenda"),
    "description": _("Description"),
    "seats": _("Places assises"),
    "authorisation": _("Habilitation demandée"),
    "given_on": _("Jour de la formation"),
    "expires_on": _("Jusqu’au"),
    "names": _("À qui"),
    "step_minutes": _("Pas"),
    "shortest_minutes": _("Au moins"),
    "longest_minutes": _("Au plus"),
    "notice_minutes": _("Délai avant"),
    "horizon_days": _("Ouvert à l’avance"),
    "weekdays": _("Jours de la semaine"),
    "opens": _("Début"),
    "closes": _("Fin"),
    "first_day": _("Premier jour"),
    "last_day": _("Dernier jour"),
    "reason": _("Motif"),
    "zone": _("Fuseau horaire"),
    "half_day": _("Limite des demi-journées"),
    "school_zone": _("Zone de vacances scolaires"),
    "phone": _("Téléphone"),
    "email": _("Courriel"),
    "what": _("Espace"),
    "day": _("Jour"),
    "starts": _("Début"),
    "ends": _("Fin"),
    "until": _("Jusqu’au"),
    "every_weeks": _("Toutes les … semaines"),
    "purpose": _("Objet"),
    "series": _("La série"),
    "organisation": _("Payée par"),
}
