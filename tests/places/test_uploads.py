"""Files sent to hurt: each refused in a sentence, within two seconds and 256 MB, by a worker that lives."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from maillage.places.models import Photo
from maillage.places.rules.photos import MAX_PIXELS, PhotoRefused, draw_again
from maillage.places.rules.sentences import NARROW
from maillage.places.views.uploads import MOST_BYTES, MOST_BYTES_ELSEWHERE
from tests.people import People, signed_in
from tests.places.test_photos import NOT_A_PHOTO, SVG, bomb, picture, with_gps

MOST_MB, MOST_S = 256, 2.0
NOT_WHOLE = (
    "L’image est abîmée ou incomplète : on n’a pas pu la lire jusqu’au bout. "
    "Enregistrez-la de nouveau depuis un logiciel d’images, puis renvoyez-la."
)
FAR_TOO_MANY = "L’image annonce bien plus de 40 millions de pixels : on ne l’ouvre pas. Réduisez-la, puis renvoyez-la."
HEIC = (
    "C’est une photo HEIC ou AVIF, que tous les navigateurs ne montrent pas. Enregistrez-la en JPEG "
    "(sur iPhone : Réglages, Appareil photo, Formats, « Le plus compatible »), puis renvoyez-la."
)
MOVING = "L’image est animée : seule une photo fixe peut être montrée. Envoyez-en une en JPEG."
EMPTY = "Le fichier est vide : choisissez la photo de nouveau, puis renvoyez-la."
TOO_HEAVY = (
    "Le fichier pèse plus de 10 Mo : on ne l’ouvre pas. Sur un téléphone, faites-en une capture d’écran, ou "
    "envoyez-vous la photo par courriel en taille moyenne, puis choisissez cette copie."
)


def animated(format: str) -> bytes:
    frames = [Image.new("RGB", (80, 80), colour) for colour in ("red", "green")]
    buffer = BytesIO()
    frames[0].save(buffer, format, save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()


def phone_photo_of_two_images() -> bytes:
    """What many phones write: a JPEG followed by another (MPO)."""
    buffer = BytesIO()
    Image.new("RGB", (80, 80), "red").save(buffer, "MPO", save_all=True, append_images=[Image.new("RGB", (80, 80))])
    return buffer.getvalue()


def plain(format: str, mode: str, pixels: int, **options: object) -> bytes:
    """A square image of one colour: the smallest file for its pixels."""
    buffer = BytesIO()
    Image.new(mode, (int(pixels**0.5),) * 2).save(buffer, format, **options)
    return buffer.getvalue()


HOSTILE = {
    "png bomb": (lambda: bomb(20_000), FAR_TOO_MANY),
    "cut jpeg": (lambda: picture("JPEG", (2000, 1500))[:-4000], NOT_WHOLE),
    "gif that is a script": (lambda: b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1)//", NOT_A_PHOTO),
    "svg with a script": (lambda: SVG, NOT_A_PHOTO),
    "heic": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 500, HEIC),
    "avif": (lambda: b"\0\0\0\x18ftypavif\0\0\0\0mif1heic" + b"\0" * 500, HEIC),
    "animated gif": (lambda: animated("GIF"), NOT_A_PHOTO),
    "animated png": (lambda: animated("PNG"), MOVING),
    "animated webp": (lambda: animated("WEBP"), MOVING),
    "nothing": (lambda: b"", EMPTY),
    "pdf called jpg": (lambda: b"%PDF-1.7\n" + b"x" * 5000, NOT_A_PHOTO),
    "just over 10 MB": (lambda: b"\xff\xd8\xff" + b"\0" * (10 * 1024 * 1024), TOO_HEAVY),
}
HEAVIEST = {
    "JPEG": lambda: plain("JPEG", "RGB", MAX_PIXELS["JPEG"], subsampling=0),
    "JPEG in four inks": lambda: plain("JPEG", "CMYK", MAX_PIXELS["JPEG"]),
    "JPEG progressif": lambda: plain("JPEG", "RGB", MAX_PIXELS["JPEG progressif"], progressive=True, subsampling=0),
    "PNG": lambda: plain("PNG", "RGB", MAX_PIXELS["PNG"]),
    "PNG of 16 bits": lambda: plain("PNG", "I;16", MAX_PIXELS["PNG"]),
    "PNG transparent": lambda: plain("PNG", "RGBA", MAX_PIXELS["PNG transparent"]),
    "WebP": lambda: plain("WEBP", "RGBA", MAX_PIXELS["WebP"]),
    "long and thin": lambda: _thin(),
}
"""What is just small enough to be accepted, of each kind: the most a worker ever unfolds."""


def _thin() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (65_000, 610)).save(buffer, "JPEG")
    return buffer.getvalue()


WORKER = """
import json, sys, time
from pathlib import Path
import django
django.setup()
from maillage.config.wsgi import application
from maillage.places.rules.photos import PhotoRefused, draw_again

