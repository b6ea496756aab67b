import struct
import time
import zlib
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.storage import default_storage
from django.utils.translation import override
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from maillage.journal.models import AuditEvent
from maillage.places.actions.photos import add_photo, sweep_photos
from maillage.places.labels import say
from maillage.places.models import Photo, Place, Revision
from maillage.places.rules.photos import MAX_BYTES, PhotoRefused, draw_again, refusal, small_name, small_size
from maillage.places.rules.sentences import NARROW, sentence

GPS_IFD = 0x8825


def picture(format: str, size: tuple[int, int] = (320, 200), **extra: object) -> bytes:
    image = Image.new("RGB", size, "#0c5a49")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2, size[1] // 2), fill="#e39a1b")
    buffer = BytesIO()
    image.save(buffer, format, **extra)
    return buffer.getvalue()


def with_gps() -> bytes:
    exif = Image.Exif()
    exif[0x0110] = "Appareil de Nadine"
    exif[0x0112] = 6
    exif.get_ifd(GPS_IFD).update({1: "N", 2: (46.0, 59.0, 29.4), 3: "E", 4: (5.0, 42.0, 12.6)})
    return picture("JPEG", exif=exif, comment=b"chez Nadine")


def test_camera_data_and_position_are_gone_and_the_photo_stands_upright() -> None:
    source = Image.open(BytesIO(with_gps()))
    assert source.getexif().get_ifd(GPS_IFD), "the test photo must have a position to lose"
    drawn = draw_again(with_gps())
    image = Image.open(BytesIO(drawn.data))
    assert (image.format, image.size) == ("WEBP", (200, 320))
    assert not image.getexif() and not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)
    assert b"Nadine" not in drawn.data
    assert image.getpixel((190, 10))[0] > 200, "turned by a quarter, the amber corner is at the top right"


def test_colour_profile_and_xmp_are_gone() -> None:
    data = picture("WEBP", icc_profile=b"profil" * 30, xmp=b"<x:xmpmeta>Nadine</x:xmpmeta>")
    assert b"ICCP" in data and b"XMP " in data
    drawn = draw_again(data)
    assert b"ICCP" not in drawn.data and b"XMP " not in drawn.data


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_large_photo_is_brought_to_1600_pixels(format: str) -> None:
    drawn = draw_again(picture(format, (3000, 1500)))
    assert (drawn.width, drawn.height) == (1600, 800)
    assert Image.open(BytesIO(drawn.small)).size == (720, 360)


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "1", "I;16", "CMYK"])
def test_every_kind_of_pixel(mode: str) -> None:
    buffer = BytesIO()
    Image.new(mode, (80, 80)).save(buffer, "JPEG" if mode == "CMYK" else "PNG")
    assert (draw_again(buffer.getvalue()).width, draw_again(buffer.getvalue()).height) == (80, 80)


