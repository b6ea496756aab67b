"""How many people live where places are counted: the denominator of rates, of communes whose population is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum

from maillage.journal.queries import aside
from maillage.network.observatory.queries.cells import COLUMNS
from maillage.network.observatory.rules.definitions import Definition
from maillage.territory.models import Commune, Departement, Region
from maillage.territory.queries import Territory, current_ground
from maillage.territory.queries.ground import ground_edition

_WITHIN = {"commune": "pk", "epci": "epci", "dep": "departement", "reg": "departement__region"}
FIGURES = {"population": "population", "density": "densite"}


@dataclass(frozen=True, slots=True)
class Inhabitants:
    """`known` people; communes, and those of unknown population; `classes`: dimension → value → people."""

    known: int
    communes: int
    unknown: int
    classes: Mapping[str, Mapping[Any, int]]


def of(definition: Definition, there: Territory | None) -> Inhabitants | None:
    """The inhabitants that a definition divides by, or None when it asks for none. Kept until the next ground."""
    if not definition.per:
        return None
    reference = there.reference if there else ""
    key = f"inhabitants:{ground_edition()}:{reference}:{'.'.join(definition.by)}".replace(" ", "")
    kept: Inhabitants | None = aside.get(key)
    if kept is None:
        kept = _counted(definition, there)
        aside.set(key, kept, 3600)
    return kept


def _counted(definition: Definition, there: Territory | None) -> Inhabitants:
    communes = Commune.objects.all()
    if there:
        communes = communes.filter(**{_WITHIN[there.kind]: there.code})
    whole = communes.order_by().aggregate(n=Sum("population"), known=Count("population"), communes=Count("pk"))
    classes: dict[str, dict[Any, int]] = {}
    for name in definition.by:
        column = COLUMNS[name].removeprefix("commune__")
        rows = communes.order_by().values_list(column).annotate(n=Sum("population"))
        classes[name] = {value: n for value, n in rows if value is not None and n}
    return Inhabitants(whole["n"] or 0, whole["communes"], whole["communes"] - whole["known"], classes)


def sources(definition: Definition) -> list[str]:
    """Where the inhabitants, and the density of communes, come from."""
    ground = current_ground()
    if ground is None:
        return []
    wanted = {FIGURES["population"]} if definition.per or definition.of == "reach" else set()
    asked = {test.field for test in (*definition.where, *definition.counted, *definition.missing)} | set(definition.by)
    if "density" in asked:
        wanted.add(FIGURES["density"])
    rows = ground.figures.filter(figure__in=wanted).order_by("figure") if wanted else []
    return [", ".join(part for part in (row.source, row.vintage, row.licence) if part) for row in rows]


def region_names() -> dict[str, str]:
    """The régions by code."""
    return dict(Region.objects.values_list("code", "name"))


def choices(definition: Definition) -> list[tuple[str, list[tuple[str, str]]]]:
    """The territories that a person may choose a counter for, by kind: (kind, [(reference, name)…])."""
    kinds = (("reg", Region), ("dep", Departement))
    return [
        (kind, [(f"{kind}-{code}", name) for code, name in model.objects.order_by("name").values_list("code", "name")])
        for kind, model in kinds
        if kind in definition.territories
    ]
