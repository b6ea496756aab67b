"""The tiers-lieux of the registry as columns: read once for each state of the registry, kept in this process."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from maillage.diagnosis.rules.supply import is_tiers_lieu, lists_it, serves
from maillage.journal.models import AuditEvent
from maillage.places.models import Feature, Place, SourceRecord
from maillage.places.queries import registry_version
from maillage.places.queries.points import epoch
from maillage.territory.queries import ground_version
from maillage.territory.queries.ground import ground_edition
from maillage.territory.queries.stored import Stored, stored


@dataclass(frozen=True, slots=True)
class Supply:
    """Every tiers-lieu, whatever its state, column by column, in the order of its slug.

    `lat` and `lon` are NaN where neither the place nor its commune has a point; `checked_on` is the newest perhaps
    partial date at which a person or a source spoke of it; `confirmed` whether a person of ours did.
    """

    slug: NDArray[np.object_]
    name: NDArray[np.object_]
    status: NDArray[np.object_]
    commune: NDArray[np.str_]
    commune_name: NDArray[np.object_]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    checked_on: NDArray[np.object_]
    confirmed: NDArray[np.bool_]
    is_demo: NDArray[np.bool_]
    serves: NDArray[np.bool_]
    capacity: NDArray[np.float64]
    told: tuple[dict[str, str], ...]

    def __len__(self) -> int:
        return len(self.slug)


def supply() -> Supply:
    """The tiers-lieux of today."""
    return _supply((epoch(), registry_version(), ground_version()))


_PLAIN = ("slug", "name", "status", "commune_id", "commune__name", "city", "lat", "lon")
_CENTRE = ("commune__lat", "commune__lon", "confirmed_at", "is_demo", "capacity")
_TOLD = ("opened_on", "closed_on", "closed_cause", "prices")


@lru_cache(maxsize=2)
def _supply(state: tuple[str, int, int]) -> Supply:
    _, version, _ = state
    said_at = AuditEvent.objects.filter(pk=version).values_list("at", flat=True).first()
    if said_at is None:  # the registry was written by no act: nothing tells its age
        return _made()
    base = connection.settings_dict
    key = (base["HOST"], base["PORT"], base["NAME"], version, said_at.isoformat(), ground_edition())
    return _unpacked(stored("supply", key, _MAKERS, lambda: _packed(_made())))


_MAKERS = (__name__, "maillage.diagnosis.rules.supply")
_LISTS = ("slug", "name", "status", "commune_name", "checked_on")


def _packed(told: Supply) -> Stored:
    lists = {name: getattr(told, name).tolist() for name in _LISTS}
    arrays = {name: getattr(told, name) for name in Supply.__dataclass_fields__ if name not in (*_LISTS, "told")}
    return Stored(arrays, {"lists": lists, "told": told.told})


def _unpacked(told: Stored) -> Supply:
    lists: dict[str, Any] = {name: _objects(values) for name, values in told.beside["lists"].items()}
    return Supply(**lists, **told.arrays, told=tuple(told.beside["told"]))


def _made() -> Supply:
    words = _words()
    rows = Place.objects.public().order_by("slug").values("pk", *_PLAIN, *_CENTRE, *_TOLD)
    listed = _listed()
    kept = [row for row in rows if row["pk"] in listed or is_tiers_lieu(*_said(words, row["pk"]))]
    dates, sources = _sources()
    checked = [_checked_on(row, dates.get(row["pk"], "")) for row in kept]
    return Supply(
        slug=_objects(row["slug"] for row in kept),
        name=_objects(row["name"] for row in kept),
        status=_objects(row["status"] for row in kept),
        commune=np.array([row["commune_id"] or "" for row in kept], str),
        commune_name=_objects(row["commune__name"] or row["city"] or "" for row in kept),
        lat=np.array([_point(row, "lat") for row in kept], float),
        lon=np.array([_point(row, "lon") for row in kept], float),
        checked_on=_objects(checked),
        confirmed=np.array([row["confirmed_at"] is not None for row in kept], bool),
        is_demo=np.array([row["is_demo"] for row in kept], bool),
        serves=np.array([serves(row["status"]) for row in kept], bool),
        capacity=np.array([np.nan if row["capacity"] is None else row["capacity"] for row in kept], float),
        told=tuple({**{name: row[name] for name in _TOLD}, "source": sources.get(row["pk"], "")} for row in kept),
    )


def _words() -> dict[UUID, dict[str, list[str]]]:
    said: dict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    kinds = ("activities", "labels", "services")
    for pk, kind, code in Feature.objects.filter(kind__in=kinds).values_list("place_id", "kind", "code").order_by():
        said[pk][kind].append(code)
    return said


def _said(words: dict[UUID, dict[str, list[str]]], pk: UUID) -> tuple[list[str], list[str], list[str]]:
    said = words.get(pk, {})
    return said.get("activities", []), said.get("labels", []), said.get("services", [])


def _listed() -> set[UUID]:
    """The places that some source lists as tiers-lieux, even where the registry believes another one's activities."""
    rows = SourceRecord.objects.order_by().values_list("place_id", "source__slug", "values", "raw__is_tiers_lieu")
    return {
        place
        for place, source, values, said in rows.iterator(chunk_size=5000)
        if lists_it(source, values.get("activities") or (), values.get("labels") or (), said)
    }


def _sources() -> tuple[dict[UUID, str], dict[UUID, str]]:
    """The newest date of the sources of each place, and the name of the one that gave it.

    A date that was still to come when the source was read is no date; a source without a date gives only its name.
    """
    dates: dict[UUID, str] = {}
    names: dict[UUID, str] = {}
    rows = SourceRecord.objects.order_by("place_id", "dated", "pk")
    told = rows.values_list("place_id", "source__name", "dated", "fetched_at")
    for place, name, dated, fetched in told.iterator(chunk_size=5000):
        if dated <= fetched.date().isoformat()[: len(dated)]:
            dates[place] = max(dates.get(place, ""), dated)
            names[place] = name
        names.setdefault(place, name)
    return dates, names


def _checked_on(row: dict[str, Any], dated: str) -> str:
    confirmed = row["confirmed_at"]
    return max(dated, confirmed.date().isoformat() if confirmed else "")


def _point(row: dict[str, Any], axis: str) -> float:
    own, centre = row[axis], row[f"commune__{axis}"]
    found = centre if row["lat"] is None or row["lon"] is None else own
    return np.nan if found is None else found


def _objects(values: Any) -> NDArray[np.object_]:
    listed = list(values)
    made = np.empty(len(listed), object)
    made[:] = listed
    return made
