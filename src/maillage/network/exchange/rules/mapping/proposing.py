"""Which column of a file probably tells which field: by its name, by what its values look like; told with a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from maillage.network.exchange.rules.mapping import lambert
from maillage.network.exchange.rules.mapping.correspondence import Correspondence
from maillage.network.exchange.rules.mapping.shapes import SHAPES, TELLING, number, share, switch
from maillage.network.exchange.rules.mapping.words import CODED, SEVERAL, SYNONYMS, TITLES, code_of, is_yes, pieces
from maillage.network.exchange.rules.reports import short
from maillage.places.rules.drafts import FEATURE_FIELDS
from maillage.places.rules.fields import box_of
from maillage.territory.rules.names import fold

ENOUGH = 0.5
SAMPLE_ROWS = 300
COMPARED = 300
JUDGED = 60
"""Distinct values of a column by which its shape is judged."""
_ALIKE = 0.86
_CLEAR = 0.4


@dataclass(frozen=True, slots=True)
class Proposal:
    """One column for one field: how sure (0 to 1), why, and some of its values."""

    field: str
    column: str
    confidence: float
    why: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """All that a file's columns suggest; `unmapped` are those that no field takes, with some of their values.

    `hints` are things to know before accepting; `unknown` are words of a vocabulary column that mean nothing here,
    by field, with how often each comes in the sample.
    """

    proposals: tuple[Proposal, ...]
    unmapped: tuple[tuple[str, tuple[str, ...]], ...]
    hints: tuple[str, ...]
    unknown: Mapping[str, Mapping[str, int]]

    @property
    def correspondence(self) -> Correspondence:
        found: dict[str, tuple[str, ...]] = {}
        for one in self.proposals:
            found[one.field] = (*found.get(one.field, ()), one.column)
        return Correspondence(found)

    @property
    def lacking(self) -> tuple[str, ...]:
        """What a place cannot come in without, and that no column seems to tell: "name", "where", or both."""
        told = {one.field for one in self.proposals}
        where = "point" in told or {"lat", "lon"} <= told or "commune" in told or {"city", "postal_code"} <= told
        return (*(() if "name" in told else ("name",)), *(() if where else ("where",)))


def propose(header: Sequence[str], sample: Sequence[Mapping[str, str]]) -> Proposed:
    """Propose columns for our fields from the header and some rows (at most `SAMPLE_ROWS` are looked at).

    >>> found = propose(["NOM_TL", "Mél", "couleur"], [{"NOM_TL": "La Maille", "Mél": "a@b.fr", "couleur": "bleu"}])
    >>> [(one.field, one.column) for one in found.proposals], [column for column, _values in found.unmapped]
    ([('name', 'NOM_TL'), ('email', 'Mél')], ['couleur'])
    """
    values = {
        column: [row[column].strip() for row in sample[:SAMPLE_ROWS] if row.get(column, "").strip()]
        for column in header
        if column
    }
    chosen = _chosen(
        [one for column, said in values.items() for one in _of_column(column, said, named=len(header) <= COMPARED)]
    )
    chosen, hints = _located(chosen, sample[:SAMPLE_ROWS])
    taken = {one.column for one in chosen}
    left = tuple((column, _examples(said)) for column, said in values.items() if column not in taken)
    return Proposed(tuple(chosen), left, tuple(hints), _unknown(chosen, values))


def _of_column(column: str, values: Sequence[str], *, named: bool) -> list[Proposal]:
    wanted, last, examples = fold(column[:120]), fold(column[:120].rpartition(".")[2]), _examples(values)
    found: list[Proposal] = []
    told = switch(column, values)
    values = list(dict.fromkeys(values))[:JUDGED]
    if told:
        found.append(Proposal(told[0], column, 0.9, f"colonne de oui et de non qui dit « {told[1]} »", examples))
    for field in SYNONYMS:
        likeness, why = _likeness(last if last in SYNONYMS[field] else wanted, field, named=named)
        fitting = share(field, values)
        if likeness and fitting >= (_CLEAR if field in SHAPES else 0):
            shaped = f", {round(100 * fitting)} % de ses valeurs conviennent" if values and field in SHAPES else ""
            found.append(Proposal(field, column, round(likeness * (0.5 + fitting / 2), 3), why + shaped, examples))
        elif field in TELLING and values and fitting >= 0.9:
            why = f"{round(100 * fitting)} % de ses valeurs en ont la forme"
            found.append(Proposal(field, column, round(TELLING[field] * fitting, 3), why, examples))
        elif field in FEATURE_FIELDS and values and not told and (fitting := _spoken(field, values)) >= 0.6:
            why = f"{round(100 * fitting)} % de ses mots sont connus"
            found.append(Proposal(field, column, round(0.7 * fitting, 3), why, examples))
    return found


def _spoken(field: str, values: Sequence[str]) -> float:
    """The part of the cells whose words all mean something in this vocabulary; yes and no mean nothing."""
    known = [all(code_of(field, word) for word in pieces(field, value)) for value in values if is_yes(value) is None]
    return sum(known) / len(values)


def _likeness(wanted: str, field: str, *, named: bool) -> tuple[float, str]:
    """How far a column's name is one of the field's names: 1 for one of them, less for one inside it or misspelt."""
    if not wanted:
        return 0.0, ""
    if wanted in SYNONYMS[field]:
        return 1.0, "c’est un de ses noms"
    tokens = set(wanted.split())
    inside = [name for name, words in _TOKENS[field] if words <= tokens]
    if inside and len(tokens) <= 6:
        longest = max(inside, key=lambda name: (len(name), name))
        return 0.6 + 0.3 * len(longest) / len(wanted), f"son nom contient « {longest} »"
    if named and len(wanted) > 4:
        best = max(SYNONYMS[field], key=lambda name: (_ratio(wanted, name), name))
        if _ratio(wanted, best) >= _ALIKE:
            return 0.75, f"son nom ressemble à « {best} »"
    return 0.0, ""


def _ratio(one: str, other: str) -> float:
    if abs(len(one) - len(other)) > 2 or one[:1] != other[:1]:
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _chosen(found: Sequence[Proposal]) -> list[Proposal]:
    """Each column once, each field once save those that several columns feed; the surest first."""
    columns: set[str] = set()
    fields: set[str] = set()
    kept = []
    for one in sorted(found, key=lambda one: -one.confidence):
        if one.confidence < ENOUGH or one.column in columns or (one.field in fields and one.field not in SEVERAL):
            continue
        if one.field in ("street", "description") and one.field in fields and fold(one.column) not in _PARTS:
            continue
        kept.append(one)
        columns.add(one.column)
        fields.add(one.field)
    order = {name: position for position, name in enumerate(SYNONYMS)}
    return _parts_in_order(sorted(kept, key=lambda one: order[one.field]))


_TOKENS = {
    field: [(name, frozenset(name.split())) for name in names if len(name) > 2] for field, names in SYNONYMS.items()
}
_PARTS = frozenset({"numero", "num", "numero de voie", "voie", "rue", "nom de voie", "nom de la voie", "adresse 1"})


def _parts_in_order(found: list[Proposal]) -> list[Proposal]:
    """A number stands before its street; a number alone is no address, and a whole address needs no number."""
    streets = [one for one in found if one.field == "street"]
    numbers = [one for one in streets if fold(one.column).startswith("num") and "voie" not in fold(one.column)[7:]]
    others = [one for one in streets if one not in numbers]
    kept = [*numbers, *others] if others and fold(others[0].column) in _PARTS else others
    rest = [one for one in found if one.field != "street"]
    position = next((i for i, one in enumerate(found) if one.field == "street"), len(rest))
    return [*rest[:position], *kept, *rest[position:]]


def _located(chosen: list[Proposal], sample: Sequence[Mapping[str, str]]) -> tuple[list[Proposal], list[str]]:
    """Latitude and longitude put right where the values say that they are exchanged; metres are told."""
    by_field = {one.field: one for one in chosen}
    lat, lon = by_field.get("lat"), by_field.get("lon")
    if not (lat and lon):
        return chosen, []
    pairs = [
        (first, second)
        for row in sample
        if (first := number(row.get(lat.column, ""))) is not None
        and (second := number(row.get(lon.column, ""))) is not None
    ]
    if not pairs:
        return chosen, []
    if sum(lambert.is_lambert93(b, a) for a, b in pairs) > len(pairs) / 2:
        return chosen, ["Les coordonnées sont en mètres Lambert-93 : elles seront converties en degrés."]
    right = sum(bool(box_of(a, b)) for a, b in pairs)
    wrong = sum(bool(box_of(b, a)) or lambert.is_lambert93(a, b) for a, b in pairs)
    if right or wrong <= len(pairs) / 2:
        return chosen, []
    why = f"échangée : les valeurs de « {short(lat.column)} » sont des longitudes"
    swapped = {
        "lat": Proposal("lat", lon.column, lon.confidence, why, lon.examples),
        "lon": Proposal("lon", lat.column, lat.confidence, why, lat.examples),
    }
    hint = f"« {short(lat.column)} » et « {short(lon.column)} » semblent échangées : l’une est proposée pour l’autre."
    return [swapped.get(one.field, one) for one in chosen], [hint]


def _unknown(chosen: Sequence[Proposal], values: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for one in chosen:
        if one.field not in CODED or switch(one.column, values[one.column]):
            continue
        counts = found.setdefault(one.field, {})
        for value in values[one.column]:
            for word in pieces(one.field, value):
                if code_of(one.field, word) is None and is_yes(word) is None:
                    counts[short(word)] = counts.get(short(word), 0) + 1
    return {
        field: dict(sorted(counts.items(), key=lambda c: (-c[1], c[0]))) for field, counts in found.items() if counts
    }


def _examples(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(short(value)[:60] for value in list(dict.fromkeys(values))[:3])


def title_of(field: str) -> str:
    """The French name of a field.

    >>> title_of("postal_code")
    'code postal'
    """
    return TITLES[field]
