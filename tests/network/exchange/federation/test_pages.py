"""What is signed is what leaves; and however a feed is cut, read twice or killed, the registry is the same."""

import json
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.network.exchange.actions.copying import copy_places
from maillage.network.exchange.actions.federation import follow
from maillage.network.exchange.models import Copy, Peer
from maillage.network.exchange.queries import federation
from maillage.network.exchange.rules.feeds import copies, keys, pages, signing
from maillage.network.exchange.rules.feeds.signing import Asked, BadSignature, headers_of, signed
from maillage.places import actions as registry
from maillage.places.actions import sheet
from maillage.places.models import Place, Source, SourceRecord
from maillage.places.rules.drafts import SourceFacts
from tests.network.exchange.federation.stranger import Stranger, gone, place
from tests.places.test_record import LA_MAILLE, record

SECRET = b"un secret"
KEY = keys.private_key(SECRET, 1)
ASKED = Asked(pages.FEED, pages.query("3.4"))


@given(body=st.binary(max_size=200), query=st.text("abc=&.0123456789", max_size=30), created=st.integers(0, 10**11))
def test_what_is_signed_is_read_under_its_key_alone(body: bytes, query: str, created: int) -> None:
    asked = Asked(pages.FEED, query)
    headers = headers_of(body, asked, KEY, created)
    assert signed(body, asked, headers, keys.public_of(KEY)).created == created
    for other, question in ((body + b" ", asked), (body, Asked(pages.FEED, f"{query}&a")), (body, Asked("/", query))):
        with pytest.raises(BadSignature):
            signed(other, question, headers, keys.public_of(KEY))
    with pytest.raises(BadSignature, match="key"):
        signed(body, asked, headers, keys.public_of(keys.private_key(SECRET, 2)))


@given(data=st.data(), name=st.sampled_from(signing.HEADERS))
def test_no_header_can_be_changed_by_one_sign(data: st.DataObject, name: str) -> None:
    headers = headers_of(b"{}", ASKED, KEY, 1_700_000_000)
    at = data.draw(st.integers(0, len(headers[name]) - 1))
    sign = data.draw(st.characters(codec="ascii"))
    bent = headers[name][:at] + sign + headers[name][at + 1 :]
    if bent == headers[name]:
        return
    with pytest.raises(BadSignature):
        signed(b"{}", ASKED, headers | {name: bent}, keys.public_of(KEY))


@given(last=st.integers(1, 6), order=st.randoms(use_true_random=False), lost=st.integers(0, 5))
def test_a_key_is_trusted_as_far_as_its_turns_lead(last: int, order: Any, lost: int) -> None:
    chain = [keys.private_key(SECRET, number) for number in range(1, last + 1)]
    turns = [keys.hand_over("jura", old, keys.public_of(new)) for old, new in pairwise(chain)]
    shuffled = order.sample(turns, len(turns))
    first, now = keys.public_of(chain[0]), keys.public_of(chain[-1])
    assert keys.leads_to("jura", first, now, shuffled)
    assert keys.leads_to("jura", now, first, shuffled) is (last == 1), "never back to a key that was given up"
    if lost < len(turns):
        assert not keys.leads_to("jura", first, now, [one for one in turns if one is not turns[lost]])
        forged = keys.Turn(turns[lost].old, turns[lost].new, turns[lost - 1].word[::-1])
        assert not keys.leads_to("jura", first, now, [*turns[:lost], forged, *turns[lost + 1 :]])


VALUES = {"name": "La Maille", "phone": "1", "website": "w", "lat": 46.9, "lon": 5.7, "status": "open", "prices": ""}


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from(["", "2019", "2025-11"]), st.sets(st.sampled_from(list(VALUES)))),
        min_size=1,
        max_size=5,
    )
)
def test_a_copy_shows_what_its_home_shows_whatever_its_records_are_worth(rows: list) -> None:
    today = datetime(2026, 11, 22).date()
    held = [
        copies.Held(
            SourceFacts(f"s{at}", "S", "LO", rank=rank),
            "1",
            "LO",
            dated,
            {name: f"{VALUES[name]}{at}" for name in said},
        )
        for at, (rank, dated, said) in enumerate(rows)
    ]

    def chosen(records: list[copies.Held], rank: int | None) -> dict[str, Any]:
        told = [copies.Record(one.key, rank or one.source.rank, one.dated, one.values) for one in records]
        return {name: one.value for name, one in copies.choose(told, today=today).items()}

    told = copies.shown(held, {"name": "gone:1"}, today)
    assert chosen(told, 1) == chosen(held, None)


def peer_of(told: Stranger, now: datetime) -> Peer:
    card = pages.card(json.dumps(told.card()).encode(), url=told.url)
    return follow(card=card, by="essai", now=now)


STEPS = st.lists(st.tuples(st.integers(1, 5), st.sampled_from("abcg")), min_size=1, max_size=12)


