"""Evidence for and against two sheets telling of one place, in points; what is not said counts for nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import cos, radians

from maillage.network.exchange.rules.matching.addresses import SAME_STREET, streets_alike
from maillage.network.exchange.rules.matching.names import is_common, kinds_differ, likeness
from maillage.network.exchange.rules.matching.sheets import Ready

LINK, ASK = 45, 30
"""Points from which two sheets are linked without asking, and from which a person is asked."""
ASK_ONE_SOURCE = 85
"""A source that gives two references says that there are two places: a person is asked only from here."""
LIKE_POINTS = ((0.0, -60), (0.5, -40), (0.65, -10), (0.75, 12), (0.85, 35), (0.95, 48), (1.0, 50))
COMMON_POINTS = ((0.0, -60), (0.5, -25), (0.6, 18), (0.85, 30), (1.0, 35))
"""Where only a kind and a town make the names alike: « La Poste » and « La Poste »."""
FAR_POINTS = ((0, 20), (50, 20), (150, 10), (300, 0), (1_000, -15), (3_000, -40), (1e9, -40))
SAME_NAME = FULL_NAME = 50
"""Two sources that use the same words, or name one kind of institution and its town: « France services de Dole »."""
LEAST_NAME = 12
METRES_PER_DEGREE = 111_195.0


class Band(StrEnum):
    LINK = "link"
    ASK = "ask"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason: what was compared, its points, and how alike (0 to 1) or how far (metres)."""

    what: str
    points: int
    measured: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The band, the sum of points, each reason, and what held it back from a higher band if anything did."""

    band: Band
    points: int
    evidence: tuple[Evidence, ...]
    held: str = ""


def compare(one: Ready, other: Ready) -> Verdict:
    """Weigh all that two sheets say.

    >>> from maillage.network.exchange.rules.matching.sheets import Sheet, ready
    >>> star = ready(Sheet(1, "L’Étoile", "39198", "Dole", "3 rue du Port", source="a"))
    >>> told = compare(star, ready(Sheet(2, "ETOILE", "39198", "Dole", "3, R. du Port", source="b")))
    >>> told.band.value, told.points, [(e.what, e.points) for e in told.evidence]
    ('link', 85, [('name', 50), ('address', 35)])
    """
    evidence = tuple(_evidence(one, other))
    points = sum(reason.points for reason in evidence)
    held = _held(one, other, evidence, points)
    return Verdict(_band(points, held, same_source=_one_source(one, other)), points, evidence, held)


def _band(points: int, held: str, *, same_source: bool) -> Band:
    if points >= LINK and not held:
        return Band.LINK
    least = ASK_ONE_SOURCE if same_source else ASK
    return Band.ASK if points >= least else Band.IGNORE


def _one_source(one: Ready, other: Ready) -> bool:
    return bool(one.source) and one.source == other.source


def _held(one: Ready, other: Ready, evidence: tuple[Evidence, ...], points: int) -> str:
    """Why two sheets are not linked whatever their points; empty when nothing speaks against it."""
    if points < LINK:
        return ""
    by = {reason.what: reason for reason in evidence}
    if kinds_differ(one.name, other.name) or one.name.mobile != other.name.mobile:
        return "kinds"
    if one.name.several != other.name.several:
        return "several"
    if by["name"].points < LEAST_NAME:
        return "name"
    if _one_source(one, other):
        identical = one.name.said == other.name.said and one.address == other.address and one.address.street
        return "" if identical else "source"
    if len(evidence) == 1 and by["name"].points < SAME_NAME:
        return "alone"
    return ""


SAME_ADDRESS, SAME_STREET_ONLY, NEXT_DOOR, OTHER_NUMBER, OTHER_STREET = 35, 15, 10, -5, -15
SIRET, OTHER_SIREN, SITE, EMAIL, PHONE = 35, -20, 20, 20, 25


def _evidence(one: Ready, other: Ready) -> Iterator[Evidence]:
    like = likeness(one.name, other.name)
    scale = COMMON_POINTS if is_common(one.name, other.name) else LIKE_POINTS
    in_full = one.name.full and one.name.full == other.name.full
    yield Evidence("name", FULL_NAME if in_full else _on(scale, like), round(like, 3))
    address = _address(one, other)
    if address:
        yield address
    if one.point and other.point:
        apart_m = distance_m(one.point, other.point)
        points = _on(FAR_POINTS, apart_m)
        if address and address.points == SAME_ADDRESS:  # One address: a point that is far off was badly placed.
            points = max(0, points // 4)
        yield Evidence("distance", points, round(apart_m))
    yield from _contacts(one, other)


def _address(one: Ready, other: Ready) -> Evidence | None:
    streets = streets_alike(one.address, other.address)
    if streets is None:
        return None
    if streets < SAME_STREET:
        return Evidence("address", OTHER_STREET, round(streets, 3))
    numbers = one.address.number, other.address.number
    if all(numbers):
        points = SAME_ADDRESS if numbers[0] == numbers[1] else NEXT_DOOR if _next_door(*numbers) else OTHER_NUMBER
        return Evidence("address", points, round(streets, 3))
    whole = not any(numbers)
    return Evidence("address", SAME_ADDRESS if whole else SAME_STREET_ONLY, round(streets, 3))


def _next_door(one: str, other: str) -> bool:
    mine, theirs = (int("".join(sign for sign in number if sign.isdigit())) for number in (one, other))
    return abs(mine - theirs) <= 4


def _contacts(one: Ready, other: Ready) -> Iterator[Evidence]:
    if one.siret and other.siret:
        if one.siret == other.siret:
            yield Evidence("siret", SIRET, 1.0)
        elif one.siret[:9] != other.siret[:9]:
            yield Evidence("siret", OTHER_SIREN, 0.0)
    for what, mine, theirs, points in (
        ("site", one.site, other.site, SITE),
        ("email", one.email, other.email, EMAIL),
        ("phone", one.phone, other.phone, PHONE),
    ):
        if mine and mine == theirs:
            yield Evidence(what, points, 1.0)


def _on(scale: tuple[tuple[float, int], ...], value: float) -> int:
    below, points = scale[0]
    for at, reached in scale:
        if value <= at:
            share = (value - below) / (at - below) if at > below else 1.0
            return round(points + share * (reached - points))
        below, points = at, reached
    return points


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two near points (latitude, longitude): flat, right to a thousandth within some kilometres.

    >>> round(distance_m((47.0, 5.0), (47.0, 5.01)))
    758
    """
    north = one[0] - other[0]
    east = (one[1] - other[1]) * cos(radians((one[0] + other[0]) / 2))
    return METRES_PER_DEGREE * float((north * north + east * east) ** 0.5)
