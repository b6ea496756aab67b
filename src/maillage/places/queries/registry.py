"""The registry as a whole: how old, how many, real or fictional."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import Count, Max, Q

from maillage.journal import queries as journal
from maillage.places.models import Place, Source

registry_version = journal.version


@dataclass(frozen=True, slots=True)
class Registry:
    """What a visitor is told about the whole: counts leave removed places out."""

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
    kept: Registry | None = cache.get(key)
    if kept is None:
        counts = Place.objects.public().aggregate(
            total=Count("pk"),
            visible=Count("pk", filter=~Q(status="closed")),
            demo=Count("pk", filter=Q(is_demo=True)),
            visible_demo=Count("pk", filter=Q(is_demo=True) & ~Q(status="closed")),
            updated_at=Max("updated_at"),
        )
        rows = Source.objects.annotate(n=Count("records")).filter(n__gt=0).order_by("-n", "slug")
        sources = tuple((s.slug, s.name, s.licence, s.n) for s in rows)
        kept = Registry(sources=sources, **counts)
        cache.set(key, kept, 3600)
    return kept


def addresses(*, limit: int) -> list[tuple[str, datetime]]:
    """The slug and last change of every place a search engine may read."""
    return list(Place.objects.public().order_by("slug").values_list("slug", "updated_at")[:limit])
