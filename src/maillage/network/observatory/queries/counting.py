"""From a definition to its answer: of today or an earlier day, for France or one territory."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from maillage.journal.queries import aside
from maillage.network.observatory.models import Snapshot
from maillage.network.observatory.queries import cells, inhabitants, reach
from maillage.network.observatory.rules.bias import Bias, compare, reference
from maillage.network.observatory.rules.counts import Count, Detail, Row, details_of
from maillage.network.observatory.rules.definitions import Definition, definitions
from maillage.network.observatory.rules.filters import OF_TERRITORY, Cell
from maillage.network.observatory.rules.tally import Tally, tally
from maillage.places.models import Source
from maillage.places.queries import places_by_source, registry_version
from maillage.territory import queries as territory
from maillage.territory.queries import Territory

FRANCE = "france"
KEPT_S = 3600
OF_GROUND = {*cells.KNOWN, *OF_TERRITORY}
"""What is known of a place through its commune."""
SCALES = ("density", "opened", "closed")
"""Dimensions whose classes are read in their own order; the others largest first."""


class Refused(ValueError):
    """What was asked cannot be counted; the message says why and what can."""


class UnknownDefinition(Refused, LookupError):
    """No counter has this name; the message lists those that exist."""


class UnknownTerritory(Refused):
    """No territory is called so; the message proposes the nearest names."""


def count(slug: str, *, today: date, at: date | None = None, where: str = "") -> Count:
    """Answer one counter, as of today or as of an earlier day, for France or for one territory."""
    known = definitions()
    if slug not in known:
        raise UnknownDefinition(
            f"définition inconnue : « {slug[:80]} ». Définitions : {', '.join(known)}. "
            "Lancez « maillage count » pour les lire."
        )
    return answered(known[slug], today=today, at=at, where=where)


def answered(definition: Definition, *, today: date, at: date | None = None, where: str = "") -> Count:
    """Answer any definition, one of a file that somebody wrote too."""
    if at and at > today:
        raise Refused(f"le {at.isoformat()} n’est pas encore venu : un compte se fait au plus tard aujourd’hui.")
    there = _territory(definition, where)
    if definition.of == "source":
        return _of_source(definition, today, at, there)
    if at and at < today:
        return _then(definition, at, there)
    if definition.of == "reach":
        return _of_reach(definition, today, at, there, _registry([definition]))
    return _of_registry(definition, today, at, there, _registry([definition], there))


def all_counts(*, today: date) -> list[Count]:
    """Answer every counter as of today; kept aside until the next audited change or the next ground."""
    key = f"observatory:{registry_version()}:{territory.ground_version()}:{today}"
    kept: list[Count] | None = aside.get(key)
    if kept is None:
        known = definitions().values()
        registry = _registry([definition for definition in known if definition.is_of_today])
        kept = [_today(definition, today, registry) for definition in known]
        aside.set(key, kept, KEPT_S)
    return kept


def _today(definition: Definition, today: date, registry: "Registry") -> Count:
    if definition.of == "source":
        return _of_source(definition, today, None, None)
    of = _of_reach if definition.of == "reach" else _of_registry
    return of(definition, today, None, None, registry)


def _territory(definition: Definition, where: str) -> Territory | None:
    if not where or where.strip().lower() == FRANCE:
        return None
    found = territory.find(where)
    if found is None:
        near = [f"{hit.kind}:{hit.code} {hit.name}" for hit in territory.search(where.rpartition(":")[2][:60], limit=3)]
        proposed = (
            f"Vouliez-vous dire : {', '.join(near)} ?" if near else "Écrivez par exemple dep:39, reg:27 ou 39093."
        )
        raise UnknownTerritory(f"territoire inconnu : « {where[:60]} ». {proposed}")
    if found.kind not in definition.territories:
        kinds = ", ".join(definition.territories)
        told = f"Ce qu’il accepte : france, {kinds}." if kinds else "Il se compte pour la France entière."
        raise Refused(f"« {definition.slug} » ne se compte pas pour {found.kind}:{found.code} ({found.name}). {told}")
    return found


def _asked(at: date | None, there: Territory | None) -> dict[str, Any]:
    return {
        "at": at.isoformat() if at else "",
        "territory": f"{there.kind}:{there.code}" if there else "",
        "territory_name": there.name if there else "",
    }


def _of_source(definition: Definition, today: date, at: date | None, there: Territory | None) -> Count:
    asked = _asked(at, there)
    assert definition.published is not None
    if at and at < definition.published:
        return Count(definition, date=at.isoformat(), reason="before-census", **asked)
    told = tally(definition, cells.of_source(definition, there), today=today)
    if not told.read:
        held = there and any(True for _ in cells.of_source(definition, None))
        return Count(definition, date="", reason="territory-empty" if held else "census-not-loaded", **asked)
    source = Source.objects.get(slug=definition.source_slug)
    credit = (f"{source.name}, {source.publisher}, {source.licence}",)
    return _told(definition, told, definition.dated, {**asked, "sources": credit, "read": told.read})


@dataclass(frozen=True, slots=True)
class Registry:
    """The places of the registry by all that some definitions look at, and the sources that told of them.

    `whole`: those of all the territories, for what is compared with France.
    """

    places: list[tuple[Cell, int]]
    sources: list[tuple[str, str, int]]
    whole: list[tuple[Cell, int]]


def _registry(asked: list[Definition], there: Territory | None = None) -> Registry:
    """Read the registry once for all of these definitions; of a territory, once more for what is compared."""
    spreads = [cells.by_region(definition) for definition in asked if definition.compared]
    listed = cells.sources_within(there) if there else sorted(places_by_source(fictional=False))
    sources = [(name, licence, n) for _, name, licence, n in listed]
    if there:
        return Registry(cells.of_registry(asked, there), sources, cells.of_registry(spreads) if spreads else [])
    whole = cells.of_registry([*asked, *spreads])
    return Registry(whole, sources, whole)


def _of_registry(
    definition: Definition, today: date, at: date | None, there: Territory | None, registry: Registry
) -> Count:
    asked = _asked(at, there)
    told = tally(definition, registry.places, today=today)
    bias = _bias(definition, registry, today)
    if not told.members:
        reason = "population-empty" if told.read else "territory-empty" if there else "registry-empty"
        return Count(definition, date=today.isoformat(), reason=reason, bias=bias, **asked)
    sources = [f"{name}, {licence}" for name, licence, _ in registry.sources]
    more: dict[str, Any] = {**asked, "sources": (*sources, *inhabitants.sources(definition)), "bias": bias}
    if "source" in definition.by:
        rows = tuple(sorted((Row(name, n) for name, _, n in registry.sources), key=_size))
        more["details"] = (Detail("source", rows),)
    return _told(definition, told, today.isoformat(), more, there)


def _of_reach(
    definition: Definition, today: date, at: date | None, there: Territory | None, registry: Registry
) -> Count:
    """Inhabitants, not places: without any place nobody is within reach, which is known."""
    asked = _asked(at, there)
    told = reach.of(definition, there, today=today)
    if told is None or not told.located:
        reason = "no-ground" if told is None else "no-inhabitants"
        return Count(definition, date=today.isoformat(), reason=reason, **asked)
    near = reach.near(definition, today=today)
    sources = [f"{name}, {licence}" for name, licence, _ in registry.sources]
    return Count(
        definition,
        date=today.isoformat(),
        numerator=told.within,
        denominator=told.located,
        n_missing=told.missing,
        members=told.people,
        sources=(*sources, *inhabitants.sources(definition), *reach.sources()),
        details=tuple(Detail(name, _reached(name, classes)) for name, classes in told.classes.items()),
        figures={"places": near.places, "unplaced": near.unplaced or None, "communes": told.communes},
        bias=_bias(definition, registry, today),
        **asked,
    )


def _reached(name: str, classes: Mapping[str, tuple[int, int]]) -> tuple[Row, ...]:
    """Classes in the order people read them, each with its inhabitants; the unknown one last."""
    rows = [Row(code, n, inhabitants=people, share=n / people) for code, (n, people) in classes.items()]
    rows.sort(key=lambda row: (not row.name, row.name if name in SCALES else "", -(row.inhabitants or 0), row.name))
    return tuple(rows)


def _told(definition: Definition, told: Tally, day: str, more: dict[str, Any], there: Territory | None = None) -> Count:
    people = inhabitants.of(definition, there)
    denominator: int | None = told.members
    if definition.over == "known":
        denominator = told.known
    elif definition.over == "inhabitants":
        denominator = people.known if people else None
    if not denominator:
        more.pop("details", None)
        lacks_ground = {test.field for test in definition.missing} & OF_GROUND
        reason = "communes-unknown" if lacks_ground else "nothing-known"
        return Count(definition, date=day, reason=reason, n_missing=told.missing, members=told.members, **more)
    details = [Detail(name, _rows(name, told, definition, people)) for name in told.classes]
    figures: dict[str, int | float | None] = {}
    for figure in definition.figures:
        if figure.part:
            whole, part = figures[figure.of], figures[figure.part]
            figures[figure.name] = part / whole if whole and part is not None else None
        else:
            figures[figure.name] = figure.said if figure.said is not None else told.figures[figure.name]
    if people:
        figures |= {"inhabitants": people.known, "communes": people.communes - people.unknown}
        figures["unknown_communes"] = people.unknown or None
    more["details"] = (*details, *more.get("details", ()))
    return Count(
        definition,
        date=day,
        numerator=told.counted,
        denominator=denominator,
        n_missing=told.missing,
        members=told.members,
        figures=figures,
        **more,
    )


def _rows(name: str, told: Tally, definition: Definition, people: inhabitants.Inhabitants | None) -> tuple[Row, ...]:
    """Classes in the order people read them, those with inhabitants and no place too; the unknown one last."""
    classes, housed = told.classes[name], told.housed.get(name, {})
    there = people.classes.get(name, {}) if people else {}
    compared = reference().shares if definition.compared and name == "region" else {}
    rows = [
        Row(
            _code(value),
            classes.get(value, 0),
            inhabitants=there.get(value),
            rate=housed.get(value, 0) / there[value] * definition.per if there.get(value) else None,
            compared=compared.get(value),
        )
        for value in {*classes, *there} - {None}
    ]
    rows.sort(key=(lambda row: (len(row.name), row.name)) if name in SCALES else _size)
    return (*rows, *([Row("", classes[None])] if classes.get(None) else ()))


def _code(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _size(row: Row) -> tuple[int, str]:
    return -row.n, row.name


def _bias(definition: Definition, registry: Registry, today: date) -> Bias | None:
    """How the places counted are spread beside a census, where the definition says that this matters."""
    if not definition.compared:
        return None
    told = tally(cells.by_region(definition), registry.whole, today=today)
    return compare({code: n for code, n in told.classes["region"].items() if code is not None}, reference())


def _then(definition: Definition, at: date, there: Territory | None) -> Count:
    """The newest snapshot on or before a past day: the registry cannot be counted in the past."""
    asked = _asked(at, there)
    if there:
        return Count(definition, date=at.isoformat(), reason="no-snapshot-there", **asked)
    snapshots = Snapshot.objects.filter(definition=definition.slug, day__lte=at, numerator__isnull=False)
    taken = snapshots.order_by("-day").first() if not definition.file else None
    if taken is None:
        return Count(definition, date=at.isoformat(), reason="no-snapshot", **asked)
    kept = taken.detail
    return Count(
        definition,
        date=taken.day.isoformat(),
        numerator=taken.numerator,
        denominator=taken.denominator,
        n_missing=kept.get("missing"),
        members=kept.get("members"),
        sources=tuple(kept.get("sources", ())),
        details=details_of(kept.get("details", {})),
        figures=kept.get("figures", {}),
        **asked,
    )
