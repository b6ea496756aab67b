from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from django.db.models import Sum

from maillage.territory.models import Commune, Departement, Epci, FormerCode, PostalCode, Region
from maillage.territory.queries.ground import ground_edition
from maillage.territory.rules.index import Entry, Hit, Index

_EMPTY = Index([])


def search(text: str, *, limit: int = 8) -> list[Hit]:
    """The communes, départements, régions and EPCI a person may mean, best first; see `rules.index`.

    Costs one query and some 2 ms; the first search after a new ground builds the index (about a second).
    """
    return _index().search(text, limit=limit)


def _index() -> Index:
    """The index of the ground that stands, kept in this process until another ground does."""
    version = ground_edition()
    return _EMPTY if version is None else _built(version)


@lru_cache(maxsize=1)
def _built(version: tuple[int, str]) -> Index:
    return Index(_entries())


def _entries() -> Iterator[Entry]:
    departements = {
        code: (name, region) for code, name, region in Departement.objects.values_list("code", "name", "region_id")
    }
    regions = dict(Region.objects.values_list("code", "name"))
    by_departement = dict(_populations("departement_id"))
    by_region: defaultdict[str, int] = defaultdict(int)
    for code, population in by_departement.items():
        by_region[departements[code][1]] += population
    yield from _communes(departements)
    yield from _epcis(departements)
    for code, (name, region) in departements.items():
        yield Entry("dep", code, name, regions[region], by_departement.get(code))
    for code, name in regions.items():
        yield Entry("reg", code, name, "", by_region.get(code))


def _communes(departements: dict[str, tuple[str, str]]) -> Iterator[Entry]:
    """Today's communes; one that is kept only because a place still names its old code is not today's."""
    postal, former = defaultdict(list), defaultdict(list)
    for code, commune in PostalCode.objects.values_list("code", "commune_id"):
        postal[commune].append(code)
    for code, name, commune in FormerCode.objects.values_list("code", "name", "commune_id"):
        former[commune].append((code, name))
    gone = {code for olds in former.values() for code, _ in olds}
    rows = Commune.objects.values_list("code", "name", "departement_id", "population", "lat", "lon")
    for code, name, departement, population, lat, lon in rows.iterator(chunk_size=5000):
        if code not in gone:
            yield Entry(
                kind="commune",
                code=code,
                name=name,
                context=f"{departements[departement][0]} ({departement})",
                population=population,
                lat=lat,
                lon=lon,
                departement=departement,
                postal_codes=tuple(postal[code]),
                former_codes=tuple(old for old, _ in former[code]),
                former_names=tuple(old_name for _, old_name in former[code] if old_name),
            )


def _epcis(departements: dict[str, tuple[str, str]]) -> Iterator[Entry]:
    """EPCI, each in the context of the département where most of its inhabitants live."""
    populations: dict[str, int] = defaultdict(int)
    largest: dict[str, tuple[int, str]] = {}
    shares = Commune.objects.filter(epci__isnull=False).values_list("epci_id", "departement_id").order_by()
    for epci, departement, inhabitants in shares.annotate(Sum("population")):
        populations[epci] += inhabitants or 0
        largest[epci] = max(largest.get(epci, (-1, "")), (inhabitants or 0, departement))
    for code, name in Epci.objects.values_list("code", "name"):
        departement = largest[code][1] if code in largest else ""
        context = f"{departements[departement][0]} ({departement})" if departement else ""
        yield Entry("epci", code, name, context, populations.get(code))


def _populations(column: str) -> Iterator[tuple[str, int]]:
    sums = Commune.objects.values_list(column).order_by().annotate(Sum("population"))
    for code, inhabitants in sums:
        yield code, inhabitants or 0
