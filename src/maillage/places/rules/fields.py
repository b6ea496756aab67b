"""What a place's fields may hold: every value bounded and read before anything else sees it.

A bad optional value is dropped and told (hours that cannot be read are kept as text, and told); a row without a name,
or that cannot be located, is refused.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from maillage.places.rules.drafts import FEATURE_FIELDS, FIELDS
from maillage.places.rules.hours import validate
from maillage.places.rules.text import DESCRIPTION_LENGTH, clean_html, one_line
from maillage.places.rules.vocabulary import CLOSING_CAUSES, FEATURES, PRECISIONS, STATUSES

LENGTHS = {
    "name": 200,
    "street": 200,
    "city": 120,
    "operator": 200,
    "prices": 500,
    "how_to_come": 600,
    "how_to_join": 600,
    "how_to_help": 600,
}
FRENCH_BOXES = (
    ("métropole", 41.2, 51.3, -5.6, 9.8),
    ("Guadeloupe", 15.7, 16.7, -62.0, -60.8),
    ("Saint-Martin et Saint-Barthélemy", 17.7, 18.2, -63.3, -62.7),
    ("Martinique", 14.3, 15.0, -61.4, -60.7),
    ("Guyane", 2.0, 6.0, -54.7, -51.5),
    ("La Réunion", -21.5, -20.7, 55.1, 55.95),
    ("Mayotte", -13.2, -12.5, 44.9, 45.4),
    ("Saint-Pierre-et-Miquelon", 46.7, 47.2, -56.5, -56.0),
    ("Nouvelle-Calédonie", -23.0, -17.9, 158.0, 172.2),
    ("Polynésie française", -28.0, -7.5, -155.0, -134.0),
    ("Wallis-et-Futuna", -14.5, -13.0, -178.4, -176.0),
)
"""(name, south, north, west, east) in degrees, generous by some kilometres."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,3}([.,][0-9]{0,24})?")
_PARTIAL_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_POSTAL = re.compile(r"[0-9]{5}")
_PHONE = re.compile(r"[+0-9][0-9 .()/-]{3,38}")
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,6}")
_HOST = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,8}")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one value, and how to mend it; `fatal` refuses the whole row."""

    field: str
    value: str
    problem: str
    mend: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    values: dict[str, Any]
    problems: tuple[FieldProblem, ...]

    @property
    def refused(self) -> bool:
        return any(problem.fatal for problem in self.problems)


class BadValue(ValueError):
    """A value the registry cannot keep: what is wrong, and the mend."""

    def __init__(self, problem: str, mend: str, *, fatal: bool = False) -> None:
        super().__init__(problem)
        self.problem, self.mend, self.fatal = problem, mend, fatal


def check(values: Mapping[str, Any]) -> Checked:
    """Read every value of a draft; empty values are left out, as the source says nothing.

    >>> check({"name": "La Maille", "lat": "46,99", "lon": "5.7", "website": "javascript:alert(1)"}).values
    {'name': 'La Maille', 'lat': 46.99, 'lon': 5.7}
    """
    clean: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for field, value in values.items():
        if value is None or value in ("", []):
            continue
        try:
            read = _READERS[field](value)
        except KeyError:
            problems.append(
                FieldProblem(field[:80], _short(value), "champ inconnu", f"champs connus : {', '.join(FIELDS)}")
            )
        except BadValue as bad:
            problems.append(FieldProblem(field, _short(value), bad.problem, bad.mend, bad.fatal))
        else:
            if isinstance(read, _Words):
                problems += [
                    FieldProblem(field, _short(w), "mot inconnu", f"mots connus : {read.known}") for w in read.refused
                ]
                read = read.kept
            if read not in ("", []):
                clean[field] = read
    if "opening_hours" in clean and (unread := validate(clean["opening_hours"])):
        problems.append(FieldProblem("opening_hours", _short(clean["opening_hours"]), unread.what, unread.mend))
    problems += _whole(clean, problems)
    return Checked(clean, tuple(problems))


