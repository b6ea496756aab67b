"""The journal of changes: everything, at least once, in order, even what is committed late."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from maillage.places import actions
from maillage.places.actions.sheet import close_place, edit_sheet, reopen_place
from maillage.places.queries import changes as journal
from maillage.places.queries.changes import Position, changes, position_at
from tests.api.conftest import id_of
from tests.places.test_record import LA_MAILLE, record

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time: DATABASE_URL=postgres://…"
)


def follow(client: Client, address: str) -> tuple[list[dict], str]:
    """Every change from an address on, and where the next ones will be."""
    seen: list[dict] = []
    while True:
        body = client.get(address).json()
        seen += body["changes"]
        address = body["next"]
        if not body["more"]:
            return seen, address


def test_everything_that_happens_to_a_place_is_told_in_order(client: Client, small_ground: None, now: datetime) -> None:
    place = record(LA_MAILLE, now=now).place_ids[0]
    _seen, address = follow(client, "/api/v1/places/changes?limit=2")
    done = {"by": "essai", "now": now}
    edit_sheet(place_id=place, values={"phone": "03 84 00 00 00"}, seen=1, **done)
    actions.confirm_place(place_id=place, **done)
    close_place(place_id=place, closed_on="2026", cause="equipe", seen=2, **done)
    reopen_place(place_id=place, status="open", seen=3, **done)
    actions.rename_slug(place_id=place, slug="la-grande-maille", **done)
    seen, address = follow(client, address)
    kinds = [one["kind"] for one in seen]
    assert sorted(kinds) == ["changed", "closed", "confirmed", "moved", "reopened"]
    assert [k for k in kinds if k in ("changed", "closed", "reopened")] == ["changed", "closed", "reopened"]
    assert {one["slug"] for one in seen} == {"la-grande-maille"}
    assert [one["fields"] for one in seen if one["kind"] == "changed"] == [["phone"]]
    actions.remove_place(place_id=place, reason="doublon", **done)
    removed, address = follow(client, address)
    assert [(one["kind"], one["removed"], one["reason"], one["name"]) for one in removed] == [
        ("removed", True, "doublon", None)
    ]
    whole, _ = follow(client, "/api/v1/places/changes?limit=1")
    assert "Maille" not in str(whole), "what is told of a removed place no longer names it"
    actions.restore_place(place_id=place, **done)
    assert [one["kind"] for one in follow(client, address)[0]] == ["restored"]


def test_a_date_begins_before_it_and_never_after(client: Client, small_ground: None, now: datetime) -> None:
    record(LA_MAILLE, now=now - timedelta(days=9))
    record(replace(LA_MAILLE, ref="2", values={"name": "Le Nid", "commune": "39370"}), now=now)
    seen, _ = follow(client, f"/api/v1/places/changes?since={now:%Y-%m-%d}")
    assert [one["name"] for one in seen] == ["Le Nid"]
    exactly = now.isoformat().replace("+00:00", "Z")
    assert [one["name"] for one in follow(client, f"/api/v1/places/changes?since={exactly}")[0]] == ["Le Nid"]
    assert follow(client, "/api/v1/places/changes?since=2030-01-01")[0] == []


def test_what_is_committed_late_is_told_to_who_begins_at_a_later_moment(
    client: Client, small_ground: None, now: datetime
) -> None:
    """A change is dated when its transaction began: whoever asks from a moment it ended after must hear of it."""
    place = record(LA_MAILLE, now=now - timedelta(days=9)).place_ids[0]
    asked = f"/api/v1/places/changes?since={now.isoformat().replace('+00:00', 'Z')}"
    assert follow(client, asked)[0] == [], "what happened nine days ago is not"
    began = now - timedelta(minutes=59)
    edit_sheet(place_id=place, values={"phone": "03 84 00 00 00"}, seen=1, by="essai", now=began)
    assert [one["kind"] for one in follow(client, asked)[0]] == ["changed"], "the journal of revisions"
    second = record(replace(LA_MAILLE, ref="2", values={"name": "Le Nid", "commune": "39370"}), now=began).place_ids[0]
    actions.confirm_place(place_id=second, by="test", now=began)
    assert [one["kind"] for one in follow(client, asked)[0]] == ["changed", "created", "confirmed"], "that of events"


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("margin", [journal.MARGIN, timedelta(0)])
def test_a_moment_does_not_lose_what_another_transaction_commits_after_it(
    margin: timedelta, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the margin, the negative control, it is lost."""
    from tests import ground

    ground.load(now=now)
    place = record(LA_MAILLE, now=now - timedelta(days=9)).place_ids[0]
    monkeypatch.setattr(journal, "MARGIN", margin)
    written, may_end = threading.Event(), threading.Event()

    def late() -> None:
        with transaction.atomic():
            actions.confirm_place(place_id=place, by="test", now=now)
            written.set()
            may_end.wait(20)

    slow = InAThread(late)
    assert written.wait(20)
    soon_after = now + timedelta(minutes=1)
    assert changes(position_at(soon_after), limit=100).items == ()
    may_end.set()
    slow.join()
    told = changes(position_at(soon_after), limit=100).items
    assert [one.kind for one in told] == (["confirmed"] if margin else [])


