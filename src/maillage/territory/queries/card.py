"""One territory as it is told to programs: what holds it, how many live there, from which source."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from maillage.journal.queries import aside
from maillage.territory.models import Commune, Departement, Region
from maillage.territory.queries.find import FRANCE, Territory, find
from maillage.territory.queries.ground import current_ground, ground_edition

_COLUMNS = {"commune": "pk", "epci": "epci", "bv": "bv_code", "dep": "departement", "reg": "departement__region"}


@dataclass(frozen=True, slots=True)
class Population:
    """How many inhabitants: of `known` communes out of `communes`; None when none is known."""

    value: int | None
    known: int
    communes: int
    source: str
    vintage: str
    licence: str


@dataclass(frozen=True, slots=True)
class Card:
    """A territory, `france` included (its code is empty); `parents` hold it wholly or in part, the nearest first."""

    territory: Territory
    parents: tuple[Territory, ...]
    population: Population


def card(reference: str) -> Card | None:
    """The card of a reference, as `find` reads it, or of `france`; None for anything else. Kept until a new ground."""
    edition = ground_edition()
    where = find(reference)
    if where is None or edition is None:
        return None
    key = f"card:{edition[0]}:{edition[1][:16]}:{where.reference}:{where.former_code}"
    kept: Card | None = aside.get(key)
    if kept is None:
        communes = _communes(where)
        kept = Card(where, tuple(_parents(where, communes)), _population(communes))
        aside.set(key, kept, 3600)
    return kept


def _communes(where: Territory) -> QuerySet[Commune]:
    if where.kind == FRANCE:
        return Commune.objects.all()
    return Commune.objects.filter(**{_COLUMNS[where.kind]: where.code})


def _parents(where: Territory, communes: QuerySet[Commune]) -> list[Territory]:
    if where.kind == FRANCE:
        return []
    found: list[Territory] = []
    if where.kind == "commune":
        codes = communes.exclude(epci=None).values_list("epci__code", "epci__name")
        found += [Territory("epci", code, name) for code, name in codes]
        basins = communes.exclude(bv_code="").values_list("bv_code", "bv_name")
        found += [Territory("bv", code, name) for code, name in basins]
    if where.kind in ("commune", "epci", "bv"):
        departements = Departement.objects.filter(communes__in=communes).distinct().order_by("code")
        found += [
            Territory("dep", d.code, d.name, departement_code=d.code, region_code=d.region_id) for d in departements
        ]
    if where.kind != "reg":
        regions = Region.objects.filter(departements__communes__in=communes).distinct().order_by("code")
        found += [Territory("reg", r.code, r.name, region_code=r.code) for r in regions]
    return [*found, Territory(FRANCE, "", "France")]


def _population(communes: QuerySet[Commune]) -> Population:
    known = Q(population__isnull=False)
    told = communes.order_by().aggregate(value=Sum("population"), known=Count("pk", filter=known), communes=Count("pk"))
    ground = current_ground()
    source = ground.figures.filter(figure="population").first() if ground else None
    facts = (source.source, source.vintage, source.licence) if source else ("", "", "")
    return Population(told["value"], told["known"], told["communes"], *facts)
