"""A file of data·inclusion checked value by value: line, field, value, what is wrong, how to mend it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from maillage.network.exchange.rules.inclusion import table, values
from maillage.network.exchange.rules.inclusion.objects import Found as Met
from maillage.network.exchange.rules.reports import RowProblem, short
from maillage.places.rules.fields import BadValue, box_of, read_field
from maillage.places.rules.hours import validate

MOST = 10_000
LONGEST_ID = 256
SINGULAR = {"structures": "structure", "services": "service"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{2,6}")
_SEVERAL_NUMBERS = re.compile(r"[|;,]|\+.*\+|(?:\d[ .-]?){15,}")
Found = Iterator[tuple[str, str, bool]]
"""What is wrong with a value, the mend, and whether it is only worth a look."""
MENDS = {
    "siret": "14 chiffres",
    "code_postal": "5 chiffres ; gardez le zéro de tête : 01400",
    "code_insee": "5 signes : 01001, 2A004 ; gardez le zéro de tête",
}


class Checker:
    """Checks objects as they come; what only all of them tell (twins, services without structure) comes at the end."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._seen: dict[str, dict[str, int]] = {kind: {} for kind in table.KINDS}
        self._belongs: list[tuple[int, str]] = []

    def all(self, met: Iterable[Met]) -> Iterator[RowProblem]:
        for listed, line, found in met:
            if isinstance(found, RowProblem):
                yield found
                continue
            kind = kind_of(listed, found)
            if kind:
                yield from self.one(kind, line, found)
            elif listed != table.PROVENANCE:
                mend = f"deux listes : {', '.join(table.KINDS)}"
                yield RowProblem(line, short(listed), "", "liste inconnue du schéma", mend, warning=True)
        yield from self.rest()

    def one(self, kind: str, line: int, found: Mapping[str, Any]) -> Iterator[RowProblem]:
        """What is wrong with one structure or one service."""
        for name, rule in table.KINDS[kind].items():
            for problem, mend, warning in self._field(name, rule, found.get(name)):
                yield RowProblem(line, f"{SINGULAR[kind]}.{name}", short(found.get(name) or ""), problem, mend, warning)
        for name in found:
            if name not in table.KINDS[kind]:
                column, mend = f"{SINGULAR[kind]}.{short(name)[:80]}", "retirez-le avant de publier"
                yield RowProblem(line, column, "", "champ inconnu du schéma", mend, warning=True)
        yield from _whole(kind, line, found)
        yield from self._once(kind, line, found)

    def rest(self) -> Iterator[RowProblem]:
        """Services whose structure is nowhere in the file; nothing where the file has no structure at all."""
        if self._seen["structures"]:
            for line, ref in self._belongs:
                if ref not in self._seen["structures"]:
                    problem = "aucune structure du fichier n’a cet identifiant"
                    yield RowProblem(
                        line, "service.structure_id", short(ref), problem, "donnez l’« id » d’une structure"
                    )

    def _field(self, name: str, rule: Mapping[str, Any], value: Any) -> Found:
        if value is None or value == "":
            if rule["required"]:
                yield "valeur obligatoire absente", "complétez-la", False
            elif value == "":
                yield (
                    "texte vide",
                    "écrivez null, ou retirez le champ",
                    rule["type"] == "string" and not rule.get("minLength"),
                )
            return
        yield from _KINDS[rule["type"]](rule, value)
        if rule["type"] == "date" and isinstance(value, str):
            yield from self._day(value)
        look = LOOKS.get(name)
        if look and isinstance(value, str):
            yield from look(value)

    def _day(self, value: str) -> Found:
        try:
            day = date.fromisoformat(value) if _DATE.fullmatch(value) else None
        except ValueError:
            day = None
        if day is None:
            yield "ce n’est pas une date", "écrivez 2024-04-02", False
        elif value < table.EARLIEST:
            yield "date d’avant 2000", "vérifiez l’année", False
        elif day > self._today:
            yield "date à venir", f"au plus tard {self._today.isoformat()}", False

    def _once(self, kind: str, line: int, found: Mapping[str, Any]) -> Iterator[RowProblem]:
        ref, structure = found.get("id"), found.get("structure_id")
        if isinstance(ref, str) and ref:
            if ref in self._seen[kind]:
                problem = f"identifiant déjà vu à la ligne {self._seen[kind][ref]}"
                mend = "donnez un identifiant unique, ou retirez l’objet"
                yield RowProblem(line, f"{SINGULAR[kind]}.id", short(ref), problem, mend)
            self._seen[kind].setdefault(ref, line)
        if kind == "services" and isinstance(structure, str) and structure:
            self._belongs.append((line, structure))


def kind_of(listed: str, found: Mapping[str, Any]) -> str:
    """Which list an object belongs to: the one that holds it, else what it says; empty for any other list.

    >>> kind_of("services", {}), kind_of("", {"structure_id": "a"}), kind_of("", {}), kind_of("provenance", {})
    ('services', 'services', 'structures', '')
    """
    if listed:
        return listed if listed in table.KINDS else ""
    return "services" if "structure_id" in found else "structures"


