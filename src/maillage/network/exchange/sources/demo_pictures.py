"""Three pictures drawn by code: the school, the desks and the workshop of La Maille."""

from collections.abc import Callable, Sequence
from io import BytesIO
from math import cos, pi, sin

from PIL import Image, ImageColor, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1500, 1000
FINE = 2
"""Shapes are drawn twice as large, then reduced, so that edges are smooth."""

PAPER, CREAM, STRAW = "#fdf6e3", "#f7ead0", "#efd9b0"
AMBER, HONEY, CLAY, BRICK = "#e39a1b", "#f2c464", "#a9492a", "#86351c"
LEAF, PINE, MOSS, SAGE, MIST = "#1c6b57", "#0e4438", "#5f8f6b", "#93b39a", "#c5d4bf"
INK, WOOD, BARK, BLUE, SKY = "#14302a", "#b9854f", "#7d5531", "#31617e", "#cfe0dc"

Point = tuple[float, float]


class Board:
    """A drawing board in pixels of the final picture."""

    def __init__(self, top: str, bottom: str) -> None:
        self.image = gradient(top, bottom, WIDTH * FINE, HEIGHT * FINE)
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def box(self, x: float, y: float, w: float, h: float, fill: str, radius: float = 0) -> None:
        self.pen.rounded_rectangle(_scaled([(x, y), (x + w, y + h)]), radius * FINE, fill=fill)

    def shape(self, points: Sequence[Point], fill: str) -> None:
        self.pen.polygon(_scaled(points), fill=fill)

    def disc(self, x: float, y: float, rx: float, fill: str, ry: float | None = None) -> None:
        ry = rx if ry is None else ry
        self.pen.ellipse(_scaled([(x - rx, y - ry), (x + rx, y + ry)]), fill=fill)

    def ring(self, x: float, y: float, r: float, colour: str, width: float = 4) -> None:
        self.pen.ellipse(_scaled([(x - r, y - r), (x + r, y + r)]), outline=colour, width=round(width * FINE))

    def line(self, points: Sequence[Point], colour: str, width: float = 4) -> None:
        self.pen.line(_scaled(points), fill=colour, width=round(width * FINE), joint="curve")

    def arch(self, x: float, y: float, w: float, h: float, fill: str) -> None:
        """A tall opening with a round top."""
        self.disc(x + w / 2, y + w / 2, w / 2, fill)
        self.box(x, y + w / 2, w, h - w / 2, fill)

    def hills(self, base: float, swell: float, phase: float, colour: str) -> None:
        tops = [
            (x, base - swell * (sin(x / 260 + phase) + 0.5 * sin(x / 97 + 2.3 * phase)))
            for x in range(0, WIDTH + 11, 10)
        ]
        self.shape([*tops, (WIDTH, HEIGHT), (0, HEIGHT)], colour)

    def glow(self, points: Sequence[Point], colour: str, alpha: int, blur: float) -> None:
        """Soft light, or soft shadow, over what is drawn."""
        veil = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(veil).polygon(_scaled(points), fill=alpha)
        veil = veil.filter(ImageFilter.GaussianBlur(blur * FINE))
        self.image.paste(Image.new("RGB", self.image.size, colour), mask=veil)
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def png(self) -> bytes:
        buffer = BytesIO()
        self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * FINE, y * FINE) for x, y in points]


def gradient(top: str, bottom: str, width: int, height: int) -> Image.Image:
    first, last = ImageColor.getrgb(top)[:3], ImageColor.getrgb(bottom)[:3]
    ramp = Image.new("RGB", (1, 64))
    for y in range(64):
        r, g, b = (round(a + (z - a) * y / 63) for a, z in zip(first, last, strict=True))
        ramp.putpixel((0, y), (r, g, b))
    return ramp.resize((width, height), Image.Resampling.BICUBIC)


