"""Names on a map, placed so that none covers another or a disc."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SIZE = 27.0
"""Height of a letter in units of a map 1,000 wide: 10.5 px on a map 390 px wide."""
_ADVANCE = 0.54
_OFF = 9.0


@dataclass(frozen=True, slots=True)
class Name:
    """A text to place beside a point; the first given are served first."""

    text: str
    x: float
    y: float
    chief: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A placed text: where its baseline starts, ends or is centred (`anchor`: start, middle, end)."""

    text: str
    x: int
    y: int
    anchor: str
    chief: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom, in units, by the average width of a letter."""
        width = len(self.text) * SIZE * _ADVANCE
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return left, self.y - SIZE * 0.8, left + width, self.y + SIZE * 0.25


def place(
    names: Iterable[Name],
    *,
    width: float,
    height: float,
    discs: Sequence[tuple[float, float, float]] = (),
    most: int = 10,
) -> list[Label]:
    """Place at most `most` names, clear of the discs (x, y, r), of each other and of the edges; leave the others out.

    >>> towns = [Name("Dole", 200, 200), Name("Choisey", 200, 204), Name("Foucherans", 200, 208)]
    >>> [(label.text, label.anchor) for label in place(towns, width=1000, height=800)]
    [('Dole', 'start'), ('Choisey', 'end')]
    """
    placed: list[Label] = []
    for name in names:
        if len(placed) == most:
            break
        label = next((at for at in _around(name, discs) if _is_clear(at, placed, discs, width, height)), None)
        if label:
            placed.append(label)
    return placed


def _around(name: Name, discs: Sequence[tuple[float, float, float]]) -> list[Label]:
    """The four places tried for a name: beside its point, or beside the disc that covers the point."""
    covering = next((d for d in discs if (d[0] - name.x) ** 2 + (d[1] - name.y) ** 2 < (d[2] + 4) ** 2), None)
    x, y, off = (*covering[:2], covering[2] + 5) if covering else (name.x, name.y, _OFF)
    middle = round(y + SIZE * 0.28)
    return [
        Label(name.text, round(x + off), middle, "start", name.chief),
        Label(name.text, round(x - off), middle, "end", name.chief),
        Label(name.text, round(x), round(y - off - SIZE * 0.1), "middle", name.chief),
        Label(name.text, round(x), round(y + off + SIZE * 0.75), "middle", name.chief),
    ]


def _is_clear(
    label: Label,
    placed: Sequence[Label],
    discs: Sequence[tuple[float, float, float]],
    width: float,
    height: float,
) -> bool:
    left, top, right, bottom = label.box
    if left < 2 or top < 2 or right > width - 2 or bottom > height - 2:
        return False
    for x, y, r in discs:
        near_x, near_y = min(max(x, left), right), min(max(y, top), bottom)
        if (near_x - x) ** 2 + (near_y - y) ** 2 < r * r:
            return False
    return not any(
        left < other[2] + 6 and other[0] < right + 6 and top < other[3] and other[1] < bottom
        for other in (done.box for done in placed)
    )
