"""What is looked for and where, in the words of one search: « coworking à Dole »."""

from collections.abc import Iterator
from dataclasses import dataclass

from maillage.places.rules.vocabulary import SEARCH_WORDS
from maillage.territory.rules.names import normalise

_LONGEST = 5
_ARTICLES = frozenset({"le", "la", "les", "l", "un", "une", "des"})
_LINKS = frozenset({"a", "au", "aux", "autour", "chez", "d", "dans", "de", "des", "du", "en", "pres", "sur", "vers"})
_SPOKEN: dict[str, tuple[str, ...]] = {
    "activities coworking": ("espace de coworking", "bureaux partagés", "bureau partagé"),
    "activities fablab": ("fab lab", "imprimante 3d", "impression 3d", "découpe laser"),
    "activities ateliers": ("ateliers d’artisans", "ateliers partagés"),
    "activities culture": ("lieu culturel",),
    "activities cuisine": ("cuisine partagée",),
    "activities nourricier": ("jardin et agriculture", "jardin partagé", "jardin"),
    "activities innovation-sociale": ("innovation sociale",),
    "activities mediation-numerique": ("aide au numérique", "aide numérique", "médiation numérique"),
    "activities cafe": ("café associatif",),
    "services poste": ("poste de travail",),
    "services bureau-ferme": ("bureau fermé",),
    "services salle-de-reunion": ("salle de réunion",),
    "services wifi": ("wifi", "wi-fi"),
    "services imprimante": ("imprimante",),
    "services visio": ("visio", "visioconférence"),
    "services domiciliation": ("domiciliation",),
    "services machines": ("machines",),
    "services outils": ("outils", "prêt d’outils"),
    "services restauration": ("restauration", "restaurant"),
    "services hebergement": ("hébergement",),
    "services formation": ("formation",),
    "services aide-numerique": ("démarches en ligne", "aide aux démarches"),
    "services france-services": ("france services", "maison france services", "espace france services"),
    "services scene": ("scène", "salle de spectacle"),
    "services garde-enfants": ("garde d’enfants",),
    "intent travailler": ("travailler", "télétravailler"),
    "intent se-reunir": ("se réunir",),
    "intent fabriquer": ("fabriquer", "fabriquer et réparer"),
    "intent manger-produire": ("manger",),
    "intent apprendre": ("apprendre", "se former"),
    "intent sejourner": ("séjourner", "dormir"),
}


@dataclass(frozen=True, slots=True)
class Aim:
    """One reading of a search: `kind` is the field of a filter that takes `code`, `where` what is left."""

    kind: str
    code: str
    where: str


def aims(text: str) -> Iterator[Aim]:
    """Each way to read a search as a word of the vocabulary, before or behind the name of somewhere.

    >>> list(aims("coworking à Dole")), [aim.where for aim in aims("La Rochelle, salle de réunion")]
    ([Aim(kind='activities', code='coworking', where='dole')], ['la rochelle'])
    >>> list(aims("coworking")), list(aims("Dole"))
    ([], [])
    """
    words = normalise(text).split()
    for length in range(min(_LONGEST, len(words) - 1), 0, -1):
        for phrase, rest in ((words[:length], words[length:]), (words[-length:], words[:-length])):
            meant = _MEANINGS.get(_plain(phrase))
            where = _somewhere(rest)
            if meant and where:
                yield Aim(*meant, where)


def _somewhere(words: list[str]) -> str:
    """A name without the small words that lead to it; its own article stays."""
    while words and words[0] in _LINKS:
        words = words[1:]
    return " ".join(words) if set(words) - _ARTICLES else ""


def _plain(words: list[str]) -> str:
    """A phrase in the singular, whatever its first article.

    >>> _plain(["les", "bureaux", "partages"])
    'bureau partage'
    """
    kept = words[1:] if words[0] in _ARTICLES else words
    return " ".join(word.rstrip("sx") or word for word in kept)


def _meanings() -> dict[str, tuple[str, str]]:
    """What each phrase means; a word by which two activities are looked for says neither."""
    said: dict[str, tuple[str, str]] = {}
    for meant, phrases in _SPOKEN.items():
        kind, code = meant.split()
        for phrase in phrases:
            said[_plain(normalise(phrase).split())] = (kind, code)
    bearers: dict[str, set[str]] = {}
    for code, words in SEARCH_WORDS.items():
        for word in words.split():
            bearers.setdefault(_plain([word]), set()).add(code)
    for word, owners in bearers.items():
        if len(owners) == 1:
            said.setdefault(word, ("activities", min(owners)))
    return said


_MEANINGS = _meanings()
