"""A diagnosis as plain data, as a table of communes, as a map: the same figures everywhere."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from typing import Any

from maillage.diagnosis.rules.facts import Diagnosis, Plan, Town

FORMAT = "maillage-diagnosis/1"
KNOWN, FAR, UNKNOWN = "known", "past-an-hour", "unknown"
COLUMNS = (
    *("code", "name", "lat", "lon", "population", "employed", "density"),
    *("minutes", "reach", "minutes_now", "reach_now", "nearest", "nearest_name", "vulnerability", "priority"),
)


def as_data(diagnosis: Diagnosis) -> dict[str, Any]:
    """Give a diagnosis as plain data for JSON: null is unknown, and `reach` tells it from « past an hour ».

    Minutes are rounded to a tenth, shares to four decimals, money stays in cents.
    """
    told = _plain(asdict(diagnosis))
    told["format"] = FORMAT
    told["towns"] = [as_row(town) for town in diagnosis.towns]
    return told


def as_row(town: Town) -> dict[str, Any]:
    """Give one commune as plain data."""
    told = {name: _plain(getattr(town, name)) for name in COLUMNS if not name.startswith("reach")}
    reach = {"reach": _reach(town.minutes), "reach_now": _reach(town.minutes_now)}
    whole = {"minutes": _minutes(town.minutes), "minutes_now": _minutes(town.minutes_now), **reach}
    return {name: (told | whole)[name] for name in COLUMNS}


def as_json(diagnosis: Diagnosis) -> str:
    """Write a diagnosis as JSON."""
    return json.dumps(as_data(diagnosis), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_csv(diagnosis: Diagnosis) -> str:
    """Write the communes of a diagnosis as CSV: a header, one row each, an empty cell where nobody knows."""
    written = io.StringIO()
    rows = csv.DictWriter(written, COLUMNS, lineterminator="\r\n")
    rows.writeheader()
    rows.writerows({name: _cell(value) for name, value in as_row(town).items()} for town in diagnosis.towns)
    return written.getvalue()


def as_geojson(diagnosis: Diagnosis) -> str:
    """Write the communes (at their centres) and the places of a diagnosis as GeoJSON; those without a point too."""
    features = [_feature(town.lon, town.lat, {"kind": "commune", **as_row(town)}) for town in diagnosis.towns]
    for place in diagnosis.places:
        told = {name: value for name, value in _plain(asdict(place)).items() if name not in ("lat", "lon")}
        features.append(_feature(place.lon, place.lat, {"kind": "place", **told, "minutes": _minutes(place.minutes)}))
    told = {name: _plain(getattr(diagnosis, name)) for name in ("reference", "name", "today", "travel", "approximate")}
    whole = {"type": "FeatureCollection", "about": told, "features": features}
    return json.dumps(whole, ensure_ascii=False, allow_nan=False) + "\n"


def plan_data(plan: Plan) -> dict[str, Any]:
    """Give the best sites as plain data for JSON."""
    told: dict[str, Any] = _plain(asdict(plan))
    return told


def plan_geojson(plan: Plan) -> str:
    """Write the best sites as GeoJSON."""
    about = {name: value for name, value in plan_data(plan).items() if name != "sites"}
    features = [_feature(site.lon, site.lat, asdict(site)) for site in plan.sites]
    whole = {"type": "FeatureCollection", "about": about, "features": features}
    return json.dumps(whole, ensure_ascii=False, allow_nan=False) + "\n"


def _feature(lon: float | None, lat: float | None, told: Mapping[str, Any]) -> dict[str, Any]:
    point = None if lon is None or lat is None else {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    kept = {name: value for name, value in told.items() if name not in ("lat", "lon")}
    return {"type": "Feature", "geometry": point, "properties": kept}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return round(value, 6) if isfinite(value) else None
    return value


def _minutes(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else round(value, 1)


def _reach(minutes: float | None) -> str:
    """Tell unknown minutes from those past an hour.

    >>> _reach(None), _reach(float("inf")), _reach(12.0)
    ('unknown', 'past-an-hour', 'known')
    """
    if minutes is None or minutes != minutes:
        return UNKNOWN
    return KNOWN if isfinite(minutes) else FAR


_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula.

    >>> _cell(None), _cell("=1+1"), _cell(-1.5)
    ('', "'=1+1", -1.5)
    """
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value
