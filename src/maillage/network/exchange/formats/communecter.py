"""France Tiers-Lieux, as the Communecter network answers it in JSON: unproved on a real answer.

Written from the keys and the vocabularies that public code reads; ODbL. Services are never guessed from descriptions.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from maillage.network.exchange.formats.format import Document, Format
from maillage.network.exchange.rules import mending
from maillage.network.exchange.rules.features import features
from maillage.network.exchange.rules.mapping.words import code_of
from maillage.network.exchange.rules.reports import Entry, FileRefused, Options, Reading, RowProblem, short
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.places.rules.timetable import DAYS
from maillage.territory.rules.names import fold

SOURCE = SourceFacts(
    slug="france-tiers-lieux",
    name="Cartographie de France Tiers-Lieux",
    publisher="France Tiers-Lieux",
    url="https://cartographie.francetierslieux.fr",
    licence="ODbL 1.0",
)
LISTS = ("results", "entities", "elements")
"""The keys under which a list of organisations was seen."""
PLACE, NETWORK = "tierslieux", "reseautierslieux"
FAMILIES = {
    "ateliers artisanaux partages": "ateliers",
    "bureaux partages coworking": "coworking",
    "cuisine partagee foodlab": "cuisine",
    "fablab makerspace hackerspace espaces du faire": "fablab",
    "livinglab laboratoire d innovation sociale": "innovation-sociale",
    "tiers lieu nourricier": "nourricier",
    "tiers lieu culturel lieux intermediaires et independants": "culture",
}
"""Labels of the form, folded; « Autre famille de tiers-lieux » says nothing of its own."""
OTHER_FAMILY = "autre famille de tiers lieux"
READ_KEYS = frozenset({
    "_id", "id", "name", "address", "geo", "geoPosition", "updated", "modified", "shortDescription", "description",
    "tags", "typePlace", "manageModel", "openingDate", "openingHours", "email", "telephone", "url", "socialNetwork",
    "holderOrganization", "type", "role", "mainTag", "preferences", "collection", "slug", "created", "creator",
})  # fmt: skip
FIELDS_OF = {
    "street": "address.streetAddress", "postal_code": "address.postalCode", "city": "address.addressLocality",
    "commune": "address.codeInsee", "lat": "geo.latitude", "lon": "geo.longitude", "phone": "telephone",
    "website": "url", "links": "socialNetwork", "opening_hours": "openingHours", "opened_on": "openingDate",
    "operator": "holderOrganization", "legal_forms": "manageModel", "activities": "tags",
}  # fmt: skip
_CLOCK = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")


def recognises(text: str) -> bool:
    """Whether a text is an answer of Communecter: organisations with addresses of its kind, or its list.

    >>> recognises('{"results": [{"_id": {"$id": "5c"}, "name": "A"}]}'), recognises('{"type": "FeatureCollection"}')
    (True, False)
    """
    start = text[:20_000]
    if start.lstrip()[:1] not in ("{", "[") or '"FeatureCollection"' in start:
        return False
    return '"$id"' in start or ('"addressLocality"' in start and '"results"' in start)


def read(document: Document, options: Options) -> Reading:
    """Read the places of an answer; networks and what is no tiers-lieu stay out, unless all is asked for."""
    reading = Reading(sources={SOURCE.slug: SOURCE})
    seen: dict[str, int] = {}
    unmapped: dict[str, None] = {}
    for line, found in _organisations(document.text):
        if isinstance(found, RowProblem):
            reading.refuse(found)
            continue
        labels = {fold(tag) for tag in _tags(found)}
        if NETWORK in {label.replace(" ", "") for label in labels} or not (
            options.all_places or _is_place(found, labels)
        ):
            reading.skipped += 1
            continue
        unmapped |= dict.fromkeys(short(key) for key in found if key not in READ_KEYS)
        ref = _identifier(found)
        if not ref or ref in seen:
            problem = f"identifiant déjà vu à la ligne {seen[ref]}" if ref else "l’identifiant manque"
            told = RowProblem(line, "_id", short(ref), problem, "donnez un identifiant unique")
            reading.refuse(told, {"name": found.get("name")})
            continue
        seen[ref] = line
        reading.entries.append(_entry(line, ref, found))
    reading.unmapped = tuple(unmapped)
    return reading


def _organisations(text: str) -> Any:
    """The objects of the list, whatever its key; an answer that keys them by identifier is refused with the mend."""
    key = next((name for name in LISTS if re.search(rf'"{name}"\s*:\s*\[', text[:20_000])), None)
    if key is None and text.lstrip().startswith("["):
        text, key = f'{{"results": {text}}}', "results"
    if key is None:
        raise FileRefused(
            "La réponse de Communecter ne contient pas de liste « results ». "
            "Demandez-la avec indexStep vide, ou rassemblez les objets dans une liste, puis relancez l’import."
        )
    return features(text, key)


def _tags(found: Mapping[str, Any]) -> list[str]:
    tags = found.get("tags")
    told = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    families = found.get("typePlace")
    return [*told, *(re.split(r",(?! etc)", families) if isinstance(families, str) else [])][:200]


def _is_place(found: Mapping[str, Any], labels: set[str]) -> bool:
    return PLACE in {label.replace(" ", "") for label in labels} or fold(str(found.get("mainTag"))) == PLACE


def _identifier(found: Mapping[str, Any]) -> str:
    said = found.get("_id", found.get("id"))
    inner = said.get("$id", said.get("$oid")) if isinstance(said, dict) else said
    return inner.strip() if isinstance(inner, str) and len(inner) <= 100 else ""


def _entry(line: int, ref: str, found: Mapping[str, Any]) -> Entry:
    told: list[RowProblem] = []
    address, geo = _part(found, "address"), _part(found, "geo")
    values: dict[str, Any] = {
        "name": mending.plain(_text(found, "name")),
        "status": "open",
        "street": _text(address, "streetAddress"),
        "postal_code": _text(address, "postalCode"),
        "city": _text(address, "addressLocality"),
        "commune": _text(address, "codeInsee"),
        "lat": _text(geo, "latitude"),
        "lon": _text(geo, "longitude"),
        "website": mending.address(_text(found, "url")) or "",
        "email": _text(found, "email"),
        "phone": _phone(found.get("telephone")),
        "links": _links(line, found, told),
        "operator": _text(found, "holderOrganization"),
        "opened_on": mending.partial_date(_text(found, "openingDate")) or "",
        "opening_hours": _hours(line, found.get("openingHours"), told),
        "description": mending.plain(_text(found, "description") or _text(found, "shortDescription")),
        "activities": _families(line, found, told),
        "legal_forms": _managed(line, found, told),
    }
    if values["opened_on"].endswith("-01"):
        values["opened_on"] = values["opened_on"][:7]
    if values["lat"]:
        values["precision"] = "address" if values["street"] else "unknown"
    raw = {str(key): value for key, value in found.items() if key not in ("creator", "links")}
    draft = Draft(SOURCE.slug, ref, values, raw, SOURCE.licence, dated=_dated(found))
    return Entry(line, (draft,), FIELDS_OF, warnings=tuple(told))


def _part(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    said = found.get(key)
    return said if isinstance(said, dict) else {}


def _text(found: Mapping[str, Any], key: str) -> str:
    said = found.get(key)
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return ""
    return str(said).strip()


def _phone(said: Any) -> str:
    """The first number, from a text or from the lists of `{fixe: […], mobile: […]}`.

    >>> _phone({"mobile": ["06 00 00 00 00"]}), _phone("03 84 00 00 00"), _phone(None)
    ('06 00 00 00 00', '03 84 00 00 00', '')
    """
    if isinstance(said, dict):
        said = next((one for kind in ("fixe", "mobile") for one in _listed(said.get(kind))), "")
    return said.strip() if isinstance(said, str) else ""


def _listed(said: Any) -> list[str]:
    return [one for one in said if isinstance(one, str)] if isinstance(said, list) else []


def _links(line: int, found: Mapping[str, Any], told: list[RowProblem]) -> list[str]:
    links = []
    for network, said in _part(found, "socialNetwork").items():
        address = said.get("url") if isinstance(said, dict) else said
        if not isinstance(address, str) or not address.strip():
            continue
        link = mending.address(address)
        links += [link] if link else []
        if not link:
            column = f"socialNetwork.{network}"[:80]
            told.append(RowProblem(line, column, short(address), "ce n’est pas une adresse", "écrivez https://…"))
    return links


def _families(line: int, found: Mapping[str, Any], told: list[RowProblem]) -> list[str]:
    """Our activities, from the labels among the tags; only a label of `typePlace` that means nothing here is told."""
    activities = [FAMILIES[label] for tag in _tags(found) if (label := fold(tag)) in FAMILIES]
    families = found.get("typePlace")
    for family in re.split(r",(?! etc)", families)[:50] if isinstance(families, str) else []:
        label = fold(family)
        if label and label not in FAMILIES and label != OTHER_FAMILY:
            mend = "une des familles du formulaire"
            told.append(RowProblem(line, "typePlace", short(family), "famille inconnue", mend))
    return list(dict.fromkeys(activities))


def _managed(line: int, found: Mapping[str, Any], told: list[RowProblem]) -> list[str]:
    said = _text(found, "manageModel")
    if said:
        code = code_of("legal_forms", said)
        if not code:
            mend = "un des modes de gestion du formulaire"
            told.append(RowProblem(line, "manageModel", short(said), "mode de gestion inconnu", mend))
        return [code] if code else []
    known = {code for tag in _tags(found) if (code := MODES.get(fold(tag)))}
    return sorted(known)


MODES = {
    "association": "association",
    "collectif citoyen": "collectif",
    "universites ecoles d ingenieurs ou de commerce epst": "universite",
    "etablissements scolaires lycee college ecole": "etablissement-scolaire",
    "collectivites departement intercommunalite region etc": "collectivite",
    "sarl sa sas": "sarl-sa-sas",
    "scic": "scic",
    "scop": "scop",
    "autre mode de gestion": "autre",
}
"""Ways of managing, by their labels among the tags."""


def _hours(line: int, said: Any, told: list[RowProblem]) -> str:
    """Seven days as one text of OpenStreetMap's syntax; what cannot be read is left out and told."""
    if said in (None, "", [], {}):
        return ""
    try:
        return hours_of(said)
    except ValueError as error:
        told.append(RowProblem(line, "openingHours", short(said), str(error), "sept jours, de « Mo » à « Su »"))
        return ""


