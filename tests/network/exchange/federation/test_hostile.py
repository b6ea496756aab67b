"""What an instance that lies, errs or is somebody else's may do here: nothing, and it is said."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Count

from maillage.accounts import actions as accounts
from maillage.journal.models import AuditEvent
from maillage.network.exchange.actions import federation as acts
from maillage.network.exchange.actions.federation import FollowRefused, follow, look_at, pull
from maillage.network.exchange.models import Copy, Peer, SetAside
from maillage.network.exchange.queries import federation
from maillage.network.exchange.rules.feeds import keys
from maillage.places import actions as registry
from maillage.places.models import Place, SourceRecord
from tests.network.exchange.federation.stranger import NOON, Stranger, gone, listening, place
from tests.places.test_record import LA_MAILLE, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_ground")]


@pytest.fixture
def there(settings: Any) -> Iterator[Stranger]:
    """Another instance, on this machine."""
    settings.FEEDS_FROM_LOOPBACK, settings.OFFLINE = True, False
    with listening() as told:
        yield told


def followed(there: Stranger, now: datetime) -> Peer:
    return follow(card=look_at(there.url), by="essai", now=now)


def read(peer: Peer, now: datetime) -> tuple[str, list[str]]:
    """Why reading stopped, and what stands here."""
    done = pull(peer_id=peer.pk, now=now)
    return done.problem, list(Place.objects.public().order_by("name").values_list("name", flat=True))


def bent(name: str, said: Callable[[str], str]) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda headers: headers | {name: said(headers[name])}


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "unsigned": ({"headers": lambda headers: {}}, "Ses pages ne sont pas signées"),
    "changed on its way": (
        {"sent": lambda body: body.replace(b"Lieu 1", b"Lieu 9")},
        "Une page a été changée en chemin",
    ),
    "another signature": (
        {"headers": bent("Signature", lambda said: said[:12] + ("A" if said[12] != "A" else "B") + said[13:])},
        "La signature d’une page est fausse",
    ),
    "another date": (
        {"headers": bent("Signature-Input", lambda said: said.replace(str(NOON), str(NOON + 1)))},
        "La signature d’une page est fausse",
    ),
    "another algorithm": (
        {"headers": bent("Signature-Input", lambda said: said.replace("ed25519", "none"))},
        "Ses pages ne sont pas signées",
    ),
    "of the future": ({"created": NOON + 10**7}, "Une page est datée de l’avenir"),
    "not a number": ({"body": lambda body: body.replace(b'"version": 1', b'"version": NaN')}, "Une page est illisible"),
    "beyond numbers": (
        {"body": lambda body: body.replace(b'"version": 1', b'"version": 1e999')},
        "Une page est illisible",
    ),
    "too deep": ({"body": lambda body: b"[" * 100_000}, "Une page est illisible"),
    "said twice": ({"body": lambda body: b'{"site": "a", ' + body[1:]}, "Une page est illisible"),
    "one field more": ({"more": {"page": {"ordre": 1}}}, "Une page dit autre chose que ce qui est attendu"),
    "in another name": (
        {"more": {"page": {"site": "ain-example"}}},
        "Une page parle au nom de «\u202fain-example\u202f»",
    ),
    "leading nowhere": (
        {"more": {"page": {"more": True, "next": "/api/v1/places/changes?since=0.0&limit=500&records=1"}}},
        "Ses pages ne mènent nulle part",
    ),
    "leading elsewhere": ({"more": {"page": {"next": "https://ailleurs.example/"}}}, "Une page dit autre chose"),
}


@pytest.mark.parametrize("lie", list(LIES))
def test_a_page_that_lies_is_not_taken_and_the_true_one_is_next_time(there: Stranger, now: datetime, lie: str) -> None:
    there.pages = [[place(there, 1)]]
    peer = followed(there, now)
    bending, said = LIES[lie]
    honest = {name: getattr(there, name) for name in bending}
    for name, value in bending.items():
        setattr(there, name, value)
    problem, shown = read(peer, now)
    assert problem.startswith(said)
    assert shown == []
    peer.refresh_from_db()
    assert (peer.cursor, peer.seen_at, peer.tried_at) == ("", None, now)
    for name, value in honest.items():
        setattr(there, name, value)
    assert read(peer, now) == ("", ["Lieu 1"])


def test_an_older_page_that_comes_back_is_not_taken(there: Stranger, now: datetime) -> None:
    there.pages = [[place(there, 1)]]
    peer = followed(there, now)
    assert read(peer, now) == ("", ["Lieu 1"])
    there.pages, there.created = [[], [place(there, 1, values={"name": "Ancien"})]], NOON - 60
    assert read(peer, now) == (
        "Une page plus ancienne que la dernière lue est revenue\u202f: rien n’en est pris.",
        ["Lieu 1"],
    )


BAD = {
    "a field nobody knows": (lambda told: told | {"ordre": "oui"}, "champ inconnu : ordre"),
    "a value nobody knows": (
        lambda told: told | {"records": [told["records"][0] | {"values": {"name": "x", "secret": "1"}}]},
        "",
    ),
    "of another instance": (
        lambda told: told | {"site": "ain-example"},
        "ce lieu est d’une autre instance : ain-example",
    ),
    "without a name": (
        lambda told: told | {"records": [told["records"][0] | {"values": {"commune": "39093"}}]},
        "le nom manque",
    ),
    "here and gone": (lambda told: told | {"removed": "parti"}, "ce lieu est là et parti à la fois"),
    "far at sea": (
        lambda told: told | {"records": [told["records"][0] | {"values": {"name": "x", "lat": 0.0, "lon": 0.0}}]},
        "le point 0, 0 est en mer, au large du Ghana",
    ),
    "with a null sign": (lambda told: told | {"slug": "a\x00b"}, "ce lieu est mal écrit"),
    "with a word for a number": (lambda told: told | {"version": "1"}, "ce lieu est mal écrit"),
    "no place at all": (lambda told: ["lieu"], "ce lieu est mal écrit"),
}


@pytest.mark.parametrize("wrong", [name for name, (_bend, said) in BAD.items() if said])
def test_a_place_that_cannot_be_is_set_aside_and_the_others_come_in(there: Stranger, now: datetime, wrong: str) -> None:
    bend, said = BAD[wrong]
    there.pages = [[place(there, 1), bend(place(there, 2)), place(there, 3)]]
    peer = followed(there, now)
    assert read(peer, now) == ("", ["Lieu 1", "Lieu 3"])
    assert SetAside.objects.get().problem.replace("\u202f", " ") == said
    there.pages = [[], [place(there, 2)]]
    assert read(peer, now) == ("", ["Lieu 1", "Lieu 2", "Lieu 3"])
    if wrong != "no place at all":
        assert not SetAside.objects.exists(), "mended there, it is no longer aside"


def test_nobody_tells_a_place_of_ours_nor_one_of_a_third(there: Stranger, now: datetime) -> None:
    ours = record(LA_MAILLE, now=now).place_ids[0]
    with listening() as third:
        third.pages = [[place(third, 7)]]
        read(followed(third, now), now)
    stolen = [place(there, 7, values={"name": "Volé"}), place(there, 8) | {"id": str(ours)}, place(there, 9)]
    for one, ref in zip(stolen, "789", strict=True):
        one["records"][0]["ref"] = f"autre {ref}"
    there.pages = [stolen, [gone(there, 7)]]
    assert read(followed(there, now), now) == ("", ["La Maille", "Lieu 7", "Lieu 9"])
    assert [one.theirs for one in SetAside.objects.order_by("theirs")] == sorted([str(ours), str(UUID(int=7))])
    assert [one["id"] for one in federation.told_places([ours, UUID(int=7), UUID(int=9)], today=now.date())] == [
        str(ours)
    ], "and we tell only what is ours"


def test_a_key_that_hands_over_is_followed_and_any_other_is_not(there: Stranger, now: datetime) -> None:
    there.pages = [[place(there, 1)]]
    peer = followed(there, now)
    there.turn()
    there.turn()
    assert read(peer, now) == ("", ["Lieu 1"])
    peer.refresh_from_db()
    assert peer.key == there.key
    assert AuditEvent.objects.filter(action="exchange.peer_key_turned").count() == 1
    there.pages, there.turns, there.number = [[], [place(there, 2)]], [], 9
    problem, shown = read(peer, now)
    assert problem.startswith("Ses pages sont signées d’une autre clé que celle que vous avez acceptée")
    assert shown == ["Lieu 1"]
    followed(there, now)
    assert read(peer, now) == ("", ["Lieu 1", "Lieu 2"]), "once somebody has accepted the new one"


@pytest.mark.parametrize("how", ["its card says so", "its position is gone"])
def test_a_registry_that_was_put_back_is_read_again_and_nothing_comes_twice(
    there: Stranger, now: datetime, how: str
) -> None:
    there.pages = [[place(there, 1), place(there, 2)], [place(there, 3)]]
    peer = followed(there, now)
    read(peer, now)
    before = list(SourceRecord.objects.order_by("pk").values_list("pk", "fingerprint"))
    there.pages = [[place(there, 1), place(there, 2)], []]
    if how == "its card says so":
        there.restored = "2026-11-22T08:00:00Z"
    else:
        there.code = 410
        Peer.objects.update(cursor="99.0")
        there.body = lambda body: setattr(there, "code", 200) or body  # type: ignore[func-returns-value]
    done = pull(peer_id=peer.pk, now=now)
    assert (done.again, done.problem, done.copied.created, done.copied.changed) == (True, "", 0, 0)
    assert list(SourceRecord.objects.order_by("pk").values_list("pk", "fingerprint")) == before
    assert [one.untold for one in federation.followed()] == [1], "the third is kept, and said to be told no longer"


def test_the_same_row_told_by_three_hands_is_one_place_until_the_last_leaves(there: Stranger, now: datetime) -> None:
    with listening() as third:
        for one in (there, third):
            one.pages = [[place(one, 5 if one is there else 6)]]
        for one in (there, third):
            one.pages[0][0]["records"][0]["ref"] = "commun"
        first, second = followed(there, now), followed(third, now)
        read(first, now)
        assert read(second, now) in (("", ["Lieu 5"]), ("", ["Lieu 6"])), "of one date, either name may lead: one place"
        there.pages.append([gone(there, 5)])
        assert read(first, now)[1] == ["Lieu 6"], "who still tells it is heard, and holds it now"
        assert Copy.objects.filter(is_home=True).values_list("peer", flat=True).get() == second.pk
        third.pages.append([gone(third, 6)])
        assert read(second, now)[1] == []
    assert not Copy.objects.values("place").annotate(n=Count("pk")).filter(n__gt=2).exists()


def test_a_place_kept_elsewhere_that_takes_in_an_older_one_is_merged_here_too(there: Stranger, now: datetime) -> None:
    there.pages = [[place(there, 1)]]
    peer = followed(there, now)
    read(peer, now)
    kept = place(there, 2, replaces=[str(UUID(int=1))])
    kept["records"] += place(there, 1)["records"]
    kept["records"][1]["values"] = {"phone": "03 84 00 00 00"}
    there.pages.append([gone(there, 1, replaced_by=str(UUID(int=2))), kept])
    assert read(peer, now) == ("", ["Lieu 2"])
    assert Place.objects.get(pk=UUID(int=1)).replaced_by_id == UUID(int=2)
    assert SourceRecord.objects.filter(place=UUID(int=2)).count() == 2
    there.pages.append([place(there, 1), place(there, 2)])
    assert read(peer, now) == ("", ["Lieu 1", "Lieu 2"])
    assert sorted(SourceRecord.objects.values_list("place__name", flat=True)) == ["Lieu 1", "Lieu 2"]


def test_what_was_removed_here_stays_away_and_a_team_keeps_its_place(there: Stranger, now: datetime) -> None:
    there.pages = [[place(there, 1), place(there, 2), place(there, 3)]]
    peer = followed(there, now)
    read(peer, now)
    registry.remove_place(place_id=UUID(int=1), reason="pas un tiers-lieu", by="essai", now=now)
    scope = f"place:{UUID(int=3)}"
    made = accounts.invite(email="nadine@example.org", role="facilitator", scope=scope, by="essai", now=now)
    accounts.accept(token=made.token, by=None, now=now)
    there.pages += [[gone(there, 1), gone(there, 3)], [place(there, 1)]]
    assert read(peer, now) == ("", ["Lieu 2", "Lieu 3"]), "who runs this site had taken it out: they bring it back"
    assert SetAside.objects.get().problem == "ce lieu est parti là-bas, et une équipe le tient ici"
    there.pages += [[gone(there, 2)], [place(there, 2, confirmed_at="2026-11-20T08:00:00+00:00")]]
    assert read(peer, now) == ("", ["Lieu 2", "Lieu 3"]), "gone and back there, gone and back here"
    assert Place.objects.get(pk=UUID(int=2)).confirmed_by == f"instance:{there.site}"


def test_a_source_here_keeps_speaking_for_a_place_of_ours(there: Stranger, now: datetime) -> None:
    ours = record(LA_MAILLE, now=now).place_ids[0]
    shared = place(there, 4, values={"phone": "03 84 99 99 99"})
    shared["records"][0] |= {"ref": "1", "dated": "2026-10"}
    shared["records"][0]["source"]["slug"] = "census"
    there.pages = [[shared]]
    peer = followed(there, now)
    assert read(peer, now)[0] == ""
    assert Place.objects.get().pk == ours, "the same row of the same source is the same place"
    there.pages.append([gone(there, 4)])
    read(peer, now)
    kept = Place.objects.get()
    assert (kept.removed_at, kept.phone) == (None, "03 53 01 00 01"), "what they said of it leaves with them"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://exemple.fr", "Donnez l’adresse de l’instance, sans rien derrière\u202f: https://lieux.exemple.fr"),
        (
            "https://exemple.fr/lieux/",
            "Donnez l’adresse de l’instance, sans rien derrière\u202f: https://lieux.exemple.fr",
        ),
        (
            "http://127.0.0.1:9",
            "Cette adresse mène à l’intérieur d’un réseau privé\u202f: donnez une adresse ouverte à tous.",
        ),
    ],
    ids=["another scheme", "a page of it", "this machine"],
)
def test_an_address_that_is_no_instance_is_refused(settings: Any, url: str, said: str) -> None:
    settings.OFFLINE = False
    with pytest.raises(FollowRefused) as refused:
        look_at(url if "127" not in url else "http://127.0.0.1:80")
    assert str(refused.value) == said


def test_a_card_that_is_another_s_is_refused(there: Stranger, settings: Any, now: datetime) -> None:
    there.more = {"card": {"url": "https://ailleurs.example"}}
    with pytest.raises(
        FollowRefused, match=r"Cette instance dit être à une autre adresse \(https://ailleurs.example\)"
    ):
        look_at(there.url)
    there.more = {"card": {"maillage": 2}}
    with pytest.raises(FollowRefused, match="parle une autre version"):
        look_at(there.url)
    there.more, settings.SITE_URL = {}, there.url
    with pytest.raises(FollowRefused, match="C’est cette instance-ci"):
        look_at(there.url)
    assert not Peer.objects.exists()


def test_our_own_key_hands_over_and_says_so(client: Any, now: datetime) -> None:
    before = client.get("/.well-known/maillage.json").json()
    new = acts.turn_key(by="essai", now=now)
    acts.turn_key(by="essai", now=now)
    after = client.get("/.well-known/maillage.json").json()
    turns = [keys.Turn(**one) for one in after["turns"]]
    assert before["key"] != after["key"]
    assert turns[0].new == new
    assert keys.leads_to(after["site"], before["key"], after["key"], turns)


def test_a_stopped_instance_is_asked_no_more(there: Stranger, now: datetime) -> None:
    there.pages = [[place(there, 1)]]
    peer = followed(there, now)
    acts.stop(peer_id=peer.pk, by="essai", now=now)
    asked = len(there.asked)
    assert read(peer, now) == ("", [])
    assert len(there.asked) == asked
