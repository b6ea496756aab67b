"""A photo somebody sends: bounded on its header, decoded, and drawn again from its pixels alone.

What comes out is a WebP that holds nothing of the file that came in but what it shows: no camera data, no place, no
colour profile, no hidden second file.
"""

import hashlib
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE_PX = 1600
SMALL_SIDE_PX = 720
"""The side of the smaller drawing that pages load first."""
MIN_SIDE_PX = 64
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 80
MAX_PER_PLACE = 20

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)


class PhotoRefused(ValueError):
    """A photo the registry cannot keep; the message says what, why and what to do."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A photo drawn again, large and small, in WebP; its size in pixels; a name that is the content's fingerprint."""

    data: bytes
    small: bytes
    width: int
    height: int

    @property
    def name(self) -> str:
        return f"{hashlib.sha256(self.data).hexdigest()[:40]}.webp"


def refusal(*, size_bytes: int, width: int, height: int) -> str:
    """Say why a photo is refused from its size alone; empty if it may be decoded.

    >>> refusal(size_bytes=2_000_000, width=4000, height=3000)
    ''
    >>> refusal(size_bytes=48_000, width=20_000, height=20_000)
    'L’image compte 400 millions de pixels : plus de 40 millions, on ne l’ouvre pas. Réduisez-la, puis renvoyez-la.'
    """
    if size_bytes > MAX_BYTES:
        return f"Le fichier pèse {size_bytes / 1e6:.0f} Mo : le maximum est 10 Mo. Réduisez l’image, puis renvoyez-la."
    if width * height > MAX_PIXELS:
        return (
            f"L’image compte {width * height / 1e6:.0f} millions de pixels : plus de 40 millions, on ne l’ouvre pas. "
            "Réduisez-la, puis renvoyez-la."
        )
    if min(width, height) < MIN_SIDE_PX:
        return (
            f"L’image fait {width} × {height} pixels : trop petite pour être vue. "
            "Envoyez une photo d’au moins 64 pixels de côté."
        )
    return ""


def draw_again(data: bytes) -> Drawn:
    """Decode a JPEG, PNG or WebP within bounds and encode it anew, upright and at most 1,600 pixels a side."""
    if len(data) > MAX_BYTES:
        raise PhotoRefused(refusal(size_bytes=len(data), width=0, height=0))
    image = _opened(data)
    if problem := refusal(size_bytes=len(data), width=image.width, height=image.height):
        raise PhotoRefused(problem)
    try:
        image.draft("RGB", (MAX_SIDE_PX, MAX_SIDE_PX))
        image.load()
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), Image.Resampling.LANCZOS, reducing_gap=2.0)
        clean = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except _BROKEN as error:
        raise PhotoRefused(
            "L’image est abîmée ou incomplète : on n’a pas pu la lire jusqu’au bout. "
            "Enregistrez-la de nouveau depuis un logiciel d’images, puis renvoyez-la."
        ) from error
    bare = Image.frombytes(clean.mode, clean.size, clean.tobytes())
    small = bare.copy()
    small.thumbnail((SMALL_SIDE_PX, SMALL_SIDE_PX), Image.Resampling.LANCZOS)
    return Drawn(_webp(bare), _webp(small), *bare.size)


def small_name(name: str) -> str:
    """The file of the smaller drawing.

    >>> small_name("photos/0a1b.webp")
    'photos/0a1b-small.webp'
    """
    return f"{name.removesuffix('.webp')}-small.webp"


def small_size(width: int, height: int) -> tuple[int, int]:
    """The size in pixels of the smaller drawing, near enough to keep its place on a page.

    >>> small_size(1600, 800), small_size(300, 200)
    ((720, 360), (300, 200))
    """
    scale = min(1.0, SMALL_SIDE_PX / max(width, height))
    return round(width * scale), round(height * scale)


def _webp(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()


def _opened(data: bytes) -> Image.Image:
    """Read the header only, of the accepted formats only."""
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoRefused(
            "L’image annonce bien plus de 40 millions de pixels : on ne l’ouvre pas. Réduisez-la, puis renvoyez-la."
        ) from error
    except UnidentifiedImageError as error:
        raise PhotoRefused(
            "Ce fichier n’est pas une photo JPEG, PNG ou WebP : les autres formats, SVG compris, ne sont pas acceptés. "
            "Enregistrez la photo en JPEG, puis renvoyez-la."
        ) from error
    except _BROKEN as error:
        raise PhotoRefused(
            "L’en-tête de l’image est illisible. "
            "Enregistrez-la de nouveau depuis un logiciel d’images, puis renvoyez-la."
        ) from error
