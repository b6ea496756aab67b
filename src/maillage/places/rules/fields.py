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

from maillage.places.rules.choice import TOGETHER
from maillage.places.rules.drafts import FEATURE_FIELDS, FIELDS
from maillage.places.rules.hours import validate
from maillage.places.rules.phones import BadNumber, read_number
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import DESCRIPTION_LENGTH, bare, clean_html, invisible, one_line
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
MOST_LINKS = 10
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
MAY_BE_EMPTY = frozenset(FIELDS) - {"name", *(name for group in TOGETHER for name in group)}
"""Fields of which a source may say that there is nothing; the others would leave a place nameless or nowhere."""
_KNOWN_FIELDS = _("champs connus\u202f: %(names)s", names=", ".join(FIELDS))


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


def check(values: Mapping[str, Any], *, emptied: bool = False) -> Checked:
    """Read every value of a draft; empty values are left out, as the source says nothing.

    With `emptied`, they are kept where a source may say that there is nothing: its own record given back.

    >>> check({"name": "La Maille", "lat": "46,99", "lon": "5.7", "website": "javascript:alert(1)"}).values
    {'name': 'La Maille', 'lat': 46.99, 'lon': 5.7}
    """
    clean: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for field, value in values.items():
        if value is None or value in ("", []):
            if emptied and field in MAY_BE_EMPTY:
                clean[field] = blank(field)
            continue
        try:
            read = _READERS[field](value)
        except KeyError:
            problems.append(FieldProblem(field[:80], _short(value), _("champ inconnu"), _KNOWN_FIELDS))
        except BadValue as bad:
            problems.append(FieldProblem(field, _short(value), bad.problem, bad.mend, bad.fatal))
        else:
            if isinstance(read, _Words):
                problems += [
                    FieldProblem(field, _short(w), _("mot inconnu"), _known_words(read.known)) for w in read.refused
                ]
                read = read.kept
            if read not in ("", []):
                clean[field] = read
    if "opening_hours" in clean and (unread := validate(clean["opening_hours"])):
        problems.append(FieldProblem("opening_hours", _short(clean["opening_hours"]), unread.what, unread.mend))
    problems += _whole(clean, problems)
    return Checked(clean, tuple(problems))


def read_field(field: str, value: Any) -> Any:
    """Read one value as a person gave it, for a field of `drafts.FIELDS`; a blank one is the field's blank.

    Raises `BadValue`, with the problem and its mend; hours must be readable here, since the person can mend them.

    >>> read_field("capacity", "12"), read_field("phone", ""), read_field("capacity", ""), read_field("links", [])
    (12, '', None, [])
    """
    if value is None or value in ("", []):
        return blank(field)
    if field == "phone":
        return _read_phone(value)
    read = _READERS[field](value)
    if isinstance(read, _Words):
        if read.refused:
            raise BadValue(_("mot inconnu\u202f: %(word)s", word=read.refused[0][:80]), _known_words(read.known))
        return read.kept
    if field == "opening_hours" and (unread := validate(read)):
        raise BadValue(unread.what, unread.mend)
    return read


def _known_words(words: str) -> str:
    return _("mots connus\u202f: %(words)s", words=words)


def _read_phone(value: Any) -> str:
    """One number that can be called, as a person gave it; a file keeps its own writing, which `check` bounds."""
    try:
        return read_number(_visible(str(value)[:200]))
    except BadNumber as bad:
        raise BadValue(bad.problem, bad.mend) from bad


def blank(field: str) -> Any:
    """What a field holds when nothing is said.

    >>> blank("name"), blank("lat"), blank("activities"), blank("status")
    ('', None, [], 'open')
    """
    if field in FEATURE_FIELDS or field == "links":
        return []
    return {"lat": None, "lon": None, "capacity": None, "commune": None, "status": "open", "precision": "unknown"}.get(
        field, ""
    )


