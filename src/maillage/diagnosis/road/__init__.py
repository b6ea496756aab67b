"""The road: minutes by car on an OpenStreetMap extract that the user gives."""

from typing import TYPE_CHECKING, Any

from maillage.diagnosis.road.errors import RoadError

if TYPE_CHECKING:
    from maillage.diagnosis.road.model import RoadNetwork

__all__ = ["RoadError", "RoadNetwork"]


def __getattr__(name: str) -> Any:
    """The network is loaded by those who name it: most sites have no extract."""
    if name != "RoadNetwork":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from maillage.diagnosis.road.model import RoadNetwork

    return RoadNetwork
