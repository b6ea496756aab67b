"""Values that only a hostile instance writes: each is set aside, and none stops the reading nor breaks a page."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from maillage.accounts import actions as accounts
from maillage.network.exchange import tasks
from maillage.network.exchange.actions import federation
from maillage.network.exchange.actions.federation import FollowRefused, look_at
from maillage.network.exchange.models import Peer, SetAside
from maillage.places.models import Place
from tests.network.exchange.federation.stranger import Stranger, gone, listening, place
from tests.network.exchange.federation.test_hostile import followed, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_ground")]


@pytest.fixture
def there(settings: Any) -> Iterator[Stranger]:
    settings.FEEDS_FROM_LOOPBACK, settings.OFFLINE = True, False
    with listening() as told:
        yield told


def values(**said: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def bent(told: dict[str, Any]) -> dict[str, Any]:
        one = told["records"][0]
        return told | {"records": [one | {"values": one["values"] | said}]}

    return bent


def deep(depth: int) -> Any:
    found: Any = "x"
    for _ in range(depth):
        found = [found]
    return found


BENT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "a version beyond columns": lambda told: told | {"version": 10**10},
    "confirmed before time": lambda told: told | {"confirmed_at": "0001-01-01T00:00:00+14:00"},
    "confirmed after time": lambda told: told | {"confirmed_at": "9999-12-31T23:59:59-14:00"},
    "an address with a slash": lambda told: told | {"slug": "../gerer"},
    "a null sign for a name": lambda told: told | {"id": "\x00\ud800"},
    "an unknown field of half a sign": lambda told: told | {"a\x00\ud800": 1},
    "another site of half a sign": lambda told: told | {"site": "\ud800\x00"},
    "half a sign in values": values(commune="\ud800", description="a\x00\ud800", links=["https://a.example/\ud800"]),
    "a value too deep": values(description=deep(900)),
    "a day that is none": lambda told: told | {"records": [told["records"][0] | {"dated": "2025-99-99"}]},
    "a day of the future": lambda told: told | {"records": [told["records"][0] | {"dated": "9999"}]},
    "values that are none": lambda told: told | {"records": [told["records"][0] | {"values": [["name", "x"]]}]},
    "a reason of half a sign": lambda told: told | {"records": [], "removed": "\ud800"},
}


@pytest.mark.parametrize("wrong", list(BENT))
def test_what_cannot_be_kept_stops_nothing(there: Stranger, now: datetime, client: Client, wrong: str) -> None:
    there.pages = [[place(there, 1), BENT[wrong](place(there, 2)), place(there, 3)]]
    problem, shown = read(followed(there, now), now)
    assert problem == ""
    assert {"Lieu 1", "Lieu 3"} <= set(shown)
    for slug in Place.objects.values_list("slug", flat=True):
        assert client.get(f"/lieux/{slug}/").status_code == 200, slug
    assert client.get("/lieux/").status_code == 200


PAGES = {
    "a name of half a sign": {"site": "\ud800"},
    "a name with a null sign": {"site": "a\x00"},
    "put back at a null sign": {"restored": "\x00"},
    "put back at half a sign": {"restored": "\ud800"},
}


@pytest.mark.parametrize("wrong", list(PAGES))
def test_a_page_that_cannot_be_noted_is_refused_in_words(there: Stranger, now: datetime, wrong: str) -> None:
    there.pages = [[place(there, 1)]]
    peer = followed(there, now)
    there.more = {"page": PAGES[wrong]}
    problem, shown = read(peer, now)
    assert problem.startswith("Une page"), problem
    assert shown == []


@pytest.mark.parametrize("places", [10**12, -1, "3"], ids=["too many", "below none", "a word"])
def test_a_card_of_impossible_numbers_is_none(there: Stranger, now: datetime, places: Any) -> None:
    there.more = {"card": {"places": places}}
    with pytest.raises(FollowRefused, match="Aucune instance de Maillage ne se présente"):
        followed(there, now)


def test_a_key_that_hands_over_in_numbers_is_not_believed(there: Stranger, now: datetime) -> None:
    there.pages = [[place(there, 1)]]
    peer = followed(there, now)
    there.turn()
    there.more = {"card": {"turns": [{"old": 1, "new": 2, "word": 3}]}}
    problem, shown = read(peer, now)
    assert problem.startswith("Aucune instance de Maillage ne se présente")
    assert shown == []


def test_an_instance_that_breaks_its_reading_keeps_no_other_from_being_read(
    there: Stranger, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.pages = [[place(there, 1)]]
    with listening() as third:
        third.pages = [[place(third, 2)]]
        worse = followed(there, now)
        followed(third, now)
        honest = federation.copy_places

        def breaking(*, peer: Peer, **told: Any) -> Any:
            if peer.pk == worse.pk:
                raise RuntimeError
            return honest(peer=peer, **told)

        monkeypatch.setattr(federation, "copy_places", breaking)
        assert tasks.read_instances() == 1
    worse.refresh_from_db()
    assert (worse.problem, worse.cursor) == ("broken", "")
    assert list(Place.objects.values_list("name", flat=True)) == ["Lieu 2"]


def test_a_place_that_its_team_holds_here_is_not_merged_away_from_there(there: Stranger, now: datetime) -> None:
    there.pages = [[place(there, 1), place(there, 2)]]
    peer = followed(there, now)
    read(peer, now)
    held = Place.objects.get(pk=UUID(int=2))
    made = accounts.invite(
        email="nadine@example.org", role="facilitator", scope=f"place:{held.pk}", by="essai", now=now
    )
    accounts.accept(token=made.token, by=None, now=now)
    there.pages.append([gone(there, 2, replaced_by=str(UUID(int=1))), place(there, 1, replaces=[str(UUID(int=2))])])
    assert read(peer, now) == ("", ["Lieu 1", "Lieu 2"])
    assert (
        SetAside.objects.get().problem.replace("\u202f", " ") == "ce lieu est parti là-bas, et une équipe le tient ici"
    )


def test_a_host_whose_name_reads_the_same_does_not_take_the_place_of_another(there: Stranger, now: datetime) -> None:
    followed(there, now)
    twin = replace(look_at(there.url), url=there.url.replace("127.0.0.1", "127-0-0-1"), key="11" * 32)
    with pytest.raises(FollowRefused, match="a le même identifiant"):
        federation.follow(card=twin, by="essai", now=now)
    assert Peer.objects.get().key == there.key
