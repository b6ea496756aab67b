"""How long the bars of a chart are."""

from collections.abc import Sequence

LEAST = 0.8
"""What is counted is seen: the shortest bar of something, as a share of the longest in percent."""


def widths(values: Sequence[float | int | None]) -> list[str]:
    """The length of each bar for a drawing 100 wide, the greatest value filling it; none for nothing or the unknown.

    >>> widths([50, 25, 0, None, 0.001])
    ['100.0', '50.0', '0', '0', '0.8']
    """
    most = max((value for value in values if value), default=0)
    return [f"{max(LEAST, 100 * value / most):.1f}" if value else "0" for value in values]