def school() -> bytes:
    """The old school at the end of an afternoon: hills, a bell turret, two lime trees, a bicycle, a blue door."""
    b = Board("#fbe3b6", "#f6efd8")
    b.disc(1130, 250, 175, "#fbedc8")
    b.disc(1130, 250, 112, HONEY)
    for base, swell, phase, colour in ((470, 46, 0.4, MIST), (545, 38, 2.1, SAGE), (630, 34, 4.4, MOSS)):
        b.hills(base, swell, phase, colour)
    _village(b)
    b.hills(760, 12, 1.2, "#7ea36f")
    b.hills(840, 10, 3.0, "#6c9661")
    _tree(b, 205, 795, 1.2, (PINE, LEAF, MOSS))
    _schoolhouse(b)
    _tree(b, 1285, 830, 1.42, ("#8a5a1a", AMBER, HONEY))
    b.shape([(705, 818), (795, 818), (1010, 1000), (520, 1000)], STRAW)
    b.glow([(330, 822), (1180, 822), (870, 960), (120, 960)], PINE, 70, 18)
    _bicycle(b, 1010, 792)
    _bench(b, 430, 812)
    for x, y in ((90, 930), (180, 965), (330, 950), (1130, 955), (1250, 930), (1400, 962), (1060, 985), (420, 985)):
        b.line([(x, y), (x - 7, y - 24)], PINE, 3)
        b.line([(x, y), (x + 6, y - 21)], PINE, 3)
        b.disc(x + 6, y - 24, 6, CREAM)
        b.disc(x - 7, y - 27, 6, AMBER)
    return b.png()


def _village(b: Board) -> None:
    for x, y, w, h in ((75, 655, 74, 42), (160, 664, 58, 34), (1340, 660, 82, 44), (1432, 668, 60, 40)):
        b.box(x, y, w, h, CREAM)
        b.shape([(x - 8, y + 2), (x + w / 2, y - 30), (x + w + 8, y + 2)], CLAY)
    b.box(20, 610, 34, 92, CREAM)
    b.shape([(14, 612), (37, 540), (60, 612)], BRICK)


def _schoolhouse(b: Board) -> None:
    b.shape([(322, 500), (372, 384), (1128, 384), (1178, 500)], CLAY)
    for y in range(402, 500, 16):
        b.line([(345 - (y - 402) * 0.22 + 20, y), (1155 + (y - 402) * 0.22 - 20, y)], BRICK, 1.6)
    b.box(350, 496, 800, 326, CREAM)
    b.box(350, 496, 800, 16, STRAW)
    b.box(350, 790, 800, 32, "#c9b48b")
    b.box(610, 420, 280, 402, PAPER)
    b.shape([(586, 430), (750, 300), (914, 430)], CLAY)
    b.shape([(622, 424), (750, 324), (878, 424)], PAPER)
    b.disc(750, 392, 30, INK)
    b.disc(750, 392, 26, CREAM)
    b.line([(750, 392), (750, 373)], INK, 4)
    b.line([(750, 392), (764, 398)], INK, 4)
    b.box(722, 236, 56, 74, PAPER)
    b.arch(736, 250, 28, 50, PINE)
    b.disc(750, 286, 9, AMBER)
    b.shape([(710, 240), (750, 172), (790, 240)], BRICK)
    b.line([(750, 176), (750, 146)], INK, 4)
    for x in (388, 478, 924, 1014):
        _window(b, x, 556, 62, 150)
    for x in (640, 798):
        _window(b, x, 470, 54, 112)
    b.arch(702, 628, 96, 194, BLUE)
    b.arch(714, 642, 72, 60, HONEY)
    b.line([(750, 640), (750, 822)], INK, 3)
    b.disc(762, 748, 5, AMBER)
    b.box(688, 812, 124, 16, "#d8c7a0")
    b.shape([(812, 828), (812, 812), (940, 828)], "#d8c7a0")
    b.line([(822, 806), (932, 820)], INK, 3)
    b.box(672, 596, 156, 24, PINE, 4)
    for i in range(9):
        b.box(684 + i * 15.4, 604, 9 if i % 3 else 5, 8, CREAM, 2)


