"""A place as one row of the schema, and back."""

import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from maillage.network.exchange.rules import own
from maillage.network.exchange.rules.features import unfit
from maillage.network.exchange.rules.mending import partial_date
from maillage.network.exchange.rules.neutral import neutralise, restore
from maillage.network.exchange.rules.own import ExportedPlace, OwnRow, Unreadable
from maillage.network.exchange.rules.tiers_lieux.definition import SEVERAL, Field, definition
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.places.rules.slugs import slugify

AS_IT_IS = frozenset({"number", "integer", "records", "date"})
"""Kinds that no spreadsheet would run."""
_PLAIN_NUMBER = re.compile(r"\+?[0-9 .()/-]+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PAGE = re.compile(r"https?://[^\s/]+/lieux/([a-z0-9-]{1,120})/")


def row_of(place: ExportedPlace, site_url: str) -> list[str]:
    """The cells of a place, in the order of the columns."""
    told = {
        "id": str(place.id),
        "page": f"{site_url}/lieux/{place.slug}/",
        "date_maj": max((record.dated for record in place.records), default=""),
        "date_confirmation": place.confirmed_at.date().isoformat() if place.confirmed_at else "",
        "source": SEVERAL.join(dict.fromkeys(record.source.name for record in place.records)),
        "licence": SEVERAL.join(place.licences),
        "attribution": place.attribution,
        "fictif": "true" if place.demo else "false",
        "sources": json.dumps(own.sources_of(place), ensure_ascii=False, separators=(",", ":")),
    }
    return [
        _cell(field, place.values.get(field.ours, "") if field.ours else told[field.name])
        for field in definition().fields
    ]


def _cell(field: Field, value: Any) -> str:
    if field.kind in AS_IT_IS:
        return value if isinstance(value, str) else repr(value)
    if field.kind == "words":
        return SEVERAL.join(_code(field, word) for word in value)
    if field.kind == "links":
        return neutralise(" ".join(value))
    text = _code(field, value) if field.kind == "word" else value
    return text if field.name == "telephone" and _PLAIN_NUMBER.fullmatch(text) else neutralise(text)


def _code(field: Field, ours: str) -> str:
    return next((word.code for word in field.words if word.ours == ours), ours)


def shown(cells: Mapping[str, str]) -> dict[str, Any]:
    """What the cells of a row say of the place, in the registry's fields; empty cells say nothing.

    >>> shown({"nom": "La Maille", "statut": "ferme", "activites": "cafe|fablab", "siret": "", "licence": "ODbL"})
    {'name': 'La Maille', 'status': 'closed', 'activities': ['cafe', 'fablab']}
    """
    said = {}
    for field in definition().fields:
        cell = cells.get(field.name, "")
        if field.ours and cell.strip():
            said[field.ours] = _value(field, cell if field.kind in AS_IT_IS else restore(cell))
    return said


def _value(field: Field, cell: str) -> Any:
    if field.kind == "words":
        return [_ours(field, word.strip()) for word in cell.split(SEVERAL) if word.strip()]
    if field.kind == "links":
        return cell.split()
    return _ours(field, cell.strip()) if field.kind == "word" else cell


def _ours(field: Field, code: str) -> str:
    return next((word.ours for word in field.words if word.code == code), code)


def read(cells: Mapping[str, str], fallback: SourceFacts | None) -> OwnRow:
    """Read a row back: one draft per source where `sources` tells them, else one for the source that the row names.

    Raises Unreadable, with the column.
    """
    records = _records(cells.get("sources", ""))
    if not records:
        return _by_hand(cells, fallback)
    page = _PAGE.fullmatch(restore(cells.get("page", "")))
    return own.read_row(
        identifier=cells.get("id", "").strip(),
        slug=page[1] if page else "",
        demo=cells.get("fictif", "").strip() == "true",
        shown=shown(cells),
        records=records,
        fallback=fallback,
    )


def _records(cell: str) -> object:
    if not cell.strip():
        return None
    mend = "laissez la colonne « sources » comme à l’export, ou videz-la"
    try:
        records = json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise Unreadable("sources", cell, "la liste des sources n’est pas du JSON", mend) from error
    if problem := unfit(records):
        raise Unreadable("sources", cell, problem, mend)
    return records


def _by_hand(cells: Mapping[str, str], fallback: SourceFacts | None) -> OwnRow:
    """A row that somebody filled: it says under `id`, `source`, `licence` and `date_maj` what an import must know."""
    ref, said = restore(cells.get("id", "")).strip(), shown(cells)
    if not ref or len(ref) > 200:
        raise Unreadable("id", ref, "l’identifiant manque ou est trop long", "donnez un identifiant unique")
    source = _source(cells, fallback)
    draft = Draft(
        source=source.slug,
        ref=ref,
        values=said,
        raw={name: cell for name, cell in cells.items() if cell},
        licence=source.licence,
        dated=_dated(cells.get("date_maj", "").strip()),
        place_id=UUID(ref) if _UUID.fullmatch(ref) else None,
        demo=cells.get("fictif", "").strip() == "true",
    )
    return OwnRow((draft,), (source,), said, ())


def _source(cells: Mapping[str, str], fallback: SourceFacts | None) -> SourceFacts:
    name, licence = restore(cells.get("source", "")).strip(), restore(cells.get("licence", "")).strip()
    if SEVERAL in licence:
        raise Unreadable(
            "licence",
            licence,
            "plusieurs licences, sans la colonne « sources » qui dit laquelle vaut pour quoi",
            "donnez une ligne par source, chacune avec sa licence, ou remettez la colonne « sources »",
        )
    if not licence and fallback is not None:
        return fallback
    if not licence:
        raise Unreadable(
            "licence",
            "",
            "la licence manque : on ne sait pas ce qu’on peut en faire",
            'remplissez-la, par exemple "Licence Ouverte 2.0", ou relancez avec --licence',
        )
    if not name and fallback is None:
        raise Unreadable("source", "", "la source manque : on ne sait pas qui le dit", "nommez qui publie ce fichier")
    named = name or (fallback.name if fallback else "")
    if len(named) > 200 or len(licence) > 200 or not slugify(named):
        raise Unreadable("source", named, "nom de source trop long ou illisible", "au plus 200 caractères")
    return SourceFacts(slug=slugify(f"{named} {licence}")[:80].strip("-"), name=named, licence=licence)


def _dated(said: str) -> str:
    if partial_date(said) != said:
        raise Unreadable("date_maj", said, "ce n’est pas une date", "écrivez 2019, 2019-06 ou 2019-06-30")
    return said
