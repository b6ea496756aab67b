"""The base drawing of a territory: land, borders and communes, as one SVG document that carries its own colours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maillage.territory.rules import drawing
from maillage.territory.rules.projection import Frame

Ints = NDArray[np.int64]

STYLE = (
    "path,rect{fill:none;stroke-linejoin:round;stroke-linecap:round}:root{--z:1}"
    "@media(min-width:1600px){:root{--z:1.5}}@media(min-width:2500px){:root{--z:2.4}}"
    "@media(min-width:4000px){:root{--z:3.6}}@media(min-width:6000px){:root{--z:5.5}}"
    ".land{fill:#fffdf7}.near{fill:#efebdf}.coast{stroke:#a9b5a6}.reg{stroke:#b3bca9}.dep{stroke:#d9d8c6}"
    ".epci{stroke:#bfc8b6}.hair{stroke:#e4e0d0}.box{stroke:#d3cdbc}.link{stroke:#d0d2c0}"
    ".pop{stroke:#3f7565}.far{stroke:#c3c8b8}"
    "@media(prefers-color-scheme:dark){"
    ".land{fill:#162c27}.near{fill:#112420}.coast{stroke:#3f6157}.reg{stroke:#3f6157}.dep{stroke:#25423a}"
    ".epci{stroke:#355750}.hair{stroke:#203a33}.box{stroke:#2b443d}.link{stroke:#2a4840}"
    ".pop{stroke:#6fb19f}.far{stroke:#2c4a42}}"
)
"""The site's own tokens (`app.css`), since an image does not inherit the page's. A page that zooms draws the image
larger than its 1,000 units: `--z` then keeps lines and dots from growing as much."""

POPULATIONS = (0, 500, 2_000, 10_000, 50_000)
"""Lower bounds, in inhabitants, of the classes of dots."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One path of the drawing: the class that colours it, its data, the width of its stroke in units (0 for a fill)."""

    look: str
    data: str
    width: float = 0.0
    opacity: float = 1.0

    def element(self, classes: Mapping[float, str]) -> str:
        """Write the path, its width by the class that stands for it."""
        look = f"{self.look} {classes[self.width]}" if self.width else self.look
        opacity = f' opacity="{self.opacity:g}"' if self.opacity < 1 else ""
        rule = "" if self.width else ' fill-rule="evenodd"'
        return f'<path class="{look}"{opacity}{rule} d="{self.data}"/>'


def sheet(frame: Frame, layers: Iterable[Layer]) -> str:
    """Write the SVG document of a frame: its layers from bottom to top, then a hairline around each inset."""
    drawn = [layer for layer in layers if layer.data]
    classes = {width: f"w{n}" for n, width in enumerate(sorted({layer.width for layer in drawn if layer.width}))}
    widths = "".join(f".{name}{{stroke-width:calc({width:g}px/var(--z))}}" for width, name in classes.items())
    boxes = "".join(
        f'<rect class="box" x="{b.x}" y="{b.y}" width="{b.width}" height="{b.height}" rx="5"/>' for b in frame.boxes[1:]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {frame.width} {frame.height}" '
        f'width="{frame.width}" height="{frame.height}"><style>{STYLE}{widths}</style>'
        f"{''.join(layer.element(classes) for layer in drawn)}{boxes}</svg>"
    )


def population_class(population: NDArray[np.float64]) -> Ints:
    """Sort populations into the classes of dots; unknown (NaN) is the smallest.

    >>> population_class(np.array([12., 500., 9_999., 3e6, np.nan])).tolist()
    [0, 1, 2, 4, 0]
    """
    known = np.where(np.isnan(population), 0, population)
    return np.searchsorted(POPULATIONS, known, side="right") - 1


def dot_layers(
    xy: Ints,
    classes: Ints,
    *,
    widths: tuple[float, ...],
    opacities: tuple[float, ...],
    look: str = "pop",
    row: int = 1,
) -> list[Layer]:
    """Draw points as dots, one layer for each class, the smallest first; a class of width 0 is not drawn."""
    return [
        Layer(look, drawing.dots(xy[classes == number], row=row), width, opacity)
        for number, (width, opacity) in enumerate(zip(widths, opacities, strict=True))
        if width
    ]


def halftone(xy: Ints, population: NDArray[np.float64], *, step: int) -> tuple[Ints, NDArray[np.float64]]:
    """Gather points on a lattice of `step` units whose odd rows are shifted: its points and their inhabitants.

    >>> xy, population = halftone(np.array([[1, 1], [2, 3], [17, 9]]), np.array([10., 5., 7.]), step=8)
    >>> xy.tolist(), population.tolist()
    ([[4, 4], [16, 12]], [15.0, 7.0])
    """
    rows = xy[:, 1] // step
    shift = np.where(rows % 2, step // 2, 0)
    cells = np.column_stack([rows, (xy[:, 0] + shift) // step])
    unique, inverse = np.unique(cells, axis=0, return_inverse=True)
    total = np.bincount(inverse.ravel(), weights=np.nan_to_num(population), minlength=len(unique)).astype(np.float64)
    x = unique[:, 1] * step + step // 2 - np.where(unique[:, 0] % 2, step // 2, 0)
    return np.column_stack([x, unique[:, 0] * step + step // 2]), total


def neighbours(xy: Ints, *, most: int = 10) -> Ints:
    """Pairs of points with no third point in the circle between them (Gabriel graph), shape (m, 2).

    Only the `most` nearest of each point are tried. K. R. Gabriel & R. R. Sokal, Systematic Zoology 18, 1969.

    >>> neighbours(np.array([[0, 0], [10, 0], [5, 1]])).tolist()
    [[0, 2], [1, 2]]
    """
    if len(xy) < 2:
        return np.empty((0, 2), np.int64)
    points = xy.astype(float)
    square = ((points[:, None] - points[None]) ** 2).sum(2)
    count = min(most, len(points) - 1)
    apart = square + np.diag(np.full(len(points), np.inf))
    near = np.argsort(apart, axis=1, kind="stable")[:, :count]
    to_near = np.take_along_axis(square, near, axis=1)
    between = square[near[:, :, None], near[:, None, :]]
    blocked = (to_near[:, :, None] + between < to_near[:, None, :] - 1e-9).any(1)
    starts, ranks = np.nonzero(~blocked)
    return np.unique(np.sort(np.column_stack([starts, near[starts, ranks]]), axis=1), axis=0)


def trails(pairs: Ints) -> list[Ints]:
    """Join pairs that share an end into long lines, each pair once: fewer moves of the pen.

    >>> [trail.tolist() for trail in trails(np.array([[0, 1], [1, 2], [1, 3]]))]
    [[0, 1, 2], [1, 3]]
    """
    waiting: dict[int, list[int]] = {}
    for a, b in pairs.tolist():
        waiting.setdefault(a, []).append(b)
        waiting.setdefault(b, []).append(a)
    found = []
    for start in sorted(waiting):
        while waiting[start]:
            trail = [start]
            while around := waiting[trail[-1]]:
                onward = around.pop(0)
                waiting[onward].remove(trail[-1])
                trail.append(onward)
            found.append(np.array(trail))
    return found
