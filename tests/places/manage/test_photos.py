from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import Schedule

from maillage.journal.models import AuditEvent
from maillage.places import tasks
from maillage.places.actions.photos import (
    add_photo,
    describe_photo,
    move_photo,
    remove_photo,
    restore_photo,
    sweep_photos,
)
from maillage.places.models import Photo, Revision
from maillage.places.rules.photos import LICENCES, PhotoRefused, small_name
from tests.people import People, signed_in
from tests.places.test_photos import picture
from tests.web.page import Page

pytestmark = pytest.mark.usefixtures("media")


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def nadine(people: People) -> Client:
    return signed_in(people.nadine)


@pytest.fixture
def add(people: People, now: datetime) -> Callable[..., int]:
    def added(number: int, *, to: Any = None, alt: str = "") -> int:
        return add_photo(
            place_id=(to or people.place).pk,
            data=picture("PNG", (100 + number, 90)),
            alt=alt or f"Vue {number}",
            credit="Nadine",
            licence="CC0",
            by="essai",
            now=now,
        )

    return added


def address(people: People, name: str = "manage_photos", *args: Any) -> str:
    return reverse(name, args=[people.place.slug, *args])


def form(**changes: Any) -> dict[str, Any]:
    said = {"alt-1": "La façade", "credit": "Nadine", "licence": "CC BY 4.0", "people": "1"}
    return said | {"file-1": SimpleUploadedFile("a.png", picture("PNG"), "image/png")} | changes


def shown_to_all(people: People) -> list[str]:
    page = Page(Client().get(f"/lieux/{people.place.slug}/").content.decode())
    return [image["alt"] for image in page.attributes.get("img", [])]


def test_a_photo_sent_from_a_phone_is_on_the_sheet(nadine: Client, people: People) -> None:
    answer = nadine.post(address(people), form())
    assert (answer.status_code, answer["Location"]) == (302, address(people))
    photo = Photo.objects.get()
    assert (photo.alt, photo.credit, photo.licence) == ("La façade", "Nadine", "CC BY 4.0")
    assert photo.added_by == f"compte:{people.nadine.user.pk}:facilitator"
    assert shown_to_all(people) == ["La façade"]
    event = AuditEvent.objects.get(action="places.photo_added")
    assert (event.by, event.subject) == (photo.added_by, str(people.place.pk))


def test_three_photos_at_once_each_with_its_words(nadine: Client, people: People) -> None:
    more = {f"file-{n}": SimpleUploadedFile("a.png", picture("PNG", (90 + n, 90))) for n in (2, 3)}
    nadine.post(address(people), form(**more, **{"alt-2": "L’atelier", "alt-3": "Le jardin"}))
    assert [photo.alt for photo in Photo.objects.order_by("position")] == ["La façade", "L’atelier", "Le jardin"]


def test_the_same_photo_again_is_told_to_be_there_and_may_be_described(nadine: Client, people: People) -> None:
    nadine.post(address(people), form())
    nadine.get(address(people))
    answer = nadine.post(address(people), form(**{"alt-1": "Tout autre chose"}))
    assert answer.status_code == 422
    page = Page(answer.content.decode())
    assert page.head("input", id="file-1")[0]["aria-invalid"] == "true"
    photo = Photo.objects.get()
    assert f'href="{address(people, "manage_photo", photo.pk)}">La décrire autrement' in answer.content.decode()
    assert "Tout autre chose</textarea>" in answer.content.decode()
    assert "Photo ajoutée" not in page.text
    assert photo.alt == "La façade"


def test_who_only_looks_sees_the_photos_shown_and_no_button(
    people: People, now: datetime, add: Callable[..., int]
) -> None:
    kept, gone = add(1), add(2)
    remove_photo(place_id=people.place.pk, photo_id=gone, by="essai", now=now)
    perrin = signed_in(people.perrin)
    assert address(people) in Page(perrin.get(address(people, "manage")).content.decode()).links
    answer = perrin.get(address(people))
    page = Page(answer.content.decode())
    assert (answer.status_code, page.problems) == (200, [])
    assert "Vue 1" in page.text and "Vue 2" not in page.text
    assert [form for form in page.attributes.get("form", []) if "gerer" in str(form)] == []
    assert "Ajouter des photos" not in page.text and "Photos retirées" not in page.text
    for photo, status in ((kept, 200), (gone, 404)):
        assert perrin.get(address(people, "manage_photo_file", photo)).status_code == status
    assert perrin.post(address(people), form()).status_code == 403
    assert perrin.get(address(people, "manage_photo", kept)).status_code == 403
    assert signed_in(people.karim).get(address(people, "manage_photo_file", gone)).status_code == 200


