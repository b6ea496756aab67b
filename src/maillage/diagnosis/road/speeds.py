"""Which ways a car takes, in which direction, how fast: from the tags of OpenStreetMap."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Tags = Mapping[str, str]

SPEEDS = Path(__file__).parent.parent / "data" / "road_speeds.toml"
_CAR = ("motorcar", "motor_vehicle", "vehicle", "access")
_CLOSED = {"no", "private", "agricultural", "forestry", "agricultural;forestry", "emergency", "psv", "bus", "military"}
_OPEN_BARRIERS = {
    *("cattle_grid", "border_control", "toll_booth", "sally_port", "gate", "lift_gate", "swing_gate", "no", "entrance"),
    *("height_restrictor", "arch", "kerb", "speed_camera"),
}
_FORWARD, _BACKWARD = {"yes", "true", "1"}, {"-1", "reverse"}
_LIMIT = re.compile(r"(\d{1,3})(?:\.\d+)?\s*(km/h|kmh|kph|mph)?$")
_FAST = {"motorway", "motorway_link", "trunk", "trunk_link"}


@dataclass(frozen=True, slots=True)
class Drive:
    """What a car does on a way: km/h with and against its direction, 0 where it may not; can one stop along it?"""

    forward_kmh: float
    backward_kmh: float
    stops: bool


@dataclass(frozen=True, slots=True)
class Speeds:
    """The dated figures of `road_speeds.toml`."""

    name: str
    dated: str
    classes: Mapping[str, tuple[float, float]]
    limit_share: float
    limits_by_name: Mapping[str, float]
    surface: Mapping[str, float]
    farthest_m: float
    end_kmh: float
    end_detour: float
    overhead_min: float
    least_part_km: float

    def drive(self, tags: Tags) -> Drive | None:
        """Tell how a car goes along a way; None where it may not.

        The speed is that of the class, or a share of the written limit, at most what the class and the surface allow.

        >>> speeds().drive({"highway": "primary", "maxspeed": "50", "oneway": "yes"})
        Drive(forward_kmh=40.0, backward_kmh=0.0, stops=True)
        >>> speeds().drive({"highway": "residential", "access": "private"}) is None
        True
        """
        kind = tags.get("highway", "")
        if kind not in self.classes or tags.get("area") == "yes" or not may_drive(tags):
            return None
        ways = directions(tags)
        forward, backward = (
            self._kmh(kind, tags, side) if open_ else 0.0
            for side, open_ in zip(("forward", "backward"), ways, strict=True)
        )
        return Drive(forward, backward, kind not in _FAST) if forward or backward else None

    def _kmh(self, kind: str, tags: Tags, side: str) -> float:
        usual, most = self.classes[kind]
        limit = self.limit(tags.get(f"maxspeed:{side}") or tags.get("maxspeed", ""))
        kmh = limit * self.limit_share if limit else usual
        return float(min(kmh, most, self.surface.get(tags.get("surface", ""), most)))

    def limit(self, written: str) -> float | None:
        """Read a speed limit in km/h; None where nothing usable is written.

        >>> [speeds().limit(text) for text in ("80", "30 mph", "FR:urban", "none", "signals", "0")]
        [80.0, 48.3, 50.0, None, None, None]
        """
        text = written.split(";")[0].strip()
        if text in self.limits_by_name:
            return float(self.limits_by_name[text])
        found = _LIMIT.match(text)
        if not found:
            return None
        kmh = float(found[1]) * (1.609344 if found[2] == "mph" else 1)
        return round(kmh, 1) if kmh >= 5 else None


def may_drive(tags: Tags) -> bool:
    """Whether a car may come here: the tag that speaks most precisely of cars decides.

    >>> may_drive({"access": "no", "motor_vehicle": "destination"}), may_drive({"vehicle": "no"})
    (True, False)
    """
    told = next((tags[key] for key in _CAR if key in tags), "yes")
    return told not in _CLOSED


def directions(tags: Tags) -> tuple[bool, bool]:
    """Whether a car may go with, and against, the direction in which a way is drawn.

    >>> directions({"junction": "roundabout"}), directions({"oneway": "-1"}), directions({"oneway": "reversible"})
    ((True, False), (False, True), (False, False))
    """
    oneway = tags.get("oneway", "")
    if oneway in _BACKWARD:
        return False, True
    if oneway == "reversible":
        return False, False
    implied = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") in ("motorway", "motorway_link")
    return True, not (oneway in _FORWARD or (implied and oneway != "no"))


def blocks(tags: Tags) -> bool:
    """Whether what stands on a node stops cars.

    >>> blocks({"barrier": "bollard"}), blocks({"barrier": "gate"}), blocks({"barrier": "gate", "access": "private"})
    (True, False, True)
    """
    if any(key in tags for key in _CAR):
        return not may_drive(tags)
    return "barrier" in tags and tags["barrier"] not in _OPEN_BARRIERS


@cache
def speeds() -> Speeds:
    """Load the dated figures."""
    facts = tomllib.loads(SPEEDS.read_text(encoding="utf-8"))
    return Speeds(
        name=facts["name"],
        dated=facts["dated"],
        classes={name: (value[0], value[1]) for name, value in _figures(facts["classes"]).items()},
        limit_share=facts["limit"]["value"],
        limits_by_name=_figures(facts["limits_by_name"]),
        surface=_figures(facts["surface"]),
        farthest_m=facts["ends"]["farthest_m"],
        end_kmh=facts["ends"]["kmh"],
        end_detour=facts["ends"]["detour"],
        overhead_min=facts["ends"]["overhead_min"],
        least_part_km=facts["parts"]["least_km"],
    )


def _figures(table: dict) -> dict:
    return {name: value for name, value in table.items() if name not in ("kind", "source", "note")}
