"""How far a sheet may be trusted: four steps, each with its condition (published in `docs/algorithms/trust.md`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from maillage.territory.rules.names import normalise

LASTS = timedelta(days=730)
"""A word given is worth two years; then somebody has to look again."""
DECLARED, CONFIRMED, VERIFIED, CROSSED = LEVELS = ("declared", "confirmed", "verified", "crossed")


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says of a place: who publishes it, the name and the commune it gives."""

    publisher: str
    name: str
    commune: str


@dataclass(frozen=True, slots=True)
class Trust:
    """The step that a sheet has reached, and what made each: when confirmed, which networks, which publishers agree."""

    level: str
    confirmed_at: datetime | None = None
    networks: tuple[tuple[str, datetime], ...] = ()
    agreeing: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[bool, ...]:
        """For each of `LEVELS`, whether it is reached."""
        return tuple(LEVELS.index(one) <= LEVELS.index(self.level) for one in LEVELS)


def trust(
    *,
    confirmed_at: datetime | None,
    networks: Iterable[tuple[str, datetime]],
    agreeing: Iterable[str],
    now: datetime,
) -> Trust:
    """The highest step of which the condition, and that of all before it, holds.

    Confirmed: somebody of the place or on the spot said so within two years, or a network did. Verified: a named
    network has looked within two years. Cross-checked: verified, and two publishers at least, strangers to each other,
    give the same name in the same commune.

    >>> from datetime import UTC
    >>> day = datetime(2026, 11, 23, tzinfo=UTC)
    >>> trust(confirmed_at=day, networks=[], agreeing=["a", "b"], now=day).level
    'confirmed'
    >>> trust(confirmed_at=None, networks=[("Réseau", day)], agreeing=["a", "b"], now=day).level
    'crossed'
    """
    fresh = tuple((name, at) for name, at in networks if now - at <= LASTS)
    held = confirmed_at if confirmed_at is not None and now - confirmed_at <= LASTS else None
    same = tuple(dict.fromkeys(agreeing))
    if not fresh:
        return Trust(CONFIRMED if held else DECLARED, held, (), same)
    return Trust(CROSSED if len(same) > 1 else VERIFIED, held, fresh, same)


def agreeing(shown: Mapping[str, Any], said: Iterable[Said]) -> tuple[str, ...]:
    """The publishers, each once, that give a place the name and the commune it is shown with.

    >>> one, other = Said("CGET", "LA MAILLE", "39093"), Said("ANCT", "La Maille", "39093")
    >>> agreeing({"name": "La Maille", "commune": "39093"}, [one, other, Said("X", "Le Nid", "39093")])
    ('CGET', 'ANCT')
    """
    name, commune = normalise(str(shown.get("name") or "")), shown.get("commune")
    found = [one.publisher for one in said if commune and one.commune == commune and normalise(one.name) == name]
    return tuple(dict.fromkeys(publisher for publisher in found if publisher))