def test_nobody_is_credited_unasked(nadine: Client, people: People) -> None:
    page = Page(nadine.get(address(people)).content.decode())
    assert page.head("input", id="credit")[0]["value"] == ""


def test_a_photo_too_heavy_loses_no_words(nadine: Client, people: People) -> None:
    heavy = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff" + b"\0" * (10 * 1024 * 1024))
    other = SimpleUploadedFile("b.png", picture("PNG", (91, 90)))
    answer = nadine.post(address(people), form(**{"file-1": heavy, "file-2": other, "alt-2": "L’atelier"}))
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "faites-en une capture d’écran" in html
    assert "La façade</textarea>" in html and "L’atelier</textarea>" in html


def test_what_is_wrong_with_photos_is_told_at_the_top_with_the_way_there(nadine: Client, people: People) -> None:
    def bad() -> dict[str, Any]:
        return {name: SimpleUploadedFile("a.jpg", b"not a photo") for name in ("file-1", "file-2")}

    answer = nadine.post(address(people), form(**bad(), **{"alt-2": "", "people": ""}))
    html = answer.content.decode()
    page = Page(html)
    assert (answer.status_code, page.problems) == (422, [])
    assert "<title>À revoir · Photos" in html
    top = html[html.index('id="wrongs"') : html.index('id="add"')]
    assert html.index('id="wrongs"') < html.index('<section class="panel"')
    assert 'role="alert" tabindex="-1" id="wrongs" autofocus' in html
    assert [href for href in page.links if href.startswith("#") and href[1:] in page.ids and href in top] == ["#people"]
    assert "Cochez cette case si c’est bien le cas" in top
    again = nadine.post(address(people), form(**bad(), **{"alt-2": "L’atelier"}))
    html = again.content.decode()
    top = html[html.index('id="wrongs"') : html.index('id="add"')]
    assert [href for href in Page(html).links if href in ("#file-1", "#file-2")] == ["#file-1", "#file-2"]
    assert top.count("Ce fichier n’est pas une photo JPEG, PNG ou WebP") == 2
    assert "Photo n°\xa02, la photo" in top
    assert "Les fichiers sont à choisir de nouveau\u202f; vos descriptions sont gardées." in top


def test_what_is_wrong_with_the_words_of_a_photo_is_told_at_the_top(
    nadine: Client, people: People, add: Callable[..., int]
) -> None:
    answer = nadine.post(address(people, "manage_photo", add(1)), {"alt": "", "credit": "", "licence": "CC0"})
    html = answer.content.decode()
    assert answer.status_code == 422 and "<title>À revoir · " in html
    assert html.index('id="wrongs"') < html.index('<form method="post" class="form"')
    assert "#alt" in Page(html).links


def test_one_bad_photo_does_not_lose_the_good_one(nadine: Client, people: People) -> None:
    bad = {"file-2": SimpleUploadedFile("b.jpg", b"not a photo"), "alt-2": "L’atelier"}
    answer = nadine.post(address(people), form(**bad))
    assert answer.status_code == 422
    page = Page(answer.content.decode())
    assert page.problems == []
    assert "Ce fichier n’est pas une photo JPEG, PNG ou WebP" in page.text
    assert Photo.objects.get().alt == "La façade"
    assert page.head("input", id="file-1")[0]["aria-invalid"] == "true", "what is left to mend comes first"


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"alt-1": ""}, "alt-1-wrong"),
        ({"alt-1": "x" * 301}, "alt-1-wrong"),
        ({"file-1": ""}, "file-1-wrong"),
        ({"licence": "à moi"}, "licence-wrong"),
        ({"licence": ""}, "licence-wrong"),
        ({"people": ""}, "people-wrong"),
        ({"credit": "x" * 201}, "credit-wrong"),
    ],
)
def test_what_is_missing_is_told_beside_its_field(
    nadine: Client,
    people: People,
    changes: dict[str, str],
    wrong: str,
) -> None:
    answer = nadine.post(address(people), form(**changes))
    page = Page(answer.content.decode())
    assert answer.status_code == 422
    assert [name for name in page.ids if name.endswith("-wrong")] == [wrong]
    assert page.problems == []
    assert not Photo.everything.exists()


