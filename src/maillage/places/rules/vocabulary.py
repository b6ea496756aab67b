"""The words a place is described with; labels for people are in `maillage.places.labels`."""

ACTIVITIES = (
    "coworking",
    "fablab",
    "ateliers",
    "culture",
    "cuisine",
    "nourricier",
    "innovation-sociale",
    "mediation-numerique",
    "cafe",
    "recyclerie",
)
SERVICES = (
    "poste",
    "bureau-ferme",
    "salle-de-reunion",
    "wifi",
    "imprimante",
    "visio",
    "domiciliation",
    "machines",
    "outils",
    "restauration",
    "jardin",
    "hebergement",
    "formation",
    "aide-numerique",
    "france-services",
    "scene",
    "garde-enfants",
)
ACCESS = (
    "plain-pied",
    "fauteuil",
    "toilettes-adaptees",
    "boucle-magnetique",
    "stationnement",
    "velo",
    "transport",
    "24h",
)
LABELS = ("fabrique-de-territoire", "manufacture-de-proximite", "france-services", "fabrique-numerique")
LEGAL_FORMS = (
    "association",
    "collectif",
    "collectivite",
    "sarl-sa-sas",
    "scic",
    "scop",
    "universite",
    "etablissement-scolaire",
    "autre",
)
STATUSES = ("project", "open", "dormant", "closed")
PRECISIONS = ("address", "street", "commune", "estimated", "unknown")
CLOSING_CAUSES = ("economie", "equipe", "locaux", "convention", "autre", "inconnue")

INTENTS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "travailler": (frozenset({"coworking"}), frozenset({"poste", "bureau-ferme", "domiciliation"})),
    "se-reunir": (
        frozenset({"cafe", "innovation-sociale"}),
        frozenset({"salle-de-reunion", "visio", "scene"}),
    ),
    "fabriquer": (frozenset({"fablab", "ateliers", "recyclerie"}), frozenset({"machines", "outils"})),
    "manger-produire": (frozenset({"cuisine", "nourricier", "cafe"}), frozenset({"restauration", "jardin"})),
    "apprendre": (
        frozenset({"mediation-numerique", "culture"}),
        frozenset({"formation", "aide-numerique", "france-services"}),
    ),
    "sejourner": (frozenset(), frozenset({"hebergement"})),
}
"""Six intents of a visitor: a place answers one if it has any of these activities or any of these services."""

FEATURES = {
    "activities": ACTIVITIES,
    "services": SERVICES,
    "access": ACCESS,
    "labels": LABELS,
    "legal_forms": LEGAL_FORMS,
}
"""The fields of a place that hold several words, and the words they accept."""

SEARCH_WORDS = {
    "coworking": "coworking bureau bureaux partages teletravail telecentre travailler",
    "fablab": "fablab makerspace hackerspace impression 3d decoupe laser fabriquer fabrication numerique",
    "ateliers": "atelier ateliers artisan artisanat bois menuiserie couture bricolage reparer",
    "culture": "culture culturel spectacle concert exposition musique theatre art",
    "cuisine": "cuisine partagee cantine foodlab traiteur",
    "nourricier": "jardin maraichage agriculture ferme potager nourricier",
    "innovation-sociale": "innovation sociale solidaire laboratoire livinglab citoyen",
    "mediation-numerique": "numerique mediation aide ordinateur internet conseiller demarches epn",
    "cafe": "cafe associatif bistrot bar guinguette",
    "recyclerie": "recyclerie ressourcerie reemploi friperie reparation",
}
"""Words, already normalised, by which people look for an activity."""