def _whole(clean: dict[str, Any], problems: list[FieldProblem]) -> list[FieldProblem]:
    """Check what only the whole row can tell, and keep pairs together."""
    found: list[FieldProblem] = []
    spoken = {p.field for p in problems if p.fatal}
    if "name" not in clean and "name" not in spoken:
        found.append(FieldProblem("name", "", "le nom manque", "donnez un nom au lieu", fatal=True))
    if ("lat" in clean) != ("lon" in clean):
        clean.pop("lat", None), clean.pop("lon", None)
        if not spoken & {"lat", "lon"}:
            found.append(
                FieldProblem(
                    "lat", "", "une seule des deux coordonnées est donnée", "donnez latitude et longitude", fatal=True
                )
            )
    elif "lat" in clean:
        found += _on_french_soil(clean)
    elif "commune" not in clean and not spoken & {"lat", "lon", "commune"}:
        mend = "donnez une latitude et une longitude, ou le code Insee de la commune"
        found.append(FieldProblem("commune", "", "le lieu ne peut pas être situé", mend, fatal=True))
    if clean.get("status") != "closed":
        for field in ("closed_on", "closed_cause"):
            if clean.pop(field, None):
                found.append(
                    FieldProblem(field, "", "le lieu n’est pas fermé", "mettez l’état « closed » ou videz ce champ")
                )
    return found


def _on_french_soil(clean: dict[str, Any]) -> list[FieldProblem]:
    lat, lon = clean["lat"], clean["lon"]
    if box_of(lat, lon):
        return []
    shown = f"{lat}, {lon}"
    if lat == 0 and lon == 0:
        problem, mend = "le point 0, 0 est en mer, au large du Ghana", "videz les coordonnées ou donnez les vraies"
    elif box_of(lon, lat):
        problem, mend = "latitude et longitude semblent échangées", f"essayez latitude {lon} et longitude {lat}"
    else:
        problem, mend = "le point n’est pas en France", "vérifiez les coordonnées (degrés décimaux, WGS84)"
    del clean["lat"], clean["lon"]
    return [FieldProblem("lat", shown, problem, mend, fatal=True)]


def box_of(lat: float, lon: float) -> str | None:
    """Name the French box that holds a point, or None.

    >>> box_of(46.99, 5.7), box_of(-20.9, 55.4), box_of(0, 0)
    ('métropole', 'La Réunion', None)
    """
    for name, south, north, west, east in FRENCH_BOXES:
        if south <= lat <= north and west <= lon <= east:
            return name
    return None


def _text(field: str) -> Callable[[Any], str]:
    length = LENGTHS[field]

    def read(value: Any) -> str:
        fatal = field == "name"
        if not isinstance(value, str):
            raise BadValue("ce n’est pas un texte", "donnez un texte", fatal=fatal)
        if "\x00" in value:
            raise BadValue("contient un caractère nul", "supprimez le caractère nul", fatal=fatal)
        text = one_line(value[: length * 4])
        if len(text) > length:
            raise BadValue(f"dépasse {length} caractères", "raccourcissez", fatal=fatal)
        return text

    return read


def _coordinate(limit: int) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        text = (
            repr(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)[:60].strip()
        )
        if not _NUMBER.fullmatch(text):
            raise BadValue("ce n’est pas un nombre de degrés", "écrivez par exemple 46.99151", fatal=True)
        number = float(text.replace(",", "."))
        if abs(number) > limit:
            raise BadValue(f"sort de ±{limit} degrés", "vérifiez les coordonnées (degrés décimaux, WGS84)", fatal=True)
        return number + 0.0  # PostgreSQL keeps no negative zero: the same point would have two fingerprints

    return read


def _one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise BadValue("mot inconnu", f"mots connus : {', '.join(words)}")
        return str(value)

    return read


@dataclass(frozen=True, slots=True)
class _Words:
    kept: list[str]
    refused: list[str]
    known: str


def _several_of(words: tuple[str, ...]) -> Callable[[Any], _Words]:
    def read(value: Any) -> _Words:
        given = value if isinstance(value, (list, tuple)) else [value]
        said = [str(word) for word in given[:100]]
        return _Words(
            [word for word in words if word in said],
            [word for word in dict.fromkeys(said) if word not in words],
            ", ".join(words),
        )

    return read


