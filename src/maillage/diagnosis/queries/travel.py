"""Which travel model this site uses: the road when MAILLAGE_ROADS gives an extract, else crow-fly."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings

from maillage.analysis.travel import TravelModel, crow_fly_by_zone
from maillage.diagnosis.road import RoadError
from maillage.territory.queries.arrays import columns
from maillage.territory.queries.ground import ground_edition

if TYPE_CHECKING:
    from maillage.diagnosis.road import RoadNetwork

FOLDER = "roads"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the extract brings to this site: the road model, and how many of the communes with a centre have a road."""

    model: "RoadNetwork"
    with_road: int
    communes: int


def travel_model() -> TravelModel:
    """The travel model of this site; `name` goes beside every figure.

    With an extract: by road between points that have a road, crow-fly elsewhere; crow-fly alone when no commune of the
    ground has a road in it. Reading an extract takes about a second for 2 MB, the first time only. RoadError says in
    French why an extract cannot be read.
    """
    covered = coverage()
    if not covered or not covered.with_road:
        return crow_fly_by_zone()
    from maillage.diagnosis.road.mixed import Mixed

    return Mixed(covered.model, crow_fly_by_zone())


def coverage() -> Coverage | None:
    """What the extract of MAILLAGE_ROADS covers; None when the setting is not there."""
    if settings.ROADS is None:
        return None
    return _coverage(_network(settings.ROADS), ground_edition())


def _network(path: Path) -> "RoadNetwork":
    from maillage.diagnosis.road import RoadNetwork

    try:
        told = path.stat()
    except OSError:
        return RoadNetwork.read(path)  # says that it is missing
    return _read(path, told.st_mtime_ns, told.st_size, settings.HOME / FOLDER)


@lru_cache(maxsize=1)
def _read(path: Path, changed_ns: int, size: int, folder: Path) -> "RoadNetwork":
    from maillage.diagnosis.road import RoadNetwork

    return RoadNetwork.read(path, keep_in=folder)


@lru_cache(maxsize=2)
def _coverage(model: "RoadNetwork", edition: str) -> Coverage:
    where = columns()
    known = np.flatnonzero(np.isfinite(where.lat))
    without = model.unsnapped((where.lat[known], where.lon[known]))
    return Coverage(model, int((~without).sum()), known.size)


__all__ = ["Coverage", "RoadError", "coverage", "travel_model"]
