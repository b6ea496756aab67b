"""The registry as a whole: how old, how many, real or fictional."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from maillage.journal import queries as journal
from maillage.journal.queries import aside
from maillage.places.models import Place, Source

registry_version = journal.version


@dataclass(frozen=True, slots=True)
class Registry:
    """What a visitor is told about the whole: counts leave removed places out.

    `sources`: (slug, name, licence, number of places), the largest first.
    """

    total: int
    visible: int
    demo: int
    visible_demo: int
    updated_at: datetime | None
    sources: tuple[tuple[str, str, str, int], ...]

    @property
    def is_demo(self) -> bool:
        """Whether any fictional place is shown."""
        return self.demo > 0


def registry() -> Registry:
    """Count the registry; kept aside until the next audited change."""
    key = f"registry:{registry_version()}"
    kept: Registry | None = aside.get(key)
    if kept is None:
        counts = Place.objects.public().aggregate(
            total=Count("pk"),
            visible=Count("pk", filter=~Q(status="closed")),
            demo=Count("pk", filter=Q(is_demo=True)),
            visible_demo=Count("pk", filter=Q(is_demo=True) & ~Q(status="closed")),
            updated_at=Max("updated_at"),
        )
        kept = Registry(sources=places_by_source(), **counts)
        aside.set(key, kept, 3600)
    return kept


def places_by_source(*, fictional: bool = True) -> tuple[tuple[str, str, str, int], ...]:
    """How many places each source describes: (slug, name, licence, places), the largest first.

    A place of several sources counts in each; removed places do not, nor do fictional ones unless asked.
    """
    described = Q(records__place__removed_at__isnull=True)
    if not fictional:
        described &= Q(is_demo=False, records__place__is_demo=False)
    counted = Source.objects.filter(described).annotate(n=Count("records__place", distinct=True)).filter(n__gt=0)
    return tuple(counted.order_by("-n", "slug").values_list("slug", "name", "licence", "n"))


def addresses(*, limit: int) -> list[tuple[str, datetime]]:
    """The slug and last change of every place a search engine may read."""
    return list(Place.objects.public().order_by("slug").values_list("slug", "updated_at")[:limit])


def only_fiction() -> bool:
    """Whether every public place here is fictional: what visitors add to a demonstration is then fiction too."""
    places = Place.objects.public()
    return places.filter(is_demo=True).exists() and not places.filter(is_demo=False).exists()