def _window(b: Board, x: float, y: float, w: float, h: float) -> None:
    b.box(x - 22, y - 4, 20, h + 8, LEAF)
    b.box(x + w + 2, y - 4, 20, h + 8, LEAF)
    b.box(x, y, w, h, HONEY)
    b.shape([(x, y + h), (x + w, y + h * 0.4), (x + w, y + h)], "#f7d88d")
    b.line([(x + w / 2, y), (x + w / 2, y + h)], PAPER, 5)
    for share in (0.33, 0.66):
        b.line([(x, y + h * share), (x + w, y + h * share)], PAPER, 4)
    b.box(x - 8, y + h, w + 16, 9, "#d8c7a0")
    for i in range(5):
        b.disc(x + 6 + i * (w - 12) / 4, y + h - 2, 7, CLAY if i % 2 else MOSS)


def _tree(b: Board, x: float, y: float, size: float, colours: tuple[str, str, str]) -> None:
    dark, middle, light = colours
    b.shape(
        [(x - 13 * size, y), (x - 8 * size, y - 190 * size), (x + 8 * size, y - 190 * size), (x + 13 * size, y)], BARK
    )
    for colour, shift, shrink in ((dark, 12, 1.0), (middle, 0, 0.94), (light, -20, 0.6)):
        for i in range(9):
            angle = i * 2 * pi / 9
            reach = 78 * size * shrink
            b.disc(
                x + shift * size * 0.6 + reach * cos(angle),
                y - 262 * size + shift * size + 0.92 * reach * sin(angle),
                52 * size * shrink,
                colour,
            )
        b.disc(x + shift * size * 0.6, y - 262 * size + shift * size, 82 * size * shrink, colour)


def _bicycle(b: Board, x: float, y: float) -> None:
    for cx in (x, x + 112):
        b.ring(cx, y, 37, INK, 5)
        b.disc(cx, y, 4, INK)
    frame = [(x, y), (x + 34, y - 52), (x + 88, y - 52), (x + 52, y), (x, y)]
    b.line(frame, CLAY, 6)
    b.line([(x + 52, y), (x + 34, y - 52), (x + 28, y - 66)], CLAY, 6)
    b.line([(x + 112, y), (x + 86, y - 62), (x + 98, y - 70)], CLAY, 6)
    b.line([(x + 14, y - 68), (x + 42, y - 68)], INK, 8)
    b.box(x + 90, y - 60, 42, 28, WOOD, 4)
    for dx, colour in ((98, MOSS), (110, LEAF), (122, MOSS)):
        b.disc(x + dx, y - 64, 10, colour)


def _bench(b: Board, x: float, y: float) -> None:
    b.box(x, y - 36, 150, 10, WOOD, 3)
    b.box(x, y - 66, 150, 10, WOOD, 3)
    for dx in (14, 128):
        b.box(x + dx, y - 68, 8, 78, BARK)


def desks() -> bytes:
    """The big classroom: a long table under three high windows, lamps, plants, two laptops, a teapot."""
    b = Board("#f4e2bd", "#f0d8a8")
    for x in (120, 560, 1000):
        _tall_window(b, x)
    b.box(0, 560, WIDTH, 96, "#cfe0c9")
    b.box(0, 556, WIDTH, 8, SAGE)
    b.box(0, 652, WIDTH, 12, "#a9bf9f")
    b.box(0, 664, WIDTH, 336, "#c98f55")
    for i in range(16):
        b.line([(i * 100 - 40, 1000), (360 + i * 52, 664)], "#b67c45", 2.4)
    for x in (120, 560, 1000):
        b.glow([(x + 10, 690), (x + 330, 690), (x + 190, 1000), (x - 190, 1000)], "#fff0c4", 92, 10)
    _shelf(b)
    for x in (280, 720, 1160):
        _lamp(b, x)
    for x in (250, 520, 940, 1200):
        _chair(b, x, 690)
    b.glow([(170, 900), (1360, 900), (1330, 950), (190, 950)], BRICK, 120, 14)
    b.shape([(190, 700), (1310, 700), (1400, 780), (100, 780)], WOOD)
    b.shape([(100, 780), (1400, 780), (1396, 806), (104, 806)], BARK)
    for x in (150, 1320):
        b.shape([(x, 806), (x + 30, 806), (x + 24, 950), (x + 6, 950)], BARK)
    _laptop(b, 330, 738)
    _laptop(b, 1010, 742)
    _teapot(b, 690, 742)
    for x, colour in ((610, CLAY), (810, PAPER), (520, BLUE)):
        b.box(x, 722, 34, 32, colour, 6)
        b.ring(x + 37, 737, 9, colour, 4)
    b.shape([(1190, 726), (1290, 720), (1310, 752), (1206, 760)], PAPER)
    b.line([(1206, 736), (1284, 731)], SAGE, 3)
    b.line([(1210, 746), (1270, 742)], SAGE, 3)
    _plant(b, 60, 900, 1.5)
    _plant(b, 1425, 880, 1.3)
    _plant(b, 905, 736, 0.45)
    return b.png()


