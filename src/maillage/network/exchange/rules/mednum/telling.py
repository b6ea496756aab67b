"""A place as a row of the standard."""

import html
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from maillage.network.exchange.rules import identity
from maillage.network.exchange.rules.licences import all_open
from maillage.network.exchange.rules.mednum import table, words
from maillage.network.exchange.rules.neutral import neutralise
from maillage.network.exchange.rules.own import ExportedPlace
from maillage.places.rules.hours import validate
from maillage.places.rules.phones import dialled
from maillage.territory.rules.names import normalise

STATES = {"closed": "lieux fermés", "project": "lieux en projet", "dormant": "lieux en sommeil"}
NEEDED = {
    "street": "lieux sans adresse",
    "postal_code": "lieux sans code postal",
    "city": "lieux sans nom de commune",
}
OTHER_LICENCE = "lieux dont une source n’est pas sous Licence Ouverte"
FREE_TEXT = frozenset(
    {
        "nom", "commune", "adresse", "complement_adresse", "horaires", "presentation_resume", "presentation_detail",
        "source", "structure_parente", "autres_formations_labels",
    }
)  # fmt: skip
"""Columns that anybody writes: what a spreadsheet would run there is made harmless."""
KEPT_AS_SAID = (
    "itinerance", "publics_specifiquement_adresses", "prise_en_charge_specifique", "modalites_acces",
    "modalites_accompagnement",
)  # fmt: skip
"""Listed columns without a field of ours: what a source of the standard said is given again."""
_ADDRESSES_AS_SAID = ("fiche_acces_libre", "prise_rdv")


def leaves_out(place: ExportedPlace) -> str:
    """Why the standard cannot tell this place; empty when it can."""
    status = place.values.get("status", "open")
    if status != "open":
        return STATES[status]
    missing = next((why for field, why in NEEDED.items() if not place.values.get(field)), "")
    return missing or ("" if all_open(place.licences) else OTHER_LICENCE)


def tell(place: ExportedPlace, site: str, today: date) -> dict[str, str]:
    """The cells of a place that is not left out, in the order of the table."""
    row = cells(place, site, today)
    return {column: neutralise(row[column]) if column in FREE_TEXT else row[column] for column in table.COLUMNS}


def cells(place: ExportedPlace, site: str, today: date) -> dict[str, str]:
    """The cells of a place before any is made harmless for spreadsheets."""
    values, said = place.values, said_before(place)
    text = plain(values.get("description", ""))
    row = {
        "id": identity.written(site, place.id),
        "pivot": values.get("siret") or table.NO_PIVOT,
        "nom": values.get("name", ""),
        "commune": values.get("city", ""),
        "code_postal": values.get("postal_code", ""),
        "code_insee": _fitting("code_insee", values.get("commune") or ""),
        "adresse": values.get("street", ""),
        "complement_adresse": values.get("how_to_come", ""),
        "latitude": _number(values.get("lat")),
        "longitude": _number(values.get("lon")),
        "telephone": _fitting("telephone", dialled(values.get("phone", ""))),
        "courriels": "" if "|" in values.get("email", "") else values.get("email", ""),
        "site_web": _addresses([values.get("website", ""), *values.get("links", [])]),
        "horaires": _hours(values.get("opening_hours", "")),
        "presentation_resume": shortened(text),
        "presentation_detail": text,
        "source": ", ".join(dict.fromkeys(record.source.name for record in place.records)),
        "structure_parente": values.get("operator", ""),
        "date_maj": dated(place, today).isoformat(),
    }
    kept = {column: _addresses(table.split_addresses(said.get(column, ""))) for column in _ADDRESSES_AS_SAID}
    return row | kept | _listed(values, said)


