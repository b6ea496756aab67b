"""Legal figures are dated data (`legal.toml`): each holds from a day on, says where it comes from, may be unknown."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("legal.toml")
VISITOR_MONTHS = "visitor_identity_months"
ACCESS_LOG_MONTHS = "access_log_months"
SOURCE, ASSUMPTION = KINDS = ("source", "assumption")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure from a day on; `value` None: nobody knows, and whatever rests on it does nothing."""

    name: str
    since: date
    value: int | None
    kind: str
    source: str


@cache
def parameters(path: Path = FILE) -> tuple[Parameter, ...]:
    """Every figure of a file, the oldest first; ValueError names the entry that makes no sense."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("parameter", [])
    return tuple(sorted((_read(entry) for entry in entries), key=lambda one: (one.name, one.since)))


def parameter(name: str, on: date, *, path: Path = FILE) -> Parameter | None:
    """The figure that holds on a day, None before the first one.

    >>> parameter("visitor_identity_months", date(2026, 11, 22)).value
    36
    >>> parameter("visitor_identity_months", date(2017, 1, 1)) is None
    True
    """
    held = [one for one in parameters(path) if one.name == name and one.since <= on]
    return held[-1] if held else None


def _read(entry: dict[str, object]) -> Parameter:
    name, since, value = entry.get("name"), entry.get("since"), entry.get("value")
    kind, source = entry.get("kind"), entry.get("source")
    known = value == "unknown" or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)
    if not (name and isinstance(since, date) and known and kind in KINDS and source):
        raise ValueError(f"legal.toml : « {name or 'sans nom'} » demande name, since, value, kind et source.")
    return Parameter(str(name), since, value if isinstance(value, int) else None, str(kind), str(source))
