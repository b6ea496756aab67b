"""A row of the standard in our fields; what cannot be read is left out and told, the place stays."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from maillage.network.exchange.rules import mending
from maillage.network.exchange.rules.mednum import table, words
from maillage.network.exchange.rules.neutral import restore
from maillage.network.exchange.rules.reports import RowProblem, short
from maillage.places.rules.fields import BadValue, read_url
from maillage.places.rules.phones import in_words
from maillage.territory.rules.names import normalise

FIELDS_OF = {
    "name": "nom",
    "street": "adresse",
    "how_to_come": "complement_adresse",
    "postal_code": "code_postal",
    "city": "commune",
    "commune": "code_insee",
    "lat": "latitude",
    "lon": "longitude",
    "activities": "typologie",
    "services": "services",
    "labels": "formations_labels",
    "phone": "telephone",
    "email": "courriels",
    "website": "site_web",
    "links": "site_web",
    "opening_hours": "horaires",
    "description": "presentation_detail",
    "operator": "structure_parente",
    "siret": "pivot",
    "prices": "frais_a_charge",
}
"""Our field, and the column that tells it."""
_SIRET = re.compile(r"[0-9]{14}")
_THIRD_PLACE = re.compile(r"tiers[\s-]?lieu|cowork|fab\s?lab", re.IGNORECASE)


@dataclass(slots=True)
class Heard:
    """The values of a row, and what was left out."""

    values: dict[str, Any] = field(default_factory=dict)
    warnings: list[RowProblem] = field(default_factory=list)


def hear(line: int, row: Mapping[str, str], *, ours: bool) -> Heard:
    """Read a row; `ours` says that a Maillage site wrote it: its texts are plain."""
    cells = {column: restore(row.get(column, "").strip()) for column in table.COLUMNS}
    heard = Heard()

    def warn(column: str, value: str, problem: str, mend: str) -> None:
        heard.warnings.append(RowProblem(line, column, short(value), problem, mend, warning=True))

    heard.values = {
        "status": "open",
        "name": cells["nom"],
        "street": cells["adresse"],
        "how_to_come": cells["complement_adresse"],
        "postal_code": cells["code_postal"],
        "city": cells["commune"],
        "commune": cells["code_insee"],
        "lat": cells["latitude"],
        "lon": cells["longitude"],
        "opening_hours": cells["horaires"],
        "description": _description(cells, plain=ours),
        "siret": _siret(cells["pivot"], warn),
        "operator": _operator(cells["structure_parente"], warn),
        "phone": _one("telephone", in_words, cells["telephone"], warn),
        "email": _one("courriels", str, cells["courriels"], warn),
        "prices": ", ".join(_listed("frais_a_charge", cells, warn)),
        **_addresses(cells["site_web"], warn),
        **_features(cells, warn),
    }
    return heard


Warn = Callable[[str, str, str, str], None]


def is_third_place(row: Mapping[str, str]) -> bool:
    """Whether a row may be of this registry: its typology, its name or its label says so, or it has no typology.

    >>> is_third_place({"nom": "CCAS", "typologie": "CCAS"}), is_third_place({"nom": "Mairie", "typologie": "EPN|MUNI"})
    (False, True)
    """
    said = {value.upper() for value in table.split(row.get("typologie", ""))}
    labels = {table.recognised("formations_labels", value) for value in table.split(row.get("formations_labels", ""))}
    return (
        not said
        or bool(said & words.THIRD_PLACES)
        or bool(labels & set(words.LABELS))
        or _THIRD_PLACE.search(row.get("nom", "")[:400]) is not None
    )


def _listed(column: str, cells: Mapping[str, str], warn: Warn) -> list[str]:
    found = []
    for value in table.split(cells[column]):
        known = table.recognised(column, value)
        if known:
            found.append(known)
        else:
            warn(column, value, "valeur inconnue du standard", f"une de : {', '.join(table.VALUES[column])}"[:300])
    return list(dict.fromkeys(found))


def _features(cells: Mapping[str, str], warn: Warn) -> dict[str, list[str]]:
    typologies = table.split(cells["typologie"])
    labels = words.heard(_listed("formations_labels", cells, warn), words.LABELS)
    labels += words.heard(_listed("dispositif_programmes_nationaux", cells, warn), words.PROGRAMMES)
    others = {normalise(value[:200]) for value in table.split(cells["autres_formations_labels"])}
    labels += [word for value, word in words.OTHER_LABELS.items() if normalise(value) in others]
    services = words.heard(_listed("services", cells, warn), words.SERVICES)
    return {
        "activities": words.heard(typologies, words.ACTIVITIES),
        "services": services + words.heard(typologies, words.SERVICE_TYPOLOGIES),
        "labels": labels,
    }


def _siret(pivot: str, warn: Warn) -> str:
    if not pivot or pivot == table.NO_PIVOT:
        return ""
    if not _SIRET.fullmatch(pivot):
        warn(
            "pivot", pivot, "ce n’est pas un Siret", "le registre ne garde que le Siret ; la ligne d’origine garde tout"
        )
        return ""
    return pivot


def _operator(said: str, warn: Warn) -> str:
    if _SIRET.fullmatch(said):
        warn("structure_parente", said, "un Siret ne dit pas un nom", "écrivez le nom de la structure")
        return ""
    return said


def _one(column: str, read: Callable[[str], str], cell: str, warn: Warn) -> str:
    """The first of several values; the others are told."""
    values = table.split(cell)
    for other in values[1:]:
        warn(column, other, "une seule valeur tient dans la fiche", "gardez en premier celle qui répond le mieux")
    return read(values[0]) if values else ""


def _addresses(cell: str, warn: Warn) -> dict[str, Any]:
    found = []
    for said in table.split_addresses(cell):
        address = _address(said)
        if address:
            found.append(address)
        else:
            warn("site_web", said, "ce n’est pas une adresse de site", "écrivez https://…")
    return {"website": found[0] if found else "", "links": found[1:]}


def _address(said: str) -> str | None:
    try:
        return read_url(said)
    except BadValue:
        return mending.address(said)


def _description(cells: Mapping[str, str], *, plain: bool) -> str:
    """The whole text, after its summary where this is not its beginning."""
    resume, detail = cells["presentation_resume"], cells["presentation_detail"]
    if plain:
        return paragraphs(detail or resume)
    begun = " ".join(detail.split()).startswith(" ".join(resume.rstrip("… .").split()))
    return detail if begun and detail else "\n\n".join(part for part in (resume, detail) if part)


def paragraphs(text: str) -> str:
    blocks = (html.escape(block.strip(), quote=False).replace("\n", "<br>") for block in re.split(r"\n{2,}", text))
    return "".join(f"<p>{block}</p>" for block in blocks if block)