def hours_of(said: Any) -> str:
    """The array of seven days, `{dayOfWeek, hours: [{opens, closes}]}` or "" when closed, in OpenStreetMap's syntax.

    Raises ValueError for anything else.

    >>> morning = [{"opens": "9:00", "closes": "12:00"}]
    >>> hours_of([{"dayOfWeek": day, "hours": morning} for day in ("Mo", "Tu", "We")] + ["", "", "", ""])
    'Mo-We 09:00-12:00'
    """
    if not isinstance(said, list) or len(said) > len(DAYS):
        raise ValueError("les horaires ne sont pas ceux de sept jours")
    by_day: dict[str, str] = {}
    for day in said:
        if day in ("", None):
            continue
        name = str(day.get("dayOfWeek"))[:2] if isinstance(day, dict) else ""
        if name not in DAYS or name in by_day:
            raise ValueError("un jour est inconnu, ou dit deux fois")
        times = day.get("hours") or []
        if not isinstance(times, list):
            raise ValueError("les heures d’un jour ne sont pas une liste")
        by_day[name] = ",".join(_span(one) for one in times[:10])
    return "; ".join(f"{days} {times}" for days, times in _gathered(by_day))


def _span(said: Any) -> str:
    ends = [str(said.get(key) or "").strip() for key in ("opens", "closes")] if isinstance(said, dict) else []
    found = [_CLOCK.fullmatch(end) for end in ends]
    if len(found) != 2 or not found[0] or not found[1]:
        raise ValueError("une heure est illisible")
    return "-".join(f"{int(one[1]):02}:{one[2]}" for one in found if one)


