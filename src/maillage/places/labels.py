"""The words of the vocabulary, as people read them."""

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from maillage.places.rules.sentences import Sentence

LABELS: dict[str, dict[str, Promise]] = {
    "activities": {
        "coworking": _("Bureaux partagés"),
        "fablab": _("Fablab"),
        "ateliers": _("Ateliers d’artisans"),
        "culture": _("Culture"),
        "cuisine": _("Cuisine partagée"),
        "nourricier": _("Jardin et agriculture"),
        "innovation-sociale": _("Innovation sociale"),
        "mediation-numerique": _("Aide au numérique"),
        "cafe": _("Café associatif"),
        "recyclerie": _("Recyclerie"),
    },
    "services": {
        "poste": _("Poste de travail"),
        "bureau-ferme": _("Bureau fermé"),
        "salle-de-reunion": _("Salle de réunion"),
        "wifi": _("Wi-Fi"),
        "imprimante": _("Imprimante"),
        "visio": _("Visioconférence"),
        "domiciliation": _("Domiciliation"),
        "machines": _("Machines"),
        "outils": _("Prêt d’outils"),
        "restauration": _("Restauration"),
        "jardin": _("Jardin"),
        "hebergement": _("Hébergement"),
        "formation": _("Formation"),
        "aide-numerique": _("Aide aux démarches en ligne"),
        "france-services": _("Point France services"),
        "scene": _("Scène ou salle de spectacle"),
        "garde-enfants": _("Garde d’enfants"),
    },
    "access": {
        "plain-pied": _("Entrée de plain-pied"),
        "fauteuil": _("Accessible en fauteuil roulant"),
        "toilettes-adaptees": _("Toilettes adaptées"),
        "boucle-magnetique": _("Boucle magnétique"),
        "stationnement": _("Stationnement"),
        "velo": _("Stationnement vélo"),
        "transport": _("Arrêt de transport à proximité"),
        "24h": _("Accès à toute heure pour les membres"),
    },
    "labels": {
        "fabrique-de-territoire": _("Fabrique de territoire"),
        "manufacture-de-proximite": _("Manufacture de proximité"),
        "france-services": _("France services"),
        "fabrique-numerique": _("Fabrique numérique de territoire"),
    },
    "legal_forms": {
        "association": _("Association"),
        "collectif": _("Collectif citoyen"),
        "collectivite": _("Collectivité"),
        "sarl-sa-sas": _("Société (SARL, SA, SAS)"),
        "scic": _("SCIC"),
        "scop": _("SCOP"),
        "universite": _("Université ou grande école"),
        "etablissement-scolaire": _("Établissement scolaire"),
        "autre": _("Autre forme juridique"),
    },
    "status": {
        "project": _("En projet"),
        "open": _("Ouvert au public"),
        "dormant": _("En sommeil"),
        "closed": _("Fermé"),
        "tous": _("Tous, fermés compris"),
    },
    "precision": {
        "address": _("à l’adresse"),
        "street": _("dans la rue"),
        "commune": _("au centre de la commune"),
        "estimated": _("position estimée"),
        "unknown": _("position inconnue"),
    },
    "closed_cause": {
        "economie": _("modèle économique"),
        "equipe": _("équipe épuisée ou partie"),
        "locaux": _("perte des locaux"),
        "convention": _("fin de convention"),
        "autre": _("autre cause"),
        "inconnue": _("cause inconnue"),
    },
    "intents": {
        "travailler": _("Travailler"),
        "se-reunir": _("Se réunir"),
        "fabriquer": _("Fabriquer et réparer"),
        "manger-produire": _("Manger et produire"),
        "apprendre": _("Apprendre, se faire aider"),
        "sejourner": _("Séjourner"),
    },
    "fields": {
        "name": _("Nom"),
        "status": pgettext_lazy("champ d’un lieu", "État"),
        "closed_on": _("Fermé le"),
        "closed_cause": _("Cause de la fermeture"),
        "opened_on": _("Ouvert depuis"),
        "street": _("Rue"),
        "postal_code": _("Code postal"),
        "city": _("Localité"),
        "commune": _("Commune"),
        "lat": _("Latitude"),
        "lon": _("Longitude"),
        "precision": _("Précision de la position"),
        "website": _("Site"),
        "email": _("Courriel"),
        "phone": _("Téléphone"),
        "links": _("Autres adresses"),
        "opening_hours": _("Horaires"),
        "operator": _("Structure porteuse"),
        "siret": _("Siret"),
        "capacity": _("Capacité d’accueil"),
        "prices": _("Prix en bref"),
        "description": _("Description"),
        "how_to_come": _("Venir"),
        "how_to_join": _("Participer"),
        "how_to_help": _("Aider"),
        "activities": _("Activités"),
        "services": _("Services"),
        "access": _("Accès"),
        "labels": _("Labels"),
        "legal_forms": _("Forme juridique"),
    },
}
LABELS["category"] = LABELS["activities"] | {"hybride": _("Plusieurs activités"), "inconnu": _("Activité non précisée")}


def label(kind: str, code: str) -> Promise | str:
    """The label of a word of the vocabulary, or the word itself when it has none."""
    return LABELS.get(kind, {}).get(code, code)


def say(sentence: str) -> str:
    """A sentence of the rules, in the language of the page; any other text as it is."""
    if not isinstance(sentence, Sentence):
        return sentence
    said = gettext(sentence.text)
    return said % {name: _fact(fact) for name, fact in sentence.facts.items()} if sentence.facts else said


def _fact(fact: object) -> object:
    if isinstance(fact, float):
        figure = round(fact, 1)
        return number_format(figure, 0 if figure.is_integer() else 1)
    return say(fact) if isinstance(fact, str) else fact
