"""What a road extract is refused for."""

from django.core.exceptions import ImproperlyConfigured


class RoadError(ImproperlyConfigured, ValueError):
    """An extract from which no road can be read, said in French: what, why, what to do."""