def test_nothing_at_all_is_told_too(nadine: Client, people: People) -> None:
    assert nadine.post(address(people), {}).status_code == 422


def test_words_are_cleaned(nadine: Client, people: People) -> None:
    nadine.post(address(people), form(**{"alt-1": "La\x00 façade\u202e \n de l’école", "credit": "<b>N</b>"}))
    photo = Photo.objects.get()
    assert (photo.alt, photo.credit) == ("La façade de l’école", "<b>N</b>")
    assert "<b>N</b>" not in nadine.get(address(people)).content.decode()


def test_the_form_asks_for_what_it_needs(nadine: Client, people: People) -> None:
    page = Page(nadine.get(address(people)).content.decode())
    assert page.problems == []
    assert page.head("input", id="file-1", accept="image/*", required="")
    assert not page.head("input", id="file-1")[0].get("capture"), "a phone offers its camera and its album"
    assert page.head("textarea", id="alt-1", required="")
    assert page.head("input", id="people", type="checkbox", required="")
    assert [option["value"] for option in page.attributes["option"]] == list(LICENCES)


def test_a_photo_is_described_again(nadine: Client, people: People, add: Callable[..., int]) -> None:
    pk = add(1)
    page = Page(nadine.get(address(people, "manage_photo", pk)).content.decode())
    assert page.problems == []
    answer = nadine.post(
        address(people, "manage_photo", pk), {"alt": "La cour", "credit": "Lila", "licence": "CC BY-SA 4.0"}
    )
    assert answer["Location"] == f"{address(people)}#photo-{pk}"
    photo = Photo.objects.get()
    assert (photo.alt, photo.credit, photo.licence) == ("La cour", "Lila", "CC BY-SA 4.0")
    last = Revision.objects.order_by("number").last()
    assert last.changes == {"photos": [["Vue 1 (Nadine, CC0)"], ["La cour (Lila, CC BY-SA 4.0)"]]}
    assert AuditEvent.objects.filter(action="places.photo_described").count() == 1


def test_saying_the_same_again_writes_nothing(people: People, add: Callable[..., int], now: datetime) -> None:
    pk = add(1)
    before = (Revision.objects.count(), AuditEvent.objects.count())
    describe_photo(
        place_id=people.place.pk, photo_id=pk, alt="Vue 1", credit="Nadine", licence="CC0", by="essai", now=now
    )
    assert (Revision.objects.count(), AuditEvent.objects.count()) == before


@pytest.mark.parametrize("changes", [{"alt": ""}, {"licence": "inventée"}, {"credit": "x" * 201}])
def test_a_bad_description_changes_nothing(
    nadine: Client,
    people: People,
    add: Callable[..., int],
    changes: dict[str, str],
) -> None:
    pk = add(1)
    said = {"alt": "La cour", "credit": "", "licence": "CC0"} | changes
    answer = nadine.post(address(people, "manage_photo", pk), said)
    assert answer.status_code == 422
    assert Page(answer.content.decode()).problems == []
    assert Photo.objects.get().alt == "Vue 1"


def test_photos_move_one_rank_at_a_time(nadine: Client, people: People, add: Callable[..., int]) -> None:
    first, second, third = add(1), add(2), add(3)

    def order() -> list[int]:
        return list(Photo.objects.order_by("position", "pk").values_list("pk", flat=True))

    nadine.post(address(people, "manage_photo", third), {"move": "up"})
    assert order() == [first, third, second]
    nadine.post(address(people, "manage_photo", first), {"move": "down"})
    assert order() == [third, first, second]
    told = Revision.objects.count()
    nadine.post(address(people, "manage_photo", third), {"move": "up"})
    assert order() == [third, first, second] and Revision.objects.count() == told, "the first cannot go before"


