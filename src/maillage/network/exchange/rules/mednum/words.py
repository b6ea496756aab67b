"""Our words in those of the standard, and back. `docs/formats/mednum.md` shows these tables."""

from collections.abc import Collection, Iterable, Mapping

TYPOLOGIES: dict[str, tuple[str, ...]] = {
    "coworking": ("TIERS_LIEUX",),
    "fablab": ("FABLAB", "TIERS_LIEUX"),
    "ateliers": ("TIERS_LIEUX",),
    "culture": ("TIERS_LIEUX",),
    "cuisine": ("TIERS_LIEUX",),
    "nourricier": ("TIERS_LIEUX",),
    "innovation-sociale": ("TIERS_LIEUX",),
    "mediation-numerique": ("EPN",),
    "cafe": ("TIERS_LIEUX", "ASSO"),
    "recyclerie": ("RESSOURCERIE",),
    "france-services": ("RFS",),
}
"""What an activity, or the service `france-services`, is in the column `typologie`."""
ACTIVITIES = {
    "FABLAB": "fablab",
    "EPN": "mediation-numerique",
    "ENM": "mediation-numerique",
    "EPI": "mediation-numerique",
    "RESSOURCERIE": "recyclerie",
    "BIB": "culture",
}
"""The activity that a typology tells; `TIERS_LIEUX` says nothing of what is done there."""
SERVICE_TYPOLOGIES = {"RFS": "france-services"}
SERVICES = {
    "Aide aux démarches administratives": "aide-numerique",
    "Maîtrise des outils numériques du quotidien": "aide-numerique",
    "Insertion professionnelle via le numérique": "aide-numerique",
    "Utilisation sécurisée du numérique": "aide-numerique",
    "Parentalité et éducation avec le numérique": "aide-numerique",
    "Compréhension du monde numérique": "aide-numerique",
    "Accès internet et matériel informatique": "wifi",
}
PROGRAMMES = {"France Services": "france-services"}
LABELS = {"Fabriques de Territoire": "fabrique-de-territoire"}
OTHER_LABELS = {
    "Manufacture de proximité": "manufacture-de-proximite",
    "Fabrique numérique de territoire": "fabrique-numerique",
}
THIRD_PLACES = frozenset({"TIERS_LIEUX", "FABLAB", "FABRIQUE", "EPN", "ENM", "EPI", "RESSOURCERIE"})
"""Typologies of places that this registry is about; the others come in only when all are asked for."""


def heard(values: Iterable[str], words: Mapping[str, str]) -> list[str]:
    """Our words for values of the standard, each once.

    >>> heard(["Aide aux démarches administratives", "Compréhension du monde numérique"], SERVICES)
    ['aide-numerique']
    """
    return list(dict.fromkeys(words[value] for value in values if value in words))


def told(said: Iterable[str], ours: Collection[str], words: Mapping[str, str]) -> list[str]:
    """Values of the standard for our words: those that a source `said` and that still hold, then what it lacks.

    A value without a word of ours is kept as it was said; one whose word is gone is not.

    >>> told(["Loisirs", "Accès internet"], ["aide-numerique"], {"Aide": "aide-numerique", "Accès internet": "wifi"})
    ['Loisirs', 'Aide']
    """
    kept = [value for value in said if value not in words or words[value] in ours]
    spoken = {words[value] for value in kept if value in words}
    first = {word: value for value, word in reversed(list(words.items()))}
    kept += [first[word] for word in ours if word in first and word not in spoken]
    return list(dict.fromkeys(kept))


def typologies(said: Iterable[str], ours: Collection[str]) -> list[str]:
    """The typologies of a place for its activities and services, those that a source `said` first.

    >>> typologies(["CSC", "ENM"], ["mediation-numerique", "coworking"]), typologies([], ["fablab"])
    (['CSC', 'ENM', 'TIERS_LIEUX'], ['FABLAB', 'TIERS_LIEUX'])
    """
    words = ACTIVITIES | SERVICE_TYPOLOGIES
    kept = [value for value in said if value not in words or words[value] in ours]
    spoken = {words[value] for value in kept if value in words}
    kept += [value for word in ours if word not in spoken for value in TYPOLOGIES.get(word, ())]
    return list(dict.fromkeys(kept))
