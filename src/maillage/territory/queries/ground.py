from dataclasses import dataclass
from datetime import datetime
from typing import Any

from maillage.journal import queries as journal
from maillage.territory.models import Ground


def current_ground() -> Ground | None:
    """The ground the site stands on: the newest load, or None before the first one."""
    return journal.once("ground", lambda: Ground.objects.order_by("-pk").first())


def ground_version() -> int:
    """The key of the current ground, 0 without one: the age of anything derived from it."""
    ground = current_ground()
    return ground.pk if ground else 0


def ground_edition() -> tuple[int, str] | None:
    """The key and the fingerprint of the current ground: they tell it from any other, in any database."""
    ground = current_ground()
    return (ground.pk, ground.fingerprint) if ground else None


@dataclass(frozen=True, slots=True)
class Figure:
    """Where one figure comes from, for people to read."""

    figure: str
    source: str
    vintage: str
    licence: str
    note: str


@dataclass(frozen=True, slots=True)
class Description:
    """The ground that stands, as told to people; `counts` are those of the load."""

    kind: str
    kind_label: str
    label: str
    vintage: str
    loaded_at: datetime
    estimated_centres: int
    counts: dict[str, Any]
    figures: tuple[Figure, ...]


def describe_ground() -> Description | None:
    """All that is known of the current ground, or None before the first load."""
    ground = current_ground()
    if ground is None:
        return None
    rows = ground.figures.order_by("pk").values_list("figure", "source", "vintage", "licence", "note")
    return Description(
        kind=ground.kind,
        kind_label=ground.get_kind_display(),
        label=ground.label,
        vintage=ground.vintage,
        loaded_at=ground.loaded_at,
        estimated_centres=ground.estimated_centres,
        counts=ground.counts,
        figures=tuple(Figure(*row) for row in rows),
    )