def bomb(side: int) -> bytes:
    """A valid PNG of side × side black bits that weighs a thousandth of what it unfolds to."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    row = b"\0" * (1 + side // 8)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("side", "message"),
    [
        (
            20_000,
            "L’image annonce bien plus de 40 millions de pixels : on ne l’ouvre pas. Réduisez-la, puis renvoyez-la.",
        ),
        (
            8_000,
            "L’image compte 64 millions de pixels : plus de 20 millions en PNG, on ne l’ouvre pas. "
            "Réduisez-la, puis renvoyez-la.",
        ),
    ],
)
def test_a_bomb_is_refused_at_its_header(side: int, message: str) -> None:
    data = bomb(side)
    assert len(data) < 60_000
    started = time.process_time()
    with pytest.raises(PhotoRefused) as refused:
        draw_again(data)
    assert str(refused.value) == message
    assert time.process_time() - started < 0.2


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NOT_A_PHOTO = (
    "Ce fichier n’est pas une photo JPEG, PNG ou WebP : les autres formats, SVG compris, ne sont pas acceptés. "
    "Enregistrez la photo en JPEG, puis renvoyez-la."
)


@pytest.mark.parametrize("data", [SVG, b"GIF89a" + b"\0" * 50, b"%PDF-1.7", b"\0" * 100])
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises(PhotoRefused) as refused:
        draw_again(data)
    assert str(refused.value) == NOT_A_PHOTO


def test_a_picture_that_hides_another_file_keeps_only_the_picture() -> None:
    drawn = draw_again(picture("JPEG") + SVG)
    assert b"<svg" not in drawn.data and b"script" not in drawn.data
    assert drawn.data[:4] == b"RIFF" and len(drawn.data) == struct.unpack("<I", drawn.data[4:8])[0] + 8


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_cut_photo_is_refused(format: str) -> None:
    whole = picture(format, (640, 480))
    with pytest.raises(PhotoRefused, match=r"abîmée ou incomplète|en-tête"):
        draw_again(whole[: len(whole) // 2])


def test_a_heavy_file_is_refused_before_it_is_opened() -> None:
    with pytest.raises(PhotoRefused) as refused:
        draw_again(b"\xff\xd8" + b"\0" * MAX_BYTES)
    said = (
        "Le fichier pèse plus de 10 Mo : on ne l’ouvre pas. Sur un téléphone, faites-en une capture d’écran, ou "
        "envoyez-vous la photo par courriel en taille moyenne, puis choisissez cette copie."
    )
    assert str(refused.value) == said


def test_a_tiny_image_is_refused() -> None:
    assert refusal(size_bytes=100, width=10, height=200) == (
        "L’image fait 10 × 200 pixels : trop petite pour être vue. Envoyez une photo d’au moins 64 pixels de côté."
    )


WHOLE = {name: picture(name, (90, 70)) for name in ("JPEG", "PNG", "WEBP")}


@given(st.sampled_from(list(WHOLE)), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6))
@effort(max_examples=150, deadline=None)
def test_a_damaged_photo_is_drawn_or_refused_never_worse(format: str, damage: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE[format])
    for place, byte in damage:
        data[place % len(data)] = byte
    try:
        drawn = draw_again(bytes(data))
    except PhotoRefused:
        return
    assert Image.open(BytesIO(drawn.data)).size == (drawn.width, drawn.height)


@given(st.integers(64, 1600), st.integers(64, 1600))
def test_the_smaller_drawing_keeps_its_proportions(width: int, height: int) -> None:
    small = small_size(width, height)
    assert max(small) <= 720 or small == (width, height)
    assert abs(small[0] * height - small[1] * width) <= max(width, height)


@pytest.fixture
def la_maille(db: None, now: datetime, tmp_path: Path, settings: Any) -> UUID:
    settings.MEDIA_ROOT = tmp_path
    place = Place.objects.create(id=uuid4(), slug="la-maille", name="La Maille", created_at=now, updated_at=now)
    return place.pk


def add(place_id: UUID, now: datetime, **changes: object) -> int:
    given = {"data": with_gps(), "alt": "La façade de l’école", "licence": "CC BY 4.0", "credit": "Nadine"}
    return add_photo(place_id=place_id, by="compte:nadine", now=now, **(given | changes))  # type: ignore[arg-type]


def test_a_photo_is_kept_told_and_audited(la_maille: UUID, now: datetime) -> None:
    add(la_maille, now)
    add(la_maille, now, data=picture("PNG"), alt="Le grand atelier")
    first, second = Photo.objects.order_by("position")
    assert (first.alt, first.width, first.height, first.position, second.position) == (
        "La façade de l’école",
        200,
        320,
        0,
        1,
    )
    assert first.file.name == f"photos/{draw_again(with_gps()).name}"
    assert default_storage.exists(first.file.name)
    assert [r.changes for r in Revision.objects.order_by("number")] == [
        {"photos": [[], ["La façade de l’école"]]},
        {"photos": [["La façade de l’école"], ["La façade de l’école", "Le grand atelier"]]},
    ]
    assert [e.action for e in AuditEvent.objects.order_by("pk")] == ["places.photo_added"] * 2


def test_the_same_photo_again_changes_nothing(la_maille: UUID, now: datetime) -> None:
    assert add(la_maille, now) == add(la_maille, now)
    assert (Photo.objects.count(), Revision.objects.count(), AuditEvent.objects.count()) == (1, 1, 1)


def test_a_half_written_file_of_the_same_name_is_written_again(la_maille: UUID, now: datetime, tmp_path: Path) -> None:
    drawn = draw_again(with_gps())
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / drawn.name).write_bytes(drawn.data[:100])
    add(la_maille, now)
    assert (tmp_path / "photos" / drawn.name).read_bytes() == drawn.data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alt": " "}, "Décrivez en une phrase, de 300 signes au plus, ce que montre la photo."),
        ({"licence": ""}, "Dites sous quelle licence la photo peut être reprise, par exemple « CC BY 4.0 »."),
    ],
)
def test_a_photo_needs_words_and_a_licence(
    la_maille: UUID, now: datetime, change: dict[str, str], message: str
) -> None:
    with pytest.raises(PhotoRefused) as refused:
        add(la_maille, now, **change)
    assert str(refused.value) == message
    assert not Photo.objects.exists()


def test_a_failed_transaction_leaves_a_file_that_the_sweep_sees(la_maille: UUID, now: datetime) -> None:
    with pytest.raises(Place.DoesNotExist):
        add(uuid4(), now)
    assert not Photo.objects.exists()
    orphan = f"photos/{draw_again(with_gps()).name}"
    assert default_storage.exists(orphan) and default_storage.exists(orphan.replace(".webp", "-small.webp"))
    written = default_storage.get_modified_time(orphan)
    assert sweep_photos(by="tâche:ménage", now=written + timedelta(minutes=30)) == 0
    assert sweep_photos(by="tâche:ménage", now=written + timedelta(hours=2)) == 2
    assert default_storage.listdir("photos") == ([], [])


def test_the_sweep_spares_what_a_place_shows(la_maille: UUID, now: datetime) -> None:
    add(la_maille, now)
    assert sweep_photos(by="tâche:ménage", now=now + timedelta(days=3650)) == 0
    name = Photo.objects.get().file.name
    assert default_storage.exists(name) and default_storage.exists(small_name(name))


def test_a_place_has_at_most_twenty_photos(la_maille: UUID, now: datetime) -> None:
    for position in range(20):
        Photo.objects.create(
            place_id=la_maille,
            file=f"photos/{position}.webp",
            alt="x",
            licence="CC0",
            width=1,
            height=1,
            position=position,
            added_at=now,
            added_by="nadine",
        )
    with pytest.raises(PhotoRefused) as refused:
        add(la_maille, now)
    assert str(refused.value) == "Ce lieu a déjà 20 photos\u202f: retirez-en une avant d’en ajouter."


def test_a_jpeg_of_a_thousand_scans_is_refused_before_it_is_decoded() -> None:
    """Each scan repaints every pixel: a file of 100 kB could hold a core for minutes."""
    held = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(held, "JPEG", progressive=True)
    whole = held.getvalue()
    assert 2 <= whole.count(b"\xff\xda") <= 20
    assert draw_again(whole).width == 640
    last = whole.rindex(b"\xff\xda")
    with pytest.raises(PhotoRefused) as refused:
        draw_again(whole[:last] + whole[last:-2] * 100 + whole[-2:])
    assert str(refused.value) == (
        "Ce JPEG est dessiné en trop de passes : l’ouvrir prendrait des minutes. Enregistrez-le de nouveau, "
        "puis renvoyez-le."
    )


@pytest.mark.parametrize(
    ("pixels", "kind", "said"),
    [
        ((20_000, 20_000), "JPEG", "The image has 400 million pixels: beyond 40 million, it is not opened."),
        ((5_000, 2_500), "WebP", "The image has 12.5 million pixels: beyond 8.3 million in WebP, it is not opened."),
        (
            (5_000, 4_010),
            "JPEG progressif",
            "The image has 20.1 million pixels: beyond 20 million in progressive JPEG, it is not opened.",
        ),
    ],
)
def test_a_photo_is_refused_in_the_language_of_the_page(pixels: tuple[int, int], kind: str, said: str) -> None:
    problem = refusal(size_bytes=1, width=pixels[0], height=pixels[1], kind=sentence(kind))
    with override("en"):
        assert say(problem) == f"{said} Make it smaller, then send it again."
    with override("fr"):
        assert say(problem).replace(NARROW, " ") == problem