def _whole(clean: dict[str, Any], problems: list[FieldProblem]) -> list[FieldProblem]:
    """Check what only the whole row can tell, and keep pairs together."""
    found: list[FieldProblem] = []
    spoken = {p.field for p in problems if p.fatal}
    if "name" not in clean and "name" not in spoken:
        found.append(FieldProblem("name", "", _("le nom manque"), _("donnez un nom au lieu"), fatal=True))
    if ("lat" in clean) != ("lon" in clean):
        clean.pop("lat", None), clean.pop("lon", None)
        if not spoken & {"lat", "lon"}:
            found.append(
                FieldProblem(
                    "lat",
                    "",
                    _("une seule des deux coordonnées est donnée"),
                    _("donnez latitude et longitude"),
                    fatal=True,
                )
            )
    elif "lat" in clean:
        found += _on_french_soil(clean)
    elif "commune" not in clean and not spoken & {"lat", "lon", "commune"}:
        mend = _("donnez une latitude et une longitude, ou le code Insee de la commune")
        found.append(FieldProblem("commune", "", _("le lieu ne peut pas être situé"), mend, fatal=True))
    if clean.get("status") != "closed":
        for field in ("closed_on", "closed_cause"):
            if clean.pop(field, None):
                found.append(
                    FieldProblem(
                        field,
                        "",
                        _("le lieu n’est pas fermé"),
                        _("mettez l’état «\u202fclosed\u202f» ou videz ce champ"),
                    )
                )
    return found


def _on_french_soil(clean: dict[str, Any]) -> list[FieldProblem]:
    lat, lon = clean["lat"], clean["lon"]
    if box_of(lat, lon):
        return []
    shown = f"{lat}, {lon}"
    if lat == 0 and lon == 0:
        problem = _("le point 0, 0 est en mer, au large du Ghana")
        mend = _("videz les coordonnées ou donnez les vraies")
    elif box_of(lon, lat):
        problem = _("latitude et longitude semblent échangées")
        mend = _("essayez latitude %(lat)s et longitude %(lon)s", lat=str(lon), lon=str(lat))
    else:
        problem = _("le point n’est pas en France")
        mend = _("vérifiez les coordonnées (degrés décimaux, WGS84)")
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
            raise BadValue(_("ce n’est pas un texte"), _("donnez un texte"), fatal=fatal)
        if "\x00" in value:
            raise BadValue(_("contient un caractère nul"), _("supprimez le caractère nul"), fatal=fatal)
        text = one_line(value[: length * 4])
        if len(text) > length:
            raise BadValue(_("dépasse %(n)d caractères", n=length), _("raccourcissez"), fatal=fatal)
        return text

    return read


def _coordinate(limit: int) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        text = (
            repr(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)[:60].strip()
        )
        if not _NUMBER.fullmatch(text):
            raise BadValue(_("ce n’est pas un nombre de degrés"), _("écrivez par exemple 46.99151"), fatal=True)
        number = float(text.replace(",", "."))
        if abs(number) > limit:
            raise BadValue(
                _("sort de ±%(limit)d degrés", limit=limit),
                _("vérifiez les coordonnées (degrés décimaux, WGS84)"),
                fatal=True,
            )
        return number + 0.0  # PostgreSQL keeps no negative zero: the same point would have two fingerprints

    return read


def _one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise BadValue(_("mot inconnu"), _known_words(", ".join(words)))
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
        text = _visible(str(value)[:200])
        if not pattern.fullmatch(text):
            raise BadValue(problem, mend)
        return text

    return read


def _visible(given: str) -> str:
    """One line of signs that can all be seen: an invisible one would lead elsewhere than it reads."""
    text = bare(given)
    if sign := invisible(text):
        raise BadValue(
            _("contient un signe invisible (%(sign)s)", sign=sign), _("retapez-le à la main, sans le coller")
        )
    return one_line(text)


