"""What the live map fetches: fresh, compressed, and never a fault whatever is asked."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
import time_machine
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation

from maillage.journal.queries import aside
from maillage.places.actions import remove_place
from maillage.places.models import Place
from maillage.places.queries import map_version
from maillage.places.views.map_words import live_words
from maillage.territory.models import Outline
from maillage.territory.queries import ground_layers
from tests.web import cast

FRANCE = "/carte/lieux/0/0/0.json"
HOSTILE = ["-1", "99999999999999999999", "1e9", "NaN", "0x1", "٣", " 1", "1.5", "inf", "'", "%00", "..", "é" * 400]


@pytest.fixture
def registry(small_ground: None, now: datetime) -> Iterator[datetime]:
    aside.clear()
    cast.load(now=now, more=30)
    ground_layers._layer.cache_clear()
    with time_machine.travel(now, tick=False):
        yield now
    ground_layers._layer.cache_clear()


def test_a_tile_is_the_same_by_the_short_way_and_by_the_long_one(client: Client, registry: datetime) -> None:
    short = client.get(FRANCE, headers={"Accept-Encoding": "gzip"})
    with override_settings(MIDDLEWARE=[one for one in settings.MIDDLEWARE if not one.endswith("Tiles")]):
        long = Client().get(FRANCE, headers={"Accept-Encoding": "gzip"})
    assert short.content == long.content
    for name in ("ETag", "Cache-Control", "Content-Encoding", "Content-Type", "X-Content-Type-Options"):
        assert short[name] == long[name], name
    assert short["Vary"] in long["Vary"]
    assert "Content-Security-Policy" in long


def test_a_tile_comes_compressed_or_plain(client: Client, registry: datetime) -> None:
    packed, plain = client.get(FRANCE, headers={"Accept-Encoding": "gzip"}), client.get(FRANCE)
    assert packed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain
    assert json.loads(gzip.decompress(packed.content)) == plain.json()
    assert packed["Vary"] == plain["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("query", ["", "activite=coworking"])
def test_an_unchanged_tile_is_said_so_and_a_change_is_seen_at_once(
    client: Client, registry: datetime, query: str
) -> None:
    first = client.get(f"{FRANCE}?{query}")
    assert first["Cache-Control"] == "public, no-cache"
    again = client.get(f"{FRANCE}?{query}", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    place = Place.objects.get(name="La Boutique de Nadine")
    remove_place(place_id=place.pk, reason="essai", by="essai", now=registry)
    fresh = client.get(f"{FRANCE}?{query}", headers={"If-None-Match": first["ETag"]})
    assert fresh.status_code == 200
    assert fresh.json() != first.json()


def test_an_address_with_the_version_is_kept_for_ever(client: Client, registry: datetime) -> None:
    lasting = "public, max-age=31536000, immutable"
    assert client.get(f"{FRANCE}?v={map_version()}")["Cache-Control"] == lasting
    assert client.get(f"{FRANCE}?activite=cafe&v={map_version()}")["Cache-Control"] == lasting
    assert client.get(f"{FRANCE}?v=0-0")["Cache-Control"] == "public, no-cache"
    assert client.get(f"{FRANCE}?ouvert=1&v={map_version()}")["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("number", HOSTILE)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_tile_that_does_not_exist_is_refused(client: Client, registry: datetime, number: str, place: int) -> None:
    parts = ["4", "7", "5"]
    parts[place] = quote(number, safe="%")
    assert client.get(f"/carte/lieux/{'/'.join(parts)}.json").status_code in (400, 404)


def test_the_refusal_says_which_tiles_there_are(client: Client, registry: datetime) -> None:
    answer = client.get("/carte/lieux/2/9/0.json")
    assert answer.status_code == 400
    assert answer.content.decode() == (
        "Il n’y a pas de carreau 2/9/0\u202f: le zoom va de 0 à 15, x et y de 0 à 2^zoom − 1."
    )


@pytest.mark.parametrize(
    "query",
    [
        "bbox=NaN,NaN,NaN,NaN",
        "bbox=1,2",
        "bbox=9,9,1,1",
        "bbox=1e999,0,1,1",
        "activite=rien",
        "territoire=../x",
        "pres=x",
    ],
)
def test_a_question_that_is_not_understood_is_refused(client: Client, registry: datetime, query: str) -> None:
    name, _, value = query.partition("=")
    answer = client.get(f"{FRANCE}?{query}")
    assert answer.status_code == 400
    assert answer.content.decode() == (
        f"Le paramètre «\u202f{name}\u202f» ne se comprend pas\u202f: «\u202f{value}\u202f». Corrigez-le ou retirez-le."
    )


@pytest.mark.parametrize("query", ["%00", "v=%00", "v=1&v=2", "q=" + "a" * 5000, "minutes=999&pres=39093", "&" * 50])
def test_nothing_makes_the_map_fail(client: Client, registry: datetime, query: str) -> None:
    assert client.get(f"{FRANCE}?{query}").status_code in (200, 400)
    assert client.get(f"{reverse('map_list')}?{query}").status_code in (200, 400)


def test_tiles_are_only_read(client: Client, registry: datetime) -> None:
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)(FRANCE).status_code == 405
    assert client.head(FRANCE).status_code == 200


def test_a_forged_host_and_plain_http_are_refused_here_too(client: Client, registry: datetime) -> None:
    assert client.get(FRANCE, headers={"Host": "evil.example"}).status_code == 400
    with override_settings(SECURE_SSL_REDIRECT=True):
        assert Client().get(FRANCE).status_code == 301


def test_the_list_beside_the_map_is_that_of_the_page(client: Client, registry: datetime) -> None:
    query = "?bbox=5.6,46.9,5.8,47.1&tri=recent"
    beside, page = client.get(reverse("map_list") + query), client.get(f"/lieux/{query}&carte=1")
    listed = beside.content.decode()
    inside = listed[listed.index('<ol class="places">') : listed.index("</ol>")]
    assert inside.count('class="place"') == 3
    assert inside in page.content.decode()
    assert 'data-slug="la-boutique-de-nadine" data-at="46.99150,5.70350"' in inside


def test_the_page_opens_the_map_only_when_asked(client: Client, registry: datetime) -> None:
    plain, live = client.get("/lieux/").content.decode(), client.get("/lieux/?carte=1&activite=cafe").content.decode()
    assert "data-live" not in plain
    assert "data-at=" not in plain
    if "data-live" in live:
        assert 'data-question="activite=cafe"' in live
        assert f'data-version="{map_version()}"' in live
        assert '<input type="hidden" name="carte" value="1">' in live
        assert 'href="?carte=1"' not in plain
        assert 'href="/lieux/?carte=1"' in plain
        assert 'href="/lieux/?activite=cafe&amp;intention=' not in live
    assert '<link rel="canonical" href="http' in live


@pytest.mark.parametrize(("language", "mark"), [("fr", "\u202f"), ("en", ",")])
def test_the_script_is_told_how_thousands_are_written(db: None, language: str, mark: str) -> None:
    with translation.override(language):
        assert json.loads(live_words())["thousands"] == mark


def test_the_ground_is_kept_for_ever_under_its_version(client: Client, registry: datetime) -> None:
    address = reverse("map_base", args=["france"])
    first = client.get(f"{address}?v={ground_layers.version()}", headers={"Accept-Encoding": "gzip"})
    assert first["Content-Type"] == "application/json"
    assert first["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(address)["Cache-Control"] == "public, no-cache"
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert gzip.decompress(first.content) == client.get(address).content


@pytest.mark.parametrize("part", ["dep-99", "reg-27", "dep-", "france-s", "x" * 300])
def test_there_is_no_ground_of_what_does_not_exist(client: Client, registry: datetime, part: str) -> None:
    assert client.get(reverse("map_base", args=[part])).status_code == 404


def test_without_outlines_communes_and_names_make_the_ground(client: Client, registry: datetime) -> None:
    france = client.get("/carte/fond/france.json").json()
    assert (france["land"], france["reg"], france["dep"]) == ([], [], [])
    assert sum(len(line) for line in france["dots"]) >= 10
    assert "Nantes" in [name for _, _, name, _ in france["names"]]
    assert [code for code, *_ in france["parts"]] == ["25", "39", "44", "75", "974"]
    jura = client.get("/carte/fond/dep-39.json").json()
    assert {"Chamblay", "Mouchard", "Vaudrey"} <= {name for _, _, name, _ in jura["names"]}
    assert sum(len(line) for line in jura["dots"]) == 2 * 4


def test_with_outlines_borders_are_drawn_once(client: Client, registry: datetime) -> None:
    squares = {"39": (500_000, 600_000), "25": (600_000, 700_000)}
    for code, (west, east) in squares.items():
        outline("dep", code, west, east)
    france = client.get("/carte/fond/france.json").json()
    assert len(france["land"]) == 1
    assert len(france["dep"]) == 1
    assert france["reg"] == []
    assert "dots" not in france


def outline(kind: str, code: str, west: int, east: int) -> None:
    south, north = 4_650_000, 4_750_000
    ring = np.array([[west, south], [west, north], [east, north], [east, south], [west, south]], "<i4")
    edges = {"min_lon": west / 1e5, "max_lon": east / 1e5, "min_lat": south / 1e5, "max_lat": north / 1e5}
    Outline.objects.create(kind=kind, code=code, points=ring.tobytes(), ring_lengths=[5], **edges)


def test_a_file_of_tiles_is_sent_by_pieces_only(client: Client, registry: datetime, tmp_path: Path) -> None:
    (tmp_path / "fond.pmtiles").write_bytes(bytes(range(200)))
    address = reverse("map_tiles")
    assert client.get(address).status_code == 404
    with override_settings(TILES="fond.pmtiles", HOME=tmp_path):
        piece = client.get(address, headers={"Range": "bytes=10-12"})
        assert (piece.status_code, piece.content, piece["Content-Range"]) == (206, b"\n\x0b\x0c", "bytes 10-12/200")
        for asked in ("", "bytes=900-901", "bytes=-5", "bytes=5-1", "octets=0-1", "bytes=" + "9" * 40 + "-1"):
            assert client.get(address, headers={"Range": asked}).status_code == 416
    with override_settings(TILES="https://tiles.example.org/fond.pmtiles", HOME=tmp_path):
        assert client.get(address, headers={"Range": "bytes=0-1"}).status_code == 404


@pytest.mark.parametrize(
    ("setting", "host"),
    [("", ""), ("fond.pmtiles", ""), ("https://tiles.example.org/{z}/{x}/{y}.png", "https://tiles.example.org")],
)
def test_only_the_host_of_the_layer_is_allowed_and_only_when_set(setting: str, host: str, tmp_path: Path) -> None:
    told = "import json; from maillage.config import settings; print(json.dumps(settings.CONTENT_SECURITY_POLICY))"
    around = os.environ | {"MAILLAGE_TILES": setting, "MAILLAGE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", told], env=around, capture_output=True, text=True, check=True)
    directives = json.loads(done.stdout)["DIRECTIVES"]
    assert directives["default-src"] == ["'self'"]
    assert directives["img-src"] == ["'self'", "data:", *([host] if host else [])]
    assert directives.get("connect-src") == (["'self'", host] if host else None)