def _tall_window(b: Board, x: float) -> None:
    b.arch(x - 18, 92, 356, 474, PAPER)
    b.arch(x, 110, 320, 450, SKY)
    if x > 900:
        b.disc(x + 225, 215, 40, "#fbf0cf")
    for base, colour in ((430, MIST), (478, SAGE), (520, MOSS)):
        tops = [(x + i * 10, base - 22 * sin(i / 5 + x / 150 + base / 40)) for i in range(33)]
        b.shape([*tops, (x + 320, 560), (x, 560)], colour)
    for share in (0.33, 0.66):
        b.line([(x + 320 * share, 112), (x + 320 * share, 560)], PAPER, 9)
    for y in (270, 415):
        b.line([(x, y), (x + 320, y)], PAPER, 9)
    b.box(x - 34, 552, 388, 20, CREAM, 3)


def _shelf(b: Board) -> None:
    for x in (472, 912):
        b.box(x - 12, 250, 84, 8, BARK)
        for i, (h, colour) in enumerate(((64, CLAY), (52, LEAF), (70, AMBER), (58, BLUE), (48, PINE))):
            b.box(x - 6 + i * 15, 250 - h, 12, h, colour, 2)


def _lamp(b: Board, x: float) -> None:
    b.line([(x, 0), (x, 300)], INK, 4)
    b.shape([(x - 16, 300), (x + 16, 300), (x + 66, 366), (x - 66, 366)], CLAY)
    b.disc(x, 366, 30, "#fff3cf", 13)
    b.glow([(x - 58, 372), (x + 58, 372), (x + 190, 690), (x - 190, 690)], "#fff4d2", 50, 16)


def _chair(b: Board, x: float, y: float) -> None:
    b.box(x, y - 78, 96, 52, LEAF, 12)
    b.box(x + 12, y - 28, 10, 60, PINE)
    b.box(x + 74, y - 28, 10, 60, PINE)


def _laptop(b: Board, x: float, y: float) -> None:
    b.box(x, y - 86, 150, 92, INK, 8)
    b.box(x + 9, y - 77, 132, 74, "#e6efe6", 3)
    for i, w in enumerate((88, 104, 60)):
        b.box(x + 22, y - 62 + i * 18, w, 7, (AMBER, SAGE, SAGE)[i], 3)
    b.shape([(x - 6, y + 6), (x + 156, y + 6), (x + 176, y + 26), (x - 26, y + 26)], "#39544c")


def _teapot(b: Board, x: float, y: float) -> None:
    b.ring(x + 62, y - 34, 24, AMBER, 8)
    b.shape([(x - 34, y - 62), (x - 92, y - 92), (x - 78, y - 96), (x - 100, y - 74), (x - 36, y - 12)], AMBER)
    b.disc(x, y - 34, 56, AMBER, 44)
    b.disc(x, y - 76, 9, CLAY)
    b.line([(x - 30, y - 68), (x + 30, y - 68)], CLAY, 5)
    for dx in (-96, -116):
        b.line([(x + dx + 7 * sin(i / 3), y - 104 - i * 6) for i in range(14)], "#fffaf0a0", 6)