def _whole(kind: str, line: int, found: Mapping[str, Any]) -> Iterator[RowProblem]:
    """What only several fields together can tell."""
    name = SINGULAR[kind]
    publics = found.get("publics")
    if isinstance(publics, list) and table.EVERYBODY in publics and len(publics) > 1:
        problem = f"« {table.EVERYBODY} » ne va avec aucun autre public"
        yield RowProblem(line, f"{name}.publics", short(publics), problem, "gardez-le seul, ou retirez-le")
    ref, source = found.get("id"), found.get("source")
    if isinstance(ref, str) and isinstance(source, str) and ref and source and not ref.startswith(f"{source}--"):
        mend = f"écrivez {short(source)[:60]}--…"
        yield RowProblem(
            line, f"{name}.id", short(ref), "l’identifiant ne commence pas par la source", mend, warning=True
        )
    point = (found.get("latitude"), found.get("longitude"))
    lat, lon = (value if _is_number(value) else None for value in point)
    if (lat is None) != (lon is None):
        column = f"{name}.{'latitude' if lat is None else 'longitude'}"
        yield RowProblem(line, column, "", "une seule des deux coordonnées est donnée", "donnez les deux", warning=True)
    elif lat is not None and lon is not None and not box_of(lat, lon):
        problem = "latitude et longitude semblent échangées" if box_of(lon, lat) else "le point n’est pas en France"
        mend = "vérifiez les coordonnées (degrés, WGS84)"
        yield RowProblem(line, f"{name}.latitude", f"{lat}, {lon}", problem, mend, warning=True)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(rule: Mapping[str, Any], value: Any) -> Found:
    if not isinstance(value, str):
        yield "ce n’est pas un texte", "mettez-le entre guillemets", False
        return
    shortest, longest = rule.get("minLength", 0), rule.get("maxLength")
    if "values" in rule and value not in rule["values"]:
        yield f"« {short(value)[:80]} » n’est pas dans la liste", f"une de : {', '.join(rule['values'])}", False
    elif "pattern" in rule and not re.fullmatch(rule["pattern"], value):
        yield "forme inattendue", _mend(rule), False
    elif len(value) < shortest:
        yield f"{len(value)} signes, {shortest} au moins", "complétez", False
    elif longest and len(value) > longest:
        yield f"{len(value)} signes, {longest} au plus", "raccourcissez", False


def _mend(rule: Mapping[str, Any]) -> str:
    return next(
        (MENDS[name] for name, mine in table.STRUCTURE.items() if mine is rule or mine == rule), "voyez le schéma"
    )


def _number(rule: Mapping[str, Any], value: Any) -> Found:
    whole = rule["type"] == "integer"
    if not _is_number(value) or (whole and not isinstance(value, int)):
        kind = "nombre entier" if whole else "nombre"
        yield f"ce n’est pas un {kind}", "écrivez-le sans guillemets, avec un point", False
    elif "minimum" in rule and value < rule["minimum"]:
        yield f"moins de {rule['minimum']}", f"au moins {rule['minimum']}", False


def _list(rule: Mapping[str, Any], value: Any) -> Found:
    if not isinstance(value, list):
        yield "ce n’est pas une liste", 'écrivez ["…", "…"]', False
        return
    if len(value) < rule.get("minItems", 0):
        yield "liste vide", "écrivez null, ou retirez le champ", False
    for one in value[:200]:
        fits = isinstance(one, str) and (
            one in rule["values"] if "values" in rule else any(re.fullmatch(p, one) for p in rule["patterns"])
        )
        if not fits:
            known = (
                ", ".join(rule["values"])[:600] if "values" in rule else "commune, département, EPCI, 99100 ou france"
            )
            yield f"« {short(one)[:80]} » n’est pas dans la liste", f"une de : {known}", False


def _web(_rule: Mapping[str, Any], value: Any) -> Found:
    if not isinstance(value, str) or not values.is_web(value):
        yield "ce n’est pas une adresse de site", "écrivez https://…", False


def _email(_rule: Mapping[str, Any], value: Any) -> Found:
    if not isinstance(value, str) or not values.is_email(value):
        yield "adresse électronique illisible", "écrivez nom@domaine.fr", False


_KINDS: dict[str, Callable[[Mapping[str, Any], Any], Found]] = {
    "string": _text,
    "date": _text,
    "number": _number,
    "integer": _number,
    "list": _list,
    "uri": _web,
    "email": _email,
}


def _name(value: str) -> Found:
    if value.endswith(".") and not value.endswith("etc."):
        yield "le nom finit par un point", "retirez-le", True


def _phone(value: str) -> Found:
    if _SEVERAL_NUMBERS.search(value):
        yield "un seul numéro est accepté", "gardez celui où l’on répond le mieux : +33180059880", False
    elif not _E164.fullmatch(value):
        yield "le numéro n’est pas écrit comme on l’appelle de partout", "écrivez +33180059880", True


def _hours(value: str) -> Found:
    if unread := validate(value[:500]):
        yield unread.what, unread.mend, True


def _siret(value: str) -> Found:
    if re.fullmatch(r"[0-9]{14}", value):
        try:
            read_field("siret", value)
        except BadValue as bad:
            yield bad.problem, bad.mend, True


def _long(value: str) -> Found:
    if len(value) > LONGEST_ID:
        yield (
            f"identifiant de {len(value)} signes : le lieu est écarté au-delà de {LONGEST_ID}",
            "raccourcissez-le",
            True,
        )


LOOKS: dict[str, Callable[[str], Found]] = {
    "id": _long,
    "nom": _name,
    "telephone": _phone,
    "horaires_accueil": _hours,
    "siret": _siret,
}
"""Rules that the types do not tell."""
