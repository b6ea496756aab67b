"""A photo somebody sends: bounded on its header, decoded, and drawn again from its pixels alone.

What comes out is a WebP that holds nothing of the file that came in but what it shows: no camera data, no place, no
colour profile, no hidden second file.
"""

import hashlib
import struct
import zlib
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = {
    "JPEG": 40_000_000,
    _("JPEG progressif"): 20_000_000,
    "PNG": 20_000_000,
    _("PNG transparent"): 12_500_000,
    "WebP": 8_300_000,
}
"""What each kind may unfold to, so that none takes more than 150 MB: a plain JPEG is read at a fraction of its size,
the others are unfolded whole, a WebP four times over."""
MAX_SIDE_PX = 1600
SMALL_SIDE_PX = 720
"""The side of the smaller drawing that pages load first."""
MIN_SIDE_PX = 64
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 80
MAX_PER_PLACE = 20
MAX_KEPT = 60
"""The photos of a place that are shown, and those removed that may still be put back."""
TOO_HEAVY = _(
    "Le fichier pèse plus de 10 Mo\u202f: on ne l’ouvre pas. Sur un téléphone, faites-en une capture d’écran, ou "
    "envoyez-vous la photo par courriel en taille moyenne, puis choisissez cette copie."
)
START_OF_SCAN, MAX_SCANS = b"\xff\xda", 64
"""A progressive JPEG repaints the whole image at each scan; cameras and their thumbnails make about ten, files of a
few kilobytes can ask for thousands. The mark never occurs within coded pixels."""
KEPT_AFTER_REMOVAL = timedelta(days=30)
LICENCES = ("CC BY 4.0", "CC BY-SA 4.0", "Licence Ouverte 2.0", "CC0")
ALT_LENGTH, CREDIT_LENGTH = 300, 200

_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"})
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)