def unguarded(data):
    from io import BytesIO
    from PIL import Image
    Image.MAX_IMAGE_PIXELS = None
    Image.open(BytesIO(data)).convert("RGBA")

draw = unguarded if sys.argv[1] == "unguarded" else draw_again
for path in sys.argv[2:]:
    data, started, said = Path(path).read_bytes(), time.process_time(), ""
    try:
        draw(data)
    except PhotoRefused as refused:
        said = str(refused)
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(json.dumps([Path(path).name, said, time.process_time() - started, peak]), flush=True)
"""


def worker(folder: Path, files: dict[str, Callable[[], bytes]], *, how: str = "guarded") -> list[list]:
    """What one process of the site says of each file, the time it took and the most memory it has held."""
    paths = []
    for name, make in files.items():
        (folder / name).write_bytes(make())
        paths.append(str(folder / name))
    environment = {
        "DJANGO_SETTINGS_MODULE": "maillage.config.settings",
        "MAILLAGE_HOME": str(folder),
        "MAILLAGE_OFFLINE": "1",
        "PYTHONPATH": "src",
        "PATH": "/usr/bin",
    }
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WORKER, how, *paths],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_a_worker_refuses_each_hostile_file_quickly_and_lives(tmp_path: Path) -> None:
    files = {name: make for name, (make, _) in HOSTILE.items()} | {"a photo": with_gps}
    told = worker(tmp_path, files)
    assert {name: said for name, said, *_ in told} == {n: says for n, (_, says) in HOSTILE.items()} | {"a photo": ""}
    assert max(seconds for _, _, seconds, _ in told) <= MOST_S
    assert max(peak for *_, peak in told) <= MOST_MB


@pytest.mark.parametrize("kind", HEAVIEST)
def test_the_heaviest_photo_that_is_accepted_stays_within_bounds(tmp_path: Path, kind: str) -> None:
    ((_, said, seconds, peak),) = worker(tmp_path, {kind: HEAVIEST[kind]})
    assert said == ""
    assert seconds <= MOST_S
    assert peak <= MOST_MB


def test_without_the_guard_a_bomb_breaks_the_bounds(tmp_path: Path) -> None:
    """The negative control: the measure sees what the guard prevents."""
    ((_, _, _, peak),) = worker(tmp_path, {"bomb": lambda: bomb(12_000)}, how="unguarded")
    assert peak > MOST_MB


def test_a_photo_of_two_images_is_a_photo() -> None:
    assert Image.open(BytesIO(phone_photo_of_two_images())).format == "MPO"
    drawn = draw_again(phone_photo_of_two_images())
    assert Image.open(BytesIO(drawn.data)).n_frames == 1


@pytest.mark.parametrize("kind", [kind for kind in MAX_PIXELS if kind != "JPEG"])
def test_one_pixel_too_many_is_told_with_the_kind(kind: str) -> None:
    written = {"JPEG progressif": "JPEG", "PNG transparent": "PNG"}.get(kind, kind)
    mode = "RGBA" if kind == "PNG transparent" else "RGB"
    options = {"progressive": True} if kind == "JPEG progressif" else {}
    with pytest.raises(PhotoRefused, match=rf"millions en {kind}, on ne l’ouvre pas\. Réduisez-la"):
        draw_again(plain(written, mode, MAX_PIXELS[kind] + 30_000, **options))


@pytest.fixture
def nadine(people: People, settings: object, tmp_path: Path) -> Client:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    return signed_in(people.nadine)


def send(client: Client, people: People, data: bytes, name: str = "photo.jpg", **more: object):
    said = {"alt-1": "La façade", "credit": "", "licence": "CC0", "people": "1"}
    file = SimpleUploadedFile(name, data, "image/jpeg")
    return client.post(f"/gerer/{people.place.slug}/photos/", said | {"file-1": file} | more)


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_page_says_why_and_keeps_nothing(nadine: Client, people: People, tmp_path: Path, kind: str) -> None:
    make, says = HOSTILE[kind]
    answer = send(nadine, people, make())
    assert answer.status_code == 422
    assert says in answer.content.decode().replace(NARROW, " ")
    assert "La façade" in answer.content.decode(), "what was written is not lost"
    assert not Photo.everything.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_sixty_megabytes_are_dropped_as_they_come(nadine: Client, people: People) -> None:
    data, started = b"\xff\xd8" + b"\0" * 60_000_000, time.process_time()
    answer = send(nadine, people, data)
    assert time.process_time() - started <= MOST_S
    assert answer.status_code == 422
    assert TOO_HEAVY in answer.content.decode().replace(NARROW, " ")


def test_a_heavy_file_beside_a_good_one_does_not_lose_it(nadine: Client, people: People) -> None:
    heavy = SimpleUploadedFile("b.jpg", b"\xff\xd8" + b"\0" * 11_000_000)
    answer = send(nadine, people, picture("JPEG"), **{"file-2": heavy, "alt-2": "L’atelier"})
    assert answer.status_code == 422, "the form as a whole is sent again"
    assert TOO_HEAVY in answer.content.decode().replace(NARROW, " ")


def test_the_line_is_cut_when_far_too_much_is_announced(nadine: Client, people: People) -> None:
    answer = nadine.post(
        f"/gerer/{people.place.slug}/photos/",
        data=b"--x--",
        content_type="multipart/form-data; boundary=x",
        headers={"content-length": str(MOST_BYTES + 1)},
        CONTENT_LENGTH=str(MOST_BYTES + 1),
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["equipe/", "cles/"])
def test_no_other_page_reads_a_file(nadine: Client, people: People, path: str, monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(
        "django.core.files.uploadhandler.MemoryFileUploadHandler.receive_data_chunk",
        lambda *given: seen.append(given),
    )
    address = f"/gerer/{people.place.slug}/{path}"
    nadine.post(address, {"file-1": SimpleUploadedFile("a.jpg", picture("JPEG"))})
    assert seen == []
    heavy = nadine.post(address, {"file-1": SimpleUploadedFile("a.jpg", b"\0" * MOST_BYTES_ELSEWHERE)})
    assert heavy.status_code == 400


def test_a_visitor_sends_no_file(people: People, client: Client, monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(
        "django.core.files.uploadhandler.MemoryFileUploadHandler.receive_data_chunk",
        lambda *given: seen.append(given),
    )
    assert send(client, people, picture("JPEG")).status_code == 302
    assert seen == []


def test_three_files_at_most_are_read(nadine: Client, people: People) -> None:
    more = {f"file-{n}": SimpleUploadedFile("a.jpg", picture("JPEG", (100 + n, 100))) for n in range(2, 7)}
    more |= {f"alt-{n}": f"Photo {n}" for n in range(2, 7)}
    assert send(nadine, people, picture("JPEG"), **more).status_code == 302
    assert Photo.objects.count() == 3


def test_a_photo_under_another_name_is_kept_as_a_photo(nadine: Client, people: People) -> None:
    """What a file is called says nothing: its pixels are drawn again, under a name of ours."""
    assert send(nadine, people, with_gps(), name="../../x.php").status_code == 302
    photo = Photo.objects.get()
    assert photo.file.name.startswith("photos/") and photo.file.name.endswith(".webp")
    with photo.file.open() as kept:
        data = kept.read()
    assert not Image.open(BytesIO(data)).getexif() and b"Nadine" not in data and b"EXIF" not in data
