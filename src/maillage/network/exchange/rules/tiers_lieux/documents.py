"""The documents of the schema, made from its definition: Table Schema, JSON Schema, change log, repository."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from maillage.network.exchange.rules.tiers_lieux import examples
from maillage.network.exchange.rules.tiers_lieux.definition import LANGUAGES, SEVERAL, Definition, Field, Group, Word

TABLE, JSON, VALID, INVALID, LOG, READ_ME, REPOSITORY = (
    "table-schema.json",
    "json-schema.json",
    "exemple-valide.csv",
    "exemple-invalide.csv",
    "CHANGELOG.md",
    "README.md",
    "depot.zip",
)
FILES: Mapping[str, str] = {
    TABLE: "application/json",
    "schema.json": "application/json",
    JSON: "application/schema+json",
    VALID: "text/csv; charset=utf-8",
    INVALID: "text/csv; charset=utf-8",
    LOG: "text/markdown; charset=utf-8",
    READ_ME: "text/markdown; charset=utf-8",
    REPOSITORY: "application/zip",
}
"""What is published under the address of a version, and its media type; `schema.json` is the Table Schema again."""
_PARTIAL_DATE = "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
_TABLE_TYPES = {"number": "number", "integer": "integer", "boolean": "boolean", "date": "date", "records": "array"}
_FORMATS = {"url": "uri", "email": "email"}
_SOURCES = (
    (
        "Demande d’un schéma de description des tiers-lieux",
        "https://github.com/datagouv/schema.data.gouv.fr/issues/179",
    ),
    ("Demande d’un schéma commun de « lieu »", "https://github.com/datagouv/schema.data.gouv.fr/issues/214"),
    ("Spécification « opening_hours »", "https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification"),
    ("Code officiel géographique", "https://www.insee.fr/fr/information/2560452"),
)


def files(schema: Definition, site_url: str) -> dict[str, Callable[[], bytes]]:
    """Each published file, by name; `site_url` has no final slash."""

    def table() -> bytes:
        return written(table_schema(schema, site_url))

    return {
        TABLE: table,
        "schema.json": table,
        JSON: lambda: written(json_schema(schema, site_url)),
        VALID: lambda: examples.valid(schema).encode(),
        INVALID: lambda: examples.invalid(schema).encode(),
        LOG: lambda: change_log(schema).encode(),
        READ_ME: lambda: read_me(schema, site_url).encode(),
        REPOSITORY: lambda: repository(schema, site_url),
    }


def written(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def address(schema: Definition, site_url: str, name: str = "") -> str:
    """Where a file of this version is published."""
    return f"{site_url}/schema/{schema.name}/{schema.version}/{name}"


def table_schema(schema: Definition, site_url: str) -> dict[str, Any]:
    """The Table Schema, with what schema.data.gouv.fr asks of its `schema.json`."""
    return {
        "$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json",
        "name": schema.name,
        **_words(schema),
        "countryCode": schema.country,
        "homepage": f"{site_url}/schema/",
        "path": address(schema, site_url, "schema.json"),
        "uri": address(schema, site_url, "schema.json"),
        "version": schema.version,
        "created": schema.created,
        "lastModified": schema.modified,
        "licence": schema.licence,
        "licenses": [
            {"title": schema.licence, "name": "etalab-2.0", "path": "https://spdx.org/licenses/etalab-2.0.html"}
        ],
        "contributors": [{"title": "Maillage", "role": "author", "path": site_url}],
        "sources": [{"title": title, "path": path} for title, path in _SOURCES],
        "resources": [
            {"title": "Exemple de fichier valide", "name": "exemple-valide", "path": address(schema, site_url, VALID)}
        ],
        "keywords": ["tiers-lieux", "coworking", "fablab", "lieux", "ruralité"],
        "encoding": "utf-8",
        "missingValues": [""],
        "primaryKey": ["id"],
        "groups": [{"name": group.code} | _words(group) for group in schema.groups],
        "fields": [_column(field) for field in schema.fields],
    }


def _words(told: Definition | Group | Field | Word) -> dict[str, Any]:
    """Its title and description, in French, with the English beside."""
    return {
        "title": told.title["fr"],
        "description": told.say["fr"],
        "translations": {"en": {"title": told.title["en"], "description": told.say["en"]}},
    }


def _column(field: Field) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": field.name,
        **_words(field),
        "type": _TABLE_TYPES.get(field.kind, "string"),
        "group": field.group,
    }
    if field.kind in _FORMATS:
        told["format"] = _FORMATS[field.kind]
    if field.kind == "boolean":
        told |= {"trueValues": ["true"], "falseValues": ["false"]}
    if field.example:
        told["example"] = field.example
    if field.words:
        told["values"] = [{"value": word.code} | _words(word) for word in field.words]
    constraints = _constraints(field)
    return told | ({"constraints": constraints} if constraints else {})


def _constraints(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"required": field.required}
    if field.name == "id":
        found["unique"] = True
    if pattern := pattern_of(field):
        found["pattern"] = pattern
    if field.kind == "word":
        found["enum"] = list(field.codes)
    if field.longest and _TABLE_TYPES.get(field.kind, "string") == "string":
        found["maxLength"] = field.longest
    return found | _bounds(field)


def pattern_of(field: Field) -> str:
    """The regular expression of a whole cell, anchored at both ends; empty where any text will do.

    >>> from maillage.network.exchange.rules.tiers_lieux.definition import definition
    >>> bool(re.fullmatch(pattern_of(definition().field("labels")), "france-services|poste"))
    False
    """
    if field.kind == "words":
        one = f"(?:{'|'.join(map(re.escape, field.codes))})".replace("\\-", "-")
        return f"^{one}(?:\\{SEVERAL}{one})*$"
    if field.kind == "links":
        return r"^https?://\S+(?: https?://\S+){0,9}$"
    if field.kind == "partial_date":
        return f"^{_PARTIAL_DATE}$"
    return f"^{field.pattern}$" if field.pattern else ""


def json_schema(schema: Definition, site_url: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one place; each group is a schema of its own, which others may refer to."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address(schema, site_url, JSON),
        **_words(schema),
        "version": schema.version,
        "type": "object",
        "allOf": [{"$ref": f"#/$defs/{group.code}"} for group in schema.groups],
        "anyOf": [{"required": ["code_insee"]}, {"required": ["latitude", "longitude"]}],
        "dependentRequired": {"latitude": ["longitude"], "longitude": ["latitude"]},
        "if": {"anyOf": [{"required": ["date_fermeture"]}, {"required": ["cause_fermeture"]}]},
        "then": {"required": ["statut"], "properties": {"statut": {"const": "ferme"}}},
        "$defs": {
            group.code: {
                "$anchor": group.code,
                **_words(group),
                "type": "object",
                "required": [field.name for field in schema.of(group.code) if field.required],
                "properties": {field.name: _property(field) for field in schema.of(group.code)},
            }
            for group in schema.groups
        },
    }


def _property(field: Field) -> dict[str, Any]:
    told: dict[str, Any] = _words(field) | _json_type(field)
    if field.example:
        told["examples"] = [examples.as_json(field, field.example)]
    return told


def _json_type(field: Field) -> dict[str, Any]:
    choices = {"oneOf": [{"const": word.code} | _words(word) for word in field.words]}
    if field.kind == "word":
        return {"type": "string", **choices}
    if field.kind == "words":
        return {"type": "array", "uniqueItems": True, "items": {"type": "string", **choices}}
    if field.kind == "links":
        link = {"type": "string", "format": "uri", "pattern": "^https?://"}
        return {"type": "array", "uniqueItems": True, "maxItems": 10, "items": link}
    if field.kind == "records":
        return {"type": "array", "items": {"type": "object"}}
    if field.kind in ("number", "integer", "boolean"):
        return {"type": field.kind} | _bounds(field)
    told: dict[str, Any] = {"type": "string"} | ({"minLength": 1} if field.required else {})
    if field.longest:
        told["maxLength"] = field.longest
    if field.kind in ("date", *_FORMATS):
        told["format"] = _FORMATS.get(field.kind, "date")
    if pattern := pattern_of(field):
        told["pattern"] = pattern
    return told


def _bounds(field: Field) -> dict[str, float]:
    found = {"minimum": field.least, "maximum": field.most}
    return {key: value for key, value in found.items() if value is not None}


def change_log(schema: Definition) -> str:
    """The change log in Markdown, French first."""
    lines = [f"# Journal des changements — schéma « {schema.name} »", ""]
    for change in schema.changes:
        lines += [f"## {change.version} ({change.date})", ""]
        for language in LANGUAGES:
            lines += [f"- {sentence}" for sentence in change.says[language]]
        lines.append("")
    return "\n".join(lines)


def read_me(schema: Definition, site_url: str) -> str:
    """The page of a repository that carries the schema."""
    rows = [
        f"| `{f.name}` | {f.title['fr']} | {'oui' if f.required else ''} | {f.say['fr']} |".replace("« | »", "« \\| »")
        for f in schema.fields
    ]
    return "\n".join(
        [
            f"# {schema.title['fr']}",
            "",
            schema.say["fr"],
            "",
            f"Version {schema.version}, {schema.licence}. Page, validateur et documents : {site_url}/schema/",
            "",
            "Fichier CSV en UTF-8, virgules, une ligne par lieu. Plusieurs mots d’une cellule sont séparés par « | ».",
            "Il faut le code Insee de la commune, ou la latitude et la longitude.",
            "",
            "| champ | nom | obligatoire | sens |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def repository(schema: Definition, site_url: str) -> bytes:
    """A folder ready for schema.data.gouv.fr, zipped; the same bytes every time."""
    made = files(schema, site_url)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("schema.json", JSON, VALID, INVALID, LOG, READ_ME):
            entry = zipfile.ZipInfo(f"schema-{schema.name}/{name}", (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, made[name]())
    return held.getvalue()
