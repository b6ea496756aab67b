"""A postal address as two sources write it: its number and its street, spelt in one way."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from maillage.territory.rules.names import normalise

ABBREVIATED = {
    "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "blvd": "boulevard", "boul": "boulevard",
    "pl": "place", "r": "rue", "ch": "chemin", "che": "chemin", "chem": "chemin", "rte": "route", "all": "allee",
    "imp": "impasse", "sq": "square", "fg": "faubourg", "fbg": "faubourg", "crs": "cours", "qu": "quai",
    "pass": "passage", "espl": "esplanade", "esp": "esplanade", "res": "residence", "lot": "lotissement",
    "gal": "general", "gen": "general", "dr": "docteur", "pdt": "president", "pres": "president",
    "mal": "marechal", "cdt": "commandant", "cap": "capitaine", "col": "colonel", "prof": "professeur",
    "nd": "notre dame", "za": "zone artisanale", "zi": "zone industrielle", "zac": "zone amenagement",
    "tra": "traverse", "trav": "traverse", "hlm": "", "cedex": "",
}  # fmt: skip
_WAYS = (
    "rue avenue boulevard place chemin route allee allees impasse square faubourg cours quai passage esplanade "
    "promenade ruelle sentier traverse voie parvis montee cote zone lotissement residence rond hameau lieudit "
    "villa cite mail venelle"
)
WAYS = frozenset(_WAYS.split())
_LITTLE = "a au aux d de des du en et l la le les"
LITTLE = frozenset(_LITTLE.split())
_NUMBER = re.compile(r"^([0-9]{1,4})(?: (bis|ter|quater|[a-d]))?(?= )")
_RANGE = re.compile(r"^([0-9]{1,4})(?: (?:et |a )?[0-9]{1,4})+(?= [a-z])")
_TAIL = re.compile(r" [0-9]{5}\b.*$| b ?p [0-9]+.*$| cs [0-9]+.*$")
SAME_STREET = 0.85


@dataclass(frozen=True, slots=True)
class Address:
    """`number` as « 38 » or « 38bis », empty when not said; `street` without little words; `way` when one was named."""

    number: str
    street: str
    way: bool


@lru_cache(maxsize=2_000)
def read_address(text: str) -> Address:
    """Read a street line; a text without any street gives an empty one.

    >>> read_address("38 BIS av. du Gal Leclerc, 49100 Angers")
    Address(number='38bis', street='avenue general leclerc', way=True)
    >>> read_address("22-24 RUE DUBOIS MEYNARDIE").number, read_address("Mairie, 4 pl de l’Église").street
    ('22', 'place eglise')
    >>> read_address("2")
    Address(number='', street='', way=False)
    """
    line = " ".join(ABBREVIATED.get(word, word) for word in normalise(text[:200]).split())
    line = _TAIL.sub("", f"{line} ").strip()
    words = line.split()
    first = next((i for i, word in enumerate(words) if word in WAYS), None)
    if first is None:
        street = " ".join(word for word in words if word not in LITTLE and not word.isdigit())
        return Address("", street, False)
    start = first
    while start and (words[start - 1].isdigit() or words[start - 1] in ("bis", "ter", "quater", "grande", "petite")):
        start -= 1
    line = " ".join(words[start:])
    number = ""
    if found := _RANGE.match(line):
        number, line = found[1], line[found.end() :]
    elif found := _NUMBER.match(line):
        number, line = found[1] + (found[2] or ""), line[found.end() :]
    return Address(number, " ".join(word for word in line.split() if word not in LITTLE), True)


def streets_alike(one: Address, other: Address) -> float | None:
    """How alike two streets are, from 0 to 1; None when either is not known.

    >>> a, b = read_address("10 RUE GRANDE"), read_address("10 Grande Rue")
    >>> streets_alike(a, b), streets_alike(a, read_address(""))
    (1.0, None)
    """
    if not one.street or not other.street:
        return None
    if one.way != other.way:
        long, short = (one, other) if one.way else (other, one)
        return 1.0 if fuzz.partial_ratio(long.street, short.street) >= 90 and len(short.street) > 5 else None
    if not one.way:
        return 1.0 if fuzz.token_sort_ratio(one.street, other.street) >= 90 else None
    return (
        max(fuzz.token_sort_ratio(one.street, other.street), fuzz.token_set_ratio(one.street, other.street) - 10) / 100
    )
