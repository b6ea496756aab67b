"""What the registry is worth around a territory: are there as many places as expected, and who checked them lately."""

from datetime import date
from math import exp

from maillage.diagnosis.rules.facts import Evidence

CHECKED_MONTHS = 24
IMPROBABLE = 0.05
"""Fewer places than this probability explains: the registry, not the territory, is the likelier one to be empty."""
MOSTLY = 0.5
"""Share of the places that must have been checked lately before an answer may rest on them."""
ENOUGH_AROUND = 3
"""Fewest places of the neighbourhood by which an empty spot can be judged."""


def chance_of_so_few(found: int, expected: float | None) -> float | None:
    """Compute the probability of at most `found` places where `expected` are (Poisson); None when nothing is expected.

    P(N ≤ found) = Σ e^−λ λ^n / n!, with λ the number of places that as many people have in territories like this one.

    >>> round(chance_of_so_few(0, 3.0), 3), chance_of_so_few(2, None)
    (0.05, None)
    """
    if expected is None or expected < 0:
        return None
    term = total = exp(-expected)
    for n in range(1, found + 1):
        term *= expected / n
        total += term
        if total >= 1 or (n > expected and term == 0):
            break
    if expected > 700:  # exp(−λ) is no longer a number: the normal law says enough
        return 1.0 if found >= expected else 0.0
    return min(1.0, total)


def last_month(dated: str) -> tuple[int, int] | None:
    """Read the last month that a perhaps partial date may mean; None when it is not one.

    >>> last_month("2019"), last_month("2019-06"), last_month("2019-06-30"), last_month("hier")
    ((2019, 12), (2019, 6), (2019, 6), None)
    """
    parts = dated.split("-")
    if not (1 <= len(parts) <= 3) or not all(part.isdigit() for part in parts) or len(parts[0]) != 4:
        return None
    month = int(parts[1]) if len(parts) > 1 else 12
    return (int(parts[0]), month) if 1 <= month <= 12 else None


def is_recent(dated: str, today: date, *, months: int = CHECKED_MONTHS) -> bool:
    """Tell whether a perhaps partial date lies within the last `months`; a date to come says nothing.

    >>> is_recent("2025", date(2026, 11, 22)), is_recent("2024-09", date(2026, 11, 22)), is_recent("", date(2026, 1, 1))
    (True, False, False)
    """
    read = last_month(dated)
    if read is None:
        return False
    year, month = read
    if (int(dated[:4]), 1 if len(dated) == 4 else month) > (today.year, today.month):
        return False
    return (today.year - year) * 12 + today.month - month <= months


def evidence(
    *, found: int, checked: int, around: int, around_checked: int, chance: float | None, fictional: bool = False
) -> Evidence:
    """Judge the registry: `solid` lets an answer rest on it, `thin` lets it be told with care, `none` does not.

    `none`: fictional places took part, so few places are improbable (below 5 %), or nothing near was checked within
    24 months. `solid`: most of the places within reach were checked; where fewer than three are, most of the
    neighbourhood's. Checking one more place never makes it worse. Published in `docs/algorithms/diagnosis.md`.

    >>> evidence(found=4, checked=3, around=9, around_checked=5, chance=0.4)
    'solid'
    >>> evidence(found=0, checked=0, around=0, around_checked=0, chance=0.001)
    'none'
    """
    if fictional or around_checked == 0 or (chance is not None and chance < IMPROBABLE):
        return "none"
    if chance is None:
        return "thin"
    if found >= ENOUGH_AROUND:
        return "solid" if checked >= MOSTLY * found else "thin"
    known = around >= ENOUGH_AROUND and around_checked >= MOSTLY * around
    return "solid" if known and checked >= MOSTLY * found else "thin"
