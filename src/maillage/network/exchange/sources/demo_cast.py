"""The places of the cast, each with its life in steps (`demo_cast.toml`)."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import uuid5

from maillage.network.exchange.sources.demo import FAMILY, LICENCE, months_before
from maillage.places.rules.drafts import Draft
from maillage.places.rules.fields import check
from maillage.territory.rules.towns import Town


@dataclass(frozen=True, slots=True)
class Step:
    """What one source said at one time."""

    at: datetime
    by: str
    reason: str
    draft: Draft


@dataclass(frozen=True, slots=True)
class CastPhoto:
    picture: str
    alt: str
    credit: str


@dataclass(frozen=True, slots=True)
class CastPlace:
    """A place of the cast: its steps, oldest first, its photos, and who confirmed it when."""

    key: str
    slug: str
    steps: tuple[Step, ...]
    photos: tuple[CastPhoto, ...]
    confirmed_at: datetime | None
    confirmed_by: str


def cast(communes: Sequence[Town], *, now: datetime) -> Iterator[CastPlace]:
    """The places of the cast whose communes are on the ground."""
    towns = {town.code: town for town in communes}
    text = files("maillage.network.exchange.sources").joinpath("demo_cast.toml").read_text(encoding="utf-8")
    for told in tomllib.loads(text)["place"]:
        if told["commune"] in towns:
            yield _place(told, towns[told["commune"]], now)


def _place(told: dict[str, Any], town: Town, now: datetime) -> CastPlace:
    confirmed = told.get("confirmed")
    return CastPlace(
        key=told["key"],
        slug=told["slug"],
        steps=tuple(_step(told, step, town, now) for step in told["step"]),
        photos=tuple(CastPhoto(**photo) for photo in told.get("photo", ())),
        confirmed_at=now - timedelta(days=confirmed["days_ago"]) if confirmed else None,
        confirmed_by=confirmed["by"] if confirmed else "",
    )


def _step(told: dict[str, Any], step: dict[str, Any], town: Town, now: datetime) -> Step:
    at = now.combine(months_before(now.date(), step["months_ago"]), now.time(), now.tzinfo)
    values = {"commune": town.code, **step["values"]}
    for field in ("opened_on", "closed_on"):
        if field in values:
            values[field] = months_before(now.date(), -int(values[field])).isoformat()[:7]
    if not town.estimated and values.get("precision", "estimated") != "estimated":
        north, east = told["offset"]
        values |= {"lat": round(town.lat + north, 5), "lon": round(town.lon + east, 5)}
    else:
        values.pop("precision", None)
    values = check(values).values
    draft = Draft(
        source=step["source"],
        ref=told["key"],
        values=values,
        raw={key: ", ".join(value) if isinstance(value, list) else value for key, value in values.items()},
        licence=LICENCE,
        dated=at.date().isoformat(),
        place_id=uuid5(FAMILY, told["key"]),
        slug=told["slug"],
        demo=True,
    )
    return Step(at, step["by"], step["reason"], draft)
