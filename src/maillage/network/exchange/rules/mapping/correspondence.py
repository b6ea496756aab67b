"""A correspondence between the columns of a file and our fields, as it is written down, kept and typed."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from maillage.network.exchange.rules.mapping.words import CODED, FIELD_NAMES, TITLES, field_named
from maillage.network.exchange.rules.reports import FileRefused, short
from maillage.places.rules.vocabulary import FEATURES, STATUSES
from maillage.territory.rules.names import fold

MOST_COLUMNS = 40
MOST_WORDS = 2_000
MENDS = ("maillage_ligne", "maillage_colonne", "maillage_probleme", "maillage_remede")
"""The columns that our own table of rows to mend adds: they say nothing of a place."""


@dataclass(frozen=True, slots=True)
class Correspondence:
    """`columns` names the file's columns of each field; `words` our code for a word of the file, folded, by field.

    A word whose code is "" was put aside by hand: it is no longer told.
    """

    columns: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def used(self) -> frozenset[str]:
        return frozenset(column for columns in self.columns.values() for column in columns)


def fingerprint(header: Iterable[str]) -> str:
    """The same for two files with the same columns, in whatever order, case or accents.

    >>> fingerprint(["Nom", "Code postal"]) == fingerprint(["code_postal", "NOM"])
    True

    Rows sent again with what to mend in them have the columns they came with.
    """
    own = sorted(fold(name) for name in header if name not in MENDS)
    return sha256("\x1f".join(own).encode()).hexdigest()


def as_data(found: Correspondence) -> dict[str, Any]:
    """A correspondence as plain data, for a recipe or a page."""
    return {
        "columns": {name: list(columns) for name, columns in found.columns.items()},
        "words": {name: dict(words) for name, words in found.words.items()},
    }


def from_data(data: object) -> Correspondence:
    """A correspondence from plain data; raises `FileRefused` for what is none.

    >>> from_data({"columns": {"name": ["NOM"]}}).columns
    {'name': ('NOM',)}
    """
    columns, words = (data.get("columns"), data.get("words", {})) if isinstance(data, dict) else (None, None)
    if not isinstance(columns, dict) or not isinstance(words, dict):
        raise FileRefused("La correspondance est illisible. Refaites-la à partir du fichier.")
    return checked(
        {str(name): _texts(said) for name, said in columns.items()},
        {str(name): dict(said) if isinstance(said, dict) else {} for name, said in words.items()},
    )


def _texts(said: object) -> tuple[str, ...]:
    return tuple(str(column) for column in said) if isinstance(said, list | tuple) else (str(said),)


def checked(columns: Mapping[str, tuple[str, ...]], words: Mapping[str, Mapping[Any, Any]]) -> Correspondence:
    """Refuse fields that we do not have, columns in excess and codes that no vocabulary holds."""
    unknown = [name for name in (*columns, *words) if name not in FIELD_NAMES]
    if unknown:
        listed = ", ".join(TITLES[name] for name in FIELD_NAMES)
        raise FileRefused(f"Champ inconnu : « {short(unknown[0])} ». Champs connus : {listed}.")
    crowded = [name for name, said in columns.items() if len(said) > MOST_COLUMNS]
    if crowded or sum(map(len, words.values())) > MOST_WORDS:
        raise FileRefused(f"Plus de {MOST_COLUMNS} colonnes pour un champ, ou plus de {MOST_WORDS} mots. Allégez-la.")
    kept: dict[str, dict[str, str]] = {}
    for name, pairs in words.items():
        known = codes(name)
        for said, code in pairs.items():
            if not isinstance(code, str) or (code and code not in known):
                listed = ", ".join(known) or "aucun"
                raise FileRefused(f"Mot inconnu pour « {TITLES[name]} » : « {short(code)} ». Mots connus : {listed}.")
            kept.setdefault(name, {})[fold(str(said)[:400])] = code
    return Correspondence({name: tuple(said) for name, said in columns.items() if said}, kept)


def codes(name: str) -> tuple[str, ...]:
    """The codes that a field may hold; none for a field that is no vocabulary."""
    return STATUSES if name == "status" else FEATURES.get(name, ()) if name in CODED else ()


def typed(columns: Iterable[str], words: Iterable[str] = ()) -> Correspondence:
    """A correspondence as typed: `nom=NOM_TL,lat=Y`, and for words `activités:Pétanque=culture` (`=` for none).

    A column that holds a comma is quoted: `nom=A,"prix=Tarif, en euros"`. A field given twice takes both columns.

    >>> typed(["nom=NOM_TL,lat=Y", "rue=num,rue=voie"]).columns
    {'name': ('NOM_TL',), 'lat': ('Y',), 'street': ('num', 'voie')}
    """
    found: dict[str, tuple[str, ...]] = {}
    for said in _typed_pairs(columns):
        name, _equals, column = said.partition("=")
        known = _known(name)
        found[known] = (*found.get(known, ()), column.strip())
    codes_of: dict[str, dict[str, str]] = {}
    for said in words:
        name, _colon, pair = said.partition(":")
        word, _equals, code = pair.rpartition("=")
        if not word.strip():
            raise FileRefused(f"« {short(said)} » ne dit pas un mot. Écrivez par exemple : activités:Pétanque=culture.")
        codes_of.setdefault(_known(name), {})[word] = code.strip()
    return checked(found, codes_of)


def _known(name: str) -> str:
    known = field_named(name)
    if known is None:
        listed = ", ".join(TITLES[name] for name in FIELD_NAMES)
        raise FileRefused(f"Champ inconnu : « {short(name)} ». Champs connus : {listed}.")
    return known


def _typed_pairs(columns: Iterable[str]) -> list[str]:
    found = []
    for said in columns:
        try:
            cut = next(csv.reader([said], skipinitialspace=True, strict=True), [])
        except csv.Error as error:
            raise FileRefused(f"« {short(said)} » se lit mal : un guillemet n’est pas refermé.") from error
        for pair in cut:
            if not all(part.strip() for part in pair.partition("=")):
                raise FileRefused(f"« {short(pair)} » ne dit pas une colonne. Écrivez par exemple : nom=NOM_TL,lat=Y.")
            found.append(pair)
    return found


def to_type(found: Correspondence) -> str:
    """A correspondence as one types it back; the contrary of `typed`, words aside.

    >>> to_type(Correspondence({"name": ("NOM",), "street": ("a, b", "voie")}))
    'nom=NOM,"adresse=a, b",adresse=voie'
    """
    pairs = [f"{TITLES[name]}={column}" for name, columns in found.columns.items() for column in columns]
    return ",".join('"' + pair.replace('"', '""') + '"' if set(pair) & {",", '"'} else pair for pair in pairs)
