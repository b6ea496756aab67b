"""The rows of the tables of a diagnosis: communes, or whole territories where communes would be thousands."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite

from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.diagnosis.rules.facts import Diagnosis, Town
from maillage.diagnosis.views.asking import Asked
from maillage.diagnosis.views.maps import band_of
from maillage.diagnosis.views.words import minutes_in_words, people, percent
from maillage.places.views.wording import figure
from maillage.territory.queries import maps
from maillage.territory.rules.names import normalise

MOST_ROWS = 20
"""Communes shown before one asks for all of them."""


@dataclass(frozen=True, slots=True)
class TownRow:
    """A commune, in words; `kind` is its class of minutes."""

    code: str
    name: str
    url: str
    population: str
    minutes: str
    was: str
    kind: int
    nearest: str
    nearest_url: str
    priority: str
    is_opened: bool


@dataclass(frozen=True, slots=True)
class PartRow:
    """A département or a région of a larger territory: people, and those who are too far."""

    name: str
    url: str
    population: str
    beyond: str
    share: str
    width: float


@dataclass(frozen=True, slots=True)
class Sort:
    """A column that orders the table; `state` as `aria-sort` says it."""

    code: str
    url: str
    state: str


def is_by_parts(diagnosis: Diagnosis) -> bool:
    """Whether rows are régions or départements: communes would be too many to read."""
    return diagnosis.kind in ("france", "reg")


def is_wide(diagnosis: Diagnosis) -> bool:
    """Whether one place cannot serve the territory: its figures add up many places, known and unknown."""
    return diagnosis.kind in ("france", "reg", "dep")


def town_rows(diagnosis: Diagnosis, asked: Asked) -> list[TownRow]:
    """The communes in the order that is asked, cut to `MOST_ROWS` unless all of them are."""
    ordered = _ordered(diagnosis.towns, asked.sort)
    return [_town_row(town, asked) for town in (ordered if asked.whole else ordered[:MOST_ROWS])]


def _ordered(towns: Iterable[Town], sort: str) -> list[Town]:
    """The most concerned first; what is unknown last."""
    keys: dict[str, Callable[[Town], float]] = {
        "minutes": lambda town: _last(town.minutes),
        "habitants": lambda town: _last(town.population),
        "priorite": lambda town: _last(town.priority),
        "commune": lambda _town: 0.0,
    }
    return sorted(towns, key=lambda town: (keys[sort](town), normalise(town.name), town.code))


def _last(value: float | None) -> float:
    return float("inf") if value is None or value != value else -min(value, 1e12)


def _town_row(town: Town, asked: Asked) -> TownRow:
    was = ""
    if town.minutes != town.minutes_now and not (_past(town.minutes) and _past(town.minutes_now)):
        was = minutes_in_words(town.minutes_now)
    return TownRow(
        code=town.code,
        name=town.name,
        url=reverse("diagnosis", args=[f"commune-{town.code}"]),
        population=people(town.population),
        minutes=minutes_in_words(town.minutes),
        was=was,
        kind=band_of(town.minutes),
        nearest=town.nearest_name,
        nearest_url=reverse("place", args=[town.nearest]) if town.nearest else "",
        priority=_priority(town.priority),
        is_opened=town.code in asked.request.opened,
    )


def _past(minutes: float | None) -> bool:
    return minutes is not None and (not isfinite(minutes) or minutes > 60)


def _priority(priority: float | None) -> str:
    if priority is None or priority != priority:
        return _("inconnue")
    return figure(priority * 100) if priority else _("aucune")


def part_rows(diagnosis: Diagnosis, asked: Asked) -> list[PartRow]:
    """Régions of France or départements of a région, the largest share too far first unless asked otherwise."""
    known, names = maps.communes(), maps.names()
    column, titles, kind = (
        (known.region, names.region, "reg")
        if diagnosis.kind == "france"
        else (known.departement, names.departement, "dep")
    )
    part_of = dict(zip(known.code.tolist(), column.tolist(), strict=True))
    sums: dict[str, list[int]] = {}
    for town in diagnosis.towns:
        part = part_of.get(town.code)
        if part and town.population is not None and town.minutes is not None and town.minutes == town.minutes:
            found = sums.setdefault(part, [0, 0])
            found[0] += town.population
            found[1] += town.population if town.minutes > diagnosis.request.within_min else 0
    most = max((beyond / total for total, beyond in sums.values() if total), default=1.0) or 1.0
    ordered = sorted(sums.items(), key=lambda item: _part_key(item, titles, asked.sort))
    query = f"?seuil={asked.request.within_min}" if asked.query() else ""
    return [
        PartRow(
            name=titles.get(code, code),
            url=reverse("diagnosis", args=[f"{kind}-{code}"]) + query,
            population=people(total),
            beyond=people(beyond),
            share=percent(beyond / total if total else None),
            width=round(100 * beyond / total / most, 1) if total else 0.0,
        )
        for code, (total, beyond) in ordered
    ]


def _part_key(item: tuple[str, list[int]], titles: dict[str, str], sort: str) -> tuple[float, str]:
    code, (total, beyond) = item
    keys = {"habitants": -float(total), "minutes": -beyond / total if total else 1.0, "priorite": -float(beyond)}
    return keys.get(sort, 0.0), normalise(titles.get(code, code))


def sorts(asked: Asked) -> dict[str, Sort]:
    """The columns of the table, each with the address that orders by it."""
    states = {"commune": "ascending"}
    return {
        code: Sort(
            code,
            asked.but(sort=code).url() + "#tableau",
            states.get(code, "descending") if code == asked.sort else "none",
        )
        for code in ("commune", "habitants", "minutes", "priorite")
    }
