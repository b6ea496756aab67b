"""How far one may say that two points are, given how well each is known."""

from collections.abc import Collection
from enum import StrEnum

FEW_M = 5_000
"""Below this, a distance from an estimated centre, wrong by 6 km as often as not, says nothing."""
UNSURE_M = 500
"""Below this, a distance from a point of unknown exactness would pretend to know."""


class Nearness(StrEnum):
    """What may be told: the distance, about the distance, « a few kilometres », or only « the same commune »."""

    EXACT = "exact"
    ABOUT = "about"
    FEW = "few"
    SAME = "same"


def exactness(precision: str, *, estimated_centre: bool) -> str:
    """The precision of a point, once it is known whether its commune's centre is itself an estimate.

    >>> exactness("commune", estimated_centre=True), exactness("street", estimated_centre=True)
    ('estimated', 'street')
    """
    return "estimated" if precision == "commune" and estimated_centre else precision


def nearness(distance_m: float, known: Collection[str], *, same_commune: bool) -> Nearness:
    """Decide how to tell a distance in metres between points of the given exactness.

    >>> nearness(50, {"estimated"}, same_commune=False), nearness(5_400, {"estimated"}, same_commune=False)
    (<Nearness.FEW: 'few'>, <Nearness.ABOUT: 'about'>)
    >>> nearness(50, {"address", "commune"}, same_commune=True), nearness(50, {"address"}, same_commune=True)
    (<Nearness.SAME: 'same'>, <Nearness.EXACT: 'exact'>)
    """
    vague = not {"commune", "estimated"}.isdisjoint(known)
    if same_commune and (vague or ("unknown" in known and distance_m < UNSURE_M)):
        return Nearness.SAME
    if "estimated" in known:
        return Nearness.FEW if distance_m < FEW_M else Nearness.ABOUT
    return Nearness.ABOUT if vague else Nearness.EXACT


def about(number: float, known: Collection[str]) -> int:
    """Round kilometres or minutes to what is known: whole, or by fives where an estimated centre is one end.

    >>> about(12.4, {"estimated"}), about(12.4, {"commune"}), about(0.2, {"commune"}), about(7.5, {"estimated"})
    (10, 12, 1, 10)
    """
    step = 5 if "estimated" in known else 1
    return max(1, int(number / step + 0.5)) * step