def _gathered(by_day: Mapping[str, str]) -> list[tuple[str, str]]:
    """Days that follow each other with the same hours, said once."""
    runs: list[tuple[list[str], str]] = []
    for day in DAYS:
        times = by_day.get(day, "")
        if not times:
            runs.append(([], ""))
        elif runs and runs[-1][1] == times:
            runs[-1][0].append(day)
        else:
            runs.append(([day], times))
    return [(days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}", times) for days, times in runs if days]


def _dated(found: Mapping[str, Any]) -> str:
    """The day of the last change, from seconds since 1970 or from an ISO date; "" where it cannot be read.

    >>> _dated({"updated": 1700000000}), _dated({"updated": {"sec": 1700000000}}), _dated({"updated": 1e99})
    ('2023-11-14', '2023-11-14', '')
    """
    said = found.get("updated", found.get("modified"))
    if isinstance(said, dict):
        said = said.get("sec")
    if isinstance(said, str) and not said.isdecimal():
        return mending.partial_date(said) or ""
    try:
        return datetime.fromtimestamp(int(said or 0), UTC).date().isoformat() if 0 < int(said or 0) < 4e9 else ""
    except (TypeError, ValueError, OverflowError):
        return ""


FORMAT = Format(
    "communecter",
    "France Tiers-Lieux (Communecter, JSON) ; lecture non encore éprouvée sur une réponse réelle",
    read=read,
    recognises=recognises,
    extension="json",
    media_type="application/json",
    reference="formulaire de septembre 2026",
    proved=False,
)