def _listed(values: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, str]:
    """The columns of several values: our words, and what a source of the standard said that has none."""
    ours = [*values.get("activities", []), *values.get("services", [])]
    labels = values.get("labels", [])
    others = [_spelt(value) for value in table.split(said.get("autres_formations_labels", ""))]
    told = {
        "typologie": words.typologies(_known_typologies(said), ours),
        "services": words.told(_known("services", said), values.get("services", []), words.SERVICES),
        "formations_labels": words.told(_known("formations_labels", said), labels, words.LABELS),
        "dispositif_programmes_nationaux": words.told(
            _known("dispositif_programmes_nationaux", said), labels, words.PROGRAMMES
        ),
        "autres_formations_labels": words.told(others, labels, words.OTHER_LABELS),
        "frais_a_charge": _fees(values.get("prices", "")),
        **{column: _known(column, said) for column in KEPT_AS_SAID},
    }
    return {column: "|".join(found) for column, found in told.items()}


def said_before(place: ExportedPlace) -> Mapping[str, str]:
    """The row of the newest record that came in this standard; empty when none did, or its licence is another."""
    rows = [
        record
        for record in place.records
        if all(column in record.raw for column in KEPT_AS_SAID) and all_open([record.licence])
    ]
    newest = max(rows, key=lambda record: record.dated, default=None)
    return {column: str(newest.raw.get(column) or "") for column in table.COLUMNS} if newest else {}


def dated(place: ExportedPlace, today: date) -> date:
    """The day until which what is told was true: last confirmed or dated by a source, never in the future.

    A source dated by its year or month only counts from its first day. Without any, the last change of the sheet.
    """
    days = [first_day(record.dated) for record in place.records if record.dated]
    days += [place.confirmed_at.date()] if place.confirmed_at else []
    if not days and place.updated_at:
        days.append(place.updated_at.date())
    return min(max(days, default=today), today)


def first_day(dated: str) -> date:
    """The first day of a date that may be cut to its year or month, or name a day that does not exist.

    >>> first_day("2019").isoformat(), first_day("2019-06").isoformat(), first_day("2019-02-31").isoformat()
    ('2019-01-01', '2019-06-01', '2019-02-01')
    """
    try:
        return date.fromisoformat(f"{dated}-01-01"[:10])
    except ValueError:
        return date(int(dated[:4]), int(dated[5:7]), 1)


def plain(text: str) -> str:
    """The words of a cleaned description, its paragraphs apart by an empty line.

    >>> plain("<p>Un <strong>four</strong> &amp; un jardin<br>ouverts</p><p>À tous</p>")
    'Un four & un jardin\\nouverts\\n\\nÀ tous'
    """
    folded = re.sub(r"\s+", " ", text)
    broken = re.sub(r" ?<br ?/?> ?|</li>", "\n", folded)
    bare = html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"</p>|</?[uo]l>", "\n\n", broken)))
    lines = "\n".join(line.strip() for line in bare.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def shortened(text: str, length: int = table.RESUME_LENGTH) -> str:
    """The beginning of a text, on one line, cut at a word.

    >>> shortened("Un four à pain", 12)
    'Un four à…'
    """
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def _number(value: float | None) -> str:
    return "" if value is None else format(Decimal(repr(value)), "f")


def _fitting(column: str, text: str) -> str:
    return text if table.PATTERNS[column].fullmatch(text) else ""


def _addresses(found: list[str]) -> str:
    return "|".join(address.replace("|", "%7C") for address in found if address)


def _hours(text: str) -> str:
    return text if text and validate(text) is None else ""


def _fees(prices: str) -> list[str]:
    """The fees that the standard lists, when the prices of a place say these and nothing else."""
    known = [table.recognised("frais_a_charge", part) for part in prices.split(",")]
    return list(dict.fromkeys(known)) if all(known) else []


def _known(column: str, said: Mapping[str, str]) -> list[str]:
    found = (table.recognised(column, value) for value in table.split(said.get(column, "")))
    return list(dict.fromkeys(value for value in found if value))


def _known_typologies(said: Mapping[str, str]) -> list[str]:
    return [value for value in table.split(said.get("typologie", "")) if value in table.TYPOLOGIES]


def _spelt(value: str) -> str:
    """A label of others as a source wrote it, or as we write those that we know."""
    known = {normalise(label): label for label in words.OTHER_LABELS}
    return known.get(normalise(value[:200]), value[:200])
