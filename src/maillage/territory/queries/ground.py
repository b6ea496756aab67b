from maillage.territory.models import Ground


def current_ground() -> Ground | None:
    """The ground the site stands on: the newest load, or None before the first one."""
    return Ground.objects.order_by("-pk").first()


def ground_version() -> int:
    """The key of the current ground, 0 without one: the age of anything derived from it."""
    return Ground.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