def _plant(b: Board, x: float, y: float, size: float) -> None:
    for i in range(9):
        angle = pi * (0.14 + 0.72 * i / 8)
        reach = (150 + 34 * (i % 3)) * size
        tip = (x + reach * cos(angle), y - 70 * size - reach * sin(angle))
        middle = ((x + tip[0]) / 2, (y - 70 * size + tip[1]) / 2)
        side = 17 * size
        b.shape(
            [
                (x, y - 66 * size),
                (middle[0] - side, middle[1] - side * 0.4),
                tip,
                (middle[0] + side, middle[1] + side * 0.4),
            ],
            (LEAF, PINE, MOSS)[i % 3],
        )
    b.shape(
        [(x - 52 * size, y - 78 * size), (x + 52 * size, y - 78 * size), (x + 38 * size, y), (x - 38 * size, y)], CLAY
    )
    b.box(x - 58 * size, y - 86 * size, 116 * size, 20 * size, BRICK, 4 * size)


def workshop() -> bytes:
    """The workshop under the playground's roof: a bench, tools on the wall, a sewing machine, a hanging lamp."""
    b = Board("#1b5a4b", "#164c40")
    b.box(0, 800, WIDTH, 200, "#8d6840")
    for i in range(12):
        b.line([(i * 140 - 60, 1000), (160 + i * 108, 800)], "#7b5935", 3)
    for i in range(6):
        b.line([(0, 40 + i * 140), (WIDTH, 40 + i * 140)], "#175244", 3)
    b.box(90, 150, 724, 380, WOOD, 10)
    b.box(102, 162, 700, 356, "#cb9a63", 6)
    for row in range(8):
        for column in range(16):
            b.disc(120 + column * 42, 184 + row * 45, 2.6, BARK)
    _tools(b)
    _night_window(b)
    b.line([(880, 0), (880, 170)], INK, 4)
    b.glow([(820, 250), (940, 250), (1330, 800), (430, 800)], "#ffe9b0", 88, 26)
    b.shape([(860, 170), (900, 170), (968, 256), (792, 256)], AMBER)
    b.disc(880, 256, 44, "#fff6da", 17)
    b.glow([(120, 800), (1390, 800), (1420, 900), (90, 900)], INK, 130, 16)
    b.shape([(90, 648), (1410, 648), (1440, 690), (60, 690)], "#d9a769")
    b.box(60, 690, 1380, 26, BARK)
    for x in (120, 1330):
        b.box(x, 716, 44, 170, BARK)
    b.box(170, 760, 1160, 20, "#6b4828")
    for i, colour in enumerate((CLAY, BLUE, MOSS, AMBER, STRAW)):
        b.box(230 + i * 128, 716 + 6, 112, 38, colour, 5)
    _sewing_machine(b, 330, 648)
    _vise(b, 900, 650)
    for i, colour in enumerate((AMBER, CLAY, "#dfe9df", BLUE)):
        b.box(1080 + i * 62, 588, 48, 60, "#e9efe2b0", 8)
        b.box(1084 + i * 62, 612, 40, 33, colour, 6)
        b.box(1078 + i * 62, 578, 52, 14, INK, 4)
    _stool(b, 610, 900)
    b.ring(1270, 868, 104, INK, 9)
    b.ring(1270, 868, 10, INK, 7)
    for i in range(12):
        angle = i * pi / 6
        b.line([(1270, 868), (1270 + 98 * cos(angle), 868 + 98 * sin(angle))], "#2c463e", 2)
    _plant(b, 1020, 648, 0.5)
    return b.png()