@pytest.mark.django_db
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, cuts=st.lists(st.integers(1, 4), min_size=1, max_size=4), again=st.booleans())
def test_any_cut_of_a_feed_gives_the_same_registry(
    small_ground: None, now: datetime, steps: list, cuts: list[int], again: bool
) -> None:
    """A place is told as it stands when its page is asked: at the end, all pages together say the last state."""
    told = Stranger(url="https://lieux.jura.example")
    said = [
        gone(told, number) if name == "g" else place(told, number, values={"name": f"{name} {number}"})
        for number, name in steps
    ]
    last = {one["id"]: one for one in said}

    def shown(feed: list[list[dict]]) -> list:
        Place.objects.all().delete()
        Peer.objects.all().delete()
        peer = peer_of(told, now)
        for page in feed:
            copy_places(peer=peer, told=page, now=now)
        rows = Place.objects.public().order_by("pk").values_list("pk", "name")
        return [*rows, *SourceRecord.objects.filter(place__removed_at__isnull=True).order_by("ref").values_list("ref")]

    cut, at = [], 0
    for size in cuts * len(said):
        cut.append(said[at : at + size])
        at += size
    whole = shown([list(last.values())])
    assert shown([*cut, *(cut if again else []), list(last.values())]) == whole
    assert [name for _pk, name in whole[: len(whole) // 2]] == [
        one["records"][0]["values"]["name"] for _pk, one in sorted(last.items()) if one["records"]
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("small_ground")
class TestOurFeed:
    def test_its_pages_are_signed_bounded_and_say_what_the_sheet_shows(self, client: Client, now: datetime) -> None:
        pk = record(LA_MAILLE, now=now).place_ids[0]
        sheet.edit_sheet(place_id=pk, values={"phone": "03 84 00 00 00"}, seen=1, by="essai", now=now)
        query = "since=0.0&limit=500&records=1"
        answer = client.get(f"{pages.FEED}?{query}", headers={"accept-encoding": "gzip"})
        card = pages.card(client.get(pages.CARD).content, url=federation.card()["url"])
        assert "Content-Encoding" not in answer.headers
        assert signed(answer.content, Asked(pages.FEED, query), answer.headers, card.key).created > 0
        page = pages.page(answer.content, site=card.site, since="0.0")
        read = copies.read(page.places[0], copies.Reader(card.site, lambda code: code))
        assert (read.id, read.version, card.places) == (pk, 2, 1)
        assert {one.source.slug: sorted(one.values) for one in read.records} == {
            "census": ["activities", "commune", "name"],
            "lieu": ["phone"],
        }
        assert "raw" not in answer.content.decode()
        same = client.get(f"{pages.FEED}?{query}", headers={"if-none-match": answer.headers["ETag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert client.get(f"{pages.FEED}?since=0.0&limit=501&records=1").status_code == 400
        assert client.get(f"{pages.FEED}?since=0.0&limit=101").status_code == 400
        plain = client.get(f"{pages.FEED}?limit=1", headers={"accept-encoding": "gzip"})
        assert plain.headers["Content-Encoding"] == "gzip"
        assert signed(plain.content, Asked(pages.FEED, "limit=1"), plain.headers, card.key)

    def test_what_left_says_why_and_names_nobody(self, client: Client, now: datetime) -> None:
        other = replace(LA_MAILLE, ref="2", values={"name": "Le Nid", "commune": "39370"})
        kept, away = record(LA_MAILLE, other, now=now).place_ids
        registry.merge_places(kept_id=kept, gone_id=away, reason="le même", by="essai", now=now)
        told = {one["id"]: one for one in federation.told_places([kept, away], today=now.date())}
        assert told[str(kept)]["replaces"] == [str(away)]
        assert told[str(away)] | {"url": "", "slug": ""} == {
            "id": str(away),
            "site": federation.here(),
            "url": "",
            "slug": "",
            "version": 1,
            "demo": False,
            "confirmed_at": None,
            "removed": "fondu dans «\u202fLa Maille\u202f»",
            "replaced_by": str(kept),
            "replaces": [],
            "records": [],
        }

    def test_what_came_from_others_is_told_by_them_alone(self, client: Client, now: datetime) -> None:
        told = Stranger(url="https://lieux.jura.example")
        copy_places(peer=peer_of(told, now), told=[place(told, 1)], now=now)
        assert Copy.objects.count() == 1
        body = client.get(f"{pages.FEED}?records=1").json()
        assert (body["changes"], body["places"]) == ([], [])
        assert len(client.get(pages.FEED).json()["changes"]) == 1, "a copy of the whole registry still hears of it"
        source = Source.objects.get()
        assert (source.slug, source.name, source.rank) == (
            "recensement--lieux-jura-example",
            "Recensement · Ailleurs",
            1,
        )

    def test_a_page_asks_as_few_questions_whatever_its_length(
        self, now: datetime, django_assert_max_num_queries: Any
    ) -> None:
        many = [replace(LA_MAILLE, ref=str(n), values={"name": f"Lieu {n}", "commune": "39370"}) for n in range(40)]
        ids = record(*many, now=now).place_ids
        with django_assert_max_num_queries(6):
            assert len(federation.told_places(ids, today=now.date())) == 40