class PhotoRefused(ValueError):
    """A photo the registry cannot keep; the message says what, why and what to do, `field` what to mend."""

    def __init__(self, message: str, *, field: str = "file") -> None:
        super().__init__(message)
        self.message, self.field = message, field


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


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a photo, cleaned."""

    alt: str
    credit: str
    licence: str


def read_words(*, alt: str, credit: str, licence: str) -> Words:
    """Read what is said of a photo; what it shows and its licence must be told.

    >>> read_words(alt=" La façade\\nde l’école ", credit="", licence="CC0")
    Words(alt='La façade de l’école', credit='', licence='CC0')
    """
    words = Words(one_line(alt[: 4 * ALT_LENGTH]), one_line(credit[: 4 * CREDIT_LENGTH]), one_line(licence[:200]))
    if not words.alt or len(words.alt) > ALT_LENGTH:
        raise PhotoRefused(_("Décrivez en une phrase, de 300 signes au plus, ce que montre la photo."), field="alt")
    if len(words.credit) > CREDIT_LENGTH:
        raise PhotoRefused(_("Le crédit dépasse 200 signes\u202f: donnez le nom, sans plus."), field="credit")
    if not words.licence or len(words.licence) > 80:
        raise PhotoRefused(
            _("Dites sous quelle licence la photo peut être reprise, par exemple «\u202fCC BY 4.0\u202f»."),
            field="licence",
        )
    return words


def refusal(*, size_bytes: int, width: int, height: int, kind: str = "JPEG") -> str:
    """Say why a photo is refused from its size alone; empty if it may be decoded.

    >>> refusal(size_bytes=2_000_000, width=4000, height=3000)
    ''
    >>> refusal(size_bytes=48_000, width=20_000, height=20_000)
    'L’image compte 400 millions de pixels : plus de 40 millions, on ne l’ouvre pas. Réduisez-la, puis renvoyez-la.'
    """
    if size_bytes > MAX_BYTES:
        return TOO_HEAVY
    if width * height > MAX_PIXELS[kind]:
        facts: dict[str, object] = {"pixels": width * height / 1e6, "most": MAX_PIXELS[kind] / 1e6, "kind": kind}
        if kind == "JPEG":
            return _(
                "L’image compte %(pixels)s millions de pixels\u202f: plus de %(most)s millions, on ne l’ouvre pas. "
                "Réduisez-la, puis renvoyez-la.",
                **facts,
            )
        return _(
            "L’image compte %(pixels)s millions de pixels\u202f: plus de %(most)s millions en %(kind)s, "
            "on ne l’ouvre pas. Réduisez-la, puis renvoyez-la.",
            **facts,
        )
    if min(width, height) < MIN_SIDE_PX:
        return _(
            "L’image fait %(width)d × %(height)d pixels\u202f: trop petite pour être vue. "
            "Envoyez une photo d’au moins 64 pixels de côté.",
            width=width,
            height=height,
        )
    return ""


def draw_again(data: bytes) -> Drawn:
    """Decode a JPEG, PNG or WebP within bounds and encode it anew, upright and at most 1,600 pixels a side."""
    if not data:
        raise PhotoRefused(_("Le fichier est vide\u202f: choisissez la photo de nouveau, puis renvoyez-la."))
    if len(data) > MAX_BYTES:
        raise PhotoRefused(refusal(size_bytes=len(data), width=0, height=0))
    if data.startswith(b"\xff\xd8") and data.count(START_OF_SCAN) > MAX_SCANS:
        raise PhotoRefused(
            _(
                "Ce JPEG est dessiné en trop de passes\u202f: l’ouvrir prendrait des minutes. "
                "Enregistrez-le de nouveau, puis renvoyez-le."
            )
        )
    image = _opened(data)
    _refuse_moving(image)
    if problem := refusal(size_bytes=len(data), width=image.width, height=image.height, kind=_kind(image)):
        raise PhotoRefused(problem)
    try:
        image.draft("RGB", (MAX_SIDE_PX, MAX_SIDE_PX))
        # Reduced before it is turned: turning copies the whole image.
        image.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), Image.Resampling.LANCZOS, reducing_gap=2.0)
        upright = ImageOps.exif_transpose(image)
        clean = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except _BROKEN as error:
        raise PhotoRefused(
            _(
                "L’image est abîmée ou incomplète\u202f: on n’a pas pu la lire jusqu’au bout. "
                "Enregistrez-la de nouveau depuis un logiciel d’images, puis renvoyez-la."
            )
        ) from error
    bare = Image.frombytes(clean.mode, clean.size, clean.tobytes())
    small = bare.copy()
    small.thumbnail((SMALL_SIDE_PX, SMALL_SIDE_PX), Image.Resampling.LANCZOS)
    return Drawn(_webp(bare), _webp(small), *bare.size)


def large_name(name: str) -> str:
    """The file of the photo that a smaller drawing is of; its own name for the large one.

    >>> large_name("photos/0a1b-small.webp")
    'photos/0a1b.webp'
    """
    return name.replace("-small.webp", ".webp")


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


def _kind(image: Image.Image) -> str:
    if image.format == "WEBP":
        return "WebP"
    if image.format == "PNG":
        return _("PNG transparent") if image.has_transparency_data else "PNG"
    return _("JPEG progressif") if image.info.get("progressive") else "JPEG"


def _refuse_moving(image: Image.Image) -> None:
    """Refuse an animation; a JPEG of several images (MPO) is a phone's photo with its depth or its twin."""
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        raise PhotoRefused(
            _("L’image est animée\u202f: seule une photo fixe peut être montrée. Envoyez-en une en JPEG.")
        )


def _opened(data: bytes) -> Image.Image:
    """Read the header only, of the accepted formats only."""
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        raise PhotoRefused(
            _(
                "C’est une photo HEIC ou AVIF, que tous les navigateurs ne montrent pas. Enregistrez-la en JPEG "
                "(sur iPhone\u202f: Réglages, Appareil photo, Formats, «\u202fLe plus compatible\u202f»), "
                "puis renvoyez-la."
            )
        )
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoRefused(
            _(
                "L’image annonce bien plus de 40 millions de pixels\u202f: on ne l’ouvre pas. "
                "Réduisez-la, puis renvoyez-la."
            )
        ) from error
    except UnidentifiedImageError as error:
        raise PhotoRefused(
            _(
                "Ce fichier n’est pas une photo JPEG, PNG ou WebP\u202f: les autres formats, SVG compris, "
                "ne sont pas acceptés. Enregistrez la photo en JPEG, puis renvoyez-la."
            )
        ) from error
    except _BROKEN as error:
        raise PhotoRefused(
            _(
                "L’en-tête de l’image est illisible. "
                "Enregistrez-la de nouveau depuis un logiciel d’images, puis renvoyez-la."
            )
        ) from error