@pytest.mark.parametrize("since", ["hier", "2026-02-30", "2026-11-22T09:00:00", "1.", "-1.2", "2026-13-01T00:00:00Z"])
def test_a_moment_that_cannot_be_read_is_refused(client: Client, db: None, since: str) -> None:
    response = client.get("/api/v1/places/changes", {"since": since})
    assert (response.status_code, response.json()["errors"][0]["parameter"]) == (400, "since")


def test_a_position_of_another_database_is_not_taken_for_up_to_date(client: Client, places: None) -> None:
    response = client.get("/api/v1/places/changes?since=999999.1")
    assert (response.status_code, response.json()["type"]) == (410, "/doc/api/#position")


def test_unchanged_is_not_sent_again(client: Client, places: None, now: datetime) -> None:
    etag = client.get("/api/v1/places/changes")["ETag"]
    assert client.get("/api/v1/places/changes", headers={"If-None-Match": etag}).status_code == 304
    actions.confirm_place(place_id=id_of("la-boutique-de-nadine"), by="test", now=now)
    assert client.get("/api/v1/places/changes", headers={"If-None-Match": etag}).status_code == 200


class InAThread(threading.Thread):
    """Something done with a connection of its own, whose error is raised again where it is awaited."""

    def __init__(self, act) -> None:
        super().__init__()
        self.act, self.error = act, None
        self.start()

    def run(self) -> None:
        try:
            self.act()
        except BaseException as error:  # noqa: BLE001
            self.error = error
        finally:
            connections.close_all()

    def join(self, timeout: float | None = 20) -> None:
        super().join(timeout)
        if self.error:
            raise self.error


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_what_is_committed_late_is_not_lost(guarded: bool, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if events were not written in order; without the announcements, the negative control, one is lost."""
    from tests import ground

    ground.load(now=now)
    prompt_too = replace(LA_MAILLE, ref="2", values={"name": "La Prompte", "commune": "39546"})
    tardy, prompt = record(LA_MAILLE, prompt_too, now=now).place_ids
    monkeypatch.setattr("maillage.journal.actions.lock_order", lambda: None)
    if not guarded:
        monkeypatch.setattr(journal, "_settled", journal._highest)
    written, may_end = threading.Event(), threading.Event()

    def late() -> None:
        with transaction.atomic():
            actions.confirm_place(place_id=tardy, by="test", now=now)
            written.set()
            may_end.wait(20)

    start = changes(Position(), limit=100).after
    slow = InAThread(late)
    assert written.wait(20)
    soon = InAThread(lambda: actions.confirm_place(place_id=prompt, by="test", now=now))
    soon.join()
    assert not soon.is_alive(), "neither waits for the other"
    first = changes(start, limit=100)
    assert {one.name for one in first.items} == (set() if guarded else {"La Prompte"})
    may_end.set()
    slow.join()
    second = changes(first.after, limit=100)
    told = {one.name for one in (*first.items, *second.items)}
    assert told == ({"La Maille", "La Prompte"} if guarded else {"La Prompte"})


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_reader_among_writers_misses_nothing(now: datetime) -> None:
    from tests import ground

    ground.load(now=now)
    ends = threading.Event()

    def write(who: int) -> None:
        for n in range(25):
            name = f"Lieu {who} {n}"
            with transaction.atomic():
                place = record(
                    replace(
                        LA_MAILLE,
                        source=("census", "network")[who % 2],
                        ref=name,
                        values={"name": name, "commune": "39093"},
                    ),
                    now=now,
                ).place_ids[0]
                actions.confirm_place(place_id=place, by="test", now=now)
                if n % 3 == who % 3:
                    ends.wait(0.002)

    position, seen = Position(), []
    writers = [InAThread(lambda who=who: write(who)) for who in range(4)]
    while any(writer.is_alive() for writer in writers):
        found = changes(position, limit=7)
        seen += found.items
        position = found.after
    for writer in writers:
        writer.join()
    while (found := changes(position, limit=50)).items:
        seen += found.items
        position = found.after
    assert {(one.kind, one.name) for one in seen} == {
        (kind, f"Lieu {who} {n}") for who in range(4) for n in range(25) for kind in ("created", "confirmed")
    }
    assert position_at(now + timedelta(days=1)) == position
