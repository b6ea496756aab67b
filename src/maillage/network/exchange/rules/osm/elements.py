"""Nodes, ways and relations of an Overpass JSON answer or of an `.osm` file, within bounds, no entity ever expanded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any
from xml.parsers import expat

from maillage.network.exchange.rules.features import features
from maillage.network.exchange.rules.reports import FileRefused, RowProblem, short

KINDS = ("node", "way", "relation")
MAX_TAGS = 1_000
MAX_VALUE = 4_000
MAX_MEMBERS = 20_000
MAX_ELEMENTS = 1_000_000
_PIECE = 1_048_576
_MEND = "Téléchargez-le à nouveau, puis relancez l’import."

Point = tuple[float, float]


@dataclass(slots=True)
class Element:
    """One object of OpenStreetMap; `point` is its own, or its centre, None when the file does not tell it."""

    line: int
    kind: str
    id: int
    tags: dict[str, str] = field(default_factory=dict)
    point: Point | None = None
    version: int | None = None
    timestamp: str = ""
    members: list[int] = field(default_factory=list)

    @property
    def ref(self) -> str:
        return f"{self.kind}/{self.id}"


def is_osm(text: str) -> bool:
    """Whether a text is an Overpass answer in JSON, or an `.osm` file.

    >>> is_osm('<?xml version="1.0"?><osm version="0.6">'), is_osm('{"version": 0.6, "elements": []}'), is_osm("a,b")
    (True, True, False)
    """
    start = text[:4_000].lstrip()
    return (start.startswith("<") and "<osm" in start) or (
        start.startswith("{") and '"elements"' in start and '"features"' not in start
    )


def elements(text: str) -> Iterator[Element | RowProblem]:
    """Every object that bears tags, with the centre of a way from its own nodes where the file has them."""
    found = _from_xml(text) if text.lstrip()[:1] == "<" else _from_json(text)
    nodes: dict[int, Point] = {}
    for number, one in enumerate(found):
        if number > MAX_ELEMENTS:
            raise FileRefused(f"Plus de {MAX_ELEMENTS} objets : demandez à Overpass une zone plus petite.")
        if isinstance(one, Element):
            if one.kind == "node" and one.point and not one.tags:
                nodes[one.id] = one.point
                continue
            if one.point is None and one.kind == "way":
                one.point = _middle([nodes[ref] for ref in one.members if ref in nodes])
            if not one.tags:
                continue
        yield one


def _middle(points: list[Point]) -> Point | None:
    if not points:
        return None
    return sum(lat for lat, _lon in points) / len(points), sum(lon for _lat, lon in points) / len(points)


def _from_json(text: str) -> Iterator[Element | RowProblem]:
    try:
        for line, found in features(text, "elements"):
            yield found if isinstance(found, RowProblem) else _json_element(line, found)
    except FileRefused as refusal:
        raise FileRefused(f"La réponse d’Overpass est illisible ou tronquée. {_MEND}") from refusal


def _json_element(line: int, found: Mapping[str, Any]) -> Element | RowProblem:
    kind, identifier = found.get("type"), found.get("id")
    if kind not in KINDS or not isinstance(identifier, int) or isinstance(identifier, bool):
        return RowProblem(line, "type", short(kind), "ce n’est pas un objet d’OpenStreetMap", "node, way ou relation")
    tags = found.get("tags") or {}
    if not isinstance(tags, dict) or not _bounded(tags):
        return RowProblem(line, "tags", short(tags), "étiquettes illisibles", "donnez des textes")
    centre = found.get("center")
    where = centre if isinstance(centre, dict) else found
    nodes = found.get("nodes")
    members = [ref for ref in nodes if isinstance(ref, int)] if isinstance(nodes, list) else []
    version = found.get("version")
    return Element(
        line,
        str(kind),
        identifier,
        dict(tags),
        _point(where.get("lat"), where.get("lon")),
        version if isinstance(version, int) and version > 0 else None,
        str(found.get("timestamp") or "")[:10],
        members,
    )


def _bounded(tags: Mapping[Any, Any]) -> bool:
    return len(tags) <= MAX_TAGS and all(
        isinstance(key, str) and isinstance(value, str) and len(key) + len(value) <= MAX_VALUE
        for key, value in tags.items()
    )


def _point(lat: Any, lon: Any) -> Point | None:
    try:
        read = float(lat), float(lon)
    except (TypeError, ValueError):
        return None
    return read if isfinite(read[0]) and isfinite(read[1]) and abs(read[0]) <= 90 and abs(read[1]) <= 180 else None


class _Reader:
    """Gathers the objects of an `.osm` file as expat meets them."""

    def __init__(self) -> None:
        self.found: list[Element | RowProblem] = []
        self._open: Element | None = None
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._declared
        self.parser.EntityDeclHandler = self._declared
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def _declared(self, *_said: object) -> None:
        raise FileRefused("Le fichier OSM déclare des entités XML, ce qu’aucun outil d’OpenStreetMap n’écrit.")

    def _start(self, name: str, said: dict[str, str]) -> None:
        if name in KINDS:
            self._open = self._element(name, said)
        elif self._open is None:
            return
        elif name == "tag" and "k" in said:
            key, value = said["k"], said.get("v", "")
            if len(self._open.tags) < MAX_TAGS and len(key) + len(value) <= MAX_VALUE:
                self._open.tags[key] = value
        elif name == "nd" and len(self._open.members) < MAX_MEMBERS:
            self._open.members.append(_whole(said.get("ref", "")) or 0)
        elif name == "center":
            self._open.point = _point(said.get("lat"), said.get("lon"))

    def _element(self, name: str, said: Mapping[str, str]) -> Element | None:
        line, identifier = self.parser.CurrentLineNumber, _whole(said.get("id", ""))
        if identifier is None:
            problem = RowProblem(line, "id", short(said.get("id", "")), "l’identifiant manque", "remettez-le")
            self.found.append(problem)
            return None
        if said.get("action") == "delete" or said.get("visible") == "false":
            return None
        version = _whole(said.get("version", ""))
        point = _point(said.get("lat"), said.get("lon"))
        stamp = said.get("timestamp", "")[:10]
        return Element(line, name, identifier, {}, point, version if version and version > 0 else None, stamp)

    def _end(self, name: str) -> None:
        if name in KINDS and self._open is not None:
            self.found.append(self._open)
            self._open = None


def _whole(text: str) -> int | None:
    return int(text) if text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 20 else None


def _from_xml(text: str) -> Iterator[Element | RowProblem]:
    reader = _Reader()
    try:
        for start in range(0, len(text), _PIECE):
            reader.parser.Parse(text[start : start + _PIECE].encode("utf-8", "replace"), False)
            yield from reader.found
            reader.found.clear()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise FileRefused(f"Le fichier OSM est mal formé ou tronqué, ligne {error.lineno}. {_MEND}") from error
    yield from reader.found