def test_a_removed_photo_is_nowhere_and_comes_back(nadine: Client, people: People, add: Callable[..., int]) -> None:
    pk, _ = add(1), add(2)
    photo = Photo.objects.get(pk=pk)
    file = photo.file.url
    nadine.post(address(people, "manage_photo_remove", pk))
    assert shown_to_all(people) == ["Vue 2"]
    public = Client().get(f"/lieux/{people.place.slug}/").content.decode()
    assert "Vue 1" not in public and photo.file.name not in public, "nor in its JSON-LD"
    assert Client().get(file).status_code == Client().get(small_name(file)).status_code == 404
    for copied in ("/api/v1/places.geojson", "/api/v1/places.csv", "/api/v1/places.jsonld"):
        answer = Client().get(copied)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert photo.file.name.encode() not in body
    mine = nadine.get(address(people, "manage_photo_file", pk))
    assert mine.status_code == 200 and "no-store" in mine["Cache-Control"], "the team sees what it may put back"
    mine.close()
    nadine.post(address(people, "manage_photo_restore", pk))
    assert shown_to_all(people) == ["Vue 2", "Vue 1"]
    told = AuditEvent.objects.filter(subject=str(people.place.pk)).order_by("pk").values_list("action", flat=True)
    assert list(told)[-2:] == ["places.photo_removed", "places.photo_restored"]


def test_removing_and_putting_back_are_told_once(people: People, add: Callable[..., int], now: datetime) -> None:
    act = {"place_id": people.place.pk, "photo_id": add(1), "by": "essai", "now": now}
    for again in (remove_photo, remove_photo, restore_photo, restore_photo):
        again(**act)
    reasons = list(Revision.objects.filter(place=people.place).order_by("number").values_list("reason", flat=True))
    assert reasons[-2:] == ["Photo retirée", "Photo remise"]


def test_the_same_photo_sent_again_after_its_removal_comes_back(
    people: People,
    add: Callable[..., int],
    now: datetime,
) -> None:
    pk = add(1)
    remove_photo(place_id=people.place.pk, photo_id=pk, by="essai", now=now)
    assert add(1, alt="Mieux dite") == pk
    photo = Photo.objects.get()
    assert (photo.alt, photo.removed_at, photo.removed_by) == ("Mieux dite", None, "")


def test_twenty_shown_and_no_way_around(people: People, add: Callable[..., int], now: datetime) -> None:
    pks = [add(n) for n in range(20)]
    with pytest.raises(PhotoRefused, match=r"^Ce lieu a déjà 20 photos\u202f: retirez-en une avant d’en ajouter\.$"):
        add(20)
    remove_photo(place_id=people.place.pk, photo_id=pks[0], by="essai", now=now)
    add(20)
    with pytest.raises(PhotoRefused, match="déjà 20 photos"):
        restore_photo(place_id=people.place.pk, photo_id=pks[0], by="essai", now=now)
    nadine = signed_in(people.nadine)
    assert nadine.post(address(people, "manage_photo_restore", pks[0])).status_code == 302
    assert Photo.objects.filter(place=people.place).count() == 20


def test_removed_photos_are_bounded_too(people: People, now: datetime) -> None:
    facts = {"alt": "x", "licence": "CC0", "width": 9, "height": 9, "added_at": now, "added_by": "essai"}
    for n in range(60):
        Photo.everything.create(
            place=people.place, file=f"photos/{n}.webp", removed_at=now, removed_by="essai", **facts
        )
    with pytest.raises(PhotoRefused) as refused:
        add_photo(place_id=people.place.pk, data=picture("PNG"), alt="x", licence="CC0", by="essai", now=now)
    assert str(refused.value) == (
        "Ce lieu garde déjà 60 photos, retirées comprises\u202f: remettez-en une, "
        "ou attendez que les plus anciennes s’effacent (30 jours après leur retrait)."
    )


def test_thirty_days_after_its_removal_a_photo_is_erased(
    people: People, add: Callable[..., int], now: datetime
) -> None:
    pk = add(1)
    name = Photo.objects.get().file.name
    remove_photo(place_id=people.place.pk, photo_id=pk, by="essai", now=now)
    assert sweep_photos(by="tâche:ménage", now=now + timedelta(days=29)) == 0
    assert default_storage.exists(name)
    assert sweep_photos(by="tâche:ménage", now=now + timedelta(days=31)) == 2
    assert not Photo.everything.exists() and not default_storage.exists(name)
    assert AuditEvent.objects.get(action="places.photos_erased").detail == {"photos": [pk]}


