"""What the database knows of the places, or of the rows of a file, by the few properties that a definition asks for.

Fictional places are never read: no definition can ask for them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.fields import BooleanField
from django.utils import timezone

from maillage.diagnosis.queries.supply import supply
from maillage.network.observatory.rules.definitions import Definition
from maillage.network.observatory.rules.duplicates import Told, likely_duplicates
from maillage.network.observatory.rules.filters import FIELDS, Cell, Filter, Test, holds
from maillage.places.models import Feature, Place, Source, SourceRecord
from maillage.places.queries.matching import TERRITORY_COLUMNS
from maillage.territory.queries import Territory

COLUMNS = {
    "status": "status",
    "density": "commune__density_7",
    "region": "commune__departement__region_id",
    "metropole": "commune__in_metropole",
    "opened": "opened_on",
    "closed": "closed_on",
    "confirmed": "confirmed_at",
}
KNOWN = {
    "commune": Q(commune__isnull=False),
    "inhabitants": Q(commune__population__isnull=False),
}
"""Of these, all that may be asked is whether they are known."""
YEARS = ("opened", "closed")


def of_source(definition: Definition, there: Territory | None) -> Iterator[tuple[Cell, int]]:
    """The rows of a source as they came, removed places too; a row that lacks a column is not of that file."""
    records = SourceRecord.objects.filter(
        source__slug=definition.source_slug, source__is_demo=False, place__is_demo=False
    )
    column = definition.territories[there.kind] if there else ""
    for raw in records.values_list("raw", flat=True).order_by("pk").iterator(chunk_size=2000):
        if definition.columns <= raw.keys() and (not there or str(raw.get(column, "")).strip() == there.code):
            yield {name: str(raw.get(name, "")).strip() for name in definition.columns | definition.beside}, 1


def by_region(definition: Definition) -> Definition:
    """The same population, told apart by région and nothing else."""
    return replace(definition, by=("region",), counted=(), missing=(), over="all", per=0, answer="number", figures=())


def of_registry(definitions: Iterable[Definition], there: Territory | None = None) -> list[tuple[Cell, int]]:
    """The real places of the registry, counted by all the properties that some definitions look at: one query."""
    definitions = list(definitions)
    by = {name for definition in definitions for name in definition.by} - {"source"}
    if any(definition.per for definition in definitions):
        by.add("inhabitants")
    asked = _asked([test for definition in definitions for test in _tests(definition)], by)
    places = real_places()
    if there:
        places = places.filter(**{TERRITORY_COLUMNS[there.kind]: there.code})
    if asked.of_each:
        rows = Counter(values for _, values in _each(places, asked)).items()
        return [(_cell(asked.keys, values), n) for values, n in rows]
    read = places.annotate(**asked.flags).order_by()
    counted = read.values_list(*asked.named).annotate(n=Count("pk")) if asked.named else [(read.count(),)]
    return [(_cell(asked.keys, row[:-1]), row[-1]) for row in counted]


def slugs(where: Filter, *, today: date) -> frozenset[str]:
    """The slugs of the real places that answer every condition."""
    asked, places = _asked(where, set()), real_places()
    told = _each(places, asked)
    return frozenset(slug for slug, values in told if holds(where, _cell(asked.keys, values), today=today))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is read of each place: `named` columns and `flags` of the database, then what Python tells `of_each`."""

    named: list[str]
    flags: dict[str, Any]
    of_each: list[str]
    keys: list[str]


def _asked(tests: Iterable[Test], by: set[str]) -> _Asked:
    """Gather the properties that some conditions and some dimensions look at, each once."""
    by_key = {test.key: test for test in tests}
    single = by_key.keys() & FIELDS.keys() | by
    columns, several = sorted(single & COLUMNS.keys()), sorted(by_key.keys() - single)
    flags: dict[str, Any] = {f"has_{n}": _has(by_key[key]) for n, key in enumerate(several)}
    keys = [*columns, *several]
    for name, condition in KNOWN.items():
        if name in single:
            flags[f"is_{name}"] = ExpressionWrapper(condition, output_field=BooleanField())
            keys.append(name)
    of_each = sorted(single & _ASKED_OF_EACH.keys())
    return _Asked([*(COLUMNS[name] for name in columns), *flags], flags, of_each, [*keys, *of_each])


def _each(places: "QuerySet[Place]", asked: _Asked) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The slug of each place and its values, in the order of `keys`."""
    held = [_ASKED_OF_EACH[name](places) for name in asked.of_each]
    for pk, slug, *row in places.annotate(**asked.flags).order_by().values_list("pk", "slug", *asked.named):
        yield slug, (*row, *(pk in found or slug in found for found in held))


def real_places() -> "QuerySet[Place]":
    """The places that visitors may read and that a real source told of."""
    told = SourceRecord.objects.filter(place=OuterRef("pk"), source__is_demo=False)
    return Place.objects.public().filter(Exists(told), is_demo=False)


def sources_within(there: Territory) -> list[tuple[str, str, str, int]]:
    """The sources that told of the real places of a territory: (slug, name, licence, places)."""
    place = "records__place__"
    described = Q(is_demo=False, **{f"{place}is_demo": False, f"{place}removed_at__isnull": True})
    described &= Q(**{f"{place}{TERRITORY_COLUMNS[there.kind]}": there.code})
    counted = Source.objects.filter(described).annotate(n=Count("records__place", distinct=True))
    return list(counted.order_by("slug").values_list("slug", "name", "licence", "n"))


def _tests(definition: Definition) -> Iterator[Test]:
    yield from (*definition.where, *definition.counted, *definition.missing)
    for figure in definition.figures:
        yield from figure.where


def _cell(keys: list[str], values: Any) -> dict[str, Any]:
    return {key: _value(key, value) for key, value in zip(keys, values, strict=True)}


def _value(key: str, value: Any) -> Any:
    """A value as the rules compare it: a year of a date perhaps cut short, a day of a moment, None when unknown."""
    if key in YEARS:
        return int(value[:4]) if value[:4].isdecimal() else None
    if key in KNOWN:
        return True if value else None
    if key == "confirmed" and isinstance(value, datetime):
        return _day(value)
    return value


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)


def _has(test: Test) -> Exists:
    """Whether a place has one of the values of a test on a property that has several."""
    assert isinstance(test.value, tuple)
    if test.field == "sources":
        records = SourceRecord.objects.filter(place=OuterRef("pk"), source__slug__in=test.value)
        return Exists(records)
    return Exists(Feature.objects.filter(place=OuterRef("pk"), kind=test.field, code__in=test.value))


def _third_places(_places: "QuerySet[Place]") -> frozenset[Any]:
    """The slugs of the places that the diagnosis holds for third places: one rule for all figures."""
    return frozenset(supply().slug)


def _duplicates(places: "QuerySet[Place]") -> frozenset[Any]:
    """The places told again, among those that are not closed."""
    told = places.exclude(status="closed").values_list("pk", "name", "commune_id", "website")
    return likely_duplicates(Told(pk, name, commune or "", website) for pk, name, commune, website in told)


_ASKED_OF_EACH: dict[str, Callable[["QuerySet[Place]"], frozenset[Any]]] = {
    "duplicate": _duplicates,
    "third_place": _third_places,
}
"""What only Python can tell: which places, by key or by slug, have the property."""
