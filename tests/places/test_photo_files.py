import pytest

pytestmark = pytest.mark.django_db
NAME = f"{'0123456789abcdef' * 2}01234567.webp"


@pytest.fixture
def photos(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / NAME).write_bytes(b"RIFF")
    (tmp_path / "secret.webp").write_text("secret")


def test_a_photo_is_served_for_ever_as_what_it_is(client, photos):
    answer = client.get(f"/media/photos/{NAME}")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"RIFF")
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    answer.close()


@pytest.mark.parametrize(
    "path",
    ["secret.webp", "photos/../secret.webp", "photos/", "photos/%2e%2e/secret.webp", f"photos/{'f' * 40}.webp"],
)
def test_nothing_else_of_the_folder_is_served(client, photos, path):
    assert client.get(f"/media/{path}").status_code == 404
