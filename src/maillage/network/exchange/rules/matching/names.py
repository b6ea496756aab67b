"""What a name says: which kind of institution, which words are the place's own, which are only its town's."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from maillage.territory.rules.names import normalise

KINDS: tuple[tuple[str, str], ...] = (
    ("ccas", r"(?:centre|ctre)s? (?:communal |com |intercommunal )?d? ?action sociale|c c a s|ccas|cias"),
    (
        "franceservices",
        r"(?:bus |espace |maison |mfs )?frances? services?|mfs|msap|fs|"
        r"(?:maison|espace|point|relais)s? (?:de |des )?services? (?:au |aux )publics?",
    ),
    (
        "interco",
        r"communautes? (?:des? |d )?(?:communes?|agglomerations?|com|urbaine)|cc|com com|agglomeration|agglo|cdc",
    ),
    ("mairie", r"(?:hotel de ville|antenne mairie|mairie annexe|mairie|commune|ville)(?= de | d | du | des | |$)"),
    ("departement", r"(?:conseil )?departement(?:al)?|maison du departement"),
    (
        "bibliotheque",
        r"(?:bibliotheques?|mediatheques?|bm|ludotheque)(?: municipales?| communales?| intercommunales?)?",
    ),
    ("epn", r"espaces? publics? numeriques?|cyber ?(?:base|espace|centre|commune|lab)s?|epn|espaces? numeriques?"),
    ("missionlocale", r"missions? locales?"),
    ("pimms", r"pimms(?: mediation)?|point(?:s)? information mediation multi services"),
    ("emploi", r"pole emploi|france travail|maison de l emploi"),
    ("poste", r"la poste|agence postale(?: communale)?|bureau de poste"),
    ("caf", r"caf|caisse d allocations familiales"),
    ("cpam", r"cpam|caisse primaire d assurance maladie|ameli"),
    ("msa", r"msa|mutualite sociale agricole"),
    ("greta", r"greta"),
    ("centresocial", r"centres? socio ?culturels?|centres? socia(?:l|ux)(?: et culturel)?|espaces? sociaux?"),
    ("mjc", r"mjc|maison des jeunes(?: et de la culture)?|maison pour tous"),
    ("quartier", r"maisons? de quartier|maisons? des? habitants?"),
    ("jeunesse", r"pij|bij|point information jeunesse|info(?:rmation)? jeunes(?:se)?|crij"),
    ("famillesrurales", r"familles rurales"),
    ("office", r"office (?:de |du )?tourisme"),
    ("ecole", r"college|lycee|ecole|universite|iut"),
    ("prefecture", r"(?:sous )?prefecture"),
    ("hebergement", r"chrs|foyer|residence|cada|ehpad"),
    ("fablab", r"fablabs?|makerspace|hackerspace|hacklab"),
    ("telecentre", r"telecentre"),
)
"""What institutions call themselves in France, after `normalise`: two that differ are two organisations."""

SOFT = frozenset({"fablab", "telecentre"})
"""Kinds that one place may be beside another."""
LABELLED = frozenset({"centresocial", "pimms", "poste", "msa", "quartier", "mjc", "famillesrurales", "departement"})
"""Kinds that bear the label « France services » in their own rooms; a town hall or a community houses one apart."""

_LITTLE = "a au aux d de des du en et l la le les un une the of in sur chez par pour sous"
LITTLE = frozenset(_LITTLE.split())
_COMMON = (
    "tiers lieu lieux espace espaces coworking co working cowork association asso assoc collectif "
    "sarl sas scic scop antenne site agence territoriale numerique bureau bureaux secteur conseiller conseillers "
    "semaine semaines paire paires impaire impaires"
)
COMMON = LITTLE | frozenset(_COMMON.split())
"""Words that many places bear: they tell nothing of which one it is."""

_ANY_KIND = re.compile("|".join(rf"(?P<{kind}>\b(?:{shape})\b)" for kind, shape in KINDS))
_MOBILE = re.compile(r"\b(?:bus|camion|itinerante?s?|itinerance|mobile)\b")
_ORDINAL = re.compile(r"\b([0-9]+)(?:er|e|eme|nd|nde)\b")
_SPLIT = re.compile(r"\b(fab|co) (lab|working)\b")
DIFFERENT_NUMBERS = 0.3
KIND_AGAINST, KIND_OF_ONE = 0.7, 0.9
WITHIN = 0.88
"""All the words of one name are in the other."""
SHARES_A_WORD = 0.65
ONE_SAYS_MORE = 0.6
LONG_WORD = 5


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart: `whole` without little words, `own` without those of its kind and town either.

    `said` is all of it; `full` the kinds of a name that says only them and the town: « France services de Dole ».
    `several` when it lists more than one place.
    """

    whole: str
    own: str
    kinds: frozenset[str]
    numbers: frozenset[str]
    mobile: bool = False
    full: str = ""
    said: str = ""
    several: bool = False

    @property
    def key(self) -> str:
        """The text by which names of one block are first compared."""
        return self.own or " ".join(sorted(self.kinds)) or self.whole