def _matching(pattern: re.Pattern[str], problem: str, mend: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        text = one_line(str(value)[:200])
        if not pattern.fullmatch(text):
            raise BadValue(problem, mend)
        return text

    return read


def read_url(value: Any) -> str:
    """Read an http(s) address; one given without its scheme gets https.

    >>> read_url("www.exemple.fr")
    'https://www.exemple.fr'
    """
    text = one_line(str(value)[:2000])
    if "://" not in text and not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:(?![0-9])", text):
        text = f"https://{text}"
    mend = "donnez une adresse qui commence par https://"
    if len(text) > 500:
        raise BadValue("adresse de plus de 500 caractères", mend)
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
        _ = parts.port
    except (ValueError, UnicodeError) as error:
        raise BadValue("adresse illisible", mend) from error
    if (
        parts.scheme not in ("http", "https")
        or parts.username
        or not _HOST.fullmatch(host)
        or re.search(r"[\s<>\"]", text)
    ):
        raise BadValue("adresse refusée", mend)
    return text


def _links(value: Any) -> list[str]:
    given = value if isinstance(value, (list, tuple)) else [value]
    return list(dict.fromkeys(read_url(link) for link in given[:10]))


def _partial_date(value: Any) -> str:
    text = one_line(str(value)[:40])
    mend = "écrivez 2019, 2019-06 ou 2019-06-30"
    if not _PARTIAL_DATE.fullmatch(text):
        raise BadValue("ce n’est pas une date", mend)
    try:
        day = date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text)
    except ValueError as error:
        raise BadValue("cette date n’existe pas", mend) from error
    if not 1800 <= day.year <= 2100:
        raise BadValue("année hors de 1800–2100", mend)
    return text


def _siret(value: Any) -> str:
    text = re.sub(r"\s", "", str(value)[:40])
    mend = "vérifiez les 14 chiffres du Siret"
    if not re.fullmatch(r"[0-9]{14}", text):
        raise BadValue("un Siret compte 14 chiffres", mend)
    la_poste = text.startswith("356000000") and sum(map(int, text)) % 5 == 0
    if not la_poste and _luhn(text) % 10:
        raise BadValue("la clé du Siret est fausse", mend)
    return text


def _luhn(digits: str) -> int:
    doubled = (int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits)))
    return sum(d // 10 + d % 10 for d in doubled)


def _capacity(value: Any) -> int:
    text = str(value)[:12].strip()
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,6}", text):
        raise BadValue("ce n’est pas un nombre de personnes", "écrivez un nombre entier, de 0 à 999999")
    return int(text)


def _description(value: Any) -> str:
    if not isinstance(value, str):
        raise BadValue("ce n’est pas un texte", "donnez un texte")
    if len(value) > DESCRIPTION_LENGTH:
        raise BadValue(f"dépasse {DESCRIPTION_LENGTH} caractères", "raccourcissez")
    return clean_html(value)


def _short(value: Any) -> str:
    return one_line(str(value)[:400])[:200]


_READERS: dict[str, Callable[[Any], Any]] = {
    **{field: _text(field) for field in LENGTHS},
    **{field: _several_of(FEATURES[field]) for field in FEATURE_FIELDS},
    "status": _one_of(STATUSES),
    "closed_on": _partial_date,
    "closed_cause": _one_of(CLOSING_CAUSES),
    "opened_on": _partial_date,
    "postal_code": _matching(_POSTAL, "un code postal compte 5 chiffres", "gardez le zéro de tête : 01400"),
    "commune": _matching(_INSEE, "ce n’est pas un code Insee de commune", "gardez le zéro de tête : 01001"),
    "lat": _coordinate(90),
    "lon": _coordinate(180),
    "precision": _one_of(PRECISIONS),
    "website": read_url,
    "email": _matching(_EMAIL, "adresse électronique illisible", "écrivez nom@domaine.fr"),
    "phone": _matching(_PHONE, "numéro illisible", "écrivez 03 84 00 00 00 ou +33 3 84 00 00 00"),
    "links": _links,
    "opening_hours": _matching(re.compile(r".{1,500}"), "horaires de plus de 500 caractères", "raccourcissez"),
    "siret": _siret,
    "capacity": _capacity,
    "description": _description,
}