def _tools(b: Board) -> None:
    for i, width in enumerate((16, 20, 24, 28)):
        x = 176 + i * 46
        b.box(x, 208, width, 96, INK, 4)
        b.ring(x + width / 2, 206, width * 0.72, INK, 7)
    b.box(396, 190, 22, 150, CLAY, 6)
    b.box(362, 190, 92, 36, INK, 5)
    b.shape([(500, 196), (742, 214), (742, 238), (500, 282)], "#dfe6dd")
    for i in range(20):
        b.shape(
            [(500 + i * 12, 280 - i * 2.2), (506 + i * 12, 290 - i * 2.2), (512 + i * 12, 278 - i * 2.2)], "#dfe6dd"
        )
    b.shape([(724, 196), (792, 206), (786, 262), (724, 246)], CLAY)
    b.box(170, 360, 210, 20, AMBER, 3)
    for i in range(10):
        b.line([(182 + i * 20, 362), (182 + i * 20, 370)], INK, 2)
    for x, colour in ((430, CLAY), (474, BLUE), (518, MOSS)):
        b.box(x, 348, 22, 62, colour, 8)
        b.box(x + 8, 408, 6, 72, INK)
    for x in (600, 650):
        b.ring(x, 470, 21, CLAY, 8)
    b.line([(610, 452), (648, 356)], INK, 9)
    b.line([(640, 452), (602, 356)], INK, 9)
    b.ring(738, 414, 52, BARK, 15)
    b.ring(738, 414, 30, WOOD, 11)
    for i, colour in enumerate((AMBER, CLAY, PAPER, LEAF)):
        b.box(184 + i * 54, 430, 40, 56, colour, 5)
        b.box(180 + i * 54, 424, 48, 9, BARK, 3)
        b.box(180 + i * 54, 484, 48, 9, BARK, 3)


def _night_window(b: Board) -> None:
    b.box(1010, 130, 380, 330, PAPER, 6)
    b.box(1030, 150, 340, 290, "#f3b06a")
    b.disc(1200, 356, 58, "#fbe3b6")
    for base, colour in ((360, "#c77f4f"), (396, "#8c5a45"), (420, "#4a4038")):
        tops = [(1030 + i * 10, base - 20 * sin(i / 6 + base / 30)) for i in range(35)]
        b.shape([*tops, (1370, 440), (1030, 440)], colour)
    b.line([(1200, 150), (1200, 440)], PAPER, 10)
    b.line([(1030, 290), (1370, 290)], PAPER, 10)
    b.box(994, 456, 412, 18, CREAM, 3)


def _sewing_machine(b: Board, x: float, y: float) -> None:
    b.box(x - 30, y - 22, 250, 24, BARK, 5)
    b.box(x - 16, y - 44, 222, 26, INK, 8)
    b.box(x + 138, y - 150, 52, 116, INK, 12)
    b.box(x, y - 158, 180, 48, INK, 20)
    b.box(x - 2, y - 120, 40, 54, INK, 8)
    b.line([(x + 18, y - 66), (x + 18, y - 44)], "#dfe6dd", 4)
    b.ring(x + 204, y - 124, 27, AMBER, 9)
    b.box(x + 92, y - 184, 16, 28, CLAY, 3)
    b.line([(x + 30, y - 138), (x + 122, y - 138)], AMBER, 3)
    b.shape([(x - 96, y - 18), (x + 24, y - 44), (x + 40, y - 38), (x - 40, y + 34), (x - 116, y + 30)], CLAY)
    b.shape([(x - 96, y - 18), (x - 40, y + 34), (x - 116, y + 30)], BRICK)


def _vise(b: Board, x: float, y: float) -> None:
    b.box(x - 20, y - 16, 110, 18, "#39544c", 4)
    b.box(x - 4, y - 66, 34, 54, "#4b6a61", 5)
    b.box(x + 44, y - 66, 30, 54, "#4b6a61", 5)
    b.line([(x + 74, y - 40), (x + 118, y - 40)], "#39544c", 8)
    b.line([(x + 118, y - 66), (x + 118, y - 14)], INK, 6)
    b.shape([(x + 26, y - 150), (x + 50, y - 150), (x + 46, y - 60), (x + 30, y - 60)], STRAW)


def _stool(b: Board, x: float, y: float) -> None:
    b.shape([(x - 56, y - 120), (x - 42, y - 120), (x - 66, y + 54), (x - 82, y + 54)], BARK)
    b.shape([(x + 42, y - 120), (x + 56, y - 120), (x + 82, y + 54), (x + 66, y + 54)], BARK)
    b.line([(x - 66, y - 20), (x + 66, y - 20)], BARK, 9)
    b.disc(x, y - 126, 86, HONEY, 22)
    b.disc(x, y - 132, 86, "#d9a769", 22)


PICTURES: dict[str, Callable[[], bytes]] = {"school": school, "desks": desks, "workshop": workshop}
