from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maillage.places.actions import remove_place
from maillage.places.actions.photos import remove_photo, restore_photo
from maillage.places.models import Photo, Place

pytestmark = pytest.mark.django_db
NAME = f"{'0123456789abcdef' * 2}01234567.webp"
SMALL = NAME.replace(".webp", "-small.webp")
UNKNOWN = "e" * 40 + ".webp"


@pytest.fixture
def shows(now):
    """Make a place show the photo of a file."""

    def show(file):
        place = Place.objects.create(id=uuid4(), slug=uuid4().hex, name="La Maille", created_at=now, updated_at=now)
        facts = {"alt": "La façade", "licence": "CC0", "width": 80, "height": 80, "added_at": now, "added_by": "essai"}
        return Photo.objects.create(place=place, file=f"photos/{file}", **facts)

    return show


@pytest.fixture
def photos(settings, tmp_path, shows):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "photos").mkdir()
    for name in (NAME, SMALL, UNKNOWN):
        (tmp_path / "photos" / name).write_bytes(b"RIFF")
    (tmp_path / "secret.webp").write_text("secret")
    return shows(NAME)


def status(client, name=NAME):
    answer = client.get(f"/media/photos/{name}")
    answer.close()
    return answer.status_code


def test_a_photo_is_served_as_what_it_is_and_asked_for_again_by_shared_caches(client, photos):
    answer = client.get(f"/media/photos/{NAME}")
    assert (answer.status_code, answer.content) == (200, b"RIFF")
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, max-age=86400, s-maxage=300, immutable"
    answer.close()


def test_a_known_photo_is_not_sent_again(client, photos):
    answer = client.get(f"/media/photos/{NAME}", headers={"if-none-match": f'"{NAME}"'})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_photo_costs_one_question(client, photos):
    with CaptureQueriesContext(connection) as asked:
        status(client)
    assert len(asked) == 1


def test_a_file_that_no_place_shows_is_not_served(client, photos):
    assert status(client, UNKNOWN) == 404
    assert (status(client), status(client, SMALL)) == (200, 200)


def test_a_removed_photo_is_not_served_until_it_is_put_back(client, photos, now):
    remove_photo(place_id=photos.place_id, photo_id=photos.pk, by="essai", now=now)
    assert (status(client), status(client, SMALL)) == (404, 404)
    assert client.get(f"/media/photos/{NAME}", headers={"if-none-match": f'"{NAME}"'}).status_code == 404
    restore_photo(place_id=photos.place_id, photo_id=photos.pk, by="essai", now=now)
    assert (status(client), status(client, SMALL)) == (200, 200)


def test_a_photo_of_two_places_stays_while_one_shows_it(client, photos, shows, now):
    twin = shows(NAME)
    remove_photo(place_id=photos.place_id, photo_id=photos.pk, by="essai", now=now)
    assert status(client) == 200
    remove_photo(place_id=twin.place_id, photo_id=twin.pk, by="essai", now=now)
    assert status(client) == 404


def test_the_photos_of_a_removed_place_are_not_served(client, photos, now):
    remove_place(place_id=photos.place_id, reason="Doublon", by="essai", now=now)
    assert status(client) == 404


@pytest.mark.parametrize(
    "path",
    ["secret.webp", "photos/../secret.webp", "photos/", "photos/%2e%2e/secret.webp", f"photos/{'f' * 40}.webp"],
)
def test_nothing_else_of_the_folder_is_served(client, photos, path):
    assert client.get(f"/media/{path}").status_code == 404
