"""From the standard of digital mediation to data·inclusion v1, as its own pipeline maps it, and to our words.

`docs/formats/data-inclusion.md` shows these tables. The pipeline joins specific publics on the wrong column and loses
them; here each is mapped.
"""

from collections.abc import Iterable, Mapping

SERVICE_NAME = "Service d'accompagnement au numérique"
THEMES: dict[str, tuple[str, ...]] = {
    "Accès internet et matériel informatique": (
        "numerique--acceder-a-une-connexion-internet",
        "numerique--acquerir-un-equipement",
    ),
    "Acquisition de matériel informatique à prix solidaire": ("numerique--acquerir-un-equipement",),
    "Aide aux démarches administratives": (
        "difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives",
        "numerique--acceder-a-des-services-en-ligne",
    ),
    "Compréhension du monde numérique": ("numerique--maitriser-les-fondamentaux-du-numerique",),
    "Utilisation sécurisée du numérique": ("numerique--maitriser-les-fondamentaux-du-numerique",),
    "Insertion professionnelle via le numérique": (
        "preparer-sa-candidature--organiser-ses-demarches-de-recherche-demploi",
        "numerique--maitriser-les-fondamentaux-du-numerique",
    ),
    "Loisirs et créations numériques": (
        "remobilisation--activites-sportives-et-culturelles",
        "numerique--maitriser-les-fondamentaux-du-numerique",
    ),
    "Maîtrise des outils numériques du quotidien": (
        "numerique--maitriser-les-fondamentaux-du-numerique",
        "numerique--acceder-a-des-services-en-ligne",
    ),
    "Parentalité et éducation avec le numérique": (
        "famille--soutien-a-la-parentalite-et-a-leducation",
        "numerique--maitriser-les-fondamentaux-du-numerique",
    ),
}
FEES = {"Gratuit": "gratuit", "Gratuit sous condition": "gratuit", "Payant": "payant"}
MOBILISATION = {
    "Contacter par mail": "envoyer-un-courriel",
    "Envoyer un mail avec une fiche de prescription": "envoyer-un-courriel",
    "Prendre un RDV en ligne": "utiliser-lien-mobilisation",
    "Se présenter": "se-presenter",
    "Téléphoner": "telephoner",
}
TYPES = {
    "Accompagnement individuel": "accompagnement",
    "Dans un atelier collectif": "atelier",
    "En autonomie": "aide-materielle",
}
AT_A_DISTANCE = "À distance"
PUBLICS = {
    "Étudiants": "etudiants",
    "Familles et/ou enfants": "familles",
    "Femmes": "femmes",
    "Jeunes": "jeunes",
    "Seniors": "seniors",
}
CARE = {
    "Déficience visuelle": "personnes-en-situation-de-handicap",
    "Handicaps mentaux": "personnes-en-situation-de-handicap",
    "Handicaps moteurs": "personnes-en-situation-de-handicap",
    "Surdité": "personnes-en-situation-de-handicap",
    "Langues étrangères (anglais)": "personnes-exilees",
    "Langues étrangères (autres)": "personnes-exilees",
}
NETWORKS = {
    "Aidants Connect": "aidants-connect",
    "Conseillers numériques": "conseillers-numeriques",
    "France Services": "france-service",
    "Grande école du numérique": "grandes-ecoles-du-numerique",
    "La Croix Rouge": "croix-rouge",
    "Fabriques de Territoire": "fabrique-de-territoire",
}
"""Programmes and labels of the standard that are a network of data·inclusion; the others are none."""
TYPOLOGY_NETWORKS = {
    "EPN": "espaces-publics-numeriques",
    "ENM": "espaces-publics-numeriques",
    "EPI": "espaces-publics-numeriques",
    "RESSOURCERIE": "ressourceries",
    "MJC": "mjc",
    "LA_POSTE": "la-poste",
    "PIMMS": "pimms-mediation",
}
ACTIVITIES = {"espaces-publics-numeriques": "mediation-numerique", "ressourceries": "recyclerie"}
LABELS = {"fabrique-de-territoire": "fabrique-de-territoire", "france-service": "france-services"}
SERVICES = {
    "numerique--acceder-a-une-connexion-internet": "wifi",
    "difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives": "aide-numerique",
    "numerique--acceder-a-des-services-en-ligne": "aide-numerique",
    "numerique--maitriser-les-fondamentaux-du-numerique": "aide-numerique",
}
PRICES = {"gratuit": "Gratuit", "payant": "Payant"}
THIRD_PLACES = frozenset({"fabrique-de-territoire", "espaces-publics-numeriques", "ressourceries"})
"""Networks of places that this registry is about; the others come in only when all are asked for."""


def mapped(values: Iterable[str], words: Mapping[str, str]) -> list[str]:
    """What several values are in other words, in alphabetical order, each once; those that have none are left.

    >>> mapped(["Surdité", "Illettrisme", "Handicaps moteurs"], CARE)
    ['personnes-en-situation-de-handicap']
    """
    return sorted({words[value] for value in values if value in words})