def read_url(value: Any) -> str:
    """Read an http(s) address; one given without its scheme gets https, scheme and host are in small letters.

    >>> read_url("www.exemple.fr"), read_url("HTTPS://La-Maille.FR/Agenda")
    ('https://www.exemple.fr', 'https://la-maille.fr/Agenda')
    """
    text = _visible(str(value)[:2000])
    if "://" not in text and not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:(?![0-9])", text):
        text = f"https://{text}"
    mend = _("donnez une adresse qui commence par https://")
    if len(text) > 500:
        raise BadValue(_("adresse de plus de 500 caractères"), mend)
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
        parts.port  # noqa: B018
    except (ValueError, UnicodeError) as error:
        raise BadValue(_("adresse illisible"), mend) from error
    if (
        parts.scheme not in ("http", "https")
        or parts.username
        or not _HOST.fullmatch(host)
        or re.search(r"[\s<>\"]", text)
    ):
        raise BadValue(_("adresse refusée"), mend)
    before, host_and_port, after = text.partition(parts.netloc)
    return f"{before.lower()}{host_and_port.lower()}{after}"


def _links(value: Any) -> list[str]:
    given = value if isinstance(value, (list, tuple)) else [value]
    return list(dict.fromkeys(read_url(link) for link in given[:MOST_LINKS]))


def _partial_date(value: Any) -> str:
    text = one_line(str(value)[:40])
    mend = _("écrivez 2019, 2019-06 ou 2019-06-30")
    if not _PARTIAL_DATE.fullmatch(text):
        raise BadValue(_("ce n’est pas une date"), mend)
    try:
        day = date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text)
    except ValueError as error:
        raise BadValue(_("cette date n’existe pas"), mend) from error
    if not 1800 <= day.year <= 2100:
        raise BadValue(_("année hors de 1800–2100"), mend)
    return text


def _siret(value: Any) -> str:
    text = re.sub(r"\s", "", str(value)[:40])
    mend = _("vérifiez les 14 chiffres du Siret")
    if not re.fullmatch(r"[0-9]{14}", text):
        raise BadValue(_("un Siret compte 14 chiffres"), mend)
    la_poste = text.startswith("356000000") and sum(map(int, text)) % 5 == 0
    if not la_poste and _luhn(text) % 10:
        raise BadValue(_("la clé du Siret est fausse"), mend)
    return text


def _luhn(digits: str) -> int:
    doubled = (int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits)))
    return sum(d // 10 + d % 10 for d in doubled)


def _capacity(value: Any) -> int:
    text = str(value)[:12].strip()
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,6}", text):
        raise BadValue(_("ce n’est pas un nombre de personnes"), _("écrivez un nombre entier, de 0 à 999999"))
    return int(text)


def _description(value: Any) -> str:
    if not isinstance(value, str):
        raise BadValue(_("ce n’est pas un texte"), _("donnez un texte"))
    if len(value) > DESCRIPTION_LENGTH:
        raise BadValue(_("dépasse %(n)d caractères", n=DESCRIPTION_LENGTH), _("raccourcissez"))
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
    "postal_code": _matching(_POSTAL, _("un code postal compte 5 chiffres"), _("gardez le zéro de tête\u202f: 01400")),
    "commune": _matching(_INSEE, _("ce n’est pas un code Insee de commune"), _("gardez le zéro de tête\u202f: 01001")),
    "lat": _coordinate(90),
    "lon": _coordinate(180),
    "precision": _one_of(PRECISIONS),
    "website": read_url,
    "email": _matching(_EMAIL, _("adresse électronique illisible"), _("écrivez nom@domaine.fr")),
    "phone": _matching(_PHONE, _("numéro illisible"), _("écrivez 03 84 00 00 00 ou +33 3 84 00 00 00")),
    "links": _links,
    "opening_hours": _matching(re.compile(r".{1,500}"), _("horaires de plus de 500 caractères"), _("raccourcissez")),
    "siret": _siret,
    "capacity": _capacity,
    "description": _description,
}