def test_a_photo_of_two_places_outlives_its_removal_in_one(
    people: People, add: Callable[..., int], now: datetime
) -> None:
    here, _there = add(1), add(1, to=people.other)
    name = Photo.objects.get(pk=here).file.name
    remove_photo(place_id=people.place.pk, photo_id=here, by="essai", now=now)
    sweep_photos(by="tâche:ménage", now=now + timedelta(days=400))
    assert Photo.everything.get().place == people.other
    assert default_storage.exists(name) and default_storage.exists(small_name(name))
    answer = Client().get(default_storage.url(name))
    assert answer.status_code == 200
    answer.close()


def test_a_file_swept_while_its_photo_arrives_is_written_again(
    people: People,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sweep may pass between the file and its row: the row never points at nothing."""
    from maillage.places.actions import photos as module

    locked = module._locked

    def swept_first(*asked: Any) -> Any:
        for name in list(module._files()):
            default_storage.delete(name)
        return locked(*asked)

    monkeypatch.setattr(module, "_locked", swept_first)
    add_photo(place_id=people.place.pk, data=picture("PNG"), alt="x", licence="CC0", by="essai", now=now)
    name = Photo.objects.get().file.name
    assert default_storage.exists(name) and default_storage.exists(small_name(name))


@pytest.mark.django_db
def test_the_sweep_is_asked_for_every_day() -> None:
    kept = Schedule.objects.get(name="places-daily-sweep")
    assert (kept.func, kept.schedule_type) == ("maillage.places.tasks.daily_sweep", Schedule.DAILY)
    assert tasks.daily_sweep() == 0


ACTS = ["manage_photo", "manage_photo_remove", "manage_photo_restore", "manage_photo_file"]


@pytest.mark.parametrize("name", ACTS)
def test_a_photo_of_another_place_does_not_exist_here(
    nadine: Client,
    people: People,
    add: Callable[..., int],
    now: datetime,
    name: str,
) -> None:
    theirs = add(1, to=people.other)
    if name == "manage_photo_restore":
        remove_photo(place_id=people.other.pk, photo_id=theirs, by="essai", now=now)
    before = list(Photo.everything.values())
    said = {"alt": "Volée", "credit": "", "licence": "CC0"}
    assert nadine.post(address(people, name, theirs), said).status_code == 404
    assert nadine.post(address(people, name, theirs), {"move": "up"}).status_code == 404
    assert nadine.post(address(people, name, 10**30), said).status_code == 404
    assert list(Photo.everything.values()) == before


@pytest.mark.parametrize("move", [move_photo])
def test_a_removed_photo_is_not_moved(people: People, add: Callable[..., int], now: datetime, move: Any) -> None:
    pk = add(1)
    remove_photo(place_id=people.place.pk, photo_id=pk, by="essai", now=now)
    with pytest.raises(Photo.DoesNotExist):
        move(place_id=people.place.pk, photo_id=pk, up=True, by="essai", now=now)


@pytest.mark.parametrize("name", ["manage_photo_remove", "manage_photo_restore"])
def test_following_a_link_changes_nothing(
    nadine: Client,
    people: People,
    add: Callable[..., int],
    name: str,
) -> None:
    pk = add(1)
    before = list(Photo.everything.values())
    assert nadine.get(address(people, name, pk)).status_code == 302
    assert list(Photo.everything.values()) == before


def test_the_page_asks_the_same_number_of_questions_for_one_photo_or_twenty(
    nadine: Client,
    people: People,
    add: Callable[..., int],
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert nadine.get(address(people)).status_code == 200
        return len(asked)

    add(1)
    questions()
    one = questions()
    for n in range(2, 21):
        add(n)
    questions()
    assert questions() == one <= 10


def test_what_was_removed_long_ago_is_not_offered(
    nadine: Client, people: People, add: Callable[..., int], now: datetime
) -> None:
    pk = add(1)
    remove_photo(place_id=people.place.pk, photo_id=pk, by="essai", now=now)
    restore = address(people, "manage_photo_restore", pk)
    with time_machine.travel(now + timedelta(days=3), tick=False):
        assert restore in nadine.get(address(people)).content.decode()
    with time_machine.travel(now + timedelta(days=20), tick=False):
        Photo.everything.update(removed_at=now - timedelta(days=31))
        assert restore not in nadine.get(address(people)).content.decode()
