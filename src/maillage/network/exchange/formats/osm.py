"""OpenStreetMap: Overpass JSON and `.osm` in; a change file for JOSM out, that a person looks at before it leaves.

Only what may be given leaves: what the place itself says, or sources under the Licence Ouverte or in the public domain.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from maillage.network.exchange.formats.format import Document, Format, Loss, Writing, in_chunks
from maillage.network.exchange.rules.licences import all_open
from maillage.network.exchange.rules.mending import partial_date
from maillage.network.exchange.rules.osm.elements import Element, elements, is_osm
from maillage.network.exchange.rules.osm.tags import LONGEST, PLAIN, current, is_place, kinds, tags_of, values_of
from maillage.network.exchange.rules.own import ExportedPlace, ExportedRecord
from maillage.network.exchange.rules.reports import Entry, Options, Reading, RowProblem
from maillage.network.exchange.rules.xml import attribute
from maillage.places.rules.choice import RANK_PLACE
from maillage.places.rules.drafts import FEATURE_FIELDS, FIELDS, Draft, SourceFacts
from maillage.places.rules.sentences import sentence as _

SOURCE = SourceFacts(
    slug="openstreetmap",
    name="OpenStreetMap",
    publisher="Contributeurs d’OpenStreetMap",
    url="https://www.openstreetmap.org/copyright",
    licence="ODbL 1.0",
)
HINTED, UNSAVED = "thirdplace-hint", "osm-unsaved"
COLUMNS = {**PLAIN, "street": "addr:street", "lat": "lat", "lon": "lon", "closed_on": "end_date"}
_CARRIED = frozenset({*PLAIN, "street", "lat", "lon"})

FICTION = _("Un lieu fictif n’entre pas dans OpenStreetMap.")
OUTLINE = _("OpenStreetMap le tient par un tracé\u202f: ce fichier ne porte que des points.")
NO_VERSION = _("OpenStreetMap le connaît, mais sa version manque\u202f: demandez à Overpass «\u202fout meta\u202f».")
NOT_OPEN = _("OpenStreetMap ne connaît pas ce lieu, et il n’est pas ouvert.")
NOT_FREE = _("Son nom ou son point vient d’une source qui ne permet pas de le donner à OpenStreetMap.")
NOT_PRECISE = _("Son point n’est pas précis.")
NO_TAG = _("Aucune de ses activités n’a d’étiquette admise dans OpenStreetMap.")


def read(document: Document, options: Options) -> Reading:
    """Read the tiers-lieux among the objects of a file, and with `all_places` all that may be one.

    `thirdplace=yes` is a hint, never a proof: the place comes in, flagged.
    """
    reading = Reading(sources={SOURCE.slug: SOURCE})
    seen: dict[str, int] = {}
    for found in elements(document.text):
        if isinstance(found, RowProblem):
            reading.refuse(found)
            continue
        tags, closed = current(found.tags)
        proof, hint = is_place(tags), tags.get("thirdplace") == "yes"
        if not proof and not hint and not (options.all_places and proof is None and tags.get("name")):
            reading.skipped += proof is None
            continue
        if problem := _problem(found, seen):
            reading.refuse(problem, _raw(found))
        else:
            reading.entries.append(_entry(found, tags, closed=closed, hinted=not proof and hint))
    return reading


def _problem(found: Element, seen: dict[str, int]) -> RowProblem | None:
    if found.ref in seen:
        problem = f"objet déjà vu à la ligne {seen[found.ref]}"
        return RowProblem(found.line, "id", found.ref, problem, "retirez un des deux")
    seen[found.ref] = found.line
    if found.point is None:
        mend = "demandez à Overpass « out center »"
        return RowProblem(found.line, "center", found.ref, "le tracé n’a pas de centre", mend)
    return None


def _entry(found: Element, tags: Mapping[str, str], *, closed: bool, hinted: bool) -> Entry:
    assert found.point is not None
    lat, lon = found.point
    values = values_of(tags, closed=closed) | {"lat": lat, "lon": lon, "precision": "address"}
    checked = tags.get("check_date", "")[:10]
    draft = Draft(
        source=SOURCE.slug,
        ref=found.ref,
        values=values,
        raw=_raw(found),
        licence=SOURCE.licence,
        dated=_date(checked) or _date(found.timestamp),
        flags=(*((HINTED,) if hinted else ()), *((UNSAVED,) if found.id < 1 else ())),
    )
    return Entry(found.line, (draft,), COLUMNS)


def _date(said: str) -> str:
    return partial_date(said) or ""


def _raw(found: Element) -> dict[str, Any]:
    lat, lon = found.point or (None, None)
    raw = {"type": found.kind, "id": found.id, "version": found.version, "timestamp": found.timestamp}
    return raw | {"lat": lat, "lon": lon, "tags": found.tags}


def leaves_out(place: ExportedPlace) -> str:
    """Why a place is not written."""
    known, free = _known(place), _free(place)
    if place.demo:
        return FICTION
    if known:
        if known.raw.get("type") != "node":
            return OUTLINE
        return "" if isinstance(known.raw.get("version"), int) else NO_VERSION
    if place.values.get("status", "open") != "open":
        return NOT_OPEN
    if "lat" not in place.values or place.values.get("precision") in ("commune", "estimated"):
        return NOT_PRECISE
    if not {"name", "lat", "lon"} <= free.keys():
        return NOT_FREE
    return "" if kinds(tags_of(free)) else NO_TAG


def _known(place: ExportedPlace) -> ExportedRecord | None:
    """What OpenStreetMap itself says of this place, if it is one of our sources; an object never sent there is not."""
    own = (one for one in place.records if one.source.slug == SOURCE.slug and UNSAVED not in one.flags)
    return next(own, None)


def _free(place: ExportedPlace) -> dict[str, Any]:
    """The shown values that a source which may be given to OpenStreetMap says too; words of a vocabulary one by one."""
    given = [
        record.values
        for record in place.records
        if record.source.slug != SOURCE.slug and (record.source.rank == RANK_PLACE or all_open([record.licence]))
    ]
    free: dict[str, Any] = {}
    for name, shown in place.values.items():
        if name in FEATURE_FIELDS:
            words = [word for word in shown if any(word in said.get(name, ()) for said in given)]
            free |= {name: words} if words else {}
        elif any(said.get(name) == shown for said in given):
            free[name] = shown
    return free


def write(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    """Write a change file for JOSM, in chunks of text: new nodes have negative numbers, known ones their version."""
    return in_chunks(_pieces(places, writing))


def _pieces(places: Iterable[ExportedPlace], writing: Writing) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="Maillage">\n'
    yield f"<note>{_NOTE.format(day=writing.today.isoformat())}</note>\n"
    number = 0
    for place in places:
        if leaves_out(place):
            continue
        known = _known(place)
        if known:
            yield _changed(place, known)
        else:
            number -= 1
            free = _free(place)
            yield _node(f'id="{number}" {_where(free["lat"], free["lon"])}', tags_of(free) | _checked(place))
    yield "</osm>\n"


_NOTE = (
    "Tiers-lieux d’un site Maillage, le {day}. À relire lieu par lieu dans JOSM avant tout envoi : "
    "cherchez d’abord si l’objet existe déjà."
)


def _checked(place: ExportedPlace) -> dict[str, str]:
    return {"check_date": place.confirmed_at.date().isoformat()} if place.confirmed_at else {}


def _where(lat: float, lon: float) -> str:
    return f'lat="{lat:.7f}" lon="{lon:.7f}"'


def _changed(place: ExportedPlace, known: ExportedRecord) -> str:
    """A node of OpenStreetMap where it stands, with all its tags, and ours where they differ."""
    before = {str(key): str(value) for key, value in dict(known.raw.get("tags") or {}).items()}
    said = _free(place)
    ours = tags_of({name: value for name, value in said.items() if value != known.values.get(name)})
    if before.get("amenity") == "coworking_space":
        ours.pop("office", None)
    after = before | {key: value for key, value in ours.items() if not (key in kinds(ours) and key in before)}
    if place.values.get("status") == "closed" and "status" in said:
        past = kinds(after)
        after = {f"disused:{key}" if key in past else key: value for key, value in after.items()}
        after |= {"end_date": str(said["closed_on"])} if said.get("closed_on") else {}
    changed = after != before
    after |= _checked(place) if changed else {}
    head = f'id="{int(known.raw["id"])}" version="{int(known.raw["version"])}"'
    action = ' action="modify"' if changed else ""
    return _node(f"{head}{action} {_where(float(known.raw['lat']), float(known.raw['lon']))}", after)


def _node(head: str, tags: Mapping[str, str]) -> str:
    said = "".join(f"<tag k={attribute(key)} v={attribute(value)}/>" for key, value in sorted(tags.items()))
    return f'<node {head} visible="true">{said}</node>\n'


_PARTLY = {
    "lat": _("arrondie à un centimètre"),
    "lon": _("arrondie à un centimètre"),
    "status": _("un lieu fermé n’est dit que si OpenStreetMap le connaît\u202f; un projet ne l’est jamais"),
    "closed_on": _("n’est dite que si OpenStreetMap connaît le lieu"),
    "links": _("un seul lien pour chaque réseau social, et aucun autre"),
    "activities": _(
        "coworking, fablab, et une seule parmi culture, café et médiation numérique\u202f; relues avec --all"
    ),
    "services": _("seulement le wifi"),
    "access": _("seulement le fauteuil roulant et les toilettes adaptées"),
}
_NEVER = _("n’est pas écrit\u202f: OpenStreetMap n’a pas d’étiquette pour le dire")
LOSSES = (
    *(Loss(name, _PARTLY.get(name, _NEVER)) for name in FIELDS if name not in _CARRIED or name in _PARTLY),
    Loss("licence", _("ce que ni le lieu lui-même ni une source sous Licence Ouverte ne dit n’est pas écrit")),
    Loss("sources", _("OpenStreetMap ne garde pas qui a dit quoi")),
    Loss("longueur", _("une valeur de plus de %(n)d signes n’est pas écrite", n=LONGEST)),
)
FORMAT = Format(
    "osm",
    "OpenStreetMap (Overpass JSON, .osm)",
    read=read,
    write=write,
    recognises=is_osm,
    losses=LOSSES,
    leaves_out=leaves_out,
    rows=True,
    extension="osm",
    media_type="application/xml",
    version="0.6",
    reference="openstreetmap/id-tagging-schema, 22 août 2026",
    proved=False,
)