@lru_cache(maxsize=2_000)
def take_apart(name: str, town: str = "") -> Name:
    """Take a name apart, knowing the name of its town.

    >>> told = take_apart("Maison France Services de Chaudes-Aigues", "Chaudes-Aigues")
    >>> told.own, sorted(told.kinds), told.full
    ('', ['franceservices'], 'franceservices')
    >>> take_apart("Le Fab Lab de l’Étoile (association)", "Dole").own
    'etoile'
    """
    said = _SPLIT.sub(r"\1\2", normalise(name[:200]))
    whole = " ".join(word for word in said.split() if word not in LITTLE) or said
    if said and said == normalise(town[:200]):
        return Name(whole, "", frozenset({"mairie"}), frozenset(), said=said)
    kinds: set[str] = set()

    def seen(found: re.Match[str]) -> str:
        kinds.add(found.lastgroup or "")
        return " "

    left = _ORDINAL.sub(r"\1", _ANY_KIND.sub(seen, said))
    local = set(normalise(town[:200]).split())
    words = [word for word in left.split() if word not in COMMON]
    own = [word for word in words if word not in local]
    if not own and not kinds:
        own = words or whole.split()
    numbers = frozenset(word for word in own if word.isdigit())
    full = " ".join(sorted(kinds)) if kinds and not own and local & set(words) else ""
    return Name(
        whole, " ".join(own), frozenset(kinds), numbers, _MOBILE.search(said) is not None, full, said, ";" in name
    )


def likeness(one: Name, other: Name) -> float:
    """How alike two names are, from 0 to 1; what both bear without it being their own counts for less than 1.

    >>> town = "Dole"
    >>> round(likeness(take_apart("Le Fablab de l’Étoile", town), take_apart("FabLab Étoile", town)), 2)
    1.0
    >>> likeness(take_apart("Mairie de Dole", town), take_apart("CCAS de Dole", town))
    0.2
    >>> likeness(take_apart("France services de Dole", town), take_apart("MSAP Dole", town))
    0.85
    """
    if one.whole == other.whole:
        return 1.0
    if one.own and other.own:
        return _own_likeness(one, other)
    if one.own or other.own:
        return ONE_SAYS_MORE if one.kinds & other.kinds else 0.2
    return (0.85 if one.kinds == other.kinds else 0.75) if one.kinds & other.kinds else 0.2


def _own_likeness(one: Name, other: Name) -> float:
    if one.numbers and other.numbers and one.numbers != other.numbers:
        return DIFFERENT_NUMBERS
    in_order = fuzz.token_sort_ratio(one.own, other.own)
    shared = fuzz.token_set_ratio(one.own, other.own)
    joined = fuzz.ratio(one.own.replace(" ", ""), other.own.replace(" ", ""))
    like = max(in_order, joined, (in_order + 2 * shared) / 3) / 100
    mine, theirs = set(one.own.split()), set(other.own.split())
    if mine <= theirs or theirs <= mine:
        like = max(like, WITHIN)
    elif any(len(word) >= LONG_WORD for word in mine & theirs):
        like = max(like, SHARES_A_WORD)
    if kinds_differ(one, other):
        return like * KIND_AGAINST
    return like * KIND_OF_ONE if bool(one.kinds - SOFT) != bool(other.kinds - SOFT) else like


def kinds_differ(one: Name, other: Name) -> bool:
    """Whether both names say which institution they are, and not the same."""
    mine, theirs = one.kinds - SOFT, other.kinds - SOFT
    if not mine or not theirs or mine & theirs:
        return False
    label = {"franceservices"}
    return not ((mine == label and theirs <= LABELLED) or (theirs == label and mine <= LABELLED))


def is_common(one: Name, other: Name) -> bool:
    """Whether nothing but a kind of institution and a town makes these names alike.

    >>> is_common(take_apart("La Poste", "Dole"), take_apart("LA POSTE", "Dole"))
    True
    """
    return not (one.own and other.own)
